"""The dashboard and the small parts it is made of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt

from core.messages import (
    EquitySampled,
    HaltTripped,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    StageFailed,
    StateChanged,
)
from core.modes import TradingState
from core.order import OrderState
from gui.bridge import Bridge
from gui.grid import Cell, Grid
from gui.meter import share
from gui.pages.dashboard import DashboardPage
from gui.pages.happened import of_fact
from gui.pages.today_panel import until_midnight
from gui.pages.watch_panels import coming_up
from gui.panels import Short
from gui.segments import Segments
from tests.fakes import made
from tests.fakes.desk import FakeBooks, FakeDesk

INSTRUMENTS = {each.symbol: each for each in made.INSTRUMENTS}


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


@pytest.fixture
def page(qtbot):
    bridge, books = Bridge(), FakeBooks.filled()
    page = DashboardPage()
    qtbot.addWidget(page)
    page.resize(1240, 800)
    page.show()
    page.attach(FakeDesk(books=books), bridge)
    qtbot.waitUntil(lambda: bool(page.events.words()))
    yield page
    bridge.close()


def test_equity_today_and_positions_come_from_one_fact(page: DashboardPage) -> None:
    page.on_fact(made.account())
    assert plain(page.equity.value.text()) == "1,008.47 USD"
    rows = page.positions.grid.words()
    assert rows[0] == [
        "BTC/USDT",
        "Grid",
        "0.00076",
        "59,043.07",
        "59,010.01",
        "\u22120.03",
        "57,436.04",
        "1.31",
    ]
    assert rows[1][6:] == ["no stop", "not known"]
    assert page.positions.empty.isHidden()
    page.on_fact(replace(made.account(), holdings=()))
    assert page.positions.grid.isHidden()


def test_before_any_fact_nothing_is_shown_as_zero(page: DashboardPage) -> None:
    assert page.equity.value.text() == "not known"


def test_the_span_of_the_line_is_chosen(page: DashboardPage, qtbot) -> None:
    page.on_fact(made.account())
    qtbot.keyClick(page.equity.spans, Qt.Key.Key_Left)
    assert page.equity.spans.name == "1 day"
    first = page.equity._within()[0]
    assert made.equity()[-1].at - first.at == timedelta(days=1)
    page.on_fact(EquitySampled(9, made.NOW + timedelta(hours=1), Decimal("1010")))
    assert page.equity._within()[-1].equity == 1010
    before = len(page.equity._points)
    page.on_fact(EquitySampled(9, made.NOW - timedelta(hours=1), Decimal("1")))
    assert len(page.equity._points) == before


def test_strategies_say_what_they_wait_for_in_place(page: DashboardPage) -> None:
    for note in made.notes():
        page.on_fact(note)
    page.on_fact(replace(made.notes()[0], note="Next buy at 58,000.00."))
    assert page.strategies.sentences[made.GRID] == "Next buy at 58,000.00."
    assert len(page.strategies.sentences) == 3


def test_the_last_six_events_newest_first(page: DashboardPage) -> None:
    assert len(page.events.words()) == 6
    denied = made.orders()[0]
    page.on_fact(OrderDenied(denied, None))  # type: ignore[arg-type]
    assert page.events.words()[0] == denied.reason
    assert len(page.events.words()) == 6


def test_events_in_words() -> None:
    bought = made.order(0, made.Side.BUY, "58629.76", "0.00077", state=OrderState.FILLED)
    stopped = made.order(1, made.Side.SELL, "3828.40", "0.0120", symbol=made.ETH, state=OrderState.FILLED,
                         kind=made.Kind.STOP)  # fmt: skip
    now = made.NOW
    facts = [
        OrderFilled(bought, made.fill(bought)), OrderFilled(stopped, made.fill(stopped)),
        StateChanged(TradingState.REDUCING, "by you", now), StateChanged(TradingState.ACTIVE, "by you", now),
        HaltTripped(made.evidence().record), StageFailed("alerts", "no route"), made.account(),
    ]  # fmt: skip
    said = [
        found and (found.icon, plain(found.words)) for found in (of_fact(fact, INSTRUMENTS) for fact in facts)
    ]
    assert said == [
        ("up", "Bought 0.00077 BTC at 58,629.76 for 45.14 USDT \u00b7 Grid"),
        ("down", "Sold 0.0120 ETH at 3,828.40 by its stop for 45.94 USDT \u00b7 Trend"),
        ("pause", "Entries paused by you"),
        ("play", "Entries resumed by you"),
        ("kill", "Halted by you, in the window: Kill pressed"),
        ("cross", "The part alerts fails: no route"),
        None,
    ]


@pytest.mark.parametrize(("mode", "words"), [(made.Mode.DRY_RUN, "Logged, not sent: buy 0.00077 BTC \u00b7 Grid"),
                                             (made.Mode.PAPER, None)])  # fmt: skip
def test_a_dry_run_says_what_it_did_not_send(mode: made.Mode, words: str | None) -> None:
    order = made.order(0, made.Side.BUY, "58629.76", "0.00077", state=OrderState.CANCELLED, mode=mode)
    found = of_fact(OrderCancelled(order), INSTRUMENTS)
    assert (plain(found.words) if found else None) == words


def test_what_comes_next_by_the_markets_time() -> None:
    at = datetime(2025, 5, 8, 23, 59, 30, tzinfo=UTC)
    assert [words for _, words in coming_up(at, "1m")] == [
        "Daily counters start again", "The strategies look at the closed candle",
    ]  # fmt: skip
    assert coming_up(at, "5m")[0][0] == datetime(2025, 5, 9, tzinfo=UTC)
    assert until_midnight(at) == timedelta(seconds=30)


def test_segments_say_what_is_chosen(qtbot) -> None:
    segments = Segments(["1 day", "7 days"], 0)
    qtbot.addWidget(segments)
    with qtbot.waitSignal(segments.chosen):
        qtbot.keyClick(segments, Qt.Key.Key_Right)
    qtbot.keyClick(segments, Qt.Key.Key_Right)
    assert segments.accessibleName() == "7 days, 2 of 2"
    with qtbot.waitSignal(segments.chosen):
        qtbot.mouseClick(segments, Qt.MouseButton.LeftButton, pos=segments.rect().center() / 2)
    assert segments.name == "1 day"


def test_a_grid_changes_in_place(qtbot) -> None:
    grid = Grid((("Symbol", False), ("Now", True)))
    qtbot.addWidget(grid)
    grid.show_rows([[Cell("A"), Cell("1")], [Cell("B"), Cell("2", "up", "up")]])
    grid.show_rows([[Cell("A"), Cell("3")]])
    assert grid.words() == [["A", "3"]]


@pytest.mark.parametrize(
    ("used", "limit", "part"), [("5", "20", "0.25"), ("30", "20", "1"), ("0", "0", "1"), ("-1", "2", "0")]
)
def test_the_share_of_a_limit(used: str, limit: str, part: str) -> None:
    assert share(Decimal(used), Decimal(limit)) == Decimal(part)


def test_a_line_that_does_not_fit_has_a_tooltip(qtbot) -> None:
    line = Short("a sentence that is longer than its room")
    qtbot.addWidget(line)
    line.resize(60, 20)
    line.show()
    assert line.toolTip() == line.text()
    line.resize(600, 20)
    assert line.toolTip() == ""
