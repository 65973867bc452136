"""A kill where no bot runs: every book of the home is emptied of orders, in its records too."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from unittest.mock import patch

import pytest

from actors.executor.killswitch import KillSwitch
from actors.offline_kill import prove_offline
from actors.persistence.restart import load_restart
from actors.persistence.verify import verify_books
from core.halt import HaltStep
from core.messages import Drained, OrderPlaced
from core.order import OrderState, Role
from tests.fakes.made_candles import write_candles
from tests.fakes.pipeline_bench import PipelineBench
from tests.fakes.program import BOTH


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "candles.csv", 4_000, seed=3)


def stopped_with_open_orders(home: Path, candles: Path, *strategies: str) -> PipelineBench:
    """A session that ended while declared orders rested."""
    bench, rests = PipelineBench(home, candles, strategies), Event()

    def look(fact: Drained) -> None:
        roles = [order.role for order in bench.pipeline.venue.open_orders()]
        if roles.count(Role.DECLARED) >= 2 and fact.number > 800 and not rests.is_set():
            bench.pipeline.latch._set.set()  # the market stands still, so that it stays so
            rests.set()

    bench.hub.subscribe(look, Drained)
    # Neither of the two threads that would clear the venue themselves.
    bench.pipeline._watch = lambda: None  # type: ignore[method-assign]
    with patch.object(KillSwitch, "start"), bench.running():
        assert rests.wait(30)
    return bench


def test_a_home_without_records(tmp_path: Path) -> None:
    evidence = prove_offline(tmp_path, keep_stops=True)
    assert (evidence.step, evidence.lines) == (HaltStep.VERIFIED, ())


def test_what_rests_is_cancelled_in_the_records(tmp_path: Path, candles: Path) -> None:
    bench = stopped_with_open_orders(tmp_path, candles, *BOTH)
    before = load_restart(tmp_path, bench.plan.book)
    declared = [order for order in before.working if order.role is Role.DECLARED]
    assert len(declared) >= 2
    evidence = prove_offline(tmp_path, keep_stops=True)
    assert evidence.step is HaltStep.VERIFIED
    assert {line.client_order_id for line in evidence.lines if line.read_2 == "gone"} == {
        order.client_order_id for order in declared
    }
    after = load_restart(tmp_path, bench.plan.book)
    assert all(order.role is Role.PROTECTIVE for order in after.working)
    assert verify_books(tmp_path, bench.plan.book) == []
    again = prove_offline(tmp_path, keep_stops=True)
    assert again.step is HaltStep.VERIFIED
    assert load_restart(tmp_path, bench.plan.book).working == after.working


def test_stops_go_too_when_asked(tmp_path: Path, candles: Path) -> None:
    bench = stopped_with_open_orders(tmp_path, candles, *BOTH)
    assert prove_offline(tmp_path, keep_stops=False).step is HaltStep.VERIFIED
    assert load_restart(tmp_path, bench.plan.book).working == ()


def test_every_book_of_the_home(tmp_path: Path, candles: Path) -> None:
    benches = [stopped_with_open_orders(tmp_path, candles, *names) for names in (("grid",), BOTH)]
    assert benches[0].plan.book != benches[1].plan.book
    assert prove_offline(tmp_path, keep_stops=False).step is HaltStep.VERIFIED
    for bench in benches:
        assert load_restart(tmp_path, bench.plan.book).working == ()
        assert verify_books(tmp_path, bench.plan.book) == []


def test_after_it_the_strategies_place_anew(tmp_path: Path, candles: Path) -> None:
    bench = stopped_with_open_orders(tmp_path, candles, *BOTH)
    prove_offline(tmp_path, keep_stops=True)
    cancelled = {order.identity for order in load_restart(tmp_path, bench.plan.book).newest
                 if order.status is OrderState.CANCELLED}  # fmt: skip
    assert cancelled
    again = PipelineBench(tmp_path, candles, BOTH).to_the_end()
    placed = {fact.order.identity for fact in again.of(OrderPlaced)}
    assert not placed & cancelled
    slots = {(one.instance, one.slot) for one in placed}
    assert {(one.instance, one.slot) for one in cancelled} & slots, "no cancelled slot is used again"
    assert verify_books(tmp_path, bench.plan.book) == []
