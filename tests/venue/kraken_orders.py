"""Kraken spot's trading endpoints: AddOrder, AmendOrder, EditOrder, CancelOrder and what asks about orders."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from tests.venue import kraken_shapes as shapes
from tests.venue.kraken_names import by_pair, made_id, pair_alt
from tests.venue.matching import Matching
from tests.venue.orders import Fill, Kind, Order, Wish
from tests.venue.rules import Market, Reason, Refused
from tests.venue.wire import Json, fixed, number

PAGE = 50
CLIENT_ID = re.compile(
    r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}|[\x21-\x7e]{1,18}"
)  # a UUID, or up to 18 free characters
ERRORS = {
    Reason.UNKNOWN_MARKET: "EQuery:Unknown asset pair",
    Reason.CLOSED: "EService:Market in cancel_only mode",
    Reason.AMOUNT_GRID: "EGeneral:Invalid arguments:volume",
    Reason.AMOUNT_SMALL: "EGeneral:Invalid arguments:volume minimum not met",
    Reason.NOTIONAL_SMALL: "EOrder:Cost minimum not met",
    Reason.FUNDS: "EOrder:Insufficient funds",
    Reason.DUPLICATE_ID: "EGeneral:Invalid arguments:cl_ord_id",
    Reason.WOULD_TAKE: "EOrder:Post only order",
    Reason.UNKNOWN_ORDER: "EOrder:Unknown order",
    Reason.NO_CHANGE: "EGeneral:Invalid arguments",
}


class Error(Exception):
    """Kraken's no: HTTP 200 with a list of error texts."""


class Orders:
    """The trading half of the venue; ``handlers`` are its endpoints by name."""

    def __init__(self, core: Matching) -> None:
        self.core = core
        self._amends = 0
        self.handlers: dict[str, Callable[[Mapping[str, str]], Json]] = {
            "AddOrder": self._add,
            "AmendOrder": self._amend,
            "EditOrder": self._edit,
            "CancelOrder": self._cancel,
            "CancelAll": lambda _: {"count": len(self.core.cancel_all())},
            "CancelAllOrdersAfter": self._dead_man,
            "OpenOrders": self._open,
            "ClosedOrders": self._closed,
            "QueryOrders": self._query,
            "TradesHistory": self._history,
            "QueryTrades": self._query_trades,
        }

    def work(self, name: str, given: Mapping[str, str]) -> Json:
        """The result of a trading call; ``Error`` carries Kraken's text."""
        try:
            return self.handlers[name](given)
        except Refused as no:
            if no.reason is Reason.PRICE_GRID:
                market = self._market_of(given)
                text = f"price can only be specified up to {market.price_places} decimals."
                raise Error(f"EOrder:Invalid price:{pair_alt(market)} {text}") from no
            raise Error(ERRORS[no.reason]) from no
        except (KeyError, ValueError, ArithmeticError) as bad:
            raise Error("EGeneral:Invalid arguments") from bad

    def info(self, order: Order, *, trades: bool = False) -> Json:
        """An order as Kraken shows it."""
        market = self.core.tapes[order.symbol].market
        return shapes.order_info(order, market, self.core.seed, with_trades=trades)

    def trade_id(self, fill: Fill) -> str:
        """The txid of a fill."""
        return made_id("T", self.core.seed, fill.number)

    def by_id(self, txid: str = "", client_id: str = "") -> Order:
        """The order of a txid or a client id; ``Refused`` when there is none."""
        for order in reversed(self.core.orders.values()):
            if (txid and order.venue_id == txid) or (client_id and order.wish.client_id == client_id):
                return order
        raise Refused(Reason.UNKNOWN_ORDER, txid or client_id)

    def placed(self, wish: Wish) -> Order:
        """Places an order; its txid is known before any event tells of it."""
        return self.core.place(wish, lambda count: made_id("O", self.core.seed, count))

    def _market_of(self, given: Mapping[str, str]) -> Market:
        if "pair" in given:
            return by_pair(self.core.tapes, given["pair"]).market
        return self.core.tapes[self.by_id(given.get("txid", ""), given.get("cl_ord_id", "")).symbol].market

    def _add(self, given: Mapping[str, str]) -> Json:
        wish = self._wish(given)
        market = self.core.tapes[wish.symbol].market
        if given.get("validate") in ("true", "True", "1"):
            return {"descr": {"order": "validated"}}
        order = self.placed(wish)
        return {"txid": [order.venue_id], "descr": {"order": shapes.described(order, market)}}

    def _wish(self, given: Mapping[str, str]) -> Wish:
        symbol = by_pair(self.core.tapes, given["pair"]).market.symbol
        kind = Kind(given["ordertype"])
        flags = given.get("oflags", "").split(",")
        price, second = given.get("price"), given.get("price2")
        limit = (second if kind.has_stop else price) if kind.has_limit else None
        client_id = given.get("cl_ord_id", "")
        if client_id and not CLIENT_ID.fullmatch(client_id):
            raise Refused(Reason.DUPLICATE_ID, client_id)
        volume = number(given["volume"])
        by_money = "viqc" in flags
        return Wish(
            symbol=symbol, side=given["type"], kind=kind, amount=Decimal(0) if by_money else volume,
            price=number(limit) if limit else None, stop=number(price or "") if kind.has_stop else None,
            client_id=client_id, tif=given.get("timeinforce", "GTC").upper(), post_only="post" in flags,
            expires_at=self._expiry(given.get("expiretm", "0")), quote_amount=volume if by_money else None,
            tags={"userref": given.get("userref", "0")},
        )  # fmt: skip

    def _expiry(self, text: str) -> int | None:
        if text == "0":
            return None
        return self.core.now() + int(text[1:]) * 1000 if text.startswith("+") else int(text) * 1000

    def _amend(self, given: Mapping[str, str]) -> Json:
        order = self.by_id(given.get("txid", ""), given.get("cl_ord_id", ""))
        values = [given.get(name) for name in ("order_qty", "limit_price", "trigger_price")]
        self.core.amend(order, *(number(value) if value else None for value in values))
        self._amends += 1
        return {"amend_id": made_id("T", self.core.seed, 500_000 + self._amends)}

    def _edit(self, given: Mapping[str, str]) -> Json:
        """Cancels and places anew: the order gets another txid, and what was filled is gone from it."""
        old = self.by_id(given.get("txid", ""))
        if not old.status.is_open:
            raise Refused(Reason.UNKNOWN_ORDER)
        price = number(given["price"]) if "price" in given else old.price
        amount = number(given["volume"]) if "volume" in given else old.remaining
        self.core.cancel(old, "Order replaced")
        order = self.placed(replace(old.wish, amount=amount, price=price, client_id=""))
        text = shapes.described(order, self.core.tapes[order.symbol].market)
        return {
            "status": "ok", "txid": order.venue_id, "originaltxid": old.venue_id,
            "volume": fixed(order.amount, 8), "price": f"{order.price:f}" if order.price else "0",
            "orders_cancelled": 1, "descr": {"order": text},
        }  # fmt: skip

    def _cancel(self, given: Mapping[str, str]) -> Json:
        self.core.cancel(self.by_id(given.get("txid", ""), given.get("cl_ord_id", "")))
        return {"count": 1}

    def _dead_man(self, given: Mapping[str, str]) -> Json:
        wait, now = int(given["timeout"]), self.core.now()
        self.core.dead_man_at = now + wait * 1000 if wait else None
        told = _iso(self.core.dead_man_at) if wait else "0"
        return {"currentTime": _iso(now), "triggerTime": told}

    def _open(self, given: Mapping[str, str]) -> Json:
        trades = given.get("trades", "").lower() == "true"
        rows = [order for order in reversed(self.core.open_orders()) if _is_named(given, order)]
        return {"open": {order.venue_id: self.info(order, trades=trades) for order in rows}}

    def _closed(self, given: Mapping[str, str]) -> Json:
        rows = [order for order in self.core.orders.values() if not order.status.is_open]
        rows = [
            order for order in reversed(rows) if _within(given, order.updated) and _is_named(given, order)
        ]
        page = rows[int(given.get("ofs", "0")) :][:PAGE]
        return {"closed": {order.venue_id: self.info(order) for order in page}, "count": len(rows)}

    def _query(self, given: Mapping[str, str]) -> Json:
        trades = given.get("trades", "").lower() == "true"
        wanted = [self.by_id(txid) for txid in given["txid"].split(",")]
        return {order.venue_id: self.info(order, trades=trades) for order in wanted}

    def _history(self, given: Mapping[str, str]) -> Json:
        rows = [fill for fill in reversed(self.core.settlement.fills) if _within(given, fill.at)]
        page = rows[int(given.get("ofs", "0")) :][:PAGE]
        return {"count": len(rows), "trades": {self.trade_id(fill): self._trade(fill) for fill in page}}

    def _query_trades(self, given: Mapping[str, str]) -> Json:
        wanted = given["txid"].split(",")
        fills = self.core.settlement.fills
        return {self.trade_id(f): self._trade(f) for f in fills if self.trade_id(f) in wanted}

    def _trade(self, fill: Fill) -> Json:
        return shapes.trade_info(fill, self.core.orders[fill.order], self.core.tapes[fill.symbol].market)


def _is_named(given: Mapping[str, str], order: Order) -> bool:
    """Lists of orders may be asked for one client id."""
    return given.get("cl_ord_id") in (None, order.wish.client_id)


def _within(given: Mapping[str, str], at: int) -> bool:
    start, end = given.get("start", "0"), given.get("end", "99999999999")
    return Decimal(start) * 1000 < at <= Decimal(end) * 1000


def _iso(ms: int | None) -> str:
    return datetime.fromtimestamp((ms or 0) // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
