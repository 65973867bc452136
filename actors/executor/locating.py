"""Orders that were looked for: found, not there yet, or proved never to have been there; executor's thread (E11)."""

from __future__ import annotations

from dataclasses import replace

import structlog

from actors.executor.answers import Answers
from actors.executor.floor import Floor
from actors.executor.reads import Located
from core.errors import KeysRefused
from core.intent import Kind, Side
from core.messages import OrderCancelled, OrderPlaced, Severity
from core.order import UNACKNOWLEDGED, Happening, Order, OrderState
from core.venue import VenueOrder, VenueStatus

log = structlog.get_logger("executor")
QUICK, LATE = 1.5, 12.0
WORTH_RESENDING = 60.0
"""Seconds after which an order that never reached the venue is not sent again: its price has a past."""


class Locating:
    """``located`` takes each answer to a look."""

    def __init__(self, floor: Floor, answers: Answers) -> None:
        self._floor, self._answers = floor, answers

    def located(self, answer: Located) -> None:
        """The answer to a look: found, not there yet, or proved never to have been there."""
        floor, key = self._floor, answer.order.client_order_id
        if answer.error is not None:
            if isinstance(answer.error, KeysRefused):
                floor.trip("the venue", answer.error)
            floor.doubts.answered(key)
            return
        for trade in answer.trades:
            self._answers.news_trade(trade)
        if answer.found is not None:
            self._found(key, answer.found, answer.asked)
            return
        mine = floor.tracker.get(key)
        if mine is None or not mine.is_working:
            floor.doubts.end(key)
        elif not floor.doubts.is_settled(key, answer.asked, _settle(mine, floor)):
            floor.doubts.answered(key)
        else:
            self._nowhere(mine)

    def _found(self, key: str, found: VenueOrder, asked: float) -> None:
        floor = self._floor
        told = self._answers.news_order(found, asked)
        mine = told.order
        if mine is None:
            return
        if mine.status is OrderState.CANCELLING and found.status is VenueStatus.OPEN:
            status = OrderState.PART_FILLED if mine.filled else OrderState.OPEN
            floor.doubts.end(mine.client_order_id)
            still = floor.tracker.put(replace(mine.after(Happening.STILL_OPEN), status=status, reason=""))
            floor.tell([OrderPlaced(still)])
            self._answers.take_back(still)
        elif told.is_orphan:
            log.error("an order that was over is open at the venue", order=key)
            floor.hands.cancel(mine)
            floor.doubts.answered(mine.client_order_id)
        elif told.lacks_trades or (mine.is_working and mine.status is OrderState.CANCELLING):
            floor.doubts.answered(mine.client_order_id)
        else:
            floor.doubts.end(mine.client_order_id)

    def _nowhere(self, mine: Order) -> None:
        """The venue has never heard of it, and never will."""
        floor, key = self._floor, mine.client_order_id
        floor.doubts.end(key)
        if mine.status not in UNACKNOWLEDGED:
            gone = replace(mine, status=OrderState.CANCELLED, reason="the venue does not know it any more")
            floor.alert(
                Severity.ERROR, "API", f"The venue does not know the order {key} any more; it counts as over."
            )
            floor.tell([OrderCancelled(floor.tracker.put(gone))])
            return
        approved = floor.approved.get(key)
        age = floor.monotonic() - self._answers.sent_at.get(key, float("-inf"))
        may = (
            approved is not None
            and key not in floor.resent
            and key not in floor.gone
            and age < WORTH_RESENDING
        )
        # A market order that a slow venue does not show yet would trade twice: only with streams is silence a proof.
        may = may and (floor.is_streaming or mine.kind is not Kind.MARKET) and not floor.is_stopping
        if may and approved is not None and not floor.latch.is_set():
            floor.resent.add(key)
            again = mine.after(Happening.SENT_AGAIN) if mine.status is OrderState.UNKNOWN else mine
            log.info("never reached the venue, sent again", order=key)
            floor.hands.send(approved, floor.put(again))
            return
        ended = replace(mine, status=OrderState.CANCELLED, reason="it never reached the venue")
        floor.tell([OrderCancelled(floor.tracker.put(ended))])


def _settle(mine: Order, floor: Floor) -> float | None:
    """How long nothing must be found (None: as long as a request may be late at this venue).

    A sale that lands twice cannot sell more than there is, and the second one is found as an orphan and cancelled; a
    market purchase that a slow venue works on late would trade twice for good.
    """
    if mine.side is Side.SELL:
        return QUICK
    return LATE if mine.kind is Kind.MARKET and floor.is_streaming else None
