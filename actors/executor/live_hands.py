"""The kill switch's own hands on a real venue: a connection apart, ours recognised by our ids; its own thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from actors.executor.orders import order_told
from core.errors import HaltTrading
from core.ids import CLIENT_ID_PREFIX, Identity, InstanceId
from core.modes import Mode
from core.order import Order, OrderState
from core.venue import Exchange, VenueOrder

EARLIER = InstanceId("earlier")
"""Whose order it is that bears our prefix and stands in no book that is open here."""


class LiveHands:
    """Implements ``core.ports.OrderVenue`` for the kill switch; it has no way to place anything.

    ``find`` gives our own record of an order that the venue tells, under either id.
    """

    def __init__(self, exchange: Exchange, find: Callable[[VenueOrder], Order | None]) -> None:
        self._exchange, self._find = exchange, find

    def place(self, order: Order) -> None:
        raise HaltTrading("The kill switch places nothing.")

    def cancel(self, order: Order) -> None:
        self._exchange.make_ready(is_urgent=True)
        self._exchange.cancel(order)

    def open_orders(self) -> tuple[Order, ...]:
        """All of ours that rest now, adopted ones too."""
        return tuple(
            self._ours(one) for one in self._exchange.open_orders(is_urgent=True) if self._is_ours(one)
        )

    def _is_ours(self, one: VenueOrder) -> bool:
        return one.client_order_id.startswith(CLIENT_ID_PREFIX) or self._find(one) is not None

    def _ours(self, one: VenueOrder) -> Order:
        known = self._find(one)
        if known is not None:
            status = OrderState.PART_FILLED if known.filled else OrderState.OPEN
            return replace(known, status=status, venue_id=one.venue_id or known.venue_id)
        return order_told(one, Identity(EARLIER, one.symbol, 0, 0), Mode.LIVE)
