"""The border back: a double of the kernel, which names one decimal of the market's grid, as that exact value."""

from __future__ import annotations

from decimal import Decimal

from core.instrument import Instrument
from core.money import AMOUNT_PLACES, Price, Quantity, from_units


def _exact(value: float, places: int) -> Decimal:
    return from_units(round(float(value) * 10**places), places)


def exact_amount(value: float) -> Decimal:
    """Cash, cost, fee or profit, to eight places."""
    return _exact(value, AMOUNT_PLACES)


def exact_price(value: float, instrument: Instrument) -> Price:
    """A price that lies on the tick."""
    return Price(_exact(value, instrument.price_places))


def exact_quantity(value: float, instrument: Instrument) -> Quantity:
    """A quantity that lies on the step."""
    return Quantity(_exact(value, instrument.quantity_places))
