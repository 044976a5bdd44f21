"""Numbers, sizes and times as people read them; pure, and the only place that makes them.

Units follow a no-break space. Text made here is never parsed back.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from router.units import DECIMALS, WEI, exact

UNKNOWN = "—"
_NBSP = "\u00a0"
MINUS = "\u2212"
# A figure below 1 shows so many digits that count.
SIGNIFICANT = 4
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def memory(size_bytes: int | None) -> str:
    """Memory in GB with one decimal; what is there at all is never shown as 0."""
    if size_bytes is None:
        return UNKNOWN
    tenths = round(size_bytes / 1e8)
    return f"{max(tenths, 1 if size_bytes > 0 else 0) / 10:,.1f}{_NBSP}GB"


def file_size(size_bytes: int | None) -> str:
    """The size of a file: `812 B`, `14 kB`, `98.5 MB`, `5.03 GB`, `11.5 GB`."""
    if size_bytes is None:
        return UNKNOWN
    if size_bytes < 1000:
        return f"{size_bytes}{_NBSP}B"
    value = float(size_bytes)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    decimals = 0 if unit == "kB" or value >= 99.95 else 1 if unit == "MB" or value >= 9.995 else 2
    return f"{value:,.{decimals}f}{_NBSP}{unit}"


def duration(seconds: float) -> str:
    """Time left or elapsed: `2 d 4 h`, `2 h 25 m`, `42:18`, `0:24`. Never negative."""
    whole = max(int(seconds), 0)
    if whole >= DAY:
        return f"{whole // DAY}{_NBSP}d {whole % DAY // HOUR}{_NBSP}h"
    if whole >= HOUR:
        return f"{whole // HOUR}{_NBSP}h {whole % HOUR // MINUTE}{_NBSP}m"
    return f"{whole // MINUTE}:{whole % MINUTE:02d}"


def short_time(seconds: float | None) -> str:
    """How long one step took: `90 ms`, `0.62 s`, `3.4 s`, `42:18`."""
    if seconds is None:
        return UNKNOWN
    if seconds < 0.0995:
        return f"{max(round(seconds * 1000), 0)}{_NBSP}ms"
    if seconds < 0.995:
        return f"{seconds:.2f}{_NBSP}s"
    if seconds < 59.95:
        return f"{seconds:.1f}{_NBSP}s"
    return duration(seconds)


def speed(tokens_per_s: float | None) -> str:
    """`61.2 tok/s`; unknown when nothing was measured."""
    return UNKNOWN if tokens_per_s is None else f"{tokens_per_s:,.1f}{_NBSP}tok/s"


def count(number: int) -> str:
    """A whole number with a separator every three digits: `31,204,118`."""
    return f"{number:,}"


def counted(number: int, singular: str, plural: str = "") -> str:
    """`1 match`, `7 matches`, `1,204 tokens`; the plural is the singular with an s by default."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def amount(wei: int | None, unit: str = "", *, up: bool = False) -> str:
    """MOR or ETH: `86.421 MOR`, `12,480.5 MOR`, `0.0000125 ETH`; unknown is never 0.

    Args:
        up: round up, for what somebody needs or pays. What somebody has is rounded down.
    """
    if wei is None:
        return UNKNOWN
    step = 10 ** (DECIMALS - _decimals(wei))
    rounded = -(-wei // step) * step if up else wei // step * step
    return _with_unit(grouped(rounded), unit)


def column_decimals(values: Iterable[int | None]) -> int:
    """How many decimals a column of amounts has: as many as its smallest one needs."""
    return max((_decimals(wei) for wei in values if wei), default=4)


def in_column(wei: int | None, decimals: int, *, up: bool = False) -> str:
    """An amount with exactly so many decimals, so that the marks of a column stand in line."""
    if wei is None:
        return UNKNOWN
    step = 10 ** (DECIMALS - decimals)
    rounded = -(-wei // step) if up else wei // step
    whole, fraction = divmod(rounded, 10**decimals)
    return f"{whole:,}.{fraction:0{decimals}d}" if decimals else f"{whole:,}"


def movement(wei: int, unit: str = "") -> str:
    """What came or went: `+25 MOR`, `−12.15 MOR`; what went is rounded up."""
    sign = MINUS if wei < 0 else "+" if wei else ""
    return sign + amount(abs(wei), unit, up=wei < 0)


def grouped(wei: int) -> str:
    """All digits of an amount, with separators: `12,480.5`."""
    whole, mark, fraction = exact(wei).partition(".")
    return f"{int(whole):,}{mark}{fraction}"


def amount_tip(wei: int | None, unit: str, block: int | None = None) -> str:
    """All digits, the wei, and the block at which it was read."""
    if wei is None:
        return "Not known"
    lines = [_with_unit(grouped(wei), unit), f"{wei:,}{_NBSP}wei"]
    return "\n".join(lines + ([f"Block {block:,}"] if block is not None else []))


def spoken_amount(wei: int | None, unit: str) -> str:
    """An amount as it is read aloud: `12 point 15 MOR`."""
    return "unknown" if wei is None else f"{exact(wei).replace('.', ' point ')} {unit}"


def short_address(address: str) -> str:
    """Both ends of an address: `0x9E04…a8F9`."""
    return f"{address[:6]}…{address[-4:]}"


def address_groups(address: str) -> list[str]:
    """The digits of an address in ten groups of four, without 0x."""
    digits = address[2:]
    return [digits[at : at + 4] for at in range(0, len(digits), 4)]


def full_address(address: str) -> str:
    """All of an address, in groups of four."""
    return " ".join(["0x", *address_groups(address)])


def spoken_address(address: str) -> str:
    """An address as it is read aloud: `address ending a 8 F 9`."""
    return f"address ending {' '.join(address[-4:])}"


def _decimals(wei: int) -> int:
    if wei >= 1000 * WEI:
        return 2
    if wei >= WEI or wei <= 0:
        return 4
    return min(DECIMALS - len(str(wei)) + SIGNIFICANT, DECIMALS)


def _with_unit(text: str, unit: str) -> str:
    return f"{text}{_NBSP}{unit}" if unit else text


def short_hash(text: str) -> str:
    """The two ends of a hash: `0x3f12ab…90c4`, or `9c41…d07e` without a leading 0x."""
    head = 8 if text.startswith("0x") else 4
    return text if len(text) <= head + 5 else f"{text[:head]}…{text[-4:]}"


def age(then: datetime, now: datetime) -> str:
    """How long ago, in local calendar days: `2 s ago`, `6 min ago`, `Yesterday`, `14 Aug`."""
    passed = (now - then).total_seconds()
    if passed < 1:
        return "now"
    if passed < MINUTE:
        return f"{int(passed)}{_NBSP}s ago"
    if passed < HOUR:
        return f"{int(passed // MINUTE)}{_NBSP}min ago"
    if then.date() == now.date():
        return f"{int(passed // HOUR)}{_NBSP}h ago"
    if then.date() == now.date() - timedelta(days=1):
        return "Yesterday"
    return day(then, now)


def day(moment: datetime, now: datetime) -> str:
    """`14 Aug`, with the year when it is not this one."""
    text = f"{moment.day}{_NBSP}{_MONTHS[moment.month - 1]}"
    return text if moment.year == now.year else f"{text} {moment.year}"


def clock(moment: datetime) -> str:
    """The time of day: `19:44`."""
    return f"{moment:%H:%M}"


def moment(then: datetime, now: datetime) -> str:
    """A point in time: `today 20:29`, `yesterday 18:02`, `02:00 tomorrow`, `18 Aug 16:02`."""
    days = (then.date() - now.date()).days
    if days == 0:
        return f"today {clock(then)}"
    if days == -1:
        return f"yesterday {clock(then)}"
    if days == 1:
        return f"{clock(then)} tomorrow"
    return f"{day(then, now)} {clock(then)}"
