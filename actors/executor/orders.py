"""The executor's table of orders: the newest truth of each, and the rule that an identity is placed once, ever."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from core.ids import BookId, ClientOrderId, Identity, SlotKey, client_order_id
from core.intent import Intent, Kind, Side
from core.modes import Mode
from core.order import Fill, Order, OrderState, Role
from core.risk.verdict import Denied
from core.venue import VenueOrder


def order_of(intent: Intent, book: BookId, mode: Mode, role: Role = Role.DECLARED) -> Order:
    """The order of an intent, in state INTENT."""
    return Order(
        client_order_id=client_order_id(intent.identity, book),
        identity=intent.identity,
        side=intent.side,
        kind=intent.kind,
        price=intent.price,
        quantity=intent.quantity,
        stop=intent.stop,
        mode=mode,
        time=intent.at,
        role=role,
    )


def denied_order(denied: Denied, book: BookId, mode: Mode) -> Order:
    """The record of an order that the judge refused; it never works."""
    return replace(order_of(denied.intent, book, mode), status=OrderState.DENIED, reason=denied.sentence)


def order_told(one: VenueOrder, identity: Identity, mode: Mode, client_id: str = "") -> Order:
    """An open order as the venue tells it, under an identity that we give it; ``client_id`` where it bears none."""
    is_guard = one.kind is Kind.STOP and one.side is Side.SELL
    return Order(
        client_order_id=ClientOrderId(one.client_order_id or client_id),
        identity=identity,
        side=one.side,
        kind=one.kind,
        price=one.price,
        quantity=one.quantity,
        stop=None,
        mode=mode,
        time=one.at,
        role=Role.PROTECTIVE if is_guard else Role.DECLARED,
        status=OrderState.OPEN,
        venue_id=one.venue_id,
    )


class OrderTable:
    """Working orders by client id, and the highest sequence ever used in each slot."""

    def __init__(self, book: BookId, mode: Mode) -> None:
        self._book, self._mode = book, mode
        self._working: dict[ClientOrderId, Order] = {}
        self._used: dict[SlotKey, int] = {}

    def restore(self, working: Iterable[Order], used: Mapping[SlotKey, int]) -> None:
        """What the records hold after a restart."""
        self._working = {order.client_order_id: order for order in working}
        self._used = dict(used)

    def __len__(self) -> int:
        return len(self._working)

    def new(self, intent: Intent) -> Order | None:
        """The order of an intent, in state INTENT; None when its identity (or a later one) was used before."""
        identity = intent.identity
        slot = identity.place
        if identity.sequence <= self._used.get(slot, 0):
            return None
        self._used[slot] = identity.sequence
        order = self._order(intent)
        self._working[order.client_order_id] = order
        return order

    def denied(self, denied: Denied) -> Order:
        """The record of an order that the judge refused; it never works."""
        return denied_order(denied, self._book, self._mode)

    def _order(self, intent: Intent) -> Order:
        return order_of(intent, self._book, self._mode)

    def find(self, identity: Identity) -> Order | None:
        """The working order of an identity."""
        return self._working.get(client_order_id(identity, self._book))

    def get(self, client_order_id: ClientOrderId) -> Order | None:
        return self._working.get(client_order_id)

    def put(self, order: Order) -> Order:
        """Store the newer truth of an order; one that is over leaves the table."""
        if order.is_working:
            self._working[order.client_order_id] = order
        else:
            self._working.pop(order.client_order_id, None)
        return order

    def filled(self, fill: Fill, venue_view: Order) -> Order:
        """Count one execution.  One of an order that is over here counts too, and brings no order back to life."""
        mine = self._working.get(fill.client_order_id)
        if mine is not None:
            return self.put(mine.with_fill(fill))
        return venue_view if not venue_view.is_working else replace(venue_view, status=OrderState.CANCELLED)

    def adopt(self, order: Order) -> Order:
        """Take over an order that the venue made (a protective stop) and remember its sequence as used."""
        slot = order.identity.place
        self._used[slot] = max(order.identity.sequence, self._used.get(slot, 0))
        return self.put(order)

    def amended(self, venue_view: Order) -> Order:
        """Price and quantity follow the venue; everything else stays."""
        mine = self._working.get(venue_view.client_order_id, venue_view)
        return self.put(replace(mine, price=venue_view.price, quantity=venue_view.quantity))

    def working(self) -> tuple[Order, ...]:
        return tuple(self._working.values())
