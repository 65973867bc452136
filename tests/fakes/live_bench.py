"""The live executor without threads on the venue's core: real records, time and answers in the test's hand."""

from __future__ import annotations

import sqlite3
from collections import deque
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from queue import Empty
from types import SimpleNamespace
from typing import Any

from actors.executor.hands import Hands
from actors.executor.live import Beat, GoneElsewhere, LiveExecutor
from actors.hub import FactHub
from actors.persistence.restart import load_restart
from actors.persistence.stage import PersistenceStage
from actors.pipeline import RECORDED
from core.clock import instant
from core.errors import BelayError
from core.halt import Latch
from core.ids import BookId, Identity, Symbol
from core.instrument import Instrument
from core.intent import Intent, Kind, Side, Withdrawal
from core.kernel.fold import Fold
from core.limits import Limits
from core.market import Bar, Quote
from core.messages import Execute, Ping, QuoteSeen, Reconcile, StageFailed
from core.modes import Mode
from core.money import Price, Quantity
from core.order import Order, Role
from core.plan import Costs, Plan
from core.risk.judge import approve_reducing, judge
from core.risk.verdict import Approved
from core.settings import Orders
from core.strategies.library import lay_out
from core.tracking import Tracker
from tests.fakes.live_exchange import CoreExchange, Dead
from tests.live.agreement import account_of, bare, faults, ours
from tests.venue.matching import Matching
from tests.venue.rules import BINANCE_MARKETS
from tests.venue.settlement import Fees

BTC = Symbol("BTC/USDT")
BOOK = BookId("live/test/1")
START = 1_700_000_000_000
LEVELS = 2
MARKET = BINANCE_MARKETS[0]
STEPS = 400
"""Looks until everything must be settled; each is half a second."""
CALM = 3
"""Looks in a row at which nothing differs."""


class LiveBench:
    """``inbox`` holds what the executor has still to hear; ``die`` and ``rise`` are a crash and a restart."""

    def __init__(
        self, home: Path, *, can_amend: bool = False, fees: Fees | None = None, settle: float = 5.0
    ) -> None:
        self.home, self.time, self.seconds, self.number = home, START, 1000.0, 0
        self.core = Matching([MARKET], {"USDT": "10000"}, fees or Fees(), lambda: self.time, seed=7)
        self.exchange = CoreExchange(self.core, can_amend=can_amend, settle=settle)
        self.exchange.place_witness = self._arrives
        self.plan = _plan()
        self.latch = Latch(None)
        self.inbox: deque[Any] = deque()
        self.failed: list[Any] = []
        self.heard: list[Any] = []
        self.faults: list[str] = []
        self.rise()

    # ------------------------------------------------------------ life and death

    def now(self) -> datetime:
        """The computer's clock."""
        return instant(START + int(self.seconds * 1000))

    def rise(self) -> None:
        """A start on what is on disk."""
        hub = FactHub()
        self.records = PersistenceStage(hub, self.home, BOOK, Mode.LIVE, self, None)
        self.records.begin()
        hub.subscribe(self.records.receive, *RECORDED)
        hub.subscribe(self.failed.append, StageFailed)
        hub.subscribe(self.heard.append)
        restart = load_restart(self.home, BOOK)
        mailbox: Any = SimpleNamespace(
            name="persistence",
            tell=self.records.receive,
            ask=lambda message, timeout: self.records.receive(message),
        )
        care = Orders(patience_seconds=Decimal(2), reconcile_seconds=Decimal(20))
        self.hub = hub
        tracker = Tracker(
            {one.id: one.slots for one in self.plan.instances},
            {one.symbol: one for one in self.plan.instruments},
        )
        self.hands: Any = Hands(self.exchange, self.latch)
        self.hands.start = self.hands.close = lambda *_: None
        stage: Any = LiveExecutor(
            hub, self.exchange, self.hands, tracker, mailbox, self.plan, care, self.latch, self, restart,
            monotonic=lambda: self.seconds,
        )  # fmt: skip
        stage.remind = self.inbox.append
        stage._alarm = SimpleNamespace(start=lambda: None, stop=lambda: None, set=lambda seconds: None)
        self.stage = stage
        stage.begin()
        self.exchange.troubles.clear()
        stage.receive(Reconcile("start"))
        self.hear()
        self.quote()

    def die(self) -> None:
        """kill -9: what is not on disk is gone, and so is every answer and every piece of news on its way."""
        self.inbox.clear()
        self.exchange.news.clear()
        self.exchange.is_streaming = False
        self.records._writer.database.close()

    # ------------------------------------------------------------ what a test does

    def work(self, jobs: int = 1_000_000) -> None:
        """Hears what waits and makes requests, at most so many; a request on which the client dies is a crash."""
        try:
            while True:
                self.hear()
                if jobs <= 0 or not self._one_job():
                    return
                jobs -= 1
        except Dead:
            self.die()
            self.rise()

    def hear(self) -> None:
        """All messages that wait."""
        while self.inbox:
            self.stage.receive(self.inbox.popleft())

    def _one_job(self) -> bool:
        for queue in (self.hands._urgent, self.hands._orders, self.hands._reads):
            try:
                _, _, job = queue.get_nowait()
            except Empty:
                continue
            self._run(job)
            return True
        return False

    def _run(self, job: Any) -> None:
        try:
            self.inbox.extend(job.run())
        except BelayError as error:
            self.inbox.extend(job.failed(error))

    def beat(self, seconds: float = 0.5) -> None:
        """Time goes on, on both sides."""
        self.seconds += seconds
        self.time += int(seconds * 1000)
        self.quote()
        self.stage.receive(Beat())
        self.records.on_receive(Ping())  # the watchdog asks each second, and what is complete is written

    def quote(self) -> None:
        """The newest price arrives."""
        last = self.core.tapes[BTC].last
        price = Price(last)
        self.hub.publish(QuoteSeen(Quote(BTC, price, Price(last + MARKET.tick), price, instant(self.time))))

    def wish(self, *verdicts: Any) -> None:
        """The judge's word on one event."""
        self.number += 1
        self.stage.receive(Execute(self.number, instant(self.time), verdicts))

    def entry(self, slot: int, kind: Kind, below: Decimal, stop: Decimal) -> Approved:
        """An approved buy of some 40 USDT; ``below`` and ``stop`` are shares under the price."""
        last = self.core.tapes[BTC].last
        price = None if kind is Kind.MARKET else Price(MARKET.to_tick(last * (1 - below)))
        protect = Price(MARKET.to_tick(last * (1 - below - stop)))
        intent = Intent(
            identity=self._identity(slot), side=Side.BUY, kind=kind, price=price, reference=Price(last),
            quantity=Quantity(MARKET.to_step(Decimal(40) / last)), stop=protect,
            at=instant(self.time),
        )  # fmt: skip
        fold, close = Fold(self.plan), float(last)
        fold.mark(BTC, Bar(0, close, close, close, close, 100.0))
        verdict = judge(intent, fold)
        assert isinstance(verdict, Approved), verdict
        return verdict

    def exit(self, slot: int, kind: Kind, above: Decimal) -> Approved:
        """An approved sale of all that the slot holds; ``above`` is a share over the price."""
        last, held = self.core.tapes[BTC].last, self.held(slot)
        price = None if kind is Kind.MARKET else Price(MARKET.to_tick(last * (1 + above)))
        intent = Intent(
            identity=self._identity(slot), side=Side.SELL, kind=kind, price=price, reference=Price(last),
            quantity=Quantity(MARKET.to_step(held)), at=instant(self.time),
        )  # fmt: skip
        verdict = approve_reducing(intent, held)
        assert isinstance(verdict, Approved), verdict
        return verdict

    def withdrawal(self, order: Order) -> Withdrawal:
        """The strategy does not want it any more."""
        return Withdrawal(identity=order.identity, at=instant(self.time))

    def _identity(self, slot: int) -> Identity:
        instance = self.plan.instances[0].id
        return Identity(instance, BTC, slot, self.stage._floor.used.get((instance, BTC, slot), 0) + 1)

    # ------------------------------------------------------------ what a test sees

    def declared(self, slot: int) -> Order | None:
        """The slot's declared order that works."""
        found = (
            o
            for o in self.stage._floor.tracker.working()
            if o.role is Role.DECLARED and o.identity.slot == slot
        )
        return next(found, None)

    def held(self, slot: int) -> Decimal:
        """Coins of a slot, as the executor counts them."""
        held: Decimal = self.stage._floor.tracker.held.get((self.plan.instances[0].id, BTC, slot), Decimal(0))
        return held

    def kill(self) -> None:
        """The latch, and the kill switch's own hands on everything but stops."""
        self.latch.trip("test", "now", self.now())
        for order in self.stage._floor.tracker.working():
            there = self.core.find(client_id=order.client_order_id)
            if order.role is Role.DECLARED and there is not None and there.status.is_open:
                self.core.cancel(there)
                self.inbox.append(GoneElsewhere(order))

    def rearm(self) -> None:
        """Lifted, and started anew."""
        self.die()
        self.latch = Latch(None)
        self.rise()

    def differences(self) -> list[str]:
        """Venue and records compared to the last digit, coins without a stop included (not while halted)."""
        there, here = account_of(SimpleNamespace(core=self.core)), ours(self.home)  # type: ignore[arg-type]
        uncovered = [] if self.latch.is_set() else bare(there, here, {"grid": LEVELS})
        return [*faults(there, here), *uncovered]

    def settle(self) -> list[str]:
        """Everything is told and answered and time goes by; what still differs after that."""
        self.exchange.troubles.clear()
        found, calm = ["nothing was looked at"], 0
        for _ in range(STEPS):
            self.inbox.extend(self.exchange.news)
            self.exchange.news.clear()
            self.work()
            found = self.differences()
            calm = 0 if found else calm + 1
            if calm >= CALM:
                return []
            self.beat()
        return found

    def _arrives(self, order: Order) -> None:
        """At the venue's door: the latch, and the row as another process sees it."""
        if self.latch.is_set():
            self.faults.append(f"{order.client_order_id} is sent behind the latch")
        with closing(sqlite3.connect(f"file:{self.home / 'belay.db'}?mode=ro", uri=True)) as database:
            question = "SELECT status FROM orders WHERE client_order_id = ?"
            row = database.execute(question, (order.client_order_id,)).fetchone()
        if row is None or row[0] not in ("intent", "unknown"):
            self.faults.append(f"{order.client_order_id} is sent and its row is {row}")


def holding(bench: LiveBench) -> None:
    """Slot 0 has bought and rests under its stop."""
    bench.wish(bench.entry(0, Kind.MARKET, Decimal(0), Decimal("0.02")))
    assert bench.settle() == []
    assert bench.held(0) > 0


def _plan() -> Plan:
    instrument = Instrument(BTC, MARKET.tick, MARKET.step, MARKET.min_amount, MARKET.min_notional)
    return Plan(
        book=BOOK, mode=Mode.LIVE, timeframe="1m", instruments=(instrument,),
        instances=lay_out([("grid", BTC, {"levels": LEVELS})]), costs=Costs(),
        limits=Limits(allowed_symbols=(BTC,)), cash=Decimal(10_000),
    )  # fmt: skip
