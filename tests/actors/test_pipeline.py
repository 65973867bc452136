"""The contents page: sinks first, readiness asked, the end mirrored; a part that does not come up is a sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actors.persistence.restart import load_restart
from actors.persistence.verify import verify_books
from core.errors import BelayError, HaltTrading
from core.messages import Drained, FeedEnded, OrderDenied, StageFailed, StageStarted
from core.order import OrderState
from core.risk.verdict import Reason
from tests.fakes.made_candles import write_candles
from tests.fakes.pipeline_bench import PipelineBench
from tests.fakes.program import BOTH, rows

NOW = datetime(2030, 1, 1, tzinfo=UTC)
ORDER = ["persistence", "alerts", "executor", "risk", "strategy", "feed"]


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "candles.csv", 1_500, seed=3)


def test_sinks_start_first_and_the_feed_last(tmp_path: Path, candles: Path) -> None:
    bench = PipelineBench(tmp_path, candles, BOTH)
    with bench.running():
        assert list(bench.pipeline.stages) == ORDER
        assert all(stage.is_alive for stage in bench.pipeline.stages.values())
        bench.wait_for_end()
    assert [fact.stage for fact in bench.of(StageStarted)] == ORDER
    assert bench.pipeline.stages == {}
    assert bench.of(StageFailed) == []
    kinds = [type(what) for what in bench.happened]
    assert kinds.index(Drained) > max(place for place, kind in enumerate(kinds) if kind is StageStarted)


def test_the_end_loses_nothing(tmp_path: Path, candles: Path) -> None:
    """What was told before the stop is on disk after it, and a second stop is nothing."""
    bench = PipelineBench(tmp_path, candles, BOTH).to_the_end()
    found = load_restart(tmp_path, bench.plan.book)
    assert (found.number, found.drained) == (1_500, 1_500)
    assert bench.of(FeedEnded) == [FeedEnded(1_500)]
    assert set(found.pieces) == {"plan", "venue", "risk", "strategy", "market"}
    bench.pipeline.stop()


def test_a_home_of_other_settings_is_refused_and_everything_stops(tmp_path: Path, candles: Path) -> None:
    bench = PipelineBench(tmp_path, candles, BOTH).to_the_end()
    with closing(sqlite3.connect(tmp_path / "belay.db", isolation_level=None)) as database:
        database.execute("UPDATE checkpoints SET value = x'00' WHERE key = 'risk'")
    again = PipelineBench(tmp_path, candles, BOTH)
    with pytest.raises(HaltTrading, match="saved with other settings"):
        again.pipeline.start()
    assert again.pipeline.stages == {}
    assert again.of(Drained) == []
    assert bench.plan.book == again.plan.book


def test_a_venue_that_cannot_be_restored_is_a_sentence(tmp_path: Path, candles: Path) -> None:
    PipelineBench(tmp_path, candles, BOTH).to_the_end()
    with closing(sqlite3.connect(tmp_path / "belay.db", isolation_level=None)) as database:
        database.execute("UPDATE checkpoints SET value = x'00' WHERE key = 'venue'")
    with pytest.raises(HaltTrading, match=r"cannot be restored.*Use another --home"):
        PipelineBench(tmp_path, candles, BOTH).pipeline.start()


def test_records_that_cannot_be_opened_are_a_sentence(tmp_path: Path, candles: Path) -> None:
    (tmp_path / "belay.db").write_bytes(b"no database" * 1_000)
    bench = PipelineBench(tmp_path, candles, BOTH)
    with pytest.raises(BelayError, match="no backup"):
        bench.pipeline.start()
    assert bench.pipeline.stages == {}


def test_an_order_stopped_by_the_latch_leaves_no_row(tmp_path: Path, candles: Path) -> None:
    """Halted from the middle on, with the market let go on: denials that the latch made are no rows."""
    bench = PipelineBench(tmp_path, candles, BOTH)
    denied: list[OrderDenied] = []
    bench.hub.subscribe(denied.append, OrderDenied)
    bench.pipeline.happened = bench.happened
    with bench.running():
        feed: Any = bench.pipeline.stages["feed"]
        feed._ref._actor_weakref()._is_held = lambda: False
        bench.hub.subscribe(
            lambda fact: bench.latch.trip("test", "now", NOW) if fact.number == 700 else None, Drained
        )
        bench.wait_for_end()
    stopped = [fact for fact in denied if fact.why.reason is Reason.HALTED]
    assert stopped
    for fact in stopped:
        assert (
            rows(tmp_path, "SELECT * FROM orders WHERE client_order_id = ?", fact.order.client_order_id) == []
        )
    recorded = rows(tmp_path, "SELECT count(*) FROM orders WHERE status = ?", OrderState.DENIED.value)
    assert recorded == [(len(denied) - len(stopped),)]
    assert verify_books(tmp_path, bench.plan.book) == []
