"""What has just happened, one sentence per fact or record, with its time, shape and colour; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from core.instrument import Instrument, split_symbol
from core.intent import Kind, Side
from core.messages import (
    Fact,
    HaltTripped,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderRefused,
    Rearmed,
    StageFailed,
    StateChanged,
)
from core.modes import Mode, TradingState
from core.order import Fill, Order, OrderState
from gui.order_words import strategy_name
from gui.text import DOT, moment_of, money, price, quantity

WANTED = (
    OrderCancelled, OrderDenied, OrderFilled, OrderLost, OrderRefused, HaltTripped, Rearmed, StageFailed, StateChanged,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Happened:
    """``at`` is the market's time for orders, the computer's for the rest; None where a fact carries none."""

    at: datetime | None
    icon: str
    tone: str
    words: str


def of_fill(fill: Fill, instrument: Instrument | None, kind: Kind | None = None) -> Happened:
    """``Bought 0.00077 BTC at 58,629.76 for 45.14 USDT``."""
    base, quote = split_symbol(fill.identity.symbol)
    is_buy = fill.side is Side.BUY
    by = " by its stop" if kind is Kind.STOP else ""
    words = (
        f"{'Bought' if is_buy else 'Sold'} {quantity(fill.quantity, instrument)} {base} "
        f"at {price(fill.price, instrument)}{by} for {money(fill.cost, quote)}"
        f"{DOT}{strategy_name(fill.identity.instance)}"
    )
    return Happened(fill.at, "up" if is_buy else "down", "up" if is_buy else "down", words)


def of_order(order: Order) -> Happened:
    """An order that came to nothing: its reason is the sentence."""
    icon, tone = {
        OrderState.DENIED: ("cross", "down"),
        OrderState.REFUSED: ("warning", "bad"),
        OrderState.UNKNOWN: ("unknown", "warn"),
    }.get(order.status, ("dash", "soft"))
    what = f"{quantity(order.quantity)} {split_symbol(order.identity.symbol)[0]}"
    if order.status is OrderState.REFUSED:
        words = f"Refused a {order.side} of {what}: {order.reason or 'the venue gives no reason.'}"
        return Happened(order.time, icon, tone, words)
    plain = f"{order.status.value.capitalize()}: {order.side} {what}"
    return Happened(order.time, icon, tone, order.reason or plain)


def of_fact(fact: Fact, instruments: dict[str, Instrument]) -> Happened | None:
    """The sentence of a fact, None for facts that are no event to a person."""
    match fact:
        case OrderFilled(order=order, fill=fill):
            return of_fill(fill, instruments.get(fill.identity.symbol), order.kind)
        case OrderDenied(order=order) | OrderRefused(order=order) | OrderLost(order=order):
            return of_order(order)
        case OrderCancelled(order=order) if order.mode is Mode.DRY_RUN:
            what = f"{quantity(order.quantity)} {split_symbol(order.identity.symbol)[0]}"
            words = f"Logged, not sent: {order.side} {what}{DOT}{strategy_name(order.identity.instance)}"
            return Happened(order.time, "ring", "dry", words)
        case StateChanged(state=TradingState.REDUCING):
            return Happened(fact.at, "pause", "warn", f"Entries paused {fact.cause}".rstrip())
        case StateChanged(state=TradingState.ACTIVE):
            return Happened(fact.at, "play", "text", f"Entries resumed {fact.cause}".rstrip())
        case HaltTripped(record=record):
            return Happened(moment_of(record.at), "kill", "bad", f"Halted by {record.cause}: {record.reason}")
        case Rearmed(at=at):
            return Happened(at, "play", "text", "Re-armed by the typed sentence")
        case StageFailed(stage=stage, why=why):
            return Happened(datetime.now(UTC), "cross", "bad", f"The part {stage} fails: {why}")
        case _:
            return None
