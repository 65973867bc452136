"""What all parts of the live executor share: our orders, their approvals, the records and the facts; its thread only.

Every order that leaves here has its row on disk first; every change goes out as a fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from actors.executor.doubts import WAITS, Doubts
from actors.executor.hands import Hands
from actors.executor.orders import order_of
from actors.executor.slots import Slots
from actors.failpoints import reach
from core.clock import Clock
from core.errors import BelayError, RecordsLost, Refused, StageGone, StageSilent
from core.explain import Explained
from core.figures import plural
from core.halt import Latch
from core.ids import ClientOrderId, SlotKey, Symbol
from core.intent import Intent, Kind, Side
from core.messages import (
    AlertRaised,
    Keep,
    OrderAmended,
    OrderCancelled,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    Severity,
    UnitClosed,
    WriteAhead,
)  # fmt: skip
from core.order import IN_DOUBT, RESTING, Fill, Happening, Order, OrderState, Role
from core.plan import Plan
from core.ports import Hub, Mailbox
from core.risk.verdict import Approved
from core.tracking import Tracker

log = structlog.get_logger("executor")
WRITE_TIMEOUT = 30.0
"""Seconds for the write-ahead: longer than SQLite's own wait for a lock."""
LOUD = 3
"""Refused protective orders in a row from which a person is told."""
MARGIN = timedelta(minutes=10)
"""How far before an order its executions are looked for: clocks differ."""
BEFORE_START = timedelta(days=1)
"""For orders of an earlier session, whose own time nobody knows."""
CONFIRM = 0.3
"""Seconds for the own streams to tell that a cancelled order is gone, before we look ourselves."""
Known = OrderPlaced | OrderFilled | OrderCancelled | OrderRefused | OrderLost | OrderAmended


class Floor:
    """Owned by the live executor; its parts call each other only through here."""

    def __init__(
        self, hub: Hub, records: Mailbox, plan: Plan, tracker: Tracker, slots: Slots, doubts: Doubts, hands: Hands,
        explained: Explained, latch: Latch, clock: Clock, monotonic: Callable[[], float],
    ) -> None:  # fmt: skip
        self.hub, self._records, self.plan = hub, records, plan
        self.tracker, self.slots, self.doubts, self.hands = tracker, slots, doubts, hands
        self.explained, self.latch, self.clock, self.monotonic = explained, latch, clock, monotonic
        self.used: dict[SlotKey, int] = {}
        self.approved: dict[ClientOrderId, Approved] = {}
        self.gone: dict[ClientOrderId, str] = {}
        """Orders that should not exist any more, and why: asked again until they are over."""
        self.acked: dict[ClientOrderId, float] = {}
        self._asked: dict[ClientOrderId, tuple[int, float]] = {}
        """How often an end was asked for, and when it may be asked again."""
        self.is_stopping = False
        self.resent: set[ClientOrderId] = set()
        self.placed: dict[ClientOrderId, datetime] = {}
        """Our own time at which an order was made: its executions may bear a time far from its candle's."""
        self.started = clock.now()
        self.number = 0
        self.market_time: datetime | None = None
        self.is_streaming = False
        self.last_fill: dict[Symbol, datetime] = {}
        """The venue's time of the newest execution per market."""
        self._has_news = False
        self._pieces: tuple[Keep, ...] = ()

    # ------------------------------------------------------------ facts out

    def tell(self, facts: Iterable[Known]) -> None:
        """Publish what happened to our orders, and forget what is over."""
        for fact in facts:
            self._has_news = True
            order = fact.order
            if isinstance(fact, OrderFilled):
                self.note_fill(fact.fill)
            if isinstance(fact, OrderPlaced):
                self.acked[order.client_order_id] = self.monotonic()
                self.hands.arrived(order)
            self._note_guard(fact)
            if not order.is_working:
                self._over(order)
            reach("before-outcome")
            self.hub.publish(fact)
            reach("after-fill" if isinstance(fact, OrderFilled) else "after-outcome")

    def note_fill(self, fill: Fill) -> None:
        """An execution moves the balances that should be there."""
        symbol = fill.identity.symbol
        self.explained.add(fill)
        self.last_fill[symbol] = max(fill.at, self.last_fill.get(symbol, fill.at))

    def _note_guard(self, fact: Known) -> None:
        key = self.tracker.slot_of(fact.order)
        if fact.order.role is Role.PROTECTIVE:
            if isinstance(fact, OrderPlaced):
                self.slots.taken(key)
            elif isinstance(fact, OrderRefused):
                self.guard_refused(key, fact.order)
        if self.tracker.held.get(key, 0) <= 0:
            self.slots.flat(key)

    def guard_refused(self, key: SlotKey, order: Order) -> None:
        """Protective orders that are not taken, again and again, become a person's business."""
        if self.slots.refused(key, is_sale=order.kind is not Kind.STOP) == LOUD:
            words = (
                f"{key[1]} is not protected at the venue after {plural(LOUD, 'try', 'tries')}: {order.reason}"
            )
            self.alert(
                Severity.CRITICAL, "risk limit", f"{words.rstrip('.')}. Belay watches the price itself."
            )

    def _over(self, order: Order) -> None:
        key = order.client_order_id
        self.hands.arrived(order)
        self.doubts.end(key)
        self.slots.changing.discard(key)
        for memory in (self.approved, self.gone, self.acked, self._asked):
            memory.pop(key, None)
        self.resent.discard(key)

    def put(self, order: Order) -> Order:
        """A change of ours that is no fact of its own."""
        self._has_news = True
        return self.tracker.put(order)

    def alert(self, severity: Severity, kind: str, text: str) -> None:
        self.hub.publish(AlertRaised(self.clock.now(), severity, kind, text, self.plan.mode))

    # ------------------------------------------------------------ records

    def keep(self, *pieces: Keep) -> None:
        """Pieces that go to disk with the next unit."""
        self._pieces = (*self._pieces, *pieces)
        self._has_news = True

    def close_unit(self) -> bool:
        """What happened since the last unit belongs together on disk; whether anything did."""
        if not self._has_news:
            return False
        pieces, self._pieces, self._has_news = self._pieces, (), False
        self.hub.publish(UnitClosed(self.number, pieces))
        return True

    def write_ahead(self, orders: Iterable[Order] = (), cancels: Iterable[Order] = (), pieces: tuple[Keep, ...] = (),
                    asked: datetime | None = None) -> bool:  # fmt: skip
        """Rows on disk before anything is sent; if the records fail, the latch trips and nothing is sent."""
        asked = asked or self.clock.now()
        rows = WriteAhead(
            self.number, self.now(), tuple(orders), tuple(cancels), (*self._pieces, *pieces), asked
        )
        reach("before-write-ahead")
        try:
            self._records.ask(rows, timeout=WRITE_TIMEOUT)
        except (RecordsLost, Refused, StageGone, StageSilent) as error:
            self.latch.trip("the records", str(error), self.clock.now())
            return False
        self._pieces = ()
        reach("after-write-ahead")
        return True

    def unsettled(self) -> int:
        """Requests without an answer and slots in the middle of a change: what a stop waits for."""
        doubtful = sum(order.status in IN_DOUBT for order in self.tracker.working())
        return max(self.hands.on_the_way(), doubtful + len(self.slots.changing))

    def now(self) -> datetime:
        """The market's time as far as it is known."""
        return self.market_time or self.clock.now()

    # ------------------------------------------------------------ orders

    def claim(self, intent: Intent, role: Role = Role.DECLARED) -> Order | None:
        """The order of an intent, in INTENT; None when its identity (or a later one) was used before."""
        identity = intent.identity
        slot = (identity.instance, identity.symbol, identity.slot)
        if identity.sequence <= self.used.get(slot, 0):
            return None
        self.used[slot] = identity.sequence
        if intent.side is Side.BUY:
            self.tracker.stopped.discard(slot)  # a new purchase has nothing to do with an older one's stop
        order = self.put(order_of(intent, self.plan.book, self.plan.mode, role))
        self.placed[order.client_order_id] = self.clock.now()
        return order

    def in_doubt(self) -> list[tuple[Order, datetime]]:
        """Orders to look for now, each with the moment from which on it may have traded."""
        due = [(key, self.tracker.get(key)) for key in self.doubts.due()]
        for key, mine in due:
            if mine is None:
                self.doubts.end(key)
        return [(mine, self.since(mine)) for _, mine in due if mine is not None]

    def since(self, order: Order) -> datetime:
        """From when the executions of an order are read: before its candle, and before it was made by our clock."""
        made = self.placed.get(order.client_order_id, self.started - BEFORE_START)
        return min(order.time, made) - MARGIN

    def not_sent(self, order: Order, why: str) -> None:
        """Nothing of it ever reached the venue."""
        mine = self.tracker.get(order.client_order_id) or order
        if mine.status in (OrderState.INTENT, OrderState.WAITING):
            ended = mine.after(Happening.NOT_SENT, reason=why)
            if mine.role is Role.PROTECTIVE:
                self.guard_refused(self.tracker.slot_of(mine), ended)
            self.tell([OrderCancelled(self.tracker.put(ended))])

    def send(self, approved: Approved, order: Order) -> None:
        """Hand a durable order to the hands; what does not reach them is looked for."""
        self.approved[order.client_order_id] = approved
        self.hands.send(approved, order)

    def withdraw(self, order: Order, why: str) -> None:
        """See to it that an order is over, whatever it takes; again and again if need be."""
        mine = self.tracker.get(order.client_order_id)
        if mine is None or not mine.is_working:
            return
        if mine.status is OrderState.WAITING:
            self.not_sent(mine, why)
            return
        self.gone[mine.client_order_id] = why
        self.ask_cancel(mine)

    def ask_cancel(self, mine: Order) -> None:
        """One cancel of an order that rests, its row first; a venue that will not is asked ever more rarely."""
        key, now = mine.client_order_id, self.monotonic()
        if mine.status not in RESTING or key in self.slots.changing:
            return
        times, due = self._asked.get(key, (0, now))
        if now < due:
            return
        self._asked[key] = (times + 1, now + WAITS[min(times, len(WAITS) - 1)])
        asked = mine.after(Happening.CANCEL_ASKED, reason=self.gone.get(mine.client_order_id, ""))
        if self.write_ahead(cancels=(asked,)):
            self.put(asked)
            self.hands.cancel(asked)

    def trip(self, who: str, error: BelayError) -> None:
        """Nothing more is sent until a person has looked."""
        log.error("halted", who=who, why=str(error))
        self.latch.trip(who, str(error), self.clock.now())
