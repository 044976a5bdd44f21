"""Settings: versions and licences."""

from PySide6.QtWidgets import QGridLayout, QWidget

from morpheus_desktop import assets
from morpheus_desktop.settings.form import Section
from morpheus_desktop.viewmodels.settings import versions
from morpheus_desktop.widgets.basic import label


def about() -> Section:
    """What the app is made of."""
    section = Section("About", "Morpheus Desktop: a window, a node and a language model in one.")
    card = section.card("Versions")
    holder = QWidget()
    grid = QGridLayout(holder)
    grid.setContentsMargins(0, 10, 0, 10)
    grid.setVerticalSpacing(6)
    for row, (name, version, licence) in enumerate(versions()):
        grid.addWidget(label(name), row, 0)
        grid.addWidget(label(version, "mono", "text-2"), row, 1)
        grid.addWidget(label(licence, "small", "text-3"), row, 2)
    grid.setColumnStretch(0, 1)
    card.add(holder)
    licences = section.card("Licences of what comes with the app")
    text = label(assets.text("third_party_licences.md"), "small", "text-2", wrap=True)
    text.setContentsMargins(0, 10, 0, 10)
    licences.add(text)
    section.finish()
    return section
