"""What a strategy wishes: the order that should exist in a slot now, or that the slot be empty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from core.errors import BadValue
from core.ids import Identity
from core.money import Price, Quantity


class Side(IntEnum):
    """Direction of an order; the value is the sign it gives a position."""

    BUY = 1
    SELL = -1

    def __str__(self) -> str:
        return self.name.lower()


class Kind(IntEnum):
    """How an order executes.  A stop becomes a market order once its price is reached."""

    MARKET = 0
    LIMIT = 1
    POST_ONLY = 2
    STOP = 3

    def __str__(self) -> str:
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One wished order; prices on the tick, quantity on the step.

    ``price`` is the limit (or, for a stop, the trigger) and None for a market order; ``reference`` is the price
    at which a market order is judged (the last close).  ``stop`` protects an entry.
    """

    identity: Identity
    side: Side
    kind: Kind
    price: Price | None
    quantity: Quantity
    reference: Price
    stop: Price | None = None
    at: datetime

    def __post_init__(self) -> None:
        if (self.price is None) != (self.kind is Kind.MARKET):
            raise BadValue(f"{self.identity}: a market order has no price, every other order has one")
        if self.at.tzinfo is None:
            raise BadValue(f"{self.identity}: the time has no time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """The wish that no order exists any more under this identity."""

    identity: Identity
    at: datetime


Wish = Intent | Withdrawal
