"""One order looked up in any state: None only if the venue says that it knows none, never for want of an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from actors.venues.exchange import account_raw as raw
from actors.venues.exchange.account_reads import listed, order_of, unreadable
from actors.venues.exchange.account_requests import lists_stops_apart
from actors.venues.exchange.account_values import client_of, exact_of
from actors.venues.exchange.client_ids import ClientIds
from core.errors import MISREAD, TryAgain
from core.ids import Symbol
from core.intent import Kind
from core.order import Order
from core.venue import VenueOrder

PAGES = 20
KRAKEN_PAGE = 50
EARLY_MS = 600_000
"""An order is looked for among those that ended up to so long before it was sent: clocks differ."""
T = TypeVar("T")


class Ask(Protocol):
    """One question of this many points, from any thread but the loop's; errors as ``Connection.read``."""

    def __call__(self, call: Callable[[Any], Awaitable[T]], points: float) -> T: ...


async def find(exchange: Any, order: Order, ids: ClientIds, *, can_find: bool) -> VenueOrder | None:
    """On any venue but Kraken; a coroutine on the network's loop."""
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


def find_on_kraken(ask: Ask, order: Order, ids: ClientIds, sent_ms: int) -> VenueOrder | None:
    """By the venue's id, else among open and closed orders, in this order: an order only goes from here to there.

    ``sent_ms`` is when it was sent by the venue's clock.  Closed orders come newest first, so the search ends at one
    that ended before; times of another epoch end it after the newest page at worst.
    """
    if venue_id := order.venue_id or ids.venue_id(order.client_order_id):
        found = ask(lambda exchange: _one(exchange, venue_id, order.identity.symbol, {}, ids), 1)
        if found is not None:
            return found
    asked = {"cl_ord_id": ids.to_venue(order.client_order_id)}
    rows = ask(lambda exchange: listed(raw.kraken_open(exchange, asked)), 1)
    if (found := _among(rows, order, ids)) is not None:
        return found
    seen: set[str] = set()
    for _ in range(PAGES):
        page = asked | {"ofs": str(len(seen))}
        rows = ask(lambda exchange, page=page: listed(raw.kraken_closed(exchange, page)), 2)  # type: ignore[misc]
        if (found := _among(rows, order, ids)) is not None:
            return found
        fresh = {str(row.get("id")) for row in rows} - seen
        if len(rows) < KRAKEN_PAGE or not fresh or _goes_back_to(rows, sent_ms - EARLY_MS):
            return None
        seen |= fresh
    raise _endless(order, len(seen))


def _among(rows: Sequence[Mapping[str, Any]], order: Order, ids: ClientIds) -> VenueOrder | None:
    """Others' orders are not read any further: one in a market that is gone must not spoil the search."""
    own = (row for row in rows if client_of(row, ids) == order.client_order_id)
    return next((order_of(row, ids) for row in own), None)


def _goes_back_to(rows: Sequence[Mapping[str, Any]], early_ms: int) -> bool:
    """Whether a list, newest first, has come to what ended before."""
    newest, oldest = _ended_ms(rows[0]), _ended_ms(rows[-1])
    return newest is not None and oldest is not None and oldest <= newest and oldest < early_ms


def _ended_ms(row: Mapping[str, Any]) -> int | None:
    info = row.get("info")
    ended = exact_of(info.get("closetm")) if isinstance(info, Mapping) else None
    at = ended * 1000 if ended else exact_of(row.get("timestamp"))
    return int(at) if at else None


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


def _endless(order: Order, many: int) -> TryAgain:
    return TryAgain(
        f"Order {order.client_order_id} is not among the newest {many} closed orders; Belay looks again."
    )
