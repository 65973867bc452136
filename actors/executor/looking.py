"""The venue read in the executor's own thread, at start and before a stop: nothing else happens before it."""

from __future__ import annotations

from threading import Event

import structlog

from actors.executor.comparing import Comparing
from actors.executor.floor import Floor
from actors.executor.locating import QUICK, Locating
from actors.executor.reads import Snapshot, locate, snapshot
from core.errors import BadData, TryAgain
from core.explain import totals
from core.intent import Side
from core.messages import Keep
from core.order import IN_DOUBT, UNACKNOWLEDGED, Order, OrderState, Role
from core.venue import Exchange

log = structlog.get_logger("reconciliation")
PAUSES = (0.2, 0.5, 1.0, 2.0)
"""Seconds between two tries of the first look."""
BALANCES_LATER = 10.0
"""Seconds until a comparison with balances, where the first one went without."""
SAME_TWICE = 5
"""Reads of the balances at a new book's beginning, at most."""


def look_at_start(floor: Floor, exchange: Exchange, comparing: Comparing) -> None:
    """Compare everything; what is in doubt is looked for by the hands: only its own slots wait for that.

    Each question may delay the first stop where a venue allows few, so balances, which say nothing while an order is
    in doubt, come later then.  ``TryAgain`` or ``BadData`` when the venue cannot be read, tried several times.
    """
    doubtful = [order for order in floor.tracker.working() if order.status in IN_DOUBT]
    comparing.take(_read(floor, exchange, comparing, has_balances=not doubtful))
    for order in doubtful:
        mine = floor.tracker.get(order.client_order_id)
        if mine is not None and mine.status in IN_DOUBT:
            _doubt(floor, mine)
    floor.hands.locate(floor.in_doubt(), are_unlisted=True)
    comparing.soon_again()
    if doubtful:
        comparing.soon(BALANCES_LATER)


def _read(floor: Floor, exchange: Exchange, comparing: Comparing, *, has_balances: bool) -> Snapshot:
    """One strange answer must not keep a bot down whose coins may be without a stop."""
    pauses = iter(PAUSES)
    while True:
        try:
            if floor.explained.opening is None:
                return _steady(floor, exchange, comparing)
            since = comparing.since()
            return snapshot(exchange, "start", since, is_urgent=True, has_balances=has_balances)
        except (TryAgain, BadData) as failed:
            pause = next(pauses, None)
            if pause is None:
                raise
            log.warning("the first look failed", why=str(failed))
            Event().wait(pause)


def _doubt(floor: Floor, mine: Order) -> None:
    """Nobody knows whether it got in: it is not open.

    For a sale this was the first look already, the second one comes as soon as it can prove something: its coins are
    bare.  What was bought may be over, so that is looked for at once.
    """
    if mine.status in UNACKNOWLEDGED and mine.side is Side.SELL:
        floor.doubts.end(mine.client_order_id)  # the comparison began one that knows of no look
        floor.doubts.begin(mine.client_order_id, QUICK, looks=1)
        return
    floor.doubts.begin(mine.client_order_id)
    if mine.status is OrderState.CANCELLING and mine.role is not Role.PROTECTIVE:
        floor.gone[mine.client_order_id] = mine.reason or "asked for before the restart"


def look_at_stop(floor: Floor, exchange: Exchange, comparing: Comparing, locating: Locating) -> None:
    """Compare everything, and look for each order that is in doubt; ``TryAgain`` when the venue cannot be read."""
    comparing.take(snapshot(exchange, "stop", comparing.since(), is_urgent=True))
    floor.doubts.hasten()
    for answer in locate(exchange, floor.in_doubt()):
        locating.located(answer)


def _steady(floor: Floor, exchange: Exchange, comparing: Comparing) -> Snapshot:
    """A new book's first look, read until two reads of the balances agree: all later ones are measured against it."""
    before = exchange.balances(is_urgent=True)
    for _ in range(SAME_TWICE):
        told = snapshot(exchange, "start", comparing.since(), is_urgent=True)
        assert told.balances is not None
        if totals(told.balances) == totals(before):
            floor.explained.begin(before)
            floor.keep(Keep(floor.number, "opening", floor.explained.as_json()))
            return told
        before = told.balances
    raise TryAgain("The account's balances change all the time; start when nothing else trades on it.")
