"""Turns tokens into what Qt understands: a palette and a stylesheet that agree.

What Qt paints by itself (selections, placeholders, tooltips) looks at the palette; everything
else at `resources/theme/base.qss`, where {{token}} is a colour and {{12px}} a measure that grows
with the text size.

The focus ring is not made here. It lies outside its widget, where neither a stylesheet nor a
style can paint: see `widgets/focus_frame.py`.
"""

from collections.abc import Callable

from PySide6.QtGui import QColor, QFont, QPalette

from morpheus_desktop import assets

PALETTE = {
    QPalette.ColorRole.Window: "bg-app",
    QPalette.ColorRole.Base: "bg-app",
    QPalette.ColorRole.AlternateBase: "bg-surface",
    QPalette.ColorRole.Button: "bg-control",
    QPalette.ColorRole.ToolTipBase: "bg-overlay",
    QPalette.ColorRole.WindowText: "text",
    QPalette.ColorRole.Text: "text",
    QPalette.ColorRole.ButtonText: "text",
    QPalette.ColorRole.BrightText: "text",
    QPalette.ColorRole.ToolTipText: "text",
    QPalette.ColorRole.PlaceholderText: "text-3",
    QPalette.ColorRole.Highlight: "accent",
    QPalette.ColorRole.HighlightedText: "on-accent",
    QPalette.ColorRole.Accent: "accent",
    QPalette.ColorRole.Link: "accent-text",
    QPalette.ColorRole.LinkVisited: "accent-text",
    QPalette.ColorRole.Mid: "line",
    QPalette.ColorRole.Dark: "line-strong",
    QPalette.ColorRole.Light: "bg-hover",
    QPalette.ColorRole.Midlight: "bg-raised",
    QPalette.ColorRole.Shadow: "scrim",
}
GREYED = (
    QPalette.ColorRole.WindowText,
    QPalette.ColorRole.Text,
    QPalette.ColorRole.ButtonText,
)


def contrasting(token: str) -> str:
    """The token that stands for another one at high contrast: strong lines, no soft fills."""
    if token.startswith("line") or token.endswith("-line"):
        return "line-control"
    return "bg-surface" if token.endswith("-soft") else token


def palette(color: Callable[[str], QColor]) -> QPalette:
    """The palette of these colours."""
    made = QPalette()
    for role, token in PALETTE.items():
        made.setColor(role, color(token))
    for role in GREYED:
        made.setColor(QPalette.ColorGroup.Disabled, role, color("text-disabled"))
    return made


def sheet(value: Callable[[str], str]) -> str:
    """The stylesheet; `value` gives what stands for a name in double braces."""
    parts = assets.text("theme", "base.qss").split("{{")
    made = [parts[0]]
    for part in parts[1:]:
        name, _, rest = part.partition("}}")
        made += (value(name), rest)
    return "".join(made)


def label_rule(style: str, font: QFont, line_height: int) -> str:
    """The rule that gives labels of a type style their font and the height of their lines."""
    points = font.pixelSize() < 0
    size = f"{font.pointSizeF():g}pt" if points else f"{font.pixelSize()}px"
    return (
        f'\nLabel[type="{style}"] {{ font-family: "{font.families()[0]}"; font-size: {size};'
        f" font-weight: {font.weight()}; letter-spacing: {font.letterSpacing():.2f}px;"
        f" qproperty-lineHeight: {line_height}; }}"
    )
