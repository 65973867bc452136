"""Looks for one order on a connection: from the reserve of the limits, but not all of it; any thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from actors.venues.exchange.account_find import find, find_on_kraken
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.connection import Connection
from actors.venues.exchange.limits import COUNTER
from core.clock import millis
from core.order import Order
from core.venue import VenueOrder

KEPT_POINTS = 4.0
"""What a search leaves of Kraken's counter to what is more urgent."""
SENT = 1_000
"""Orders whose time of sending is remembered, newest kept."""
T = TypeVar("T")


class Finder:
    """``note_sent`` makes the search shorter: nothing that ended before can be the order."""

    def __init__(self, connection: Connection, ids: ClientIds) -> None:
        self._connection = connection
        self._link = connection.link
        self._ids = ids
        self._sent_ms: OrderedDict[str, int] = OrderedDict()

    def note_sent(self, order: Order) -> None:
        """It goes out now: the time by the venue's clock, as far as that was measured."""
        now = millis(self._link.clock.now()) + (self._link.offset.ms or 0)
        self._sent_ms[order.client_order_id] = now
        while len(self._sent_ms) > SENT:
            self._sent_ms.popitem(last=False)

    def find(self, order: Order, *, can_find: bool) -> VenueOrder | None:
        """The order in any state; None: the venue has never heard of it."""
        if self._link.name == "kraken":
            sent_ms = self._sent_ms.get(order.client_order_id) or millis(order.time)
            return find_on_kraken(self._ask, order, self._ids, sent_ms)
        return self._connection.read(
            lambda exchange: find(exchange, order, self._ids, can_find=can_find), is_urgent=True
        )

    def _ask(self, call: Callable[[Any], Awaitable[T]], points: float) -> T:
        used = next((one for one in self._link.keeper.use() if one.name == COUNTER), None)
        is_urgent = used is None or used.limit - used.used - points >= KEPT_POINTS
        return self._connection.read(call, is_urgent=is_urgent)
