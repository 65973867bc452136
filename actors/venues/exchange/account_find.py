"""One order looked up in any state: None only if the venue says that it knows none, never for want of an answer.

Kraken has a way of its own (``account_find_kraken``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from actors.venues.exchange.account_reads import listed, order_of, unreadable
from actors.venues.exchange.account_requests import lists_stops_apart
from actors.venues.exchange.account_values import client_of
from actors.venues.exchange.client_ids import ClientIds
from core.errors import MISREAD
from core.ids import Symbol
from core.intent import Kind
from core.order import Order
from core.venue import VenueOrder

T = TypeVar("T")


class Ask(Protocol):
    """One question, from any thread but the loop's; errors as ``Connection.read``."""

    def __call__(self, call: Callable[[Any], Awaitable[T]]) -> T: ...


async def find(exchange: Any, order: Order, ids: ClientIds, *, can_find: bool) -> VenueOrder | None:
    """A coroutine on the network's loop."""
    symbol = order.identity.symbol
    params: dict[str, Any] = (
        {"trigger": True} if order.kind is Kind.STOP and lists_stops_apart(exchange) else {}
    )
    if can_find:
        asked = params | {"clientOrderId": ids.to_venue(order.client_order_id)}
        found = await _one(exchange, "", symbol, asked, ids)
        if found is not None:
            return found
    if venue_id := order.venue_id or ids.venue_id(order.client_order_id):
        found = await _one(exchange, venue_id, symbol, params, ids)
        if found is not None or can_find:
            return found
    return None if can_find else await _find_in_lists(exchange, order, params, ids)


def _among(rows: Sequence[Mapping[str, Any]], order: Order, ids: ClientIds) -> VenueOrder | None:
    """Others' orders are not read any further: one in a market that is gone must not spoil the search."""
    own = (row for row in rows if client_of(row, ids) == order.client_order_id)
    return next((order_of(row, ids) for row in own), None)


async def _one(
    exchange: Any, venue_id: str, symbol: Symbol, params: dict[str, Any], ids: ClientIds
) -> VenueOrder | None:
    from ccxt.base.errors import BaseError, OrderNotFound

    try:
        return order_of(await exchange.fetch_order(venue_id, symbol, params), ids)
    except OrderNotFound:
        return None
    except BaseError:
        raise
    except MISREAD as misread:
        raise unreadable(exchange) from misread


async def _find_in_lists(
    exchange: Any, order: Order, params: dict[str, Any], ids: ClientIds
) -> VenueOrder | None:
    """For venues without a question by our id: everything open, then everything that has ended."""
    symbol, has = order.identity.symbol, exchange.has
    names = ["fetch_open_orders"]
    if has.get("fetchOrders") is True:
        names.append("fetch_orders")
    else:
        ended = {"fetch_closed_orders": "fetchClosedOrders", "fetch_canceled_orders": "fetchCanceledOrders"}
        names += [name for name, known in ended.items() if has.get(known)]
    for name in names:
        rows = await listed(getattr(exchange, name)(symbol, None, None, dict(params)))
        if (found := _among(rows, order, ids)) is not None:
            return found
    if len(names) < 2:
        raise unreadable(exchange, "it has no list of orders that have ended")
    return None
