"""A part that crashes or hangs in a running pipeline: the latch trips by rule, alerts starts again, stop returns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from time import monotonic
from typing import Any

import pytest

from actors.feed.pace import Pace
from actors.persistence.verify import verify_books
from actors.watchdog import RESTARTED
from core.halt import HaltStep
from core.messages import (
    Drained,
    Fact,
    HaltProgressed,
    PartsChecked,
    StageFailed,
    StageRestarted,
)
from core.order import Role
from tests.fakes.made_candles import write_candles
from tests.fakes.pipeline_bench import PipelineBench
from tests.fakes.program import BOTH

WAIT = 15.0
SLOWLY = Pace(60_000.0)
"""A thousand one-minute candles a second."""


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "candles.csv", 20_000, seed=3)


def heard(
    bench: PipelineBench, kind: type, holds: Callable[[Any], bool] = lambda fact: True
) -> Callable[[], Any]:
    """Waits for a fact from now on."""
    inbox: SimpleQueue[Fact] = SimpleQueue()
    bench.hub.subscribe(inbox.put, kind)

    def wait() -> Any:
        deadline = monotonic() + WAIT
        while True:
            fact = inbox.get(timeout=deadline - monotonic())
            if holds(fact):
                return fact

    return wait


def test_only_alerts_may_start_again() -> None:
    """Every other part stands on the way of the money; the feed would also begin where the session began."""
    assert set(RESTARTED) == {"alerts"}


@pytest.mark.parametrize("part", ["strategy", "risk", "executor", "feed", "persistence"])
def test_a_crash_on_the_way_of_the_money_trips_the_latch(tmp_path: Path, candles: Path, part: str) -> None:
    bench = PipelineBench(tmp_path, candles, BOTH, pace=SLOWLY)
    started, verified = heard(bench, Drained), heard(
        bench, HaltProgressed, lambda fact: fact.evidence.step is HaltStep.VERIFIED
    )  # fmt: skip
    with bench.running():
        started()
        bench.pipeline.stages[part].tell("nobody knows this message")
        verified()
        record = bench.latch.read()
        assert record is not None
        if part == "persistence" and record.cause == "the records":  # the executor asked it in that moment
            assert "persistence" in record.reason
        else:
            assert record.cause == "the watchdog"
            assert record.reason.startswith(f"the part {part} fails: ")
        assert bench.of(StageFailed)[0].stage == part
        placed = len(bench.orders("place"))
    assert len(bench.orders("place")) == placed
    assert bench.of(StageRestarted) == []
    assert verify_books(tmp_path, bench.plan.book) == []


def test_alerts_starts_again_and_nothing_halts(tmp_path: Path, candles: Path) -> None:
    bench = PipelineBench(tmp_path, candles, BOTH, pace=SLOWLY)
    restarted = heard(bench, StageRestarted)
    whole = heard(
        bench, PartsChecked, lambda fact: fact.well == fact.total == 6 and bool(bench.of(StageRestarted))
    )
    with bench.running():
        alerts: Any = bench.pipeline.stages["alerts"]
        alerts._ref._actor_weakref().receive = None
        alerts.tell("this part cannot receive any more")
        assert restarted().stage == "alerts"
        whole()
        assert alerts.is_alive
        assert not bench.latch.is_set()


def test_a_hung_part_keeps_no_stop_waiting(
    tmp_path: Path, candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.pipeline.STOP", 0.3)
    hangs, go_on = Event(), Event()

    def hang(order: Any) -> None:
        hangs.set()
        go_on.wait(WAIT)

    bench = PipelineBench(tmp_path, candles, BOTH, seen=hang)
    try:
        bench.pipeline.start()
        assert hangs.wait(WAIT)
        start = monotonic()
        bench.pipeline.stop()
        assert monotonic() - start < 5
    finally:
        go_on.set()


def test_the_latch_works_while_the_executor_hangs(
    tmp_path: Path, candles: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kill switch has hands of its own: verified although the executor answers nobody."""
    monkeypatch.setattr("actors.pipeline.STOP", 0.3)
    hangs, go_on, count = Event(), Event(), list[int]()

    def hang(order: Any) -> None:
        count.append(1)
        if len(count) == 6:  # some orders rest by then
            hangs.set()
            go_on.wait(WAIT)

    bench = PipelineBench(tmp_path, candles, BOTH, seen=hang)
    verified = heard(bench, HaltProgressed, lambda fact: fact.evidence.step is HaltStep.VERIFIED)
    try:
        bench.pipeline.start()
        assert hangs.wait(WAIT)
        bench.latch.trip("test", "while it hangs", bench.pipeline.clock.now())
        evidence = verified().evidence
        assert evidence.lines
        assert {order.role for order in bench.pipeline.venue.open_orders()} <= {Role.PROTECTIVE}
    finally:
        go_on.set()
        bench.pipeline.stop()
    # and what was on the wire meanwhile was taken back
    assert {order.role for order in bench.pipeline.venue.open_orders()} <= {Role.PROTECTIVE}
