"""Alerts on their way: each channel has its least severity, and none stops another or the stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.alerts.stage import AlertsStage
from actors.fact_log import LOGGED
from actors.journal import open_journal
from actors.log_reading import read_log
from core.messages import (
    AccountMarked,
    AlertRaised,
    FeedProgressed,
    HaltTripped,
    OrderPlaced,
    PartsChecked,
    Severity,
)
from core.modes import Mode
from core.settings import Alerts, Settings
from tests.fakes.alert_bench import (
    NOON,
    RECORD,
    Bench,
    denied,
    filled,
    order,
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.stage.finish()


def test_each_channel_has_its_least_severity(tmp_path: Path) -> None:
    shown: list[AlertRaised] = []
    settings = Settings(alerts=Alerts(console="off", file="warning", desktop="critical"))
    bench = Bench(tmp_path, settings, shown.append)
    for fact in (filled(), denied(), HaltTripped(RECORD)):
        bench.stage.receive(fact)
    assert bench.console == []
    assert [line["severity"] for line in bench.filed()] == ["warning", "critical"]
    assert [alert.severity for alert in shown] == [Severity.CRITICAL]
    bench.stage.finish()


def test_a_failing_channel_stops_no_other_and_not_the_stage(tmp_path: Path) -> None:
    def broken(alert: AlertRaised) -> None:
        raise ZeroDivisionError("the desktop is gone")

    bench = Bench(tmp_path, desktop=broken)
    bench.stage._write = broken  # the console's too
    bench.stage.receive(filled())
    bench.stage.receive(HaltTripped(RECORD))
    assert len(bench.filed()) == 2
    assert len(bench.published) == 2
    bench.stage.finish()


def test_alerts_of_other_stages_are_delivered_once_and_counted(bench: Bench) -> None:
    full = AlertRaised(NOON, Severity.CRITICAL, "system", "The disk is full.", Mode.LIVE)
    for _ in range(50):
        bench.hub.publish(full)
    assert len(bench.published) == 50  # the test's own; none is published again
    (line,) = bench.filed()
    assert (line["text"], line["mode"]) == ("The disk is full.", "live")
    bench.later(11)
    assert bench.filed()[1]["text"] == "49 more alerts (system); the last: The disk is full."
    assert len(bench.published) == 50


def test_a_full_disk_does_not_end_the_stage(tmp_path: Path) -> None:
    (tmp_path / "alerts.jsonl").mkdir()
    bench = Bench(tmp_path)
    bench.stage.receive(filled())
    assert len(bench.console) == 1
    bench.stage.finish()


def test_every_change_of_state_has_a_line_in_the_log(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, Mode.PAPER)
    bench = Bench(tmp_path)
    for fact in (OrderPlaced(order()), filled(), denied(), HaltTripped(RECORD)):
        bench.stage.receive(fact)
    journal.close()
    lines = [line for line in reversed(read_log(tmp_path)) if line.source == "facts" and line.text != "alert"]
    assert [line.text for line in lines] == ["order placed", "order filled", "order denied", "halted"]
    assert all(line.mode == "paper" for line in lines)
    fields = dict(lines[1].fields)
    assert (fields["fill_price"], fields["fee"], fields["strategy"]) == (
        "60000",
        "0.03 USDT",
        "grid:BTC/USDT",
    )
    assert "daily-entries" in dict(lines[2].fields)["why"]
    bench.stage.finish()


def test_it_asks_for_every_fact_it_can_use() -> None:
    assert set(LOGGED) <= set(AlertsStage.wanted)
    assert {AccountMarked, FeedProgressed, PartsChecked, AlertRaised} <= set(AlertsStage.wanted)
    assert len(AlertsStage.wanted) == len(set(AlertsStage.wanted))
