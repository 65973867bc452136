"""Binance spot's trading endpoints: what POST, GET and DELETE /api/v3/order and their kin do on the core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from tests.venue import binance_shapes as shapes
from tests.venue.matching import Matching
from tests.venue.orders import Kind, Order, Wish
from tests.venue.rules import Reason, Refused
from tests.venue.tape import Tape
from tests.venue.wire import Json, number

KINDS = {
    "LIMIT": Kind.LIMIT, "LIMIT_MAKER": Kind.LIMIT, "MARKET": Kind.MARKET, "STOP_LOSS": Kind.STOP,
    "STOP_LOSS_LIMIT": Kind.STOP_LIMIT, "TAKE_PROFIT": Kind.TAKE_PROFIT,
    "TAKE_PROFIT_LIMIT": Kind.TAKE_PROFIT_LIMIT,
}  # fmt: skip
CODES = {
    Reason.UNKNOWN_MARKET: (-1121, "Invalid symbol."),
    Reason.CLOSED: (-2010, "Market is closed."),
    Reason.PRICE_GRID: (-1013, "Filter failure: PRICE_FILTER"),
    Reason.AMOUNT_GRID: (-1013, "Filter failure: LOT_SIZE"),
    Reason.AMOUNT_SMALL: (-1013, "Filter failure: LOT_SIZE"),
    Reason.NOTIONAL_SMALL: (-1013, "Filter failure: NOTIONAL"),
    Reason.FUNDS: (-2010, "Account has insufficient balance for requested action."),
    Reason.DUPLICATE_ID: (-2010, "Duplicate order sent."),
    Reason.WOULD_TAKE: (-2010, "Order would immediately match and take."),
    Reason.WOULD_TRIGGER: (-2010, "Order would trigger immediately."),
    Reason.UNKNOWN_ORDER: (-2011, "Unknown order sent."),
    Reason.NO_CHANGE: (-2038, "The requested action would change no state; rejecting"),
}


class Refusal(Exception):
    """The venue's no: HTTP status, code and sentence, and data where cancelReplace gives some."""

    def __init__(self, code: int, text: str, status: int = 400, data: Json = None) -> None:
        super().__init__(text)
        self.status = status
        self.body: dict[str, Any] = {"code": code, "msg": text}
        if data is not None:
            self.body["data"] = data


class Orders:
    """The trading half of the venue; ``handlers`` are its endpoints by name."""

    def __init__(self, core: Matching, tape: Callable[[Mapping[str, str]], Tape]) -> None:
        self.core = core
        self._tape = tape
        self._ids = 0
        self.handlers: dict[str, Callable[[Mapping[str, str]], Json]] = {
            "POST /api/v3/order": self.place,
            "GET /api/v3/order": lambda given: shapes.order(
                self._found(given, -2013, "Order does not exist.")
            ),
            "DELETE /api/v3/order": self._cancel,
            "GET /api/v3/openOrders": self._open_orders,
            "DELETE /api/v3/openOrders": self._cancel_all,
            "GET /api/v3/allOrders": self._all_orders,
            "GET /api/v3/myTrades": self._my_trades,
            "POST /api/v3/order/cancelReplace": self._cancel_replace,
        }

    def new_id(self) -> str:
        """A client id of the venue's own making."""
        self._ids += 1
        return f"venue{self._ids:017d}"

    def place(self, given: Mapping[str, str]) -> Json:
        """POST /api/v3/order."""
        wish = self._wish(given)
        if wish.stop is not None and self.core.would_trigger(wish):
            raise Refused(Reason.WOULD_TRIGGER)
        answer = given.get("newOrderRespType", "FULL" if given["type"] in ("MARKET", "LIMIT") else "ACK")
        return shapes.placed(self.core.place(wish), answer)

    def _wish(self, given: Mapping[str, str]) -> Wish:
        kind = KINDS.get(given["type"])
        if kind is None:
            raise Refusal(-1116, "Invalid orderType.")
        by_money = given.get("quoteOrderQty")
        if kind.has_limit and given["type"] != "LIMIT_MAKER" and "timeInForce" not in given:
            raise KeyError("timeInForce")
        return Wish(
            symbol=self._tape(given).market.symbol, side=given["side"].lower(), kind=kind,
            amount=Decimal(0) if by_money else number(given["quantity"]),
            price=number(given["price"]) if kind.has_limit else None,
            stop=number(given["stopPrice"]) if kind.has_stop else None,
            client_id=given.get("newClientOrderId") or self.new_id(), tif=given.get("timeInForce", "GTC"),
            post_only=given["type"] == "LIMIT_MAKER", quote_amount=number(by_money) if by_money else None,
            tags={"type": given["type"]},
        )  # fmt: skip

    def _found(self, given: Mapping[str, str], code: int, text: str, prefix: str = "orig") -> Order:
        symbol = self._tape(given).market.symbol
        by_number = given.get("orderId" if prefix == "orig" else "cancelOrderId")
        client_id = given.get("origClientOrderId" if prefix == "orig" else "cancelOrigClientOrderId", "")
        if by_number is None and not client_id:
            raise KeyError("orderId")
        order = self.core.find(int(by_number)) if by_number else self.core.find(client_id=client_id)
        if order is None or order.symbol != symbol:
            raise Refusal(code, text)
        return order

    def _cancel(self, given: Mapping[str, str], prefix: str = "orig") -> Json:
        order = self._found(given, -2011, "Unknown order sent.", prefix)
        cancel_id = (
            given.get("newClientOrderId" if prefix == "orig" else "cancelNewClientOrderId") or self.new_id()
        )
        order.reason = cancel_id
        return shapes.canceled(self.core.cancel(order, cancel_id), cancel_id)

    def _cancel_all(self, given: Mapping[str, str]) -> Json:
        orders = self.core.open_orders(self._tape(given).market.symbol)
        if not orders:
            raise Refused(Reason.UNKNOWN_ORDER)
        cancel_id = self.new_id()
        return [shapes.canceled(self.core.cancel(order, cancel_id), cancel_id) for order in orders]

    def _open_orders(self, given: Mapping[str, str]) -> Json:
        symbol = self._tape(given).market.symbol if "symbol" in given else None
        return [shapes.order(order) for order in self.core.open_orders(symbol)]

    def _all_orders(self, given: Mapping[str, str]) -> Json:
        symbol = self._tape(given).market.symbol
        rows = [
            order
            for order in self.core.orders.values()
            if order.symbol == symbol and _within(given, order.created)
        ]
        rows = [order for order in rows if order.number >= int(given.get("orderId", "0"))]
        return [shapes.order(order) for order in rows[-int(given.get("limit", "500")) :]]

    def _my_trades(self, given: Mapping[str, str]) -> Json:
        symbol = self._tape(given).market.symbol
        rows = [
            fill for fill in self.core.settlement.fills if fill.symbol == symbol and _within(given, fill.at)
        ]
        if "orderId" in given:
            rows = [fill for fill in rows if fill.order == int(given["orderId"])]
        limit = int(given.get("limit", "500"))
        if "fromId" in given:
            return [shapes.trade(fill) for fill in rows if fill.number >= int(given["fromId"])][:limit]
        return [shapes.trade(fill) for fill in rows[-limit:]]

    def _cancel_replace(self, given: Mapping[str, str]) -> Json:
        """Cancel, then place; with STOP_ON_FAILURE a failed cancel ends it."""
        try:
            gone = self._cancel(given, "cancel")
        except (Refused, Refusal) as no:
            body = no.body if isinstance(no, Refusal) else _body(no)
            data = {"cancelResult": "FAILURE", "newOrderResult": "NOT_ATTEMPTED", "cancelResponse": body,
                    "newOrderResponse": None}  # fmt: skip
            raise Refusal(-2022, "Order cancel-replace failed.", 400, data) from no
        try:
            fresh = self.place(given)
        except (Refused, Refusal) as no:
            body = no.body if isinstance(no, Refusal) else _body(no)
            data = {"cancelResult": "SUCCESS", "newOrderResult": "FAILURE", "cancelResponse": gone,
                    "newOrderResponse": body}  # fmt: skip
            raise Refusal(-2021, "Order cancel-replace partially failed.", 409, data) from no
        return {"cancelResult": "SUCCESS", "newOrderResult": "SUCCESS", "cancelResponse": gone,
                "newOrderResponse": fresh}  # fmt: skip


def _body(no: Refused) -> Json:
    code, text = CODES[no.reason]
    return {"code": code, "msg": text}


def _within(given: Mapping[str, str], at: int) -> bool:
    return int(given.get("startTime", "0")) <= at <= int(given.get("endTime", "9999999999999"))
