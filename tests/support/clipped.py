"""Finds words that do not fit where they stand."""

from PySide6.QtWidgets import QLabel, QWidget


def clipped(root: QWidget) -> list[str]:
    """Texts of labels with less room than words; those that end in an ellipsis are fine."""
    labels = [each for each in root.findChildren(QLabel) if each.isVisible() and each.text()]
    return [
        each.text()
        for each in labels
        if not each.wordWrap()
        and not getattr(each, "_cut", False)
        and each.width() < each.sizeHint().width()
    ] + [
        each.text()
        for each in labels
        if each.wordWrap() and each.height() < each.heightForWidth(each.width())
    ]
