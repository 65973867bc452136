"""The limit with which an order goes to a venue that knows limit orders only; pure."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from actors.venues.firi.shapes import instrument_of
from core.errors import GiveUpOrder, TryAgain
from core.intent import Kind, Side
from core.money import Price
from core.order import Order


def price_to_send(order: Order, best: tuple[Price, Price] | None, slippage: Decimal) -> Price:
    """The limit; ``best`` are fresh bid and ask, where there are any.

    A limit order has its own.  A post-only order has its own, too, unless it would match now.  A market order gets
    the best price made worse by ``slippage`` at most.  ``GiveUpOrder`` for what Firi has not, ``TryAgain`` without
    fresh prices.
    """
    symbol, is_buy = order.identity.symbol, order.side is Side.BUY
    if order.kind is Kind.STOP:
        raise GiveUpOrder("Firi holds no stop orders; Belay watches the price itself.")
    if order.kind is Kind.LIMIT and order.price is not None:
        return order.price
    if best is None:
        raise TryAgain(f"Firi tells no fresh prices of {symbol}; the order is not sent yet.")
    bid, ask = best
    if order.price is not None:
        if order.price >= ask if is_buy else order.price <= bid:
            raise GiveUpOrder(f"A post-only order at {order.price} would match at once ({bid} / {ask}).")
        return order.price
    worst = ask * (1 + slippage) if is_buy else bid * (1 - slippage)
    tick = instrument_of(symbol).tick
    # Rounded towards the market: the share is the most that may be given away.
    steps = (worst / tick).to_integral_value(ROUND_FLOOR if is_buy else ROUND_CEILING)
    return Price(max(steps * tick, tick))
