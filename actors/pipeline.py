"""The contents page: every part of a running bot, started sinks first, asked for readiness, stopped in reverse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from actors.alerts.stage import AlertsStage
from actors.executor.killswitch import KillSwitch
from actors.executor.live import GoneElsewhere
from actors.executor.orders import OrderTable
from actors.executor.stage import ExecutorStage
from actors.feed.pace import Pace
from actors.feed.stage import FeedStage
from actors.halting import let_arrive, let_settle
from actors.hub import FactHub
from actors.live_side import LiveSide, earlier_orders
from actors.persistence.books import RecordBooks
from actors.persistence.restart import load_restart
from actors.persistence.stage import PersistenceStage
from actors.risk.stage import RiskStage
from actors.stage import Address
from actors.strategy.stage import StrategyStage, last_candles
from actors.venues.paper import PaperVenue
from actors.venues.venue_ids import has_real_market
from actors.watchdog import Watchdog
from core.clock import Clock, instant
from core.errors import BelayError, HaltTrading, StageSilent
from core.halt import Latch
from core.ids import Symbol
from core.market import Bar
from core.messages import (
    AlertRaised,
    Begin,
    Drained,
    DustLeft,
    EquitySampled,
    FeedEnded,
    Flush,
    HaltProgressed,
    HaltTripped,
    Keep,
    LinkNoted,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    Ping,
    Rearmed,
    Reconciled,
    Report,
    ReportsApplied,
    Resume,
    SignalRaised,
    StageFailed,
    StageRestarted,
    StateChanged,
    UnitClosed,
    VenueReported,
)  # fmt: skip
from core.money import Money
from core.order import Order, OrderState
from core.plan import Plan
from core.plan_text import plan_to_json
from core.ports import MarketSource, OrderVenue
from core.records import Restart
from core.risk.verdict import Reason
from core.settings import Settings
from core.venue import Exchange, StopSupport

log = structlog.get_logger("pipeline")
READY = 30.0
"""Seconds that a stage may take to come up: a cold compile of a strategy is the longest."""
STOP = 10.0
PROOF = 2.0
"""Seconds for which a stop waits for a kill under way."""

FILLS = (OrderPlaced, OrderAmended, OrderRefused, OrderCancelled, OrderFilled)
RECORDED = (
    *FILLS, OrderLost, SignalRaised, EquitySampled, AlertRaised, HaltTripped, HaltProgressed, Rearmed,
    StateChanged, StageFailed, StageRestarted, UnitClosed, FeedEnded,
)  # fmt: skip


@dataclass
class Pipeline:
    """One session.  ``desktop`` shows an alert on the desktop (the window gives it); ``exchange`` is where orders go in
    live mode, open already."""

    home: Path
    plan: Plan
    source: MarketSource
    pace: Pace
    settings: Settings
    latch: Latch
    clock: Clock
    hub: FactHub
    desktop: Callable[[AlertRaised], object] | None = None
    exchange: Exchange | None = None
    stages: dict[str, Address] = field(default_factory=dict)
    live: LiveSide | None = None

    def start(self) -> None:
        """Bring everything up, sinks first; a ``BelayError`` says which part did not and why."""
        try:
            self._records()
            restart = load_restart(self.home, self.plan.book)
            self._venue(restart)
            self._work_lane(restart)
            self._kill_switch()
            self.kill_switch.start()
            self._resume(restart)
            self._watch()  # not before: a venue's limits may make its first look long, and nobody is called silent
        except BelayError:
            self.stop()
            raise
        self.stages["feed"].tell(Begin())

    # ------------------------------------------------------------ the parts, from the last to the first

    def _up(self, title: str, make: Callable[[], object], *facts: type) -> Address:
        """Start one stage, wait until it answers, subscribe it."""
        stage = Address(make, title, self.hub)
        stage.bring_up(READY)
        self.stages[title] = stage
        if facts:
            self.hub.subscribe(stage.tell, *facts)
        return stage

    def _records(self) -> None:
        plan, hub = self.plan, self.hub
        deposit = Money(plan.cash, plan.instruments[0].quote)
        records = self._up(
            "persistence",
            lambda: PersistenceStage.start(hub, self.home, plan.book, plan.mode, self.clock, deposit),
            *RECORDED,
        )
        # What the latch stopped leaves no order row: the halt's own evidence names it.
        hub.subscribe(
            lambda fact: None if fact.why.reason is Reason.HALTED else records.tell(fact), OrderDenied
        )
        records.tell(Keep(0, "plan", plan_to_json(plan).encode()))
        self._up(
            "alerts",
            lambda: AlertsStage.start(
                hub, self.home, self.settings, self.clock, mode=plan.mode, desktop=self.desktop
            ),
            *AlertsStage.wanted,
        )

    def _venue(self, restart: Restart) -> None:
        """The paper venue, where orders do not go to a real one."""
        if self.exchange is not None:
            self.live = LiveSide(self.exchange, self.plan, self.latch)
            return
        self.venue = PaperVenue(self.plan)
        self.venue.number = restart.number
        if "venue" in restart.pieces:
            try:
                self.venue.restore(restart.pieces["venue"], restart.working)
            except ValueError as error:
                raise HaltTrading(
                    f"The paper venue cannot be restored: {error}. Use another --home."
                ) from error

    def _kill_switch(self) -> None:
        venue: OrderVenue = self.venue if self.live is None else self.live.own_hands()
        self.kill_switch = KillSwitch(
            self.latch, venue, self.hub, self.home, self.clock,
            keep_stops=self.settings.kill.stops == "keep", between=0.1, kept=self._keep_venue,
            arrived=lambda: let_arrive(self.stages), settled=lambda: let_settle(self.stages),
            on_the_way=self.live.on_the_way if self.live is not None else lambda: 0,
            told=self._gone_elsewhere if self.live is not None else None,
            known=self.live.resting if self.live is not None else tuple,
        )  # fmt: skip

    def _gone_elsewhere(self, order: Order) -> None:
        """On a real venue the executor finds out what became of an order that the kill switch cancelled."""
        self.stages["executor"].tell(GoneElsewhere(order))

    def _keep_venue(self) -> None:
        """A venue that lives in this process is kept with our records; a real one keeps itself."""
        if self.live is None:
            self.stages["persistence"].tell(Keep(self.venue.number, "venue", self.venue.snapshot()))

    def _executor(self, restart: Restart) -> Address:
        plan, hub, latch, clock = self.plan, self.hub, self.latch, self.clock
        records = self.stages["persistence"]
        if self.live is None:
            table = OrderTable(plan.book, plan.mode)
            make: Callable[[], object] = lambda: ExecutorStage.start(  # noqa: E731
                hub, self.venue, records, table, latch, clock, restart
            )
        else:
            earlier = earlier_orders(self.home, plan.book)
            make = self.live.executor(
                hub, records, plan, self.settings.orders, latch, clock, restart, earlier
            )
        heard = (VenueReported, OrderCancelled) if self.live is None else ()
        return self._up("executor", make, *heard)

    def _work_lane(self, restart: Restart) -> None:
        plan, hub, latch, clock = self.plan, self.hub, self.latch, self.clock
        sees_market = has_real_market(plan.book.split("/")[1])
        halts_itself = self.exchange is not None and self.exchange.caps.stops is not StopSupport.NONE
        executor = self._executor(restart)
        risk = self._up(
            "risk",
            lambda: RiskStage.start(
                hub,
                plan,
                executor,
                latch,
                clock,
                restart,
                sees_market=sees_market,
                halts_itself=halts_itself,
            ),
            *FILLS,
            OrderDenied,
            HaltTripped,
            Reconciled,
            DustLeft,
            OrderLost,
            LinkNoted,
        )
        strategy = self._up(
            "strategy", lambda: StrategyStage.start(hub, plan, risk, restart), *FILLS, OrderDenied, DustLeft
        )
        self._up(
            "feed",
            lambda: FeedStage.start(
                hub, self.source, self._matched, strategy, self.pace, clock, restart.number,
                is_held=latch.is_set, last=last_candles(restart),
            ),
            Drained, ReportsApplied,
        )  # fmt: skip

    def _matched(self, number: int, symbol: Symbol, bar: Bar) -> Sequence[Report]:
        """What a candle does to orders on paper; a real venue tells it by itself."""
        return self.venue.advance(number, symbol, bar) if self.live is None else ()

    def open_orders(self) -> int:
        """How many orders rest at the venue."""
        return len(self.venue.open_orders()) if self.live is None else self.live.open_orders()

    def _watch(self) -> None:
        saved_at = RecordBooks(self.home, self.plan.book).saved_at
        self.watchdog = Watchdog(self.stages, self.kill_switch, self.hub, self.latch, self.clock, saved_at)
        self.watchdog.start()

    def _resume(self, restart: Restart) -> None:
        """Finish the event in whose middle the last session ended, before the market goes on."""
        if self.live is not None:
            self.live.reconcile(self.stages["executor"])
            return
        if restart.drained >= restart.number:
            return
        intents = tuple(order for order in restart.working if order.status is OrderState.INTENT)
        cancels = tuple(order for order in restart.working if order.status is OrderState.CANCELLING)
        at = max((order.time for order in intents), default=instant(0))
        self.stages["risk"].tell(Resume(restart.number, at, intents, cancels))
        for name in ("risk", "executor", "strategy"):
            self.stages[name].ask(Ping(), timeout=READY)

    # ------------------------------------------------------------ the end

    def stop(self) -> None:
        """The feed first, then each part when its inbox is empty, the records last; never raises for a hung part."""
        for thread in (getattr(self, "watchdog", None), getattr(self, "kill_switch", None)):
            if thread is not None:
                thread.close()
                if thread.is_alive():
                    thread.join(PROOF)  # a kill under way still finds its records
        for title in reversed(tuple(self.stages)):
            stage = self.stages[title]
            try:
                if title == "executor" and self.live is not None and stage.is_alive:
                    self.live.settle(stage)
                if title == "persistence" and stage.is_alive:
                    stage.ask(Flush(), timeout=STOP)
                stage.stop(STOP)
            except StageSilent as error:
                log.error("left running", stage=title, why=str(error))
            except BelayError as error:
                log.error("last records not written", why=str(error))
        self.stages.clear()
        if self.live is not None:
            self.live.close()
