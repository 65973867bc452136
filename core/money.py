"""Exact amounts: Decimal types that refuse float, NaN and infinity at the door.

Arithmetic on them gives a plain ``Decimal``; wrapping the result again is the check that it is still
a price, a quantity or an amount.  Floats live only inside ``core/kernel`` and come back through
``from_units``, which takes a whole number of decimal units.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Self

from core.errors import BadValue
from core.ids import Currency

AMOUNT_PLACES = 8
"""Decimal places of every booked amount (cost, fee, cash): one satoshi, 1e-8."""

Exact = Decimal | int | str


def exact(value: Exact, what: str = "amount") -> Decimal:
    """``value`` as a finite Decimal; ``BadValue`` for float, bool, NaN, infinity or text that is no number."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise BadValue(
            f"{what} must be a Decimal, an int or a decimal text, not {type(value).__name__} {value!r}"
        )
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise BadValue(f"{what} {value!r} is not a number") from None
    if not number.is_finite():
        raise BadValue(f"{what} {value!r} is not finite")
    return number


def from_units(units: int, places: int) -> Decimal:
    """The exact value of ``units`` times ten to the power of minus ``places``."""
    return Decimal(units).scaleb(-places)


def to_amount(value: Decimal, rounding: str = ROUND_HALF_EVEN) -> Decimal:
    """``value`` with the places of a booked amount, half to even unless told.

    Never left to the thread's own rounding: ccxt sets that to half up wherever it formats a number.
    """
    return value.quantize(Decimal(1).scaleb(-AMOUNT_PLACES), rounding)


def text(number: Decimal) -> str:
    """Plain digits without exponent or trailing zeros: the one form in which amounts are stored and exported."""
    plain = format(number, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in ("-0", "") else plain


class Price(Decimal):
    """Quote currency per one unit of base currency; above zero."""

    __slots__ = ()

    def __new__(cls, value: Exact) -> Self:
        number = exact(value, "price")
        if number <= 0:
            raise BadValue(f"price {number} must be above zero")
        return super().__new__(cls, number)


class Quantity(Decimal):
    """Units of base currency; zero or more, the direction is the side's business."""

    __slots__ = ()

    def __new__(cls, value: Exact) -> Self:
        number = exact(value, "quantity")
        if number < 0:
            raise BadValue(f"quantity {number} must not be negative")
        return super().__new__(cls, number)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of one currency; adding two currencies is an error, not a number."""

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        object.__setattr__(self, "amount", exact(self.amount))

    def _same(self, other: Money) -> Decimal:
        if not isinstance(other, Money) or other.currency != self.currency:
            raise BadValue(f"cannot combine {self} with {other}")
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __str__(self) -> str:
        return f"{text(self.amount)} {self.currency}"
