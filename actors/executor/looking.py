"""The venue read in the executor's own thread, at start and before a stop: nothing else happens before it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from actors.executor.comparing import Comparing
from actors.executor.floor import Floor
from actors.executor.hands import locate, snapshot
from actors.executor.locating import Locating
from core.errors import TryAgain
from core.ids import Currency
from core.messages import Keep
from core.order import IN_DOUBT, OrderState, Role
from core.venue import Balance, Exchange

SAME_TWICE = 5
"""Reads of the balances at a new book's beginning, at most."""


def look_now(floor: Floor, exchange: Exchange, comparing: Comparing, locating: Locating, cause: str) -> None:
    """Compare everything, and look for each order that is in doubt; ``TryAgain`` when the venue cannot be read."""
    if floor.explained.opening is None:
        floor.explained.begin(_steady_balances(exchange))
        floor.keep(Keep(floor.number, "opening", floor.explained.as_json()))
    comparing.take(snapshot(exchange, cause, comparing.since()))
    for order in floor.tracker.working():
        if cause == "start" and order.status in IN_DOUBT:
            floor.doubts.begin(order.client_order_id)
            if order.status is OrderState.CANCELLING and order.role is not Role.PROTECTIVE:
                floor.gone[order.client_order_id] = order.reason or "asked for before the restart"
    for key in floor.doubts.due():
        mine = floor.tracker.get(key)
        if mine is not None:
            locating.located(locate(exchange, mine, floor.since(mine)))
    comparing.soon(1.0)


def _steady_balances(exchange: Exchange) -> Mapping[Currency, Balance]:
    """What the account holds, read until two reads agree: everything later is measured against it."""
    before = exchange.balances()
    for _ in range(SAME_TWICE):
        now = exchange.balances()
        if _totals(now) == _totals(before):
            return now
        before = now
    raise TryAgain("The account's balances change all the time; start when nothing else trades on it.")


def _totals(balances: Mapping[Currency, Balance]) -> Mapping[Currency, Decimal]:
    return {currency: balance.total for currency, balance in balances.items()}
