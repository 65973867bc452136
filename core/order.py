"""An order's life as a table: every state, everything that can happen, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Self

from core.clock import millis
from core.errors import BadValue
from core.ids import ClientOrderId, ExecutionId, Identity
from core.instrument import split_symbol
from core.intent import Kind, Side
from core.modes import Mode
from core.money import Money, Price, Quantity, to_amount


class OrderState(StrEnum):
    """Where an order stands; the texts are what the database and the exports hold."""

    DENIED = "denied"
    INTENT = "intent"
    WAITING = "waiting"
    """Kept back here until the price reaches it: its coins rest in a protective stop at the venue."""
    OPEN = "open"
    PART_FILLED = "part-filled"
    FILLED = "filled"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Happening(StrEnum):
    """What can happen to an order."""

    KEPT_BACK = "kept back"
    RELEASED = "released"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    FILLED_PART = "filled in part"
    FILLED_ALL = "filled"
    CANCEL_ASKED = "cancel asked"
    CANCELLED = "cancelled"
    NOT_SENT = "not sent"
    ANSWER_LOST = "answer lost"
    NOT_FOUND = "not found"
    SENT_AGAIN = "sent again"
    STILL_OPEN = "still open"


_S, _H = OrderState, Happening
NEXT: Mapping[tuple[OrderState, Happening], OrderState] = {
    (_S.INTENT, _H.ACKNOWLEDGED): _S.OPEN,
    (_S.INTENT, _H.REFUSED): _S.REFUSED,
    (_S.INTENT, _H.NOT_SENT): _S.CANCELLED,  # the latch tripped between the row and the send
    (_S.INTENT, _H.ANSWER_LOST): _S.UNKNOWN,
    (_S.INTENT, _H.FILLED_PART): _S.PART_FILLED,  # a fill may overtake the acknowledgement
    (_S.INTENT, _H.FILLED_ALL): _S.FILLED,
    (
        _S.INTENT,
        _H.CANCELLED,
    ): _S.CANCELLED,  # a stream may tell an order's whole life before its answer comes
    (_S.INTENT, _H.KEPT_BACK): _S.WAITING,
    (_S.WAITING, _H.RELEASED): _S.INTENT,
    (_S.WAITING, _H.NOT_SENT): _S.CANCELLED,
    (_S.OPEN, _H.FILLED_PART): _S.PART_FILLED,
    (_S.OPEN, _H.FILLED_ALL): _S.FILLED,
    (_S.OPEN, _H.CANCEL_ASKED): _S.CANCELLING,
    (_S.OPEN, _H.CANCELLED): _S.CANCELLED,
    (_S.PART_FILLED, _H.ACKNOWLEDGED): _S.PART_FILLED,
    (_S.PART_FILLED, _H.FILLED_PART): _S.PART_FILLED,
    (_S.PART_FILLED, _H.FILLED_ALL): _S.FILLED,
    (_S.PART_FILLED, _H.CANCEL_ASKED): _S.CANCELLING,
    (_S.PART_FILLED, _H.CANCELLED): _S.CANCELLED,
    (_S.FILLED, _H.ACKNOWLEDGED): _S.FILLED,
    (_S.CANCELLING, _H.FILLED_PART): _S.CANCELLING,
    (_S.CANCELLING, _H.FILLED_ALL): _S.FILLED,
    (_S.CANCELLING, _H.CANCELLED): _S.CANCELLED,
    (_S.CANCELLING, _H.STILL_OPEN): _S.OPEN,  # the venue did not take the cancel: it is asked again
    (
        _S.CANCELLED,
        _H.FILLED_PART,
    ): _S.CANCELLED,  # venues report fills after the cancel; none is ever dropped
    (_S.CANCELLED, _H.FILLED_ALL): _S.FILLED,
    (_S.UNKNOWN, _H.ACKNOWLEDGED): _S.OPEN,
    (_S.UNKNOWN, _H.REFUSED): _S.REFUSED,
    (_S.UNKNOWN, _H.NOT_FOUND): _S.CANCELLED,
    (_S.UNKNOWN, _H.SENT_AGAIN): _S.INTENT,
    (_S.UNKNOWN, _H.FILLED_PART): _S.PART_FILLED,
    (_S.UNKNOWN, _H.FILLED_ALL): _S.FILLED,
    (_S.UNKNOWN, _H.CANCELLED): _S.CANCELLED,
}
"""All lawful steps; any other pair raises."""

WORKING = frozenset({_S.INTENT, _S.WAITING, _S.OPEN, _S.PART_FILLED, _S.CANCELLING, _S.UNKNOWN})
"""States in which the order may still trade: they count as exposure."""
RESTING = frozenset({_S.OPEN, _S.PART_FILLED})
"""States in which the venue has said that it holds the order."""
UNACKNOWLEDGED = frozenset({_S.INTENT, _S.UNKNOWN})
"""States in which the venue has not said that it has it."""
IN_DOUBT = UNACKNOWLEDGED | {_S.CANCELLING}
"""States in which an answer is on its way: what these orders may still sell is not touched."""


NOTHING = Quantity(0)


class Role(StrEnum):
    """What an order is for: entries and exits are declared by a strategy, protective stops follow from entries."""

    DECLARED = "declared"
    PROTECTIVE = "protective"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """One execution.  ``cost`` is price times quantity in quote currency, ``fee`` what the venue kept."""

    execution_id: ExecutionId
    client_order_id: ClientOrderId
    identity: Identity
    side: Side
    price: Price
    quantity: Quantity
    cost: Decimal
    fee: Money
    is_maker: bool
    at: datetime

    @property
    def at_ms(self) -> int:
        """The time in ms UTC."""
        return millis(self.at)

    @property
    def fee_in_base(self) -> Decimal:
        """What the venue kept of the coins themselves."""
        return self.fee.amount if self.fee.currency == split_symbol(self.identity.symbol)[0] else Decimal(0)

    @property
    def fee_in_quote(self) -> Decimal:
        """The fee as money: one in base currency at the fill's price, one in a third currency is not in here."""
        if self.fee.currency == split_symbol(self.identity.symbol)[1]:
            return self.fee.amount
        return to_amount(self.fee_in_base * self.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One order from the wish to the last fill; ``time`` is the market time at which it was wished.

    ``cost`` and ``fee`` are in quote currency (a fee in another one is in the fills); ``reason`` says in words why
    it was denied, refused or cancelled.
    """

    client_order_id: ClientOrderId
    identity: Identity
    side: Side
    kind: Kind
    price: Price | None
    quantity: Quantity
    stop: Price | None
    mode: Mode
    time: datetime
    role: Role = Role.DECLARED
    status: OrderState = OrderState.INTENT
    filled: Quantity = NOTHING
    cost: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)
    reason: str = ""
    venue_id: str = ""
    """The venue's own id of it, once it has told one."""

    @property
    def remaining(self) -> Decimal:
        return self.quantity - self.filled

    @property
    def is_working(self) -> bool:
        return self.status in WORKING

    @property
    def average(self) -> Decimal | None:
        return self.cost / self.filled if self.filled else None

    def after(self, happening: Happening, *, reason: str = "") -> Self:
        """The order after ``happening``; ``BadValue`` for a step that is not in the table."""
        status = NEXT.get((self.status, happening))
        if status is None:
            raise BadValue(f"order {self.client_order_id} is {self.status}: {happening!s} cannot follow")
        return replace(self, status=status, reason=reason or self.reason)

    def with_fill(self, fill: Fill) -> Self:
        """The order with one more execution counted; more than was asked is an error, not a number."""
        filled = Quantity(self.filled + fill.quantity)
        if filled > self.quantity:
            raise BadValue(f"order {self.client_order_id}: {filled} filled of {self.quantity}")
        happening = Happening.FILLED_ALL if filled == self.quantity else Happening.FILLED_PART
        counted = replace(self, filled=filled, cost=self.cost + fill.cost, fee=self.fee + fill.fee_in_quote)
        return counted.after(happening)
