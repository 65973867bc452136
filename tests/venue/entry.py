"""What an order must pass before the core takes it, and what it may cost at most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from tests.venue.orders import ZERO, Kind, Order, Wish
from tests.venue.rules import Reason, Refused
from tests.venue.tape import Tape


def sized(wish: Wish, tape: Tape) -> Wish:
    """A wish by money with the amount that the money buys now; any other as it is."""
    if wish.quote_amount is None:
        return wish
    left, amount = wish.quote_amount, ZERO
    for price, quantity in tape.book.offer(wish.side == "buy", None):
        piece = min(quantity, left / price)
        amount, left = amount + piece, left - piece * price
    return replace(wish, amount=tape.market.to_step(amount))


def check(wish: Wish, tape: Tape, open_orders: Iterable[Order]) -> None:
    """``Refused`` for a wish off the grids, below a minimum, with an id in use or against its own post-only."""
    market, buys = tape.market, wish.side == "buy"
    market.check_amount(wish.amount)
    for price in (wish.price, wish.stop):
        if price is not None:
            market.check_price(price)
    market.check_notional(wish.amount * (wish.price or wish.stop or tape.last))
    if wish.client_id and any(wish.client_id == order.wish.client_id for order in open_orders):
        raise Refused(Reason.DUPLICATE_ID, wish.client_id)
    if wish.post_only and wish.price is not None and tape.book.offer(buys, wish.price):
        raise Refused(Reason.WOULD_TAKE, wish.client_id)


def dearest(order: Order, tape: Tape) -> Decimal:
    """The worst price a market order would pay now, so that its funds are checked before it runs."""
    left, worst = order.amount, tape.last
    for price, quantity in tape.book.offer(order.is_buy, None):
        worst, left = price, left - quantity
        if left <= 0:
            break
    return worst


def falls(wish: Wish) -> bool:
    """Whether a falling price triggers it: stops of sellers, profit-takings of buyers."""
    return (wish.kind in (Kind.STOP, Kind.STOP_LIMIT)) != (wish.side == "buy")
