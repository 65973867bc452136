"""The charts as a person sees them: what is in the picture, how often it is painted, and what it costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication

from core.clock import instant
from core.market import Bar
from gui.charts.candles import CandleChart
from gui.charts.marks import FillMarks, Line, Mark
from gui.charts.picture import Market
from gui.theme import LIGHT, Theme, ThemeChoice, current
from tests.fakes import made
from tests.fakes.pixels import colours, token

MINUTE = 60_000
START = 1_620_000_000_000 // MINUTE * MINUTE


def bars(count: int, first: int = 0) -> list[Bar]:
    found = []
    for n in range(first, first + count):
        open_, close = 100 + n % 7, 100 + (n + 3) % 7
        ts = START + n * MINUTE
        found.append(Bar(ts, open_, max(open_, close) + 1.0, min(open_, close) - 1.0, close, 1.0 + n % 5))
    return found


@pytest.fixture
def chart(qtbot, qapp) -> CandleChart:
    Theme(qapp, ThemeChoice.DARK)
    made_chart = CandleChart("1m")
    qtbot.addWidget(made_chart)
    made_chart.resize(900, 600)
    made_chart.show()
    qtbot.waitExposed(made_chart)
    return made_chart


def test_rising_candles_are_hollow_and_falling_ones_filled(chart: CandleChart) -> None:
    rise, fall = Bar(START, 100, 120, 80, 110, 1), Bar(START, 110, 120, 80, 100, 1)
    pixels = {}
    for name, one in (("up", rise), ("down", fall)):
        market = Market()
        market.bars.append([one])
        chart.show_market(market)
        chart.viewport.step = 40
        chart.redraw()
        pixels[name] = colours(chart).get(token(name), 0)
    assert 0 < pixels["up"] < pixels["down"] / 3


def test_before_the_first_candle_it_says_so_and_after_it_shows_it(chart: CandleChart) -> None:
    assert chart.picture is None
    assert colours(chart).get(token("soft"), 0) > 50
    chart.append(bars(1))
    chart.redraw()
    assert chart.picture is not None
    assert len(chart.picture.drawn.candles) == 1


def test_a_thousand_changes_are_one_picture(chart: CandleChart, qtbot) -> None:
    chart.append(bars(500))
    chart.redraw()
    before = chart.pictures
    for n in range(1000):
        chart.update_forming(bars(1, 500)[0]._replace(close=100 + n % 3))
    assert chart.pictures == before
    qtbot.waitUntil(lambda: chart.pictures > before)
    assert chart.pictures == before + 1


def test_nothing_is_painted_while_hidden_and_all_is_there_when_shown(chart: CandleChart, qtbot) -> None:
    chart.hide()
    before = chart.pictures
    chart.append(bars(50))
    assert not chart._timer.isActive()
    chart.redraw()
    assert chart.pictures == before
    chart.show()
    qtbot.waitExposed(chart)
    assert chart.picture is not None
    assert chart.picture.frame.right_number == (START + 49 * MINUTE) // MINUTE


def test_it_follows_the_newest_until_panned_and_the_button_leads_back(chart: CandleChart, qtbot) -> None:
    chart.append(bars(400))
    chart.redraw()
    assert chart.newest_button.isHidden()
    view = chart.canvas.viewport()
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
    qtbot.mouseMove(view, QPoint(220, 100))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(220, 100))
    assert chart.picture is not None
    right = chart.picture.frame.right_number
    assert right == (START + 399 * MINUTE) // MINUTE - 20  # 120 pixels of 6 each
    chart.append(bars(5, 400))
    chart.redraw()
    assert chart.picture.frame.right_number == right
    qtbot.mouseClick(chart.newest_button, Qt.MouseButton.LeftButton)
    assert chart.picture.frame.right_number == (START + 404 * MINUTE) // MINUTE
    assert chart.newest_button.isHidden()


@pytest.mark.parametrize(
    ("key", "grows"), [(Qt.Key.Key_Plus, True), (Qt.Key.Key_Minus, False), (Qt.Key.Key_Up, True)]
)
def test_keys_zoom(chart: CandleChart, qtbot, key: Qt.Key, grows: bool) -> None:
    chart.append(bars(400))
    chart.redraw()
    before = chart.viewport.step
    qtbot.keyClick(chart.canvas, key)
    assert (chart.viewport.step > before) is grows


def test_the_wheel_zooms_under_the_pointer(chart: CandleChart) -> None:
    chart.append(bars(400))
    chart.redraw()
    chart._pan(200)
    assert chart.picture is not None
    pointed = chart.picture.frame.number(300.0)
    view = chart.canvas.viewport()
    wheel = QWheelEvent(
        QPointF(300, 100), QPointF(view.mapToGlobal(QPoint(300, 100))), QPoint(), QPoint(0, 240),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, wheel)
    assert chart.viewport.step == pytest.approx(6 * 1.25**2)
    assert chart.picture.frame.number(300.0) == pytest.approx(pointed)


def test_the_crosshair_goes_by_keys_too(chart: CandleChart, qtbot) -> None:
    chart.append(bars(400))
    chart.redraw()
    for _ in range(3):
        qtbot.keyClick(chart.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    assert chart._cross is not None
    assert chart._cross.number == (START + 396 * MINUTE) // MINUTE
    qtbot.keyClick(chart.canvas, Qt.Key.Key_Left)
    assert not chart.viewport.follows
    qtbot.keyClick(chart.canvas, Qt.Key.Key_End)
    assert chart.viewport.follows


def test_another_theme_repaints_the_chart(chart: CandleChart) -> None:
    chart.append(bars(400))
    chart.redraw()
    dark = colours(chart)
    current().choose(ThemeChoice.LIGHT)
    light = colours(chart)
    assert QColor(LIGHT.up).name() in light
    assert QColor(LIGHT.up).name() not in dark


def test_longer_time_frames_are_made_from_the_base(chart: CandleChart) -> None:
    chart.append(bars(400))
    chart.set_timeframe("1h")
    assert chart.picture is not None
    assert chart.picture.period_ms == 60 * MINUTE
    assert len(chart._series.candles) == 7
    assert chart._series.candles.volume.sum() == sum(one.volume for one in bars(400))


def test_orders_are_tags_that_keep_apart_and_far_ones_are_counted(chart: CandleChart) -> None:
    chart.append(bars(200))
    close = [Mark(Decimal(f"103.{n}"), f"B{n}", "up") for n in range(5)]
    far = Mark(Decimal(900), "S9", "down")
    chart.set_orders([*close, Mark(Decimal("96"), "Stop", "bad", Line.STOP), far])
    chart.redraw()
    assert chart.picture is not None
    places = sorted(tag.y for tag in chart.picture.tags)
    assert len(places) == 7  # five orders, the stop, the last price
    assert min(b - a for a, b in pairwise(places)) >= 20.999
    assert all(tag.mark is not far for tag in chart.picture.tags)
    assert chart.picture.frame.low < 96
    assert chart.picture.frame.high < 900
    assert colours(chart).get(token("bad"), 0) > 100


def test_a_fill_counts_once_and_belongs_to_its_candle(chart: CandleChart) -> None:
    chart.append(bars(200))
    fill = replace(made.fills()[0], at=instant(START + 150 * MINUTE + 31_000))
    chart.redraw()
    before = colours(chart)
    chart.add_fill(fill)
    chart.add_fill(fill)
    chart.redraw()
    assert len(chart._market.fills) == 1
    assert colours(chart) != before


def test_old_fills_go_when_there_are_too_many() -> None:
    marks, fill = FillMarks(kept=3), made.fills()[0]
    marks.add([replace(fill, execution_id=str(n), at=fill.at + timedelta(minutes=n)) for n in range(5)])
    assert len(marks) == 3
    assert marks.arrays()[0].min() == (fill.at + timedelta(minutes=2)).timestamp() * 1000


def test_the_crosshair_tells_the_candle_under_it_and_moves_nothing(chart: CandleChart) -> None:
    chart.append(bars(300))
    chart.redraw()
    picture, height = chart.picture, chart.legend.height()
    assert picture is not None
    number = (START + 250 * MINUTE) // MINUTE
    chart.canvas.hovered.emit(QPointF(picture.frame.x(float(number)), 100))
    one = bars(1, 250)[0]
    told = chart.legend.accessibleName()
    assert f"C {one.close:.2f}" in told
    assert f"H {one.high:.2f}" in told
    assert chart.picture is picture
    assert chart.legend.height() == height == 44
    chart.canvas.hovered.emit(None)
    assert chart._cross is None


def test_columns_stay_few_however_far_out(chart: CandleChart) -> None:
    chart.append(bars(50_000))
    chart.redraw()
    for _ in range(60):
        chart._zoom(0.7, 400)
    assert chart.picture is not None
    shown = chart.picture.drawn
    assert shown.per > 20
    assert len(shown.candles) <= 900
    assert shown.candles.volume.sum() == pytest.approx(chart._series.candles.volume.sum())
