"""Own orders and trades of any ccxt.pro venue, read from ccxt's caches; runs on the network's loop."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from actors.venues.exchange.account_values import fee_of, log, order_from, trade_from
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.own_frames import Ask, Told
from core.errors import BadData
from core.ids import Symbol

KEPT = 5_000
"""Orders and trades that were told, remembered so that none is told twice."""
GRACE = 1.0
"""Seconds from the connection to the moment at which its subscriptions count as taken."""
CALLS = {"watch_orders": "watchOrders", "watch_my_trades": "watchMyTrades"}


class CacheReader:
    """Tells what changed in ``exchange.orders`` and ``exchange.myTrades``."""

    tells_every_order = False

    def __init__(self, exchange: Any, ids: ClientIds) -> None:
        self.calls: Sequence[str] = tuple(call for call, name in CALLS.items() if exchange.has.get(name))
        self._exchange = exchange
        self._ids = ids
        self._since: float | None = None
        self._told: OrderedDict[object, object] = OrderedDict()

    @property
    def is_ready(self) -> bool:
        """Sockets are connected, and have been waited on for a moment: ccxt tells no more than that."""
        clients = list((self._exchange.clients or {}).values())
        if not any(client.futures for client in clients) or not all(client.isConnected for client in clients):
            self._since = None
            return False
        self._since = self._since or time.monotonic()
        return time.monotonic() - self._since >= GRACE

    def take(self, text: str) -> Iterable[Told]:
        """ccxt has read the frame: what it made of it is in the caches."""
        return self.look()

    def look(self) -> Iterator[Told]:
        for order in list(getattr(self._exchange, "orders", None) or ()):
            mark = tuple(str(order.get(name)) for name in
                         ("status", "filled", "amount", "price", "triggerPrice", "lastUpdateTimestamp"))  # fmt: skip
            if self._is_new(("order", order.get("symbol"), order.get("id")), mark):
                yield from _readable(order_from, order, self._ids)
        for trade in list(getattr(self._exchange, "myTrades", None) or ()):
            if self._is_new(("trade", trade.get("symbol"), trade.get("id")), True):
                symbol = Symbol(str(trade.get("symbol")))
                if fee_of(trade, symbol) is None:
                    yield Ask(str(trade.get("order") or ""), symbol, str(trade.get("id")))
                else:
                    yield from _readable(trade_from, trade, self._ids)

    def answered(self, name: str, answer: Any) -> Iterable[Told]:
        return self.look()

    def _is_new(self, key: object, mark: object) -> bool:
        if self._told.get(key) == mark:
            return False
        self._told[key] = mark
        self._told.move_to_end(key)
        while len(self._told) > KEPT:
            self._told.popitem(last=False)
        return True


def _readable(read: Any, raw: Mapping[str, Any], ids: ClientIds) -> Iterator[Told]:
    try:
        yield read(raw, ids)
    except BadData as bad:
        log.warning("a message about an own order cannot be read", why=str(bad))
