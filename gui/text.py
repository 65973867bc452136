"""Amounts, prices, times and ages as a person reads them; pure.  Copies use ``core.money.text``."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_EVEN, Decimal

from PySide6.QtCore import QLocale

from core.instrument import Instrument

MINUS = "\u2212"
NO_BREAK = "\u00a0"
DOT = f"{NO_BREAK}\u00b7 "
NOT_KNOWN = "not known"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: Decimal | int, places: int = 2, *, signed: bool = False) -> str:
    """Grouped digits in the person's locale: ``1,008.47``; ``signed`` adds the +; zero has no sign."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    sign = "" if exact == 0 else MINUS if exact < 0 else "+" if signed else ""
    locale = QLocale()
    plain = format(abs(exact), f",.{places}f")
    marks = {",": locale.groupSeparator() or ",", ".": locale.decimalPoint()}
    return sign + "".join(marks.get(mark, mark) for mark in plain)


def money(value: Decimal | None, currency: str = "", places: int = 2, *, signed: bool = False) -> str:
    """``1,008.47 USD`` with a no-break space; ``not known`` for None, never 0."""
    if value is None:
        return NOT_KNOWN
    return number(value, places, signed=signed) + (NO_BREAK + currency if currency else "")


def price(value: Decimal | None, instrument: Instrument | None = None) -> str:
    """A price with the digits of the instrument's tick; without an instrument, its own digits."""
    if value is None:
        return NOT_KNOWN
    return number(value, instrument.price_places if instrument else _own_places(value))


def quantity(value: Decimal | None, instrument: Instrument | None = None) -> str:
    """A quantity with the digits of the instrument's step; without an instrument, its own digits."""
    if value is None:
        return NOT_KNOWN
    return number(value, instrument.quantity_places if instrument else _own_places(value))


def percent(fraction: Decimal | None, places: int = 2, *, signed: bool = False) -> str:
    """A fraction of one as ``0.85 %``."""
    if fraction is None:
        return NOT_KNOWN
    return number(fraction * 100, places, signed=signed) + NO_BREAK + "%"


def used_of(used: Decimal, limit: Decimal, unit: str = "", *, is_short: bool = False) -> str:
    """``13 of 20`` or ``0.19 of 4.20 USD``: whole numbers where both are, else two digits.

    ``is_short`` leaves away what says little: ``229 of 300 USD``, ``17.40 of 20 USD``.
    """
    is_whole = used == used.to_integral_value() and limit == limit.to_integral_value()
    places = 0 if is_whole or (is_short and limit >= 100) else 2
    limit_places = 0 if is_short and limit == limit.to_integral_value() else places
    return f"{number(used, places)} of {number(limit, limit_places)}" + (NO_BREAK + unit if unit else "")


def direction(value: Decimal) -> str:
    """The token and icon of a change: ``up``, ``down``, or ``soft`` for none."""
    return "up" if value > 0 else "down" if value < 0 else "soft"


def plural(count: int, one: str, many: str = "") -> str:
    """``1 order``, ``7 orders``."""
    return f"{number(count, 0)} {one if count == 1 else many or one + 's'}"


# ---------------------------------------------------------------- time


def clock(at: datetime | None, zone: tzinfo = UTC) -> str:
    """``22:20:31`` in UTC, or in ``zone``."""
    return NOT_KNOWN if at is None else at.astimezone(zone).strftime("%H:%M:%S")


def clock_ms(at: datetime) -> str:
    """``22:20:31.204``: milliseconds only as evidence."""
    utc = at.astimezone(UTC)
    return f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03d}"


def day(at: datetime) -> str:
    """``8 May`` in UTC; a year is added by the one who needs it."""
    utc = at.astimezone(UTC)
    return f"{utc.day}{NO_BREAK}{_MONTHS[utc.month - 1]}"


def moment(at: datetime) -> str:
    """``8 May 22:20:31`` in UTC."""
    return f"{day(at)} {clock(at)}"


def moment_of(iso: str) -> datetime | None:
    """The aware instant of an ISO 8601 text; None for an empty or unreadable one."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def duration(span: timedelta) -> str:
    """The two largest parts: ``4 min 12 s``, ``1 h 39 min``, ``2 d 3 h``, ``0.3 s``."""
    seconds = abs(span.total_seconds())
    if seconds < 10 and seconds != int(seconds):
        return f"{number(Decimal(str(round(seconds, 1))), 1)}{NO_BREAK}s"
    whole = int(seconds)
    parts = [(whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s")]
    while len(parts) > 1 and parts[0][0] == 0:
        parts.pop(0)
    shown = [part for place, part in enumerate(parts[:2]) if part[0] or place == 0]
    return " ".join(f"{amount}{NO_BREAK}{unit}" for amount, unit in shown)


def age(span: timedelta | None) -> str:
    """``0.3 s old``; a clock that runs ahead counts as 0."""
    if span is None:
        return NOT_KNOWN
    seconds = max(Decimal(str(round(span.total_seconds(), 1))), Decimal(0))
    if seconds < 10:
        return f"{number(seconds, 1)}{NO_BREAK}s old"
    return f"{duration(timedelta(seconds=int(seconds)))} old"


def _own_places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
