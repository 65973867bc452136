"""The crosshair: a line through the middle of a candle, one at the pointer's price, and both on the axes."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gui.charts.frame import Frame
from gui.charts.paint_lines import TAG_HEIGHT, price_text
from gui.charts.ticks import moment
from gui.theme import color, font


@dataclass(frozen=True, slots=True)
class Cross:
    """The candle pointed at, and the height of the pointer in pixels."""

    number: int
    y: float


def paint_crosshair(painter: QPainter, frame: Frame, cross: Cross, period_ms: int, places: int) -> None:
    """Dashed lines, the time below and the price at the right, both boxed."""
    x = round(frame.x(float(cross.number))) + 0.5
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    pen = QPen(color("faint"), 1)
    pen.setDashPattern([3, 3])
    painter.setPen(pen)
    painter.drawLine(QLineF(x, 0, x, frame.plot_bottom))
    left, right = label_span(frame, cross, period_ms)
    words = moment(cross.number * period_ms, period_ms)
    _box(painter, QRectF(left, frame.plot_bottom + 3, right - left, 20), words)
    if not 0 <= cross.y <= frame.price_bottom:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(pen)
    y = round(cross.y) + 0.5
    painter.drawLine(QLineF(0, y, frame.plot_right, y))
    top = min(max(cross.y - TAG_HEIGHT / 2, 0.0), frame.price_bottom - TAG_HEIGHT)
    box = QRectF(frame.plot_right + 2, top, frame.axis_width - 3, TAG_HEIGHT)
    _box(painter, box, price_text(frame.price(cross.y), places))


def label_span(frame: Frame, cross: Cross, period_ms: int) -> tuple[float, float]:
    """From where to where the time of the crosshair stands on the axis, in pixels."""
    words = moment(cross.number * period_ms, period_ms)
    half = QFontMetricsF(font(12, 500)).horizontalAdvance(words) / 2 + 10
    middle = min(max(frame.x(float(cross.number)), half), max(half, frame.plot_right - half))
    return middle - half, middle + half


def _box(painter: QPainter, where: QRectF, words: str) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(color("edge"), 1))
    painter.setBrush(color("raised"))
    painter.drawRoundedRect(where.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setPen(color("text"))
    painter.setFont(font(12, 500))
    painter.drawText(where, Qt.AlignmentFlag.AlignCenter, words)
