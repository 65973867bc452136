"""Alerts: which facts become one, and how floods are counted into a few."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.halt import HaltStep
from core.intent import Side
from core.market import Freshness
from core.messages import (
    FeedEnded,
    FeedProgressed,
    HaltTripped,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    Rearmed,
    Severity,
    StageFailed,
    StateChanged,
)
from core.modes import Mode, TradingState
from core.order import Role
from tests.fakes.alert_bench import (
    BEAT,
    NOON,
    RECORD,
    Bench,
    account,
    denied,
    filled,
    order,
    proved,
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.stage.finish()


@pytest.mark.parametrize(
    ("fact", "severity", "kind", "words"),
    [
        (filled(), "info", "execution", "Bought 0.0005 BTC at 60,000 (Grid, BTC/USDT)."),
        (filled(role=Role.PROTECTIVE, side=Side.SELL), "warning", "execution", "A protective stop sold"),
        (denied(), "warning", "risk limit", "Grid, BTC/USDT: Denied: 20 entries"),
        (OrderRefused(order(reason="Too small.")), "error", "execution", "Refused a buy of 0.0005 BTC: Too small."),
        (OrderLost(order()), "error", "connection",
         "Unknown: no answer to the order to buy 0.0005 BTC at 60,000; its slot is blocked"),
        (HaltTripped(RECORD), "critical", "system", "Halted by tray: Stopped by hand."),
        (proved(HaltStep.VERIFIED), "warning", "system",
         "two reads show nothing of yours open"),
        (proved(HaltStep.UNVERIFIED), "critical", "system",
         "orders may be open"),
        (Rearmed(NOON), "warning", "system", "re-armed"),
        (StateChanged(TradingState.REDUCING, "by you", NOON), "warning", "risk limit",
         "Entries are paused by you; positions may only shrink."),
        (StateChanged(TradingState.HALTED, "by the loss", NOON), "critical", "risk limit", "halted by the loss."),
        (StateChanged(TradingState.ACTIVE, "by you", NOON), "info", "risk limit", "Entries are resumed by you."),
        (StageFailed("executor", "KeyError: 1"), "critical", "system", "The part executor fails"),
        (FeedEnded(3), "info", "connection", "has ended"),
        (account("16"), "warning", "risk limit", "Loss today is near its limit: 16.00 of 20.00 USD."),
        (account("20"), "critical", "risk limit", "Loss today has reached its limit: 20.00 of 20.00 USD."),
    ],
)  # fmt: skip
def test_what_a_person_should_know(bench: Bench, fact: Any, severity: str, kind: str, words: str) -> None:
    bench.stage.receive(fact)
    (alert,) = bench.published
    assert (alert.severity, alert.kind, alert.mode) == (Severity(severity), kind, Mode.PAPER)
    assert words in alert.text
    (line,) = bench.filed()
    assert line == {"at": line["at"], "severity": severity, "kind": kind, "mode": "paper", "text": alert.text}
    (shown,) = bench.console
    assert f"paper {severity} {kind}: {alert.text}" in shown


@pytest.mark.parametrize(
    "fact",
    [
        OrderPlaced(order()),
        proved(HaltStep.CANCELLING),
        account("15.99"),
        BEAT,
    ],
)
def test_what_is_no_news(bench: Bench, fact: Any) -> None:
    bench.stage.receive(fact)
    assert bench.published == []


def test_a_flood_is_counted_into_one(bench: Bench) -> None:
    for number in range(1000):
        bench.stage.receive(filled(number))
        bench.stage.receive(denied(number))
    assert len(bench.published) == 2
    bench.later(11)
    assert bench.texts()[2].startswith("999 more fills of BTC/USDT; the last: Bought 0.0005")
    assert bench.texts()[3].startswith("999 more denied orders of Grid, BTC/USDT (daily-entries); the last: ")
    bench.later(11)
    bench.later(11)
    assert len(bench.published) == 4
    bench.stage.receive(filled(1001))
    assert bench.texts()[4].startswith("Bought")


def test_a_single_one_that_waited_keeps_its_words(bench: Bench) -> None:
    bench.stage.receive(filled(1))
    bench.stage.receive(filled(2))
    bench.later(11)
    assert bench.texts() == ["Bought 0.0005 BTC at 60,000 (Grid, BTC/USDT)."] * 2


def test_different_things_are_not_counted_together(bench: Bench) -> None:
    bench.stage.receive(StageFailed("risk", "x"))
    bench.stage.receive(StageFailed("executor", "x"))
    bench.stage.receive(filled())
    bench.stage.receive(filled(side=Side.SELL))
    assert len(bench.published) == 4


def test_what_waits_goes_out_at_the_end(bench: Bench) -> None:
    for number in range(5):
        bench.stage.receive(filled(number))
    bench.stage.finish()
    assert bench.texts()[-1].startswith("4 more fills")
    assert bench.filed()[-1]["text"] == bench.texts()[-1]


def test_a_loss_limit_is_said_once_a_day(bench: Bench) -> None:
    for used in ("16", "17", "20", "21"):
        bench.stage.receive(account(used))
    assert [alert.severity for alert in bench.published] == [Severity.WARNING, Severity.CRITICAL]
    bench.later(60)
    bench.stage.receive(account("16", NOON + timedelta(days=1)))
    assert [alert.kind for alert in bench.published[2:]] == ["daily summary", "risk limit"]


def test_a_day_that_ends_is_summed_up(bench: Bench) -> None:
    bench.stage.receive(account(equity="10012.50"))
    bench.stage.receive(account(at=NOON + timedelta(days=1)))
    (alert,) = bench.published
    assert alert.text == ("1 Mar: +12.50 USDT, 3 won, 1 lost, 0 even, fees 1.50 USDT; equity 10,012.50 USDT.")


def test_prices_that_stop_and_come_back(bench: Bench) -> None:
    for freshness in (Freshness.UNKNOWN, Freshness.STALE, Freshness.STALE, Freshness.FRESH):
        bench.stage.receive(FeedProgressed(1, None, NOON, freshness, "1"))
    assert [alert.severity for alert in bench.published] == [Severity.WARNING, Severity.INFO]
