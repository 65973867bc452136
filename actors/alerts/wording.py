"""Which facts a person should know, how loud, and in which words; pure.

A ``Notice`` is an alert before it is let through: ``group`` says which ones may be counted together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.figures import plural, price, quantity
from core.halt import HaltStep
from core.instrument import split_symbol
from core.messages import (
    CandleDropped,
    FeedEnded,
    HaltProgressed,
    HaltTripped,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderRefused,
    Rearmed,
    Severity,
    StageFailed,
    StageRestarted,
    StateChanged,
)
from core.modes import Mode, TradingState
from core.order import Order, Role
from core.strategies.titles import title_of


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing worth saying; ``many`` is what a count of such things is called, for example ``fills``."""

    severity: Severity
    kind: str
    text: str
    group: str
    many: str
    mode: Mode | None = None
    at: datetime | None = None


def _filled(fact: OrderFilled) -> Notice:
    order, fill = fact.order, fact.fill
    is_stop = order.role is Role.PROTECTIVE
    done = "A protective stop sold" if is_stop else "Bought" if order.side > 0 else "Sold"
    what = f"{done} {quantity(fill.quantity)} {_base(order)} at {price(fill.price)}"
    left = f", {quantity(order.remaining)} still open" if order.remaining else ""
    severity = Severity.WARNING if is_stop else Severity.INFO
    group = f"{order.identity.symbol} {order.side} {order.role}"
    return Notice(severity, "execution", f"{what} ({_whose(order)}){left}.", group,
                  f"fills of {order.identity.symbol}", order.mode, fill.at)  # fmt: skip


def _denied(fact: OrderDenied) -> Notice:
    order, reason = fact.order, fact.why.reason
    instance = order.identity.instance
    what = f"{_whose(order)}: {order.reason or fact.why.sentence}"
    many = f"denied orders of {_whose(order)} ({reason})"
    return Notice(Severity.WARNING, "risk limit", what, f"{instance} {reason}", many, order.mode, order.time)


def _refused(fact: OrderRefused) -> Notice:
    order = fact.order
    what = f"Refused a {order.side} of {quantity(order.quantity)} {_base(order)}: "
    what += order.reason or "the venue gives no reason."
    return _order_notice(Severity.ERROR, "execution", what, fact.order, "refused orders")


def _lost(fact: OrderLost) -> Notice:
    what = f"Unknown: no answer to {_named(fact.order)}; its slot is blocked until it is found."
    return _order_notice(Severity.ERROR, "connection", what, fact.order, "unknown orders")


def _order_notice(severity: Severity, kind: str, what: str, order: Order, many: str) -> Notice:
    symbol = order.identity.symbol
    return Notice(severity, kind, what, f"{many} {symbol}", f"{many} of {symbol}", order.mode, order.time)


def _named(order: Order) -> str:
    at = f" at {price(order.price)}" if order.price is not None else ""
    return f"the order to {order.side} {quantity(order.quantity)} {_base(order)}{at}"


def _base(order: Order) -> str:
    return split_symbol(order.identity.symbol)[0]


def _whose(order: Order) -> str:
    """``Grid, BTC/USDT``: the strategy by its title, with its market."""
    return f"{title_of(order.identity.instance.partition(':')[0])}, {order.identity.symbol}"


def _tripped(fact: HaltTripped) -> Notice:
    record = fact.record
    what = f"Halted by {record.cause}: {record.reason.rstrip('.')}. Nothing is sent until you re-arm."
    return Notice(Severity.CRITICAL, "system", what, what, "halts")


def _progressed(fact: HaltProgressed) -> Notice | None:
    evidence = fact.evidence
    if evidence.step is HaltStep.VERIFIED:
        kept = sum(line.read_2 == "kept" for line in evidence.lines)
        but = f" but {plural(kept, 'protective stop')}" if kept else ""
        what = f"The halt is verified: two reads show nothing of yours open{but}."
        return Notice(Severity.WARNING, "system", what, what, "kills")
    if evidence.step is HaltStep.UNVERIFIED:
        what = "The halt is not verified: orders may be open. Belay keeps trying."
        return Notice(Severity.CRITICAL, "system", what, what, "unverified kills")
    return None


def _state(fact: StateChanged) -> Notice:
    cause = f" {fact.cause.rstrip('.')}" if fact.cause else ""
    words = {
        TradingState.ACTIVE: (Severity.INFO, f"Entries are resumed{cause}."),
        TradingState.REDUCING: (Severity.WARNING, f"Entries are paused{cause}; positions may only shrink."),
        TradingState.HALTED: (Severity.CRITICAL, f"Trading is halted{cause}."),
    }
    severity, sentence = words[fact.state]
    return Notice(severity, "risk limit", sentence, sentence, f"changes to {fact.state}", at=fact.at)


def _failed(fact: StageFailed) -> Notice:
    what = f"The part {fact.stage} fails ({fact.why}); the log has the details."
    return Notice(Severity.CRITICAL, "system", what, fact.stage, f"failures of {fact.stage}")


def _restarted(fact: StageRestarted) -> Notice:
    what = f"The part {fact.stage} runs again."
    return Notice(Severity.WARNING, "system", what, f"again {fact.stage}", f"restarts of {fact.stage}")


def _rearmed(fact: Rearmed) -> Notice:
    return Notice(
        Severity.WARNING, "system", "Belay is re-armed and may trade.", "re-armed", "re-arms", at=fact.at
    )


def _dropped(fact: CandleDropped) -> Notice:
    what = f"A candle of {fact.symbol} is left out: {fact.reason}."
    many = f"candles of {fact.symbol} left out"
    return Notice(Severity.WARNING, "connection", what, f"{fact.symbol} {fact.reason}", many, at=fact.at)


def _ended(fact: FeedEnded) -> Notice:
    return Notice(Severity.INFO, "connection", "The market data has ended.", "ended", "ends of the data")


NOTICES: Mapping[type, Callable[[Any], Notice | None]] = {
    OrderFilled: _filled,
    OrderDenied: _denied,
    OrderRefused: _refused,
    OrderLost: _lost,
    HaltTripped: _tripped,
    HaltProgressed: _progressed,
    StateChanged: _state,
    StageFailed: _failed,
    StageRestarted: _restarted,
    Rearmed: _rearmed,
    CandleDropped: _dropped,
    FeedEnded: _ended,
}
"""The words for each fact that is worth an alert by itself."""
