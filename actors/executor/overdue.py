"""Orders that the price says should have traded, and of which no news has come: looked for; the executor's thread.

A stream may lose a message without a word.  A fill that nobody heard of is a position without a stop, so it is not left
to the comparison of every minute.
"""

from __future__ import annotations

from collections.abc import Callable

from actors.executor.slots import Bids
from core.ids import ClientOrderId
from core.intent import Kind, Side
from core.money import Price
from core.order import RESTING, Order

OVERDUE = 1.5
"""Seconds for which the price must say so."""
AGAIN = 15.0
"""Seconds until the same order is looked for again: a small price far ahead in the queue may keep it resting."""


class Overdue:
    """``look`` names the orders to look for now."""

    def __init__(self, bids: Bids, monotonic: Callable[[], float]) -> None:
        self._bids, self._monotonic = bids, monotonic
        self._since: dict[ClientOrderId, float] = {}

    def look(self, working: tuple[Order, ...]) -> tuple[ClientOrderId, ...]:
        now = self._monotonic()
        crossed = {one.client_order_id for one in working if one.status in RESTING and self._is_crossed(one)}
        self._since = {key: since for key, since in self._since.items() if key in crossed}
        found = []
        for key in crossed:
            if now - self._since.setdefault(key, now) > OVERDUE:
                found.append(key)
                self._since[key] = now + AGAIN
        return tuple(found)

    def _is_crossed(self, order: Order) -> bool:
        """Whether the best bid lies where this order cannot rest."""
        if order.kind is Kind.MARKET:
            return True
        bid = self._bids.fresh(order.identity.symbol)
        return bid is not None and order.price is not None and _trades_at(order, order.price, bid)


def _trades_at(order: Order, price: Price, bid: Price) -> bool:
    if order.side is Side.BUY:
        return bid < price
    return bid <= price if order.kind is Kind.STOP else bid > price
