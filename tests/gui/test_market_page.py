"""The market page: candles and quotes of every symbol, our orders as lines, and why there is no new one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from pytestqt.qtbot import QtBot

from core.halt import HaltRecord
from core.intent import Kind, Side
from core.market import Freshness
from core.messages import (
    BarsSeen,
    CandlesClosed,
    CandleSeen,
    HaltTripped,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderPlaced,
    QuoteSeen,
    StateChanged,
    StrategyNoted,
)
from core.modes import TradingState
from core.order import Order, OrderState
from gui.charts.marks import Line
from gui.pages.ladder import rungs
from gui.pages.market import MarketPage
from gui.pages.quote_panel import QuotePanel
from gui.pages.why_panel import HALTED, WAITING
from gui.text import MINUS
from tests.fakes import made
from tests.fakes.desk import FakeBooks
from tests.fakes.pages import MemoryStore, PageBench

Bench = Callable[..., PageBench[MarketPage]]


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return lambda books=None, store=None: PageBench(qtbot, MarketPage(), books or FakeBooks(), store)


def say(bench: PageBench[MarketPage], *facts: object) -> MarketPage:
    bench.say(*facts)  # type: ignore[arg-type]
    bench.page.renew()
    return bench.page


def place(slot: int, side: Side, price: str, **more: object) -> Order:
    return made.order(slot, side, price, "0.00077", **more)  # type: ignore[arg-type]


def test_candles_of_every_symbol_are_kept_and_the_chosen_one_is_shown(bench: Bench) -> None:
    one = bench()
    eth = made.bars(60, made.ETH)
    page = say(one, BarsSeen(made.BTC, "1m", made.bars(600)), CandlesClosed(made.ETH, "1m", eth, 60))
    page.chart.redraw()
    assert page.chart.picture is not None
    assert page.chart.picture.frame.high > 50_000
    page.show_symbol(made.ETH)
    assert page.shown == made.ETH
    assert page.name.text() == "ETH/USDT"
    assert page.chart.picture.frame.high < 5_000
    assert len(page.states[made.BTC].market.bars) == 600


def test_forming_and_closed_candles_are_one_series(bench: Bench) -> None:
    one = bench()
    page = say(one, BarsSeen(made.BTC, "1m", made.bars(10)))
    page = say(one, CandleSeen(1, made.candle(1, "59100.00", closed=False)))
    page = say(one, CandleSeen(1, made.candle(1, "59200.00", closed=False)))
    ring = page.states[made.BTC].market.bars
    assert (len(ring), ring.columns().shape[1]) == (10, 11)
    say(one, CandleSeen(2, made.candle(1, "59300.00")))
    assert (len(ring), ring.columns().shape[1]) == (11, 11)
    assert page.price.text() == "59,300.00"


def test_time_frames_begin_at_the_base(bench: Bench) -> None:
    one = bench()
    assert one.page.frames is not None
    assert one.page.frames._names == ("1m", "5m", "15m", "1h", "4h", "1d")
    say(one, BarsSeen(made.BTC, "1m", made.bars(600)))
    one.page.frames.choose(3)
    assert one.page.chart.picture is not None
    assert one.page.chart.picture.period_ms == 3_600_000


def test_symbol_and_time_frame_are_remembered(bench: Bench) -> None:
    store = MemoryStore()
    first = bench(store=store).page
    assert first.frames is not None
    first.frames.choose(2)
    first.show_symbol(made.ETH)
    again = bench(store=store).page
    assert again.frames is not None
    assert (again.shown, again.frames.name) == (made.ETH, "15m")


def test_a_quote_is_shown_with_spread_and_age(qtbot: QtBot) -> None:
    now = [100.0]
    panel = QuotePanel(clock=lambda: now[0])
    qtbot.addWidget(panel)
    quote = made.quote()
    panel.show_quote(made.BTC, None, made.INSTRUMENTS[0])
    assert panel.ask.value.text() == "not known"
    panel.came(quote)
    now[0] = 100.3
    panel.show_quote(made.BTC, quote, made.INSTRUMENTS[0])
    assert panel.ask.value.text() == "59,011.01"
    assert panel.spread.value.text() == "2.00, 0.003\u00a0%"
    assert panel.age.text() == "0.3\u00a0s old"
    now[0] = 190.0
    panel.set_freshness(Freshness.STALE)
    assert panel.age.text() == "stale, 1\u00a0min 30\u00a0s old"
    assert panel.age.property("tone") == "warn"
    assert panel.ask.value.property("tone") == "faint"


def test_orders_are_lines_and_rungs_by_distance(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    page = say(
        one, BarsSeen(made.BTC, "1m", made.bars(300)), QuoteSeen(made.quote("59000.00")),
        OrderPlaced(place(4, Side.SELL, "59590.00")), OrderPlaced(place(1, Side.BUY, "58410.00")),
        OrderPlaced(place(6, Side.SELL, "57000.00", kind=Kind.STOP)),
        OrderPlaced(place(5, Side.BUY, "57820.00", state=OrderState.UNKNOWN)), made.account(),
    )  # fmt: skip
    found = rungs(page.states[made.BTC])
    assert [(rung.name, rung.sign, rung.distance) for rung in found] == [
        ("S4", "down", "+1.00\u00a0%"), ("Price now", "", ""), ("B1", "up", f"{MINUS}1.00\u00a0%"),
        ("B5", "unknown", f"{MINUS}2.00\u00a0%"), ("Stop", "kill", f"{MINUS}3.39\u00a0%"),
    ]  # fmt: skip
    assert page.ladder.ladder.rungs == tuple(found)
    assert "B5, unknown" in page.ladder.ladder.accessibleName()
    marks = {mark.words: mark for mark in page.states[made.BTC].marks()}
    assert marks["S4  Sell 0.00077"].ink == "down"
    assert marks["Stop  Sell 0.00077"].line is Line.STOP
    assert marks["B5  Buy 0.00077, unknown"].ink == "warn"
    assert marks["Average paid"].price == Decimal("59043.07")
    page.chart.redraw()
    assert page.chart.picture is not None
    assert len(page.chart.picture.marks) == 5


def test_two_strategies_are_told_apart(bench: Bench) -> None:
    one, account = bench(), made.account()
    other = replace(account.holdings[0], instance=made.TREND, average=Decimal("58000.5"))
    mine, theirs = place(1, Side.BUY, "58410.00"), place(1, Side.BUY, "58000.00")
    theirs = replace(theirs, client_order_id="theirs", identity=replace(theirs.identity, instance=made.TREND))
    page = say(
        one, replace(account, holdings=(account.holdings[0], other)), OrderPlaced(mine), OrderPlaced(theirs)
    )
    words = {mark.words for mark in page.states[made.BTC].marks()}
    assert words == {"Grid paid", "Trend paid", "Grid B1  Buy 0.00077", "Trend B1  Buy 0.00077"}


def test_an_order_that_ends_leaves_and_its_fill_stays(bench: Bench) -> None:
    one = bench()
    order = place(1, Side.BUY, "58410.00")
    page = say(one, BarsSeen(made.BTC, "1m", made.bars(300)), OrderPlaced(order))
    assert page.states[made.BTC].orders
    fill = made.fill(order)
    say(one, OrderFilled(order.with_fill(fill), fill), OrderFilled(order.with_fill(fill), fill))
    assert page.states[made.BTC].orders == {}
    assert len(page.states[made.BTC].market.fills) == 1
    other = place(2, Side.BUY, "58000.00")
    say(one, OrderPlaced(other), OrderCancelled(replace(other, status=OrderState.CANCELLED)))
    assert page.states[made.BTC].orders == {}
    assert not page.ladder.empty.isHidden()


def test_history_comes_from_the_books_and_never_undoes_a_fact(bench: Bench, qtbot: QtBot) -> None:
    books = FakeBooks.filled()
    gone = next(order for order in books.kept_orders if order.identity.slot == 4)
    one = bench(books)
    page = say(one, OrderCancelled(replace(gone, status=OrderState.CANCELLED)))
    btc = page.states[made.BTC]
    qtbot.waitUntil(lambda: len(btc.orders) == 5 and len(btc.market.fills) > 0)
    assert gone.client_order_id not in btc.orders
    qtbot.waitUntil(lambda: page.states[made.ETH].denial is not None)


def test_why_there_is_no_new_order(bench: Bench) -> None:
    one = bench()
    page = say(one, BarsSeen(made.BTC, "1m", made.bars(300)))
    assert page.reason.words.text() == WAITING
    note = StrategyNoted(made.GRID, made.BTC, True, "Next buy at 58,629.76.", (("EMA 20", 59005.2),))
    say(one, note, made.account())
    assert page.reason.words.text() == "Next buy at 58,629.76."
    assert page.reason.position.value.text() == "0.00076 BTC"
    assert page.reason._values[made.GRID, "EMA 20"].value.text() == "59,005.20"
    assert page.reason.loss.value.text() == "1.31\u00a0USDT"
    denied = place(7, Side.BUY, "58000.00", state=OrderState.DENIED, reason="Denied: too many entries.")
    say(one, OrderDenied(denied, why=None))  # type: ignore[arg-type]  # the page reads the order alone
    assert page.reason.words.text().endswith("Denied: too many entries.")
    say(one, StateChanged(TradingState.REDUCING, "by you", made.NOW))
    assert page.reason.words.text().startswith("Entries are paused by you; positions may only shrink.")
    say(one, HaltTripped(HaltRecord("", "you", "Kill pressed")))
    assert page.reason.words.text().startswith(HALTED)


def test_a_position_without_a_stop_is_said(bench: Bench) -> None:
    one = bench()
    page = say(one, made.account())
    page.show_symbol(made.ETH)
    assert page.reason.loss.value.text() == "no stop"
    assert page.reason.loss.value.property("tone") == "warn"


def test_the_change_names_its_span(bench: Bench) -> None:
    one = bench()
    page = say(one, BarsSeen(made.BTC, "1m", made.bars(61)))
    told = page.states[made.BTC].change()
    assert told is not None
    assert told[1] == timedelta(hours=1)
    page = say(one, BarsSeen(made.BTC, "1m", made.bars(2000)))
    told = page.states[made.BTC].change()
    assert told is not None
    assert told[1] == timedelta(days=1)


def test_full_speed_costs_one_renewal(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    bars = made.bars(3000)
    page = say(one, BarsSeen(made.BTC, "1m", bars[:300]))
    page.chart.redraw()
    before = page.chart.pictures
    one.say(*(CandlesClosed(made.BTC, "1m", bars[n : n + 30], n) for n in range(300, 3000, 30)))
    assert page.chart.pictures == before
    qtbot.waitUntil(lambda: page.chart.pictures > before)
    assert page.chart.pictures <= before + 2
    assert len(page.states[made.BTC].market.bars) == 3000


def test_nothing_known_is_said_not_shown_as_zero(bench: Bench) -> None:
    page = bench().page
    page.renew()
    assert page.price.text() == "not known"
    assert page.quote.bid.value.text() == "not known"
    assert page.chart.picture is None
    assert not page.ladder.empty.isHidden()
