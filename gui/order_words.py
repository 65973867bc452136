"""Orders and their states as words, signs and colours: one word per thing, the same on every page; pure."""

from __future__ import annotations

from decimal import Decimal

from core.ids import InstanceId
from core.instrument import Instrument, split_symbol
from core.intent import Kind, Side
from core.messages import (
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
)
from core.order import Order, OrderState, Role
from core.strategies.titles import title_of
from gui.text import price, quantity

ORDER_FACTS = (OrderDenied, OrderPlaced, OrderRefused, OrderAmended, OrderCancelled, OrderFilled, OrderLost)
"""Every fact that carries an order after it happened."""
SIGNS = {
    OrderState.DENIED: "dash", OrderState.INTENT: "ring", OrderState.OPEN: "ring",
    OrderState.PART_FILLED: "half", OrderState.FILLED: "disc", OrderState.CANCELLING: "ring",
    OrderState.CANCELLED: "cross", OrderState.REFUSED: "warning", OrderState.UNKNOWN: "unknown",
    OrderState.WAITING: "pause",
}  # fmt: skip
INKS = {
    OrderState.DENIED: "warn", OrderState.INTENT: "soft", OrderState.OPEN: "text",
    OrderState.PART_FILLED: "text", OrderState.FILLED: "soft", OrderState.CANCELLING: "soft",
    OrderState.CANCELLED: "soft", OrderState.REFUSED: "bad", OrderState.UNKNOWN: "warn",
    OrderState.WAITING: "soft",
}  # fmt: skip
WORDS = {
    OrderState.DENIED: "Denied by Belay", OrderState.INTENT: "Sending", OrderState.OPEN: "Open",
    OrderState.PART_FILLED: "Part filled", OrderState.FILLED: "Filled", OrderState.CANCELLING: "Cancelling",
    OrderState.CANCELLED: "Cancelled", OrderState.REFUSED: "Refused by the venue",
    OrderState.UNKNOWN: "Unknown, asking", OrderState.WAITING: "Kept back here",
}  # fmt: skip


def strategy_name(instance: InstanceId) -> str:
    """``Grid`` of ``grid:BTC/USDT``."""
    return title_of(instance.partition(":")[0])


def side_word(side: Side) -> str:
    """``Buy`` or ``Sell``."""
    return "Buy" if side is Side.BUY else "Sell"


def side_token(side: Side) -> str:
    """The colour and the triangle of a side: ``up`` or ``down``."""
    return "up" if side is Side.BUY else "down"


def slot_name(order: Order) -> str:
    """``B1`` or ``S4``: the side and the strategy's slot; ``Stop`` for a protective order."""
    if order.role is Role.PROTECTIVE:
        return "Stop"
    return f"{'B' if order.side is Side.BUY else 'S'}{order.identity.slot}"


def origin(order: Order) -> str:
    """Who wished it: ``Grid B1.32`` is the 32nd wish in the grid's slot 1."""
    return f"{whose(order)}.{order.identity.sequence}"


def whose(order: Order) -> str:
    """``Grid B1``: the origin without the count of wishes, for where room is short."""
    return f"{strategy_name(order.identity.instance)} {slot_name(order)}"


def kind_word(order: Order) -> str:
    """``Limit``, ``Market``, ``Stop`` or ``Post-only``."""
    return str(order.kind).capitalize()


def shown_price(order: Order, instrument: Instrument | None) -> str:
    """The limit or trigger; a market order says what it paid, or ``at market``."""
    if order.price is not None:
        return price(order.price, instrument)
    if order.average is None:
        return "at market"
    return price(order.average if instrument is None else instrument.price(order.average), instrument)


def headline(order: Order, instrument: Instrument | None) -> str:
    """``Buy 0.00077 BTC at 58,629.76``."""
    base, _ = split_symbol(order.identity.symbol)
    what = f"{side_word(order.side)} {quantity(order.quantity, instrument)} {base}"
    if order.kind is Kind.MARKET:
        return f"{what} at market"
    return f"{what} {'once at' if order.kind is Kind.STOP else 'at'} {price(order.price, instrument)}"


def filled_share(order: Order) -> Decimal:
    """How much of the order is done, from 0 to 1."""
    return order.filled / order.quantity if order.quantity else Decimal(0)


def is_unknown(order: Order) -> bool:
    """Whether its outcome is not known: its slot is blocked."""
    return order.status is OrderState.UNKNOWN


UNKNOWN_WHY = (
    "It may be at the venue or not. It is not sent again; its slot stays blocked and counts as exposure "
    "until it is found."
)


def why_sentence(order: Order, instrument: Instrument | None) -> str:
    """Why the order is neither open nor over; empty for what needs no reason."""
    if order.status is OrderState.UNKNOWN:
        return UNKNOWN_WHY
    if order.status is not OrderState.WAITING:
        return ""
    base, _ = split_symbol(order.identity.symbol)
    when = f"reaches {price(order.price, instrument)}" if order.price is not None else "is right"
    return (
        f"Belay keeps it back: the {base} that it would trade rests in a protective stop at the venue, and the venue "
        f"takes no second order on the same coins. It is sent when the price {when}; until then the stop protects."
    )


def unknown_sentence(count: int, venue: str) -> str:
    """Why slots are blocked; empty when none is."""
    if not count:
        return ""
    if count == 1:
        return f"1 order unknown: its slot is blocked until {venue} answers"
    return f"{count} orders unknown: their slots are blocked until {venue} answers"
