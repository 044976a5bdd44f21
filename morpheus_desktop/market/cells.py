"""Paints the cells of the market's tables that are more than a text."""

from typing import Any

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from morpheus_desktop import format as fmt
from morpheus_desktop.theme import Theme
from morpheus_desktop.viewmodels.market_rows import BidRow, ModelRow, Reach
from morpheus_desktop.widgets.identicon import paint_identicon

MIDDLE = Qt.AlignmentFlag.AlignVCenter
CHIP, GAP = 20, 8
GOOD, FAIR = 70, 45


def model_name(painter: QPainter, area: QRect, row: ModelRow, theme: Theme) -> None:
    """Star, name, tags as far as there is room."""
    px = theme.px
    star = theme.pixmap(
        *("star-filled", 14, "warn") if row.favourite else ("star", 14, "line-control")
    )
    painter.drawPixmap(area.left(), area.center().y() - px(7) + 1, star)
    left = area.left() + px(22)
    font = theme.font("body")
    font.setWeight(font.Weight.Medium)
    left += _text(painter, area, left, area.right() - left, row.name, font, theme, "text") + px(GAP)
    for tag in row.tags:
        width = _chip_width(tag, theme)
        if left + width > area.right():
            break
        _chip(painter, QRect(left, area.top(), width, area.height()), tag, theme)
        left += width + px(GAP)


def privacy(painter: QPainter, area: QRect, row: ModelRow, theme: Theme) -> None:
    """What the model's tags claim; nothing here has been proven."""
    if not row.tee:
        _plain(painter, area, fmt.UNKNOWN, theme, "text-3")
        return
    width = _chip_width("TEE, claimed", theme)
    _chip(painter, QRect(area.left(), area.top(), width, area.height()), "TEE, claimed", theme)


def up(painter: QPainter, area: QRect, row: ModelRow, theme: Theme, *, answering: int) -> None:
    """How many answer, and of how many."""
    painter.setFont(theme.font("body"))
    if not row.bids:
        _right(painter, area, "none", theme, "text-3")
        return
    rest = f"\u00a0of\u00a0{row.bids:,}\u00a0up"
    _right(painter, area, rest, theme, "text-3")
    left = QFontMetrics(painter.font()).horizontalAdvance(rest)
    _right(painter, area.adjusted(0, 0, -left, 0), f"{answering:,}", theme, "text")


def provider(painter: QPainter, area: QRect, row: BidRow, theme: Theme) -> None:
    """Picture, short address, what is special about it."""
    px = theme.px
    side = px(22)
    picture = QRectF(area.left(), area.center().y() - side / 2 + 1, side, side)
    painter.save()
    paint_identicon(painter, picture, row.provider, dark=theme.dark)
    painter.restore()
    left = area.left() + side + px(GAP)
    words = fmt.short_address(row.provider)
    left += _text(
        painter, area, left, area.right() - left, words, theme.font("mono"), theme, "text"
    )
    mark, tone = mark_of(row)
    width = _chip_width(mark, theme)
    if mark and left + px(GAP) + width <= area.right():
        where = QRect(left + px(GAP), area.top(), width, area.height())
        _chip(painter, where, mark, theme, tone)


def mark_of(row: BidRow) -> tuple[str, str]:
    """A word about a bid and its tone."""
    excluded = row.rated.excluded if row.rated is not None else ""
    words = {"blocked": "Blocked", "not_allowed": "Not on your list", "own": "Yours"}
    if excluded:
        return words.get(excluded, "Not used"), ""
    if row.best:
        return "Best match", "accent"
    return ("", "") if row.known else ("New", "")


def score(painter: QPainter, area: QRect, row: BidRow, theme: Theme) -> None:
    """A bar and the score from 0 to 100; too few sessions say nothing."""
    value = row.quality
    if value is None:
        painter.setFont(theme.font("small"))
        _right(painter, area, "unknown", theme, "text-3")
        return
    px = theme.px
    painter.setFont(theme.font("mono"))
    _right(painter, area, str(value), theme, "text")
    bar = QRectF(area.left(), area.center().y() - px(2) + 1, px(34), px(4))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("bg-active"))
    painter.drawRoundedRect(bar, 2, 2)
    bar.setWidth(bar.width() * value / 100)
    tone = "accent" if value >= GOOD else "warn" if value >= FAIR else "danger"
    painter.setBrush(theme.color(tone))
    painter.drawRoundedRect(bar, 2, 2)


def reach(painter: QPainter, area: QRect, row: BidRow, theme: Theme) -> None:
    """Whether it answers: a dot or a cross, and a word."""
    found, px = row.reach, theme.px
    painter.setFont(theme.font("mono" if found.state == "up" else "small"))
    words, tone = reach_words(found)
    _right(painter, area, words, theme, "text" if found.state == "up" else tone)
    if found.state in ("up", "down"):
        width = QFontMetrics(painter.font()).horizontalAdvance(words)
        left = area.right() - width - px(16)
        if found.state == "up":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("accent"))
            painter.drawEllipse(QRectF(left, area.center().y() - px(3), px(8), px(8)))
        else:
            painter.drawPixmap(left, area.center().y() - px(5), theme.pixmap("circle-x", 12, tone))


def reach_words(found: Reach) -> tuple[str, str]:
    """In a word, and its colour."""
    return {
        "unknown": (fmt.UNKNOWN, "text-3"),
        "asking": ("asking…", "text-3"),
        "up": (f"{found.ms:,}\u00a0ms", "text"),
        "down": ("no answer", "danger"),
    }[found.state]


def open_button(
    painter: QPainter, area: QRect, row: BidRow, theme: Theme, *, enabled: bool
) -> None:
    """Looks like the button it acts as; a provider that did not answer is asked again."""
    px = theme.px
    retry = row.reach.state == "down"
    enabled = enabled or retry
    box = QRectF(area.adjusted(0, px(4), 0, -px(3))).adjusted(0.5, 0.5, -0.5, -0.5)
    best = row.best and not retry and enabled
    painter.setPen(theme.color("accent" if best else "line" if theme.dark else "line-strong"))
    painter.setBrush(theme.color("accent" if best else "bg-control"))
    painter.drawRoundedRect(box, 6, 6)
    font = theme.font("body")
    font.setWeight(font.Weight.DemiBold if best else font.Weight.Medium)
    painter.setFont(font)
    ink = "on-accent" if best else "text" if enabled else "text-disabled"
    painter.setPen(theme.color(ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, action_words(row))


def action_words(row: BidRow) -> str:
    """What a click does."""
    return "Ask again" if row.reach.state == "down" else "Open"


def _text(
    painter: QPainter,
    area: QRect,
    left: int,
    room: int,
    words: str,
    font: Any,
    theme: Theme,
    tone: str,
) -> int:
    painter.setFont(font)
    painter.setPen(theme.color(tone))
    metrics = QFontMetrics(font)
    shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(room, 0))
    painter.drawText(QRect(left, area.top(), max(room, 0), area.height()), MIDDLE, shown)
    return metrics.horizontalAdvance(shown)


def _plain(painter: QPainter, area: QRect, words: str, theme: Theme, tone: str) -> None:
    painter.setFont(theme.font("body"))
    painter.setPen(theme.color(tone))
    painter.drawText(area, MIDDLE, words)


def _right(painter: QPainter, area: QRect, words: str, theme: Theme, tone: str) -> None:
    painter.setPen(theme.color(tone))
    painter.drawText(area, MIDDLE | Qt.AlignmentFlag.AlignRight, words)


def _chip_width(words: str, theme: Theme) -> int:
    return QFontMetrics(theme.font("caption")).horizontalAdvance(words) + theme.px(14)


def _chip(painter: QPainter, area: QRect, words: str, theme: Theme, tone: str = "") -> None:
    high = theme.px(CHIP)
    box = QRectF(area.left(), area.center().y() - high / 2 + 1, area.width(), high)
    box.adjust(0.5, 0.5, -0.5, -0.5)
    painter.setFont(theme.font("caption"))
    painter.setPen(theme.color(f"{tone}-line" if tone else "line"))
    painter.setBrush(theme.color(f"{tone}-soft") if tone else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 4, 4)
    painter.setPen(theme.color(f"{tone}-text" if tone == "accent" else tone or "text-2"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
