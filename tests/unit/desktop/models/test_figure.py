"""A number in a box."""

from morpheus_desktop.models.figure import Figure


def test_it_is_read_with_its_name_and_error(theme, qtbot):
    figure = Figure("Memory needed")
    qtbot.addWidget(figure)
    figure.say("6.2 GB", "± 0.4")
    assert figure.accessibleName() == "Memory needed: 6.2 GB ± 0.4"
    figure.say("6.2 GB")
    assert figure.accessibleName() == "Memory needed: 6.2 GB"
