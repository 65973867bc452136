"""The executor on a real venue: declares what should be, asks its hands, believes only what the venue tells.

It never waits for the network: each request is a hand's, each answer a message.  Rows go to disk before requests,
every change of an order goes out as a fact, and what nobody can say is looked for until it is known.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never

import structlog

from actors.executor.answers import Answers
from actors.executor.care import Care
from actors.executor.comparing import Comparing
from actors.executor.doubts import Doubts
from actors.executor.floor import Floor
from actors.executor.foreign import handle
from actors.executor.hands import AmendAnswered, CancelAnswered, Hands, Sent
from actors.executor.killswitch import WHY
from actors.executor.locating import Locating
from actors.executor.looking import look_at_start, look_at_stop
from actors.executor.overdue import Overdue
from actors.executor.reads import Located, Snapshot
from actors.executor.slots import Bids, Slots
from actors.executor.steps import Steps
from actors.executor.wishes import Wishes
from actors.feed.alarm import Alarm
from actors.stage import Stage
from core.clock import Clock
from core.explain import Explained, opening_from_json
from core.halt import Latch
from core.ids import Symbol
from core.messages import (
    AcceptBalances,
    Drained,
    Execute,
    HandleForeign,
    LinkNoted,
    Outstanding,
    QuoteSeen,
    Reconcile,
)  # fmt: skip
from core.money import Price
from core.order import RESTING, Happening, Order
from core.plan import Plan
from core.ports import Hub, Mailbox
from core.reconcile import Rules
from core.records import Restart
from core.settings import Orders
from core.tracking import Tracker
from core.venue import AccountStream, BalancesTold, Exchange, News, VenueOrder, VenueTrade

log = structlog.get_logger("executor")
NOTE_EVERY = 5.0
"""Seconds between two notes on the connection to the window."""
STREAMS_FIRST = 2.0
"""Seconds for which the first look waits for own streams: it need not be made again when they come up then."""
BEAT = 0.2
"""Seconds between two looks at timers, doubts and prices."""


@dataclass(frozen=True, slots=True)
class GoneElsewhere:
    """The kill switch to the executor: the venue took a cancel of this order."""

    order: Order


@dataclass(frozen=True, slots=True)
class Priced:
    """A bid has come that an exit or a stop of this market waits for."""

    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Beat:
    """The executor to itself: look at what is due."""


class LiveExecutor(Stage):
    """``exchange`` is where orders go by ``hands``; ``records`` is the persistence stage, ``care`` orders' settings.

    ``tracker`` is this stage's own; the kill switch may look an order up in it.
    """

    title = "executor"

    def __init__(
        self, hub: Hub, exchange: Exchange, hands: Hands, tracker: Tracker, records: Mailbox, plan: Plan, care: Orders,
        latch: Latch, clock: Clock, restart: Restart, earlier: Sequence[Order] = (), *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        super().__init__(hub)
        self._exchange, self._restart = exchange, restart
        self._bids = Bids(monotonic)
        slots = Slots(tracker, {one.symbol: one for one in plan.instruments}, self._bids, monotonic)
        raw = restart.pieces.get("opening")
        explained = Explained(opening_from_json(raw) if raw is not None else None)
        doubts = Doubts(exchange.caps.settle_seconds, monotonic)
        self._hands = hands
        self._floor = Floor(
            hub, records, plan, tracker, slots, doubts, hands, explained, latch, clock, monotonic
        )
        rules = Rules(
            stops=exchange.caps.stops, can_amend=exchange.caps.can_amend,
            patience=float(care.patience_seconds), max_slippage=care.max_slippage,
        )  # fmt: skip
        self._steps = Steps(self._floor, rules)
        self._wishes = Wishes(self._floor, self._pump)
        self._answers = Answers(self._floor)
        self._locating = Locating(self._floor, self._answers)
        self._comparing = Comparing(self._floor, self._answers, float(care.reconcile_seconds), earlier)
        self._overdue = Overdue(self._bids, monotonic)
        self._care = Care(self._floor, timedelta(hours=float(care.expire_hours)))
        self._alarm = Alarm(lambda: self.remind(Beat()))
        self._is_covered = False
        self._noted = float("-inf")
        self._levels: Mapping[Symbol, tuple[Price | None, Price | None]] = {}
        self._priced: set[Symbol] = set()

    # ------------------------------------------------------------ start and end

    def begin(self) -> str:
        floor, restart = self._floor, self._restart
        floor.number = restart.number
        floor.used = dict(restart.sequences)
        floor.tracker.restore((*restart.newest, *restart.working), restart.filled)
        for _, fill in restart.filled:
            floor.note_fill(fill)
        known = [order.time for order in (*restart.newest, *restart.working)]
        floor.market_time = max(known, default=None)
        self.hub.subscribe(self._heard, QuoteSeen)
        self._hands.start(self.remind)
        self._alarm.start()
        return f"working orders: {len(floor.tracker.working())}"

    def _heard(self, fact: QuoteSeen) -> None:
        """A quote, in the feed's thread: only a price that an exit or a stop waits for is worth a message."""
        symbol, bid = fact.quote.symbol, fact.quote.bid
        self._bids.told(symbol, bid)
        low, high = self._levels.get(symbol, (None, None))
        is_due = (low is not None and bid >= low) or (high is not None and bid <= high)
        if is_due and symbol not in self._priced:
            self._priced.add(symbol)
            self.remind(Priced(symbol))

    def finish(self) -> None:
        self._alarm.stop()
        self._hands.close()
        self._floor.close_unit()

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
        self._alarm.stop()
        self._hands.close()
        super().on_failure(exception_type, exception_value, traceback)

    # ------------------------------------------------------------ messages

    def receive(self, message: Any) -> Any:
        answer = self._take(message)
        if self._floor.close_unit():
            self._levels = self._floor.slots.levels()
        if isinstance(message, Execute):
            self.hub.publish(Drained(message.number))
        return answer

    def _take(self, message: Any) -> Any:
        match message:
            case Execute():
                self._wishes.execute(message)
            case VenueOrder() | VenueTrade() | AccountStream() | BalancesTold():
                self._news(message)
            case Sent() | CancelAnswered() | AmendAnswered() | Located() | Snapshot():
                self._answer(message)
            case Beat():
                self._beat()
            case Priced():
                self._priced.discard(message.symbol)
                self._steps.pump_market(message.symbol)
            case GoneElsewhere():
                self._gone_elsewhere(message.order)
            case Reconcile():
                self._reconcile(message.cause)
            case Outstanding():
                self._floor.is_stopping = True
                self._steps.pump_all()
                return self._floor.unsettled()
            case HandleForeign():
                handle(self._floor, self._comparing, message)
            case AcceptBalances():
                self._comparing.accept()
            case _:
                assert_never(message)
        return None

    def _beat(self) -> None:
        self._alarm.set(BEAT)
        self._answers.tick()
        self._comparing.tick()
        for key in self._overdue.look(self._floor.tracker.working()):
            self._floor.doubts.begin(key)
        self._care.expire_old()
        self._steps.pump_all()
        self._care.tell_bare()
        self._note_link()

    def _note_link(self) -> None:
        """How our orders are heard of, for the window."""
        now = self._floor.monotonic()
        if now - self._noted >= NOTE_EVERY:
            self._noted = now
            way = "streaming" if self._floor.is_streaming else "polling"
            self.hub.publish(LinkNoted(self._exchange.name, "", way, self._exchange.statistics()))

    def _news(self, news: VenueOrder | VenueTrade | AccountStream | BalancesTold) -> None:
        match news:
            case VenueOrder():
                self._pump(self._answers.news_order(news).order)
            case VenueTrade():
                self._pump(self._answers.news_trade(news).order)
            case AccountStream():
                self._floor.is_streaming = news.is_up
                if not (news.is_up and self._is_covered):  # else the first look came after it
                    self._comparing.soon()
                self._is_covered = False
                if not news.is_up:
                    log.warning("own streams are down", why=news.why)
            case BalancesTold():
                pass  # totals alone explain nothing; the comparison reads them with the orders

    def _answer(self, message: Sent | CancelAnswered | AmendAnswered | Located | Snapshot) -> None:
        match message:
            case Sent():
                self._answers.sent(message)
            case CancelAnswered():
                self._answers.cancelled(message)
            case AmendAnswered():
                self._answers.amended(message)
            case Located():
                self._locating.located(message)
            case Snapshot():
                self._comparing.answered(message)
                return
        self._pump(message.order)

    def _pump(self, order: Order | None) -> None:
        if order is not None:
            self._steps.pump(self._floor.tracker.slot_of(order))

    def _reconcile(self, cause: str) -> None:
        floor, comparing = self._floor, self._comparing
        if cause == "stop":
            look_at_stop(floor, self._exchange, comparing, self._locating)
            return
        self._is_covered = floor.is_streaming = self._listen()
        look_at_start(floor, self._exchange, comparing)
        self._alarm.set(0.0)
        self._steps.pump_all()

    def _listen(self) -> bool:
        """First the streams, so that nothing falls between them and the reads; whether they came up in time."""
        first: Future[bool] = Future()

        def heard(news: News) -> None:
            if isinstance(news, AccountStream) and not first.done():
                first.set_result(news.is_up)
            self.remind(news)

        self._exchange.listen(heard)
        try:
            return first.result(STREAMS_FIRST)
        except TimeoutError:
            return False

    def _gone_elsewhere(self, order: Order) -> None:
        """The kill switch has cancelled it with its own hands: what became of it is looked up, executions and all."""
        mine = self._floor.tracker.get(order.client_order_id)
        if mine is not None and mine.is_working:
            if mine.status in RESTING:
                self._floor.put(mine.after(Happening.CANCEL_ASKED, reason=WHY))
            self._floor.doubts.begin(mine.client_order_id)
