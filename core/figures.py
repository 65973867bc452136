"""Amounts as the sentences of denials, alerts and the command line tell them, grouped and exact; pure."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from core.instrument import Instrument
from core.money import AMOUNT_PLACES, text

MINUS = "\u2212"
MONEY_PLACES = 2
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def grouped(value: Decimal, places: int, *, signed: bool = False) -> str:
    """``1,008.47``, half to even; ``signed`` adds the +, zero has no sign."""
    exact = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
    sign = "" if exact == 0 else MINUS if exact < 0 else "+" if signed else ""
    return sign + format(abs(exact), f",.{places}f")


def money(value: Decimal, *, signed: bool = False) -> str:
    """An amount with two places; one below a cent keeps the digits that it has."""
    own = len(text(value).partition(".")[2])
    places = MONEY_PLACES if value == 0 or abs(value) >= Decimal("0.01") else own
    return grouped(value, places, signed=signed)


def price(value: Decimal, instrument: Instrument | None = None) -> str:
    """A price with the places of the tick; without an instrument, with its own."""
    return grouped(value, instrument.price_places if instrument else _places(value))


def quantity(value: Decimal, instrument: Instrument | None = None) -> str:
    """A quantity with the places of the step; without an instrument, with its own."""
    return grouped(value, instrument.quantity_places if instrument else _places(value))


def apart(one: Decimal, other: Decimal, places: int) -> tuple[str, str]:
    """Both with ``places``, or with as many more as show that they differ: no "50.00 is above 50.00"."""
    most = max(places, AMOUNT_PLACES)
    while places < most and one != other and grouped(one, places) == grouped(other, places):
        places += 1
    return grouped(one, places), grouped(other, places)


def plural(count: int, one: str, many: str = "") -> str:
    """``1 order``, ``7 orders``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def day(at: datetime) -> str:
    """``1 Apr`` in UTC."""
    utc = at.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]}"


def _places(value: Decimal) -> int:
    """As many as it was made with: those of the tick or the step, where it came from there."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
