"""The live executor against a venue by rules in any order: wishes, fills, lost answers, late news, crashes, kills."""

from __future__ import annotations

import logging
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from core.intent import Kind
from core.order import OrderState
from core.venue import AccountStream
from tests.fakes.live_bench import BTC, LEVELS, MARKET, LiveBench
from tests.fakes.live_exchange import Lost
from tests.live.seeds import seeds
from tests.venue.orders import Kind as TheirKind
from tests.venue.settlement import Fees

SLOTS = st.integers(0, LEVELS - 1)
SHARES = st.integers(-30, 30).map(lambda thousandths: Decimal(thousandths) / 1000)
FOLDER = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Records are synced with every row: in memory that costs little."""


class LiveMachine(RuleBasedStateMachine):
    """``give`` says what kind of venue this is."""

    can_amend = False
    fees = Fees()

    @initialize()
    def begin(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="belay-", dir=FOLDER))
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self.bench = LiveBench(self.home, can_amend=self.can_amend, fees=self.fees)
        self.is_killed = False

    # ------------------------------------------------------------ what strategies and people do

    @precondition(lambda self: not self.is_killed)
    @rule(slot=SLOTS, kind=st.sampled_from([Kind.MARKET, Kind.LIMIT, Kind.POST_ONLY]),
          below=st.integers(0, 20), stop=st.integers(3, 30))  # fmt: skip
    def wish_entry(self, slot: int, kind: Kind, below: int, stop: int) -> None:
        bench = self.bench
        if bench.declared(slot) is None and bench.held(slot) < MARKET.step:
            share = Decimal(below if kind is not Kind.MARKET else 0) / 1000
            bench.wish(bench.entry(slot, kind, share, Decimal(stop) / 1000))

    @precondition(lambda self: not self.is_killed)
    @rule(
        slot=SLOTS, kind=st.sampled_from([Kind.MARKET, Kind.LIMIT, Kind.POST_ONLY]), above=st.integers(-5, 15)
    )
    def wish_exit(self, slot: int, kind: Kind, above: int) -> None:
        bench = self.bench
        if bench.declared(slot) is None and bench.held(slot) >= MARKET.step:
            bench.wish(bench.exit(slot, kind, Decimal(above) / 1000))

    @rule(slot=SLOTS)
    def withdraw(self, slot: int) -> None:
        order = self.bench.declared(slot)
        if order is not None and order.status in (
            OrderState.OPEN,
            OrderState.PART_FILLED,
            OrderState.WAITING,
        ):
            self.bench.wish(self.bench.withdrawal(order))

    @precondition(lambda self: not self.is_killed)
    @rule(slot=SLOTS, stop=st.integers(3, 30), exit_at=st.none() | st.integers(-5, 15))
    def hold_something(self, slot: int, stop: int, exit_at: int | None) -> None:
        """The short way to a slot that holds coins under a stop, with or without an exit that waits."""
        self.wish_entry(slot, Kind.MARKET, 0, stop)
        left = self.bench.settle()
        assert left == [], left
        if exit_at is not None and not self.bench.latch.is_set():
            self.wish_exit(slot, Kind.LIMIT, exit_at)

    @precondition(lambda self: not self.is_killed)
    @rule(doubt=st.integers(0, 3))
    def kill(self, doubt: int) -> None:
        if not doubt:
            self.bench.kill()
            self.is_killed = True

    @precondition(lambda self: self.is_killed)
    @rule()
    def rearm(self) -> None:
        self.bench.rearm()
        self.is_killed = False

    # ------------------------------------------------------------ what the market and the wire do

    @rule(share=SHARES)
    def move_price(self, share: Decimal) -> None:
        self.bench.core.gap(BTC, share)
        self.bench.quote()

    @rule(tenths=st.integers(1, 9))
    def fill_a_part(self, tenths: int) -> None:
        resting = [o for o in self.bench.core.open_orders() if o.wish.kind is TheirKind.LIMIT]
        for order in resting[:1]:
            part = MARKET.to_step(order.remaining * tenths / 10)
            if MARKET.step <= part < order.remaining:
                self.bench.core.fill(order, part)

    @rule(trouble=st.sampled_from(list(Lost)))
    def trouble(self, trouble: Lost) -> None:
        self.bench.exchange.troubles.append(trouble)

    @rule(count=st.integers(1, 9))
    def make_requests(self, count: int) -> None:
        self.bench.work(count)

    @rule(data=st.data())
    def hear_news(self, data: Any) -> None:
        """Some of the news, in any order, some of them twice; the others stay on their way."""
        news = self.bench.exchange.news
        chosen = data.draw(st.lists(st.sampled_from(range(len(news))), max_size=4)) if news else []
        told = [news[index] for index in chosen]
        if data.draw(st.booleans()):
            for index in sorted(set(chosen), reverse=True):
                del news[index]
        for one in told:
            self.bench.inbox.append(one)
        self.bench.hear()

    @rule()
    def lose_news(self) -> None:
        """The own streams break and come back: what was on its way is never told."""
        self.bench.exchange.news.clear()
        self.bench.inbox.extend((AccountStream(False, "cut"), AccountStream(True)))
        self.bench.hear()

    @rule(seconds=st.sampled_from([0.2, 1.0, 3.0, 30.0]))
    def time_passes(self, seconds: float) -> None:
        self.bench.beat(seconds)

    @rule()
    def crash(self) -> None:
        self.bench.die()
        self.bench.rise()

    # ------------------------------------------------------------ what must hold

    @rule()
    def everything_settles(self) -> None:
        left = self.bench.settle()
        assert left == [], left

    @invariant()
    def nothing_is_sent_that_may_not(self) -> None:
        if not hasattr(self, "bench"):
            return
        assert self.bench.faults == []
        assert self.bench.failed == []
        self.bench.core.check()
        names = [order.wish.client_id for order in self.bench.core.orders.values()]
        assert len(names) == len(set(names)), "an identity was placed twice"
        assert self.is_killed or not self.bench.latch.is_set(), self.bench.latch.read()

    def teardown(self) -> None:
        if not hasattr(self, "bench"):
            return
        left = self.bench.settle()
        self.bench.die()
        shutil.rmtree(self.home)
        assert left == [], left
        assert self.bench.faults == []


class AmendingMachine(LiveMachine):
    """A venue that amends orders in place and takes its fees in quote currency, as Kraken does."""

    can_amend = True
    fees = Fees(Decimal("0.0025"), Decimal("0.004"), "quote", Decimal("0.0001"))


CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
FEW = settings(max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=CHECKS)
MANY = settings(max_examples=100, stateful_step_count=60, deadline=None, suppress_health_check=CHECKS)
PARTS = 20
"""Two thousand examples in all."""


@pytest.mark.parametrize("machine", [LiveMachine, AmendingMachine])
def test_any_order_of_things(machine: type[LiveMachine]) -> None:
    machine.TestCase.settings = FEW
    machine.TestCase("runTest").runTest()


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("number", seeds(PARTS))
def test_any_order_of_things_for_long(number: int) -> None:
    print(f"seed {number}")
    machine = type("SeededMachine", ((LiveMachine, AmendingMachine)[number % 2],), {})
    run_state_machine_as_test(seed(number)(machine), settings=MANY)
