"""What the venue answered and told, into facts; what stays unsaid, into doubts; the executor's thread."""

from __future__ import annotations

from dataclasses import replace

import structlog

from actors.executor.floor import CONFIRM, Floor
from actors.executor.gate import DryRun
from actors.executor.hands import AmendAnswered, CancelAnswered, Sent
from actors.failpoints import reach
from core.errors import BadValue, GiveUpOrder, KeysRefused, LatchSet, OutcomeUnknown, Refused, TryAgain
from core.messages import OrderAmended, OrderLost, OrderRefused, Severity
from core.order import RESTING, Happening, Order, OrderState, Role
from core.risk.verdict import Approved
from core.tracking import Told
from core.venue import VenueOrder, VenueStatus, VenueTrade

log = structlog.get_logger("executor")
AGAIN = (0.5, 2.0, 4.0)
"""Seconds before an order that was certainly not taken is sent once more."""


class Answers:
    """One method per kind of answer."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._later: list[tuple[float, int, Approved, Order]] = []
        self._tries: dict[str, int] = {}
        self.sent_at: dict[str, float] = {}
        self._amended_at: dict[str, float] = {}

    # ------------------------------------------------------------ news and reads

    def news_order(self, news: VenueOrder, asked: float | None = None) -> Told:
        """An order as told by a stream, or found by a read that began at ``asked`` (monotonic)."""
        floor = self._floor
        try:
            told = floor.tracker.told_order(news)
        except BadValue as error:
            floor.trip("the executor", error)
            return Told([])
        floor.tell(told.facts)
        order = told.order
        if order is None:
            return told
        order = self._resized(order, news, asked) if asked is not None else order
        if told.lacks_trades:
            floor.doubts.begin(order.client_order_id, CONFIRM)
        elif order.status in RESTING:
            floor.doubts.end(order.client_order_id)
        if told.is_orphan:
            floor.doubts.begin(order.client_order_id)
        self.take_back(order)
        return told

    def take_back(self, order: Order) -> None:
        """A purchase that got in while the latch was being set does not stay; stops do."""
        if self._floor.latch.is_set() and order.status in RESTING and order.role is not Role.PROTECTIVE:
            self._floor.withdraw(order, "taken back: Belay is halted")

    def _resized(self, order: Order, news: VenueOrder, asked: float) -> Order:
        """An amendment whose answer never came shows in the order itself, read after it."""
        key = order.client_order_id
        is_older = key in self._floor.slots.changing or asked <= self._amended_at.get(key, float("-inf"))
        if order.status not in RESTING or news.status is not VenueStatus.OPEN or is_older:
            return order
        if order.role is not Role.PROTECTIVE or news.quantity == order.quantity:
            return order
        changed = self._floor.tracker.put(replace(order, quantity=news.quantity))
        self._floor.tell([OrderAmended(changed)])
        return changed

    def news_trade(self, trade: VenueTrade) -> Told:
        """An execution; one that cannot be ends all trading."""
        reach("before-fill")
        try:
            told = self._floor.tracker.told_trade(trade)
        except BadValue as error:
            self._floor.trip("the executor", error)
            return Told([])
        self._floor.tell(told.facts)
        return told

    # ------------------------------------------------------------ place

    def sent(self, answer: Sent) -> None:
        floor, key = self._floor, answer.order.client_order_id
        self.sent_at.setdefault(key, floor.monotonic())
        mine = floor.tracker.get(key)
        if mine is None:
            return
        match answer.error:
            case None:
                self._acknowledged(mine, answer.venue_id)
            case LatchSet() | DryRun() as error:
                floor.not_sent(mine, str(error))
            case GiveUpOrder() as error:
                self._refused(mine, str(error))
            case OutcomeUnknown() as error:
                self._lost(mine, str(error))
            case TryAgain() as error:
                self._again(mine, str(error))
            case KeysRefused() as error:
                floor.not_sent(mine, str(error))
                floor.trip("the venue", error)
            case Refused() as error:  # cannot be, so nothing here can be trusted any more
                floor.not_sent(mine, str(error))
                floor.trip("the executor", error)
            case error:
                self._lost(mine, str(error))

    def _acknowledged(self, mine: Order, venue_id: str) -> None:
        floor = self._floor
        try:
            floor.tell(floor.tracker.acknowledged(mine, venue_id))
        except BadValue as error:
            floor.trip("the executor", error)
            return
        now = floor.tracker.get(mine.client_order_id)
        if now is not None and now.is_working:
            self._look_if_deaf(now)
            self.take_back(now)

    def _look_if_deaf(self, mine: Order) -> None:
        """Without own streams nothing tells of its executions but a look."""
        if not self._floor.is_streaming:
            self._floor.doubts.begin(mine.client_order_id, CONFIRM)

    def _refused(self, mine: Order, why: str) -> None:
        floor = self._floor
        if mine.client_order_id in floor.resent:  # a refusal as a duplicate means that the first one got in
            self._lost(mine, why)
        elif mine.status is OrderState.INTENT:
            floor.tell([OrderRefused(floor.tracker.put(mine.after(Happening.REFUSED, reason=why)))])

    def _lost(self, mine: Order, why: str) -> None:
        """Nobody can say whether it got in: the slot is blocked until it is found."""
        floor = self._floor
        if mine.status is OrderState.INTENT:
            lost = floor.tracker.put(mine.after(Happening.ANSWER_LOST, reason=why))
            floor.tell([OrderLost(lost)])
        if mine.is_working:
            floor.doubts.begin(mine.client_order_id, 0.1)

    def _again(self, mine: Order, why: str) -> None:
        """Certainly not taken: the same order once more, a little later, three times at most."""
        floor, key = self._floor, mine.client_order_id
        tries = self._tries.get(key, 0)
        approved = floor.approved.get(key)
        if tries >= len(AGAIN) or approved is None or key in floor.gone:
            floor.not_sent(mine, why)
            return
        self._tries[key] = tries + 1
        self._later.append((floor.monotonic() + AGAIN[tries], tries, approved, mine))

    def tick(self) -> None:
        """Send again what is due; look for what is in doubt; tell a person of what cannot be found."""
        floor, now = self._floor, self._floor.monotonic()
        due = [one for one in self._later if one[0] <= now]
        self._later = [one for one in self._later if one[0] > now]
        for _, _, approved, order in due:
            mine = floor.tracker.get(order.client_order_id)
            if mine is not None and mine.status is OrderState.INTENT:
                floor.hands.send(approved, mine)
        floor.hands.locate(floor.in_doubt())
        for key in floor.doubts.hopeless():
            self._tell_person(floor.tracker.get(key))
        for key in tuple(floor.gone):
            mine = floor.tracker.get(key)
            if mine is None or (mine.role is Role.PROTECTIVE and floor.latch.is_set()):
                del floor.gone[key]  # halted: what was to take the stop's place cannot be sent, so it stays
            elif mine.status in RESTING:
                floor.ask_cancel(mine)

    def _tell_person(self, mine: Order | None) -> None:
        if mine is None or not mine.is_working:
            return
        words = f"Nobody can say where {mine.identity} is ({mine.client_order_id}). Its slot is blocked, Belay goes on"
        self._floor.alert(
            Severity.ERROR, "API", f"{words} looking. Look at the venue's open orders yourself."
        )

    # ------------------------------------------------------------ cancel and amend

    def cancelled(self, answer: CancelAnswered) -> None:
        """An answer to a cancel is no proof of an end: a stream or a look is."""
        floor, key = self._floor, answer.order.client_order_id
        if isinstance(answer.error, KeysRefused):
            floor.trip("the venue", answer.error)
        mine = floor.tracker.get(key)
        if mine is not None and mine.is_working:
            is_calm = answer.error is None and floor.is_streaming
            floor.doubts.begin(key, CONFIRM if is_calm else 0.0)

    def amended(self, answer: AmendAnswered) -> None:
        floor, key = self._floor, answer.order.client_order_id
        floor.slots.changing.discard(key)
        self._amended_at[key] = floor.monotonic()
        mine = floor.tracker.get(key)
        if mine is None or not mine.is_working:
            return
        if answer.error is None:
            changed = replace(mine, quantity=answer.order.quantity, price=answer.order.price)
            floor.tell([OrderAmended(floor.tracker.put(changed))])
            return
        log.warning("amendment failed", order=key, why=str(answer.error))
        floor.slots.refused(floor.tracker.slot_of(mine))
        floor.doubts.begin(key)
