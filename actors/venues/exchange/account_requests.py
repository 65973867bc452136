"""What ccxt is told to place, cancel or amend an order; coroutines on the network's loop, exactly one request each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from actors.venues.exchange.account_values import exact_of
from actors.venues.exchange.client_ids import ClientIds
from core.errors import MISREAD, GiveUpOrder, OutcomeUnknown
from core.intent import Kind, Side
from core.money import text
from core.order import Order
from core.venue import StopSupport


@dataclass(frozen=True, slots=True)
class Wire:
    """An order as ccxt's ``create_order`` takes it, every number a text."""

    kind: str
    side: str
    amount: str
    price: str | None
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requests:
    """``ids`` are this venue's, ``slippage`` the share by which a stop's limit lies beyond its trigger."""

    ids: ClientIds
    stops: StopSupport
    slippage: Decimal

    async def place(self, exchange: Any, order: Order, *, ask: Decimal | None = None) -> str:
        """The venue's own id.  ``ask`` is the best price, for venues that take a market buy by money only."""
        from ccxt.base.errors import BaseError  # ccxt is loaded only where an exchange is used

        wire = self.wire(exchange, order, ask=ask)
        try:
            answer = await exchange.create_order(
                order.identity.symbol, wire.kind, wire.side, wire.amount, wire.price, dict(wire.params)
            )
            venue_id = str(answer.get("id") or "")
        except BaseError:
            raise
        except MISREAD as misread:
            raise OutcomeUnknown(_unread(order)) from misread
        if not venue_id:
            raise OutcomeUnknown(_unread(order))
        self.ids.learn(venue_id, order.client_order_id)
        return venue_id

    async def cancel(self, exchange: Any, order: Order) -> None:
        """By the venue's id when it is known, else by ours."""
        from ccxt.base.errors import BaseError, OrderNotFound

        venue_id = order.venue_id or self.ids.venue_id(order.client_order_id)
        params: dict[str, Any] = (
            {} if venue_id else {"clientOrderId": self.ids.to_venue(order.client_order_id)}
        )
        if order.kind is Kind.STOP and lists_stops_apart(exchange):
            params["trigger"] = True
        try:
            answer = await exchange.cancel_order(venue_id, order.identity.symbol, params)
            told = answer.get("info")
        except OrderNotFound as missing:
            raise GiveUpOrder(
                f"Nothing like order {order.client_order_id} is open at {exchange.id}."
            ) from missing
        except BaseError:
            raise
        except MISREAD as misread:
            raise OutcomeUnknown(_unread(order)) from misread
        if not told or not isinstance(told, Mapping | list):
            raise OutcomeUnknown(_unread(order))
        if _counts_none(told):
            raise GiveUpOrder(f"{exchange.id} had nothing to cancel for order {order.client_order_id}.")

    async def amend(self, exchange: Any, order: Order) -> None:
        """New quantity and price (of a stop: trigger) for an order that stays the same order."""
        from ccxt.base.errors import BaseError, OrderNotFound

        wire = self.wire(exchange, order)
        venue_id = order.venue_id or self.ids.venue_id(order.client_order_id)
        params = {name: value for name, value in wire.params.items() if name not in ("timeInForce",)}
        if venue_id and exchange.id != "kraken":
            params.pop("clientOrderId", None)
        try:
            answer = await exchange.edit_order(
                venue_id, order.identity.symbol, wire.kind, wire.side, wire.amount, wire.price, params
            )
            is_told = bool(answer.get("id") or answer.get("info"))
        except OrderNotFound as missing:
            raise GiveUpOrder(
                f"Nothing like order {order.client_order_id} is open at {exchange.id}."
            ) from missing
        except BaseError:
            raise
        except MISREAD as misread:
            raise OutcomeUnknown(_unread(order)) from misread
        if not is_told:
            raise OutcomeUnknown(_unread(order))

    def wire(self, exchange: Any, order: Order, *, ask: Decimal | None = None) -> Wire:
        """The request; ``GiveUpOrder`` for an order that the venue could not take exactly as it is."""
        symbol, side = order.identity.symbol, str(order.side)
        amount = _exactly(exchange.amount_to_precision, symbol, order.quantity, "quantity", order)
        params: dict[str, Any] = {"clientOrderId": self.ids.to_venue(order.client_order_id)}
        if order.kind is Kind.MARKET:
            if order.side is Side.BUY and buys_by_money(exchange):
                return self._buy_now(exchange, order, ask, amount, params)
            return Wire("market", side, amount, None, params)
        if order.price is None:
            raise GiveUpOrder(f"Order {order.client_order_id} has no price.")
        price = _exactly(exchange.price_to_precision, symbol, order.price, "price", order)
        if order.kind is not Kind.STOP:
            more = {"postOnly": True} if order.kind is Kind.POST_ONLY else {}
            return Wire("limit", side, amount, price, params | more)
        is_named = feature(exchange, "createOrder").get("stopLossPrice") is not False
        params["stopLossPrice" if is_named else "triggerPrice"] = price
        match self.stops:
            case StopSupport.MARKET:
                return Wire("market", side, amount, None, params)
            case StopSupport.LIMIT:
                return Wire("limit", side, amount, self._beyond(exchange, order, order.price), params)
            case StopSupport.NONE:
                raise GiveUpOrder(f"{exchange.id} holds no stop orders; Belay watches this price itself.")

    def _buy_now(
        self, exchange: Any, order: Order, ask: Decimal | None, amount: str, params: dict[str, Any]
    ) -> Wire:
        """A market buy where the venue would take the amount for money: a limit beyond the best price, now or never."""
        if ask is None:
            raise GiveUpOrder(
                f"{exchange.id} takes market buys by money only, and there is no fresh price to buy "
                f"{text(order.quantity)} {order.identity.symbol} by; use a limit order."
            )
        price = self._beyond(exchange, order, ask)
        return Wire("limit", str(order.side), amount, price, params | {"timeInForce": "IOC"})

    def _beyond(self, exchange: Any, order: Order, price: Decimal) -> str:
        """The price at which slippage ends, on the tick: below for a sale, above for a purchase."""
        tick = exact_of(exchange.market(order.identity.symbol)["precision"]["price"]) or Decimal(0)
        is_sale = order.side is Side.SELL
        limit = price * (1 - self.slippage if is_sale else 1 + self.slippage)
        if tick > 0 and exchange.precisionMode == TICK_SIZE:
            limit = (limit / tick).to_integral_value(ROUND_FLOOR if is_sale else ROUND_CEILING) * tick
        told = exchange.price_to_precision(order.identity.symbol, text(max(limit, tick)))
        return text(Decimal(told))


TICK_SIZE = 4
"""``ccxt.TICK_SIZE``: precisions are steps, not numbers of places."""


def buys_by_money(exchange: Any) -> bool:
    """Whether the amount of a market buy would be taken for money of the quote currency."""
    made = feature(exchange, "createOrder")
    return bool(
        made.get("marketBuyRequiresPrice") or exchange.options.get("createMarketBuyOrderRequiresPrice")
    )


def lists_stops_apart(exchange: Any) -> bool:
    """Whether stops have requests of their own (``trigger``)."""
    return feature(exchange, "fetchOpenOrders").get("trigger") is True


def feature(exchange: Any, name: str) -> Mapping[str, Any]:
    """What ccxt knows of one spot request."""
    spot = (exchange.features or {}).get("spot") or {}
    found = spot.get(name)
    return found if isinstance(found, Mapping) else {}


def _exactly(to_precision: Any, symbol: str, number: Decimal, what: str, order: Order) -> str:
    """The number as text, if the venue's grid leaves it as it is."""
    from ccxt.base.errors import BaseError

    plain = text(number)
    try:
        told = exact_of(to_precision(symbol, plain))
    except (BaseError, *MISREAD):
        told = None
    if told is None or told != number:
        raise GiveUpOrder(
            f"The {what} {plain} of order {order.client_order_id} does not fit {symbol}'s steps."
        )
    return plain


def _counts_none(told: Mapping[str, Any] | list[Any]) -> bool:
    result = told.get("result") if isinstance(told, Mapping) else None
    return (
        isinstance(result, Mapping)
        and "count" in result
        and str(result["count"]) == "0"
        and not result.get("pending")
    )


def _unread(order: Order) -> str:
    return f"The venue's answer about order {order.client_order_id} cannot be read; it is looked up."
