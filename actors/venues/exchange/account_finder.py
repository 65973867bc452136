"""Looks for orders on a connection, from the reserve of the limits; any thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from actors.venues.exchange.account_find import find
from actors.venues.exchange.account_find_kraken import find_on_kraken
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.connection import Connection
from actors.venues.exchange.faults import read_fault
from core.clock import millis
from core.ids import ClientOrderId
from core.order import Order
from core.venue import VenueOrder

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
            return self.find_many([order]).get(order.client_order_id)
        return self._connection.read(
            lambda exchange: find(exchange, order, self._ids, can_find=can_find), is_urgent=True
        )

    def find_many(
        self, orders: Sequence[Order], *, are_unlisted: bool = False
    ) -> Mapping[ClientOrderId, VenueOrder]:
        """On Kraken: several at once, without those of which the venue has never heard."""
        from ccxt.base.errors import BaseError

        try:
            return find_on_kraken(self._ask, orders, self._ids, self._sent_at, are_unlisted=are_unlisted)
        except BaseError as unreadable:  # a row of the answer, read in this thread
            raise read_fault(unreadable, self._link.name) from unreadable

    def _sent_at(self, order: Order) -> int:
        return self._sent_ms.get(order.client_order_id) or millis(order.time)

    def _ask(self, call: Callable[[Any], Awaitable[T]]) -> T:
        return self._connection.read(call, is_urgent=True)
