"""Geometry and painting of the equity line and of the fall below its highest point; the window's thread."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QFontMetricsF, QLinearGradient, QPainter, QPainterPath, QPen

from gui.charts.bars import Floats
from gui.charts.frame import TIME_AXIS
from gui.charts.primitives import curve, thinned
from gui.charts.ticks import axis_time, price_ticks, time_ticks
from gui.text import MINUS, NO_BREAK, number
from gui.theme import color, font

FALL_SHARE = 0.17
"""Share of the height for the fall."""
GAP = 24.0
"""Pixels between the two, for the caption of the fall."""
TOP = 8.0
"""Pixels above, so that the highest label is whole."""
AXIS = 64.0
SIDE = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class EquityPicture:
    """Times in ms, equity, and the fall as a fraction of the highest point before (0 or below)."""

    times: Floats
    equity: Floats
    fall: Floats
    width: float
    height: float

    @property
    def right(self) -> float:
        return max(1.0, self.width - AXIS)

    @property
    def bottom(self) -> float:
        return max(1.0, self.height - TIME_AXIS)

    @property
    def fall_top(self) -> float:
        return self.bottom * (1 - FALL_SHARE)

    @property
    def equity_bottom(self) -> float:
        return max(1.0, self.fall_top - GAP)

    @property
    def span(self) -> tuple[float, float]:
        """Lowest and highest equity on the axis, with air."""
        low, high = float(self.equity.min()), float(self.equity.max())
        air = max((high - low) * 0.08, abs(high) * 0.0002, 1e-9)
        return low - air, high + air

    @property
    def deepest(self) -> float:
        """The end of the fall's axis, as a fraction below zero."""
        return min(float(self.fall.min()) * 1.15, -0.001)

    def x(self, ms: Floats) -> Floats:
        length = max(1.0, float(self.times[-1] - self.times[0]))
        return (ms - self.times[0]) / length * (self.right - 6)

    def y(self, equity: Floats) -> Floats:
        low, high = self.span
        return TOP + (high - equity) / (high - low) * (self.equity_bottom - TOP)

    def fall_y(self, fall: Floats) -> Floats:
        return self.fall_top + fall / self.deepest * (self.bottom - self.fall_top)


def paint_equity(painter: QPainter, view: EquityPicture) -> None:
    """Both lines with their soft fills, and the dot at the newest point."""
    _grid(painter, view)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    x = view.x(view.times)
    _filled(painter, *thinned(x, view.fall_y(view.fall), view.right), view.fall_top, "down", view)
    _filled(painter, *thinned(x, view.y(view.equity), view.right), view.equity_bottom, "text", view)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("text"))
    painter.drawEllipse(QPointF(float(x[-1]), float(view.y(view.equity)[-1])), 4, 4)
    painter.setFont(font(11, 500))
    painter.setPen(color("faint"))
    painter.drawText(QRectF(0, view.equity_bottom + 4, view.right, 16), SIDE, "Below the highest point")


def _filled(painter: QPainter, x: Floats, y: Floats, floor: float, ink: str, view: EquityPicture) -> None:
    is_fall = ink == "down"
    shade = QLinearGradient(0, view.fall_top if is_fall else 0, 0, view.bottom if is_fall else floor)
    shade.setColorAt(0, color(ink, 0.02 if is_fall else 0.20))
    shade.setColorAt(1, color(ink, 0.20 if is_fall else 0.02))
    area = QPainterPath(curve(x, y))
    area.lineTo(float(x[-1]), floor)
    area.lineTo(float(x[0]), floor)
    painter.fillPath(area, QBrush(shade))
    pen = QPen(color(ink), 1.25 if is_fall else 1.5)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(curve(x, y))


def _grid(painter: QPainter, view: EquityPicture) -> None:
    painter.setFont(font(12))
    low, high = view.span
    ticks = price_ticks(low, high, view.equity_bottom, 40.0)
    places = _step_places(ticks)
    for value in ticks:
        y = float(view.y(np.array([value]))[0])
        _line(painter, view, y)
        _label(painter, view, y, number(Decimal(format(value, f".{places}f")), places))
    depth = -view.deepest * 100
    step = next((mark for mark in price_ticks(0, depth, 2.0, 1.0) if mark > 0), depth)
    for value in (0.0, step):
        y = float(view.fall_y(np.array([-value / 100]))[0])
        _line(painter, view, y)
        places = 0 if value == 0 else _step_places([0.0, step])
        sign = MINUS if value else ""
        _label(painter, view, y, f"{sign}{number(Decimal(format(value, f'.{places}f')), places)}{NO_BREAK}%")
    _times(painter, view)


def _times(painter: QPainter, view: EquityPicture) -> None:
    metrics = QFontMetricsF(painter.font())
    marks = time_ticks(float(view.times[0]), float(view.times[-1]), view.right, 76.0)
    for ms in marks:
        words = axis_time(ms, marks)
        x, half = float(view.x(np.array([float(ms)]))[0]), metrics.horizontalAdvance(words) / 2
        if half <= x <= view.right - half:
            where = QRectF(x - half - 4, view.bottom + 6, 2 * half + 8, 16)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, words)


def _line(painter: QPainter, view: EquityPicture, y: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(color("line"), 1))
    painter.drawLine(QLineF(0, round(y) + 0.5, view.right, round(y) + 0.5))


def _label(painter: QPainter, view: EquityPicture, y: float, words: str) -> None:
    painter.setPen(color("soft"))
    painter.drawText(QRectF(view.right + 8, y - 8, AXIS - 8, 16), SIDE, words)


def _step_places(ticks: list[float]) -> int:
    """Digits that tell neighbouring marks apart."""
    if len(ticks) < 2:
        return 2
    exponent = Decimal(format(ticks[1] - ticks[0], ".6g")).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 2
