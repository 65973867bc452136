"""The trades page: round trips, their sums, today by the market's time, and new ones after a fill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.messages import OrderFilled
from core.records import RoundTrip
from gui.pages.trade_columns import in_risks
from gui.pages.trades import TradesPage, summary
from gui.text import MINUS
from tests.fakes import made
from tests.fakes.desk import FakeBooks
from tests.fakes.pages import PageBench

Bench = Callable[..., PageBench[TradesPage]]


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return lambda books=None: PageBench(qtbot, TradesPage(), books)


def shown(bench: PageBench[TradesPage]) -> list[RoundTrip]:
    model = bench.page.table.model
    return [model.row_at(row) for row in range(model.rowCount())]


def words(bench: PageBench[TradesPage], key: str) -> list[str]:
    column = next(column for column in bench.page.table.model.columns if column.key == key)
    return [column.text(trip) for trip in shown(bench)]


def test_round_trips_with_net_fees_result_and_ending(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    qtbot.waitUntil(lambda: len(shown(one)) == 16)
    assert words(one, "net")[3] == f"{MINUS}0.88"
    assert words(one, "net")[0] == "+0.20"
    assert words(one, "net")[9] == "0.00"
    assert words(one, "result")[3] == "Lost"
    assert words(one, "result")[9] == "Even"
    assert words(one, "ended")[3] == "Stop"
    assert words(one, "risks")[3] == f"{MINUS}0.80"
    assert words(one, "held")[0] == "12\u00a0min"
    assert one.page.panel.filters._names == ("All 16", "Today 16", "Won 14", "Lost 1", "Even 1")


def test_the_summary_is_of_what_is_shown(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    qtbot.waitUntil(lambda: len(shown(one)) == 16)
    net = sum((trip.net for trip in made.trades()), Decimal(0))
    assert one.page.summary.text() == f"Net +{net}\u00a0USDT after 1.44\u00a0USDT of fees"
    one.page.panel.filters.choose(3)
    assert one.page.summary.text() == f"Net {MINUS}0.88\u00a0USDT after 0.09\u00a0USDT of fees"
    one.page.panel.filters.choose(0)
    one.page.panel.finder.setText("trend")
    qtbot.waitUntil(lambda: len(shown(one)) == 1)


def test_currencies_are_never_added_together() -> None:
    trip = made.trades()[0]
    told = summary([trip, replace(trip, symbol="ETH/EUR", net=Decimal("-1"), fees=Decimal("0.5"))])
    assert told == (
        f"Net {MINUS}1.00\u00a0EUR after 0.50\u00a0EUR of fees, +0.20\u00a0USDT after 0.09\u00a0USDT of fees"
    )
    assert summary([]) == ""


def test_today_is_the_markets_day(bench: Bench, qtbot: QtBot) -> None:
    books = FakeBooks()
    books.kept_trades = [
        replace(trip, closed=trip.closed - timedelta(days=n), opened=trip.opened - timedelta(days=n))
        for n, trip in enumerate(made.trades()[:3])
    ]
    one = bench(books)
    qtbot.waitUntil(lambda: len(shown(one)) == 3)
    one.page.panel.filters.choose(1)
    assert len(shown(one)) == 1
    account = made.account()
    one.say(replace(account, at=account.at + timedelta(days=1)))
    assert shown(one) == []
    assert one.page.table.empty.sentence.text().startswith("No trade fits")


def test_a_fill_brings_the_new_round_trip(bench: Bench, qtbot: QtBot) -> None:
    books = FakeBooks()
    books.kept_trades = made.trades()[1:]
    one = bench(books)
    qtbot.waitUntil(lambda: len(shown(one)) == 15)
    books.kept_trades = made.trades()
    order = next(order for order in made.orders() if order.filled)
    one.say(OrderFilled(order, made.fill(order)))
    qtbot.waitUntil(lambda: len(shown(one)) == 16)
    assert one.page.panel.filters._names[0] == "All 16"


def test_nothing_risked_is_not_known_and_copied_as_nothing(bench: Bench, qtbot: QtBot) -> None:
    trip = replace(made.trades()[0], risked=None)
    assert in_risks(trip) is None
    one = bench(FakeBooks())
    column = next(column for column in one.page.table.model.columns if column.key == "risks")
    assert column.text(trip) == "not known"
    assert column.copied(trip) == ""


def test_without_trades_it_says_when_they_come(bench: Bench, qtbot: QtBot) -> None:
    one = bench(FakeBooks())
    qtbot.waitUntil(one.page.table.empty.isVisible)
    assert (
        one.page.table.empty.sentence.text()
        == "No trades yet. A trade appears here when a position is closed."
    )
    assert one.page.summary.text() == ""


def test_export_writes_the_trades(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    one = bench()
    one.page.panel.export.write(tmp_path / "trades.jsonl")
    qtbot.waitUntil(lambda: "16 rows are in" in one.page.panel.foot.text())
    assert (tmp_path / "trades.jsonl").exists()
