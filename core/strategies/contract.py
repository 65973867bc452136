"""What a strategy file consists of, and the words with which a step declares its orders.

    state_t, params_t    flat numpy records (``align=True``)
    TITLE                what people call it
    DEFAULTS             a value for each parameter
    slots(params)        how many orders it may declare at once
    faults(params)       one sentence for each wrong parameter
    step(candle, account, state, params, orders)
                         called after each closed candle; declares in ``orders``, keeps its memory in ``state``
    note(state, params, orders, price)
                         one sentence for a person: what it waits for
    lines(state)         named indicator values for the chart

``account`` has cash, equity (of the whole account), quantity and average (of this instance).  Each order has what
is declared (see ``declare``) and what is: ``status``, ``filled``, ``held`` (bought in this slot and not yet sold)
and ``paid``.  A slot sells only what it bought.
"""

from __future__ import annotations

from typing import Any

from core.kernel.compiled import inlined
from core.kernel.records import (
    CANCELLED,
    DENIED,
    FILLED,
    LIMIT,
    MARKET,
    NONE,
    OPEN,
    PENDING,
    POST_ONLY,
    REFUSED,
    STOP,
)

BUY, SELL = 1, -1

__all__ = [
    "BUY", "CANCELLED", "DENIED", "FILLED", "LIMIT", "MARKET", "NONE", "OPEN", "PENDING", "POST_ONLY", "REFUSED",
    "SELL", "STOP", "declare", "is_free", "is_working", "retract",
]  # fmt: skip


@inlined
def declare(order: Any, side: int, kind: int, price: float, quantity: float, stop: float) -> None:
    """Wish a new order in this slot.  ``price`` is ignored for MARKET; an entry needs a ``stop`` below its price."""
    order.active = 1
    order.sequence += 1
    order.side = side
    order.kind = kind
    order.price = price
    order.quantity = quantity
    order.stop = stop


@inlined
def retract(order: Any) -> None:
    """Wish that no order stands in this slot; what it holds stays, with its protective stop."""
    order.active = 0


@inlined
def is_working(order: Any) -> bool:
    """The slot's newest order may still trade."""
    return order.status == OPEN or order.status == PENDING


@inlined
def is_free(order: Any) -> bool:
    """The slot's newest order is over (or there was none) and nothing newer is declared."""
    over = order.status in (NONE, FILLED, CANCELLED, DENIED, REFUSED)
    return over and (order.sequence == order.live_sequence or not order.active)
