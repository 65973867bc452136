"""One log line for every change of state (J3); called in the alerts stage's thread, off the trading path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from core.messages import (
    AlertRaised,
    HaltProgressed,
    HaltTripped,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    Rearmed,
    StageFailed,
    StageRestarted,
    StageStarted,
    StateChanged,
)
from core.order import Order

log = structlog.get_logger("facts")


def _order(order: Order) -> dict[str, Any]:
    fields = {
        "symbol": order.identity.symbol,
        "side": str(order.side),
        "kind": str(order.kind),
        "price": order.price,
        "quantity": order.quantity,
        "filled": order.filled,
        "status": order.status.value,
        "strategy": order.identity.instance,
        "slot": order.identity.slot,
        "sequence": order.identity.sequence,
        "order": order.client_order_id,
        "time": order.time.isoformat(timespec="milliseconds"),
    }
    return {"reason": order.reason, **fields} if order.reason else fields


def _fill(fact: OrderFilled) -> dict[str, Any]:
    fill = fact.fill
    return {
        "fill_price": fill.price,
        "fill_quantity": fill.quantity,
        "fee": str(fill.fee),
        **_order(fact.order),
        "fill_time": fill.at.isoformat(timespec="milliseconds"),
    }


def _tripped(fact: HaltTripped) -> dict[str, Any]:
    return {"cause": fact.record.cause, "reason": fact.record.reason}


def _alert(fact: AlertRaised) -> dict[str, Any]:
    return {"alert": fact.text, "kind": fact.kind, "severity": fact.severity.value}


def _halt(fact: HaltProgressed) -> dict[str, Any]:
    evidence = fact.evidence
    return {"step": evidence.step.value, "tries": evidence.tries, "orders": len(evidence.lines)}


_LINES: Mapping[type, tuple[str, str, Callable[[Any], dict[str, Any]]]] = {
    OrderPlaced: ("info", "order placed", lambda fact: _order(fact.order)),
    OrderAmended: ("info", "order amended", lambda fact: _order(fact.order)),
    OrderCancelled: ("info", "order cancelled", lambda fact: _order(fact.order)),
    OrderFilled: ("info", "order filled", _fill),
    OrderDenied: ("info", "order denied", lambda fact: {**_order(fact.order), "why": str(fact.why)}),
    OrderRefused: ("warning", "order refused", lambda fact: _order(fact.order)),
    OrderLost: ("warning", "order lost", lambda fact: _order(fact.order)),
    HaltTripped: ("critical", "halted", _tripped),
    HaltProgressed: ("warning", "halt", _halt),
    Rearmed: ("warning", "re-armed", lambda fact: {}),
    StateChanged: ("warning", "state", lambda fact: {"state": fact.state.value, "cause": fact.cause}),
    StageStarted: ("info", "part started", lambda fact: {"part": fact.stage, "note": fact.note}),
    StageFailed: ("error", "part failed", lambda fact: {"part": fact.stage, "why": fact.why}),
    StageRestarted: ("warning", "part restarted", lambda fact: {"part": fact.stage}),
    AlertRaised: ("info", "alert", _alert),
}
LOGGED: tuple[type, ...] = tuple(_LINES)
"""The facts that have a line."""


def log_fact(fact: Any) -> None:
    """Write the line of ``fact``, if it has one."""
    line = _LINES.get(type(fact))
    if line is not None:
        level, text, fields = line
        getattr(log, level)(text, **fields(fact))
