"""Whose order is whose at a venue without client order ids: what was seen when, and what was sent when; any thread.

Firi never hears our client order id, so an order whose answer was lost can only be known by its looks.  What makes it
certain: it looks exactly like ours, nobody had seen it before ours was sent, and it belongs to no other order.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from threading import Lock

from actors.venues.firi.shapes import FiriOrder, market_of
from core.errors import TryAgain
from core.ids import ClientOrderId
from core.order import Order

SLACK = timedelta(seconds=2)
"""How much earlier than its wish, or than one that was seen before it, an order may seem to have been made."""


class Identities:
    """Shared by all connections of one key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._count = 0
        self._first_seen: dict[str, int] = {}
        self._newest: datetime | None = None
        self._sent: dict[ClientOrderId, tuple[int, datetime | None]] = {}
        self._owner: dict[str, ClientOrderId] = {}
        self._venue_id: dict[ClientOrderId, str] = {}

    def note(self, orders: Iterable[FiriOrder]) -> None:
        """These orders are at the venue now."""
        with self._lock:
            self._count += 1
            for order in orders:
                self._first_seen.setdefault(order.id, self._count)
                self._newest = max(order.created, self._newest or order.created)

    def mark(self, client_order_id: ClientOrderId) -> None:
        """It is sent next: whatever has been seen until now is something else."""
        with self._lock:
            self._sent[client_order_id] = (self._count, self._newest)

    def claim(self, venue_id: str, client_order_id: ClientOrderId) -> None:
        """They are one and the same."""
        with self._lock:
            self._owner[venue_id] = client_order_id
            self._venue_id[client_order_id] = venue_id

    def owner(self, venue_id: str) -> str:
        """Our client order id of an order at the venue; empty where Belay cannot tell."""
        with self._lock:
            return self._owner.get(venue_id, "")

    def venue_id(self, client_order_id: ClientOrderId) -> str:
        """The venue's id of an order of ours; empty where it is not known."""
        with self._lock:
            return self._venue_id.get(client_order_id, "")

    def recognised(self, order: Order, found: Iterable[FiriOrder]) -> FiriOrder | None:
        """The one of ``found`` that is certainly ``order``; None if none fits; ``TryAgain`` if several do."""
        fitting = {one.id: one for one in found if self._fits(order, one)}
        if len(fitting) > 1:
            raise TryAgain(
                f"{len(fitting)} orders at Firi look like {order.identity} ({', '.join(sorted(fitting))}), and Firi "
                "keeps no id of ours: cancel the ones that are not Belay's on Firi's pages."
            )
        return next(iter(fitting.values()), None)

    def _fits(self, order: Order, found: FiriOrder) -> bool:
        if not looks_alike(order, found):
            return False
        with self._lock:
            if self._owner.get(found.id, order.client_order_id) != order.client_order_id:
                return False
            sent = self._sent.get(order.client_order_id)
            if sent is not None:
                count, newest = sent
                is_new = self._first_seen.get(found.id, self._count + 1) > count
                return is_new and (newest is None or found.created >= newest - SLACK)
        # Sent by an earlier run: what was made before it was even wished is something else.
        return found.created >= order.time - SLACK


def looks_alike(order: Order, found: FiriOrder) -> bool:
    """Same market, side, quantity and limit; a market order went out at a limit that nobody remembers."""
    return (
        found.market == market_of(order.identity.symbol)
        and found.side is order.side
        and found.amount == order.quantity
        and (order.price is None or found.price == order.price)
    )
