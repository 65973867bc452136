"""What the venue is asked: where orders are, and how the whole account stands; in whatever thread asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

from core.errors import BelayError
from core.ids import Currency, Symbol
from core.order import Order
from core.venue import Balance, Exchange, VenueOrder, VenueTrade


@dataclass(frozen=True, slots=True)
class Located:
    """Where an order was found; ``found`` None without an error: nowhere.  ``trades`` are its market's executions."""

    order: Order
    asked: float
    found: VenueOrder | None = None
    trades: tuple[VenueTrade, ...] = ()
    error: BelayError | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the venue says of the whole account; ``asked`` (monotonic) is before the first question."""

    cause: str
    asked: float
    orders: tuple[VenueOrder, ...] = ()
    trades: tuple[VenueTrade, ...] = ()
    balances: Mapping[Currency, Balance] | None = None
    error: BelayError | None = None


def locate(
    exchange: Exchange, orders: Sequence[tuple[Order, datetime]], *, are_unlisted: bool = False
) -> list[Located]:
    """Look for orders by id, then among the open orders, then in the executions: in that order (E11).

    Each question costs of the venue's limits: where one serves many orders, it does, and it covers ended ones too.
    Executions of an order whose venue id comes only now may be known already and wait for their owner.
    """
    if not exchange.caps.finds_many:
        return [_locate(exchange, order, since) for order, since in orders]
    asked = monotonic()
    told = exchange.find_many([order for order, _ in orders], are_unlisted=are_unlisted)
    answers = []
    for order, since in orders:
        found = told.get(order.client_order_id)
        if found is None or not order.venue_id:
            answers.append(Located(order, asked, found))
            continue
        try:
            answers.append(_with_trades(exchange, order, since, asked, found))
        except BelayError as error:  # of this order alone: the others have their answer
            answers.append(Located(order, asked, error=error))
    return answers


def _locate(exchange: Exchange, order: Order, since: datetime) -> Located:
    asked = monotonic()
    try:
        found = exchange.find(order)
        # elsewhere `find` has looked among the open ones too
        if found is None and not exchange.caps.can_find:
            listed = exchange.open_orders(is_urgent=True)
            found = next((one for one in listed if _is(one.client_order_id, one.venue_id, order)), None)
        return _with_trades(exchange, order, since, asked, found)
    except BelayError as error:
        return Located(order, asked, error=error)


def _with_trades(
    exchange: Exchange, order: Order, since: datetime, asked: float, found: VenueOrder | None
) -> Located:
    """Executions are asked for only where the venue counts more than we know, or knows no such order."""
    if found is not None and found.filled <= order.filled:
        return Located(order, asked, found)
    venue_id = found.venue_id if found is not None else order.venue_id
    trades = exchange.trades_of_order(order, venue_id) if venue_id else None
    if trades is None:
        trades = exchange.trades({order.identity.symbol: since}, is_urgent=True)
    return Located(order, asked, found, trades)


def _is(client_order_id: str, venue_id: str, order: Order) -> bool:
    by_venue = bool(order.venue_id) and venue_id == order.venue_id
    return client_order_id == order.client_order_id or by_venue


def snapshot(
    exchange: Exchange, cause: str, since: Mapping[Symbol, datetime], *, is_urgent: bool = False,
    has_balances: bool = True,
) -> Snapshot:  # fmt: skip
    """Open orders first, then executions, then balances: what trades in between shows as missing, never as double."""
    asked = monotonic()
    orders = exchange.open_orders(is_urgent=is_urgent)
    trades = exchange.trades(since, is_urgent=is_urgent)
    balances = exchange.balances(is_urgent=is_urgent) if has_balances else None
    return Snapshot(cause, asked, orders, trades, balances)
