"""Orders looked up on Kraken, several with each question: it counts questions, and a lost connection loses many.

By the venue's ids, else among open and then closed orders, in this sequence: an order only goes from here to there.
What is not in the answer was never heard of there; a search without an end is an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from actors.venues.exchange import account_raw as raw
from actors.venues.exchange.account_find import Ask
from actors.venues.exchange.account_reads import listed, order_of
from actors.venues.exchange.account_values import client_of, exact_of
from actors.venues.exchange.client_ids import ClientIds
from core.errors import TryAgain
from core.ids import ClientOrderId
from core.order import Order
from core.venue import VenueOrder

PAGES = 20
PAGE = 50
AT_ONCE = 20
"""Orders that one question may name."""
EARLY_MS = 600_000
"""An order is looked for among those that ended up to so long before it was sent: clocks differ."""

Found = dict[ClientOrderId, VenueOrder]


def find_on_kraken(
    ask: Ask,
    orders: Sequence[Order],
    ids: ClientIds,
    sent_ms: Callable[[Order], int],
    *,
    are_unlisted: bool,
) -> Found:
    """``sent_ms`` is when one was sent by the venue's clock; ``are_unlisted``: none is open now.

    Closed orders come newest first, so the search ends at one that ended before the first was sent; times of another
    epoch end it after the newest page at worst.
    """
    found = _named(ask, orders, ids)
    left = [order for order in orders if order.client_order_id not in found]
    if left and not are_unlisted:
        rows = ask(lambda exchange: listed(raw.kraken_open(exchange, _only(left, ids))))
        found |= _among(rows, left, ids)
        left = [order for order in left if order.client_order_id not in found]
    if left:
        found |= _closed(ask, left, ids, min(map(sent_ms, left)) - EARLY_MS)
    return found


def _named(ask: Ask, orders: Sequence[Order], ids: ClientIds) -> Found:
    """Those of which the venue's own id is known."""
    named = {one.client_order_id: one.venue_id or ids.venue_id(one.client_order_id) for one in orders}
    wanted = [venue_id for venue_id in named.values() if venue_id]
    rows: list[Mapping[str, Any]] = []
    for at in range(0, len(wanted), AT_ONCE):
        some = wanted[at : at + AT_ONCE]
        rows += ask(lambda exchange, some=some: listed(raw.kraken_orders(exchange, some)))  # type: ignore[misc]
    by_id = {str(row.get("id")): row for row in rows}
    return {key: order_of(by_id[venue_id], ids) for key, venue_id in named.items() if venue_id in by_id}


def _closed(ask: Ask, orders: Sequence[Order], ids: ClientIds, early_ms: int) -> Found:
    """Several by the newest page of all, and those that lie further back one by one."""
    if len(orders) == 1:
        return _closed_one(ask, orders[0], ids, early_ms)
    rows = ask(lambda exchange: listed(raw.kraken_closed(exchange, {})))
    found = _among(rows, orders, ids)
    if len(rows) >= PAGE and not _goes_back_to(rows, early_ms):
        for order in orders:
            if order.client_order_id not in found:
                found |= _closed_one(ask, order, ids, early_ms)
    return found


def _closed_one(ask: Ask, order: Order, ids: ClientIds, early_ms: int) -> Found:
    seen: set[str] = set()
    for _ in range(PAGES):
        page = _only([order], ids) | {"ofs": str(len(seen))}
        rows = ask(lambda exchange, page=page: listed(raw.kraken_closed(exchange, page)))  # type: ignore[misc]
        fresh = {str(row.get("id")) for row in rows} - seen
        found = _among(rows, [order], ids)
        if found or len(rows) < PAGE or not fresh or _goes_back_to(rows, early_ms):
            return found
        seen |= fresh
    raise TryAgain(
        f"Order {order.client_order_id} is not among the newest {len(seen)} closed orders; Belay looks again."
    )


def _only(orders: Sequence[Order], ids: ClientIds) -> dict[str, str]:
    """Kraken can be asked for one client id, or for all."""
    return {"cl_ord_id": ids.to_venue(orders[0].client_order_id)} if len(orders) == 1 else {}


def _among(rows: Sequence[Mapping[str, Any]], orders: Sequence[Order], ids: ClientIds) -> Found:
    """Others' orders are not read any further: one in a market that is gone must not spoil the search."""
    wanted = {order.client_order_id for order in orders}
    own = ((ClientOrderId(client_of(row, ids)), row) for row in rows)
    return {key: order_of(row, ids) for key, row in own if key in wanted}


def _goes_back_to(rows: Sequence[Mapping[str, Any]], early_ms: int) -> bool:
    """Whether a list, newest first, has come to what ended before."""
    newest, oldest = _ended_ms(rows[0]), _ended_ms(rows[-1])
    return newest is not None and oldest is not None and oldest <= newest and oldest < early_ms


def _ended_ms(row: Mapping[str, Any]) -> int | None:
    info = row.get("info")
    ended = exact_of(info.get("closetm")) if isinstance(info, Mapping) else None
    at = ended * 1000 if ended else exact_of(row.get("timestamp"))
    return int(at) if at else None
