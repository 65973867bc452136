"""The heartbeat file: whole at every moment, exact, and gone when the bot is."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actors.hub import FactHub
from actors.status_file import StatusFile
from core.clock import SystemClock
from core.halt import Latch
from core.ids import Symbol
from core.market import Bar, Quote
from core.messages import AccountMarked, CandlesClosed, QuoteSeen
from core.modes import Mode
from core.money import Price
from tests.fakes import made

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Bench:
    def __init__(self, home: Path) -> None:
        self.home, self.hub, self.latch = home, FactHub(), Latch(home)
        self.file = StatusFile(
            home, Mode.PAPER, "Simulated market", self.hub, self.latch, SystemClock(), lambda: 3
        )

    def values(self) -> dict[str, Any]:
        self.file.write()
        found: dict[str, Any] = json.loads((self.home / "status.json").read_text())
        return found


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def marked() -> AccountMarked:
    return made.account()


def test_at_the_start_it_says_so(bench: Bench) -> None:
    values = bench.values()
    assert (values["pid"], values["state"], values["open_orders"]) == (os.getpid(), "starting", 3)
    assert (values["positions"], values["prices"], values["halted"]) == ([], {}, False)
    assert "equity" not in values
    assert abs(datetime.fromisoformat(values["at"]) - datetime.now(UTC)).total_seconds() < 5


def test_amounts_are_decimal_texts(bench: Bench) -> None:
    account = marked()
    bench.hub.publish(account)
    values = bench.values()
    for name in ("equity", "cash", "profit", "fees", "drawdown"):
        assert type(values[name]) is str
    assert Decimal(values["equity"]) == account.equity
    assert Decimal(values["cash"]) == account.cash
    assert values["state"] == account.state.value
    assert len(values["positions"]) == len(account.holdings) > 0
    for held, one in zip(values["positions"], account.holdings, strict=True):
        assert (held["strategy"], Decimal(held["quantity"])) == (one.instance, one.quantity)


def test_prices_of_quotes_and_candles(bench: Bench) -> None:
    bench.hub.publish(QuoteSeen(Quote(made.BTC, Price("10"), Price("11"), Price("10.5"), NOW)))
    bench.hub.publish(CandlesClosed(made.ETH, "1m", (Bar(0, 1.0, 2.0, 0.5, 1.5, 9.0),), 1))
    bench.hub.publish(CandlesClosed(Symbol("XRP/USDT"), "1m", (), 1))
    prices = bench.values()["prices"]
    assert {symbol: one["last"] for symbol, one in prices.items()} == {"BTC/USDT": "10.5", "ETH/USDT": "1.5"}


def test_halted_outranks_the_account(bench: Bench) -> None:
    bench.hub.publish(marked())
    bench.latch.trip("test", "now", NOW)
    values = bench.values()
    assert (values["state"], values["halted"]) == ("halted", True)


def test_a_disk_that_takes_nothing_stops_nothing(bench: Bench) -> None:
    (bench.home / "status.new").mkdir()
    bench.file.write()
    bench.file.write()
    assert not (bench.home / "status.json").exists()


def test_the_end_leaves_no_file(bench: Bench) -> None:
    bench.file.start()
    bench.file.close()
    assert not bench.file.is_alive()
    assert not (bench.home / "status.json").exists()
