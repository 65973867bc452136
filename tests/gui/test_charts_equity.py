"""The equity chart: the fall from the highest point before, appending, and reading off one point."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QPointF, Qt

from core.records import EquityPoint
from gui.charts.equity import EquityChart
from gui.theme import Theme, ThemeChoice
from tests.fakes import made
from tests.fakes.pixels import colours, token


def points(*equity: str) -> list[EquityPoint]:
    return [EquityPoint(made.NOW + timedelta(hours=n), Decimal(value)) for n, value in enumerate(equity)]


@pytest.fixture
def line(qtbot, qapp) -> EquityChart:
    Theme(qapp, ThemeChoice.DARK)
    made_chart = EquityChart()
    qtbot.addWidget(made_chart)
    made_chart.resize(700, 320)
    made_chart.show()
    qtbot.waitExposed(made_chart)
    return made_chart


def test_the_fall_is_measured_from_the_highest_point_before(line: EquityChart) -> None:
    line.set_points(points("1000", "1100", "990", "1045", "1200"))
    line.redraw()
    assert line.picture is not None
    assert line.picture.fall.tolist() == pytest.approx([0, 0, -0.1, -0.05, 0])
    shown = colours(line)
    assert shown.get(token("text"), 0) > 100
    assert shown.get(token("down"), 0) > 50


def test_points_are_appended_replaced_and_bounded(line: EquityChart) -> None:
    line.set_points(points("1000", "1001"))
    more = points(*["1002"] * 600)
    for point in more[1:]:
        line.append(point)
    assert len(line) == 600
    line.redraw()
    assert line.picture is not None
    assert line.picture.equity[0] == 1000
    assert line.picture.equity[-1] == 1002


def test_pointing_at_the_equity_reads_one_point(line: EquityChart, qtbot) -> None:
    line.set_points(points("1000", "1100", "990", "1045", "1200"))
    line.redraw()
    before = colours(line)
    assert line.picture is not None
    line.canvas.hovered.emit(QPointF(float(line.picture.x(line.picture.times)[2]) + 3, 60))
    assert line._at == 2
    assert colours(line) != before
    qtbot.keyClick(line.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert line._at == 3
    qtbot.keyClick(line.canvas, Qt.Key.Key_Escape)
    assert line._at is None
    assert colours(line) == before


@pytest.mark.parametrize("known", [(), ("1000",)])
def test_without_a_span_the_equity_chart_says_why_and_draws_no_scale(
    line: EquityChart, known: tuple[str, ...]
) -> None:
    line.set_points(points(*known))
    line.redraw()
    assert line.picture is None
    assert colours(line).get(token("soft"), 0) > 30


def test_nothing_lost_nothing_breaks(line: EquityChart) -> None:
    line.set_points(points("0", "0"))
    line.redraw()
    assert line.picture is not None
    assert line.picture.fall.tolist() == [0.0, 0.0]
    assert colours(line)
