"""Paints the grid, the axes, and the lines of orders with tags that move apart; the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from gui.charts.frame import Frame
from gui.charts.marks import Line, Mark
from gui.charts.spread import apart
from gui.charts.ticks import axis_time, price_ticks, time_ticks
from gui.text import number
from gui.theme import color, font

TAG_GAP = 21.0
TAG_HEIGHT = 19.0
CENTRE = Qt.AlignmentFlag.AlignCenter


def price_text(value: float, places: int) -> str:
    """A float of the chart as the person reads it."""
    return number(Decimal(format(value, f".{places}f")), places)


@dataclass(frozen=True, slots=True)
class Tag:
    """A mark with the place of its tag: ``y`` where the tag is, ``at`` where its line is."""

    mark: Mark
    y: float
    at: float


def placed(frame: Frame, marks: Sequence[Mark]) -> list[Tag]:
    """The marks in view, their tags moved apart."""
    seen = [mark for mark in marks if frame.low <= mark.y_price <= frame.high]
    at = [frame.y(mark.y_price) for mark in seen]
    ys = apart(at, TAG_GAP, TAG_HEIGHT / 2, frame.price_bottom)
    return [Tag(mark, y, line) for mark, y, line in zip(seen, ys, at, strict=True)]


def paint_grid(painter: QPainter, frame: Frame) -> None:
    """Horizontal lines only."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(color("line"), 1))
    for value in price_ticks(frame.low, frame.high, frame.price_bottom):
        y = round(frame.y(value)) + 0.5
        painter.drawLine(QLineF(0, y, frame.plot_right, y))


def paint_order_lines(painter: QPainter, frame: Frame, tags: Sequence[Tag]) -> None:
    """Orders dashed, stops dotted, the average paid finely dotted, the last price solid."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for tag in tags:
        pen = QPen(color(tag.mark.ink), 1.5 if tag.mark.line is Line.STOP else 1)
        if tag.mark.line.value:
            pen.setDashPattern(list(tag.mark.line.value))
        painter.setPen(pen)
        y = round(tag.at) + 0.5
        painter.drawLine(QLineF(0, y, frame.plot_right, y))


def paint_price_axis(painter: QPainter, frame: Frame, tags: Sequence[Tag], places: int) -> None:
    """Labels of the round prices; they give way to tags."""
    painter.setFont(font(12))
    painter.setPen(color("soft"))
    side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    for value in price_ticks(frame.low, frame.high, frame.price_bottom):
        y = frame.y(value)
        if y < 8 or any(abs(y - tag.y) < TAG_HEIGHT - 1 for tag in tags):
            continue
        where = QRectF(frame.plot_right + 8, y - 8, frame.axis_width - 8, 16)
        painter.drawText(where, side, price_text(value, _places(frame, places)))


def paint_time_axis(
    painter: QPainter, frame: Frame, period_ms: int, taken: tuple[float, float] | None = None
) -> None:
    """Hours, days or months in UTC; nothing where the crosshair's own label has ``taken`` the room."""
    painter.setFont(font(12))
    metrics = QFontMetricsF(painter.font())
    marks = time_ticks(frame.first_number * period_ms, frame.last_number * period_ms, frame.plot_right)
    for ms in marks:
        words = axis_time(ms, marks)
        x, half = frame.x(ms / period_ms), metrics.horizontalAdvance(words) / 2
        is_free = taken is None or x + half + 6 < taken[0] or taken[1] < x - half - 6
        if half <= x <= frame.plot_right - half and is_free:
            painter.setPen(color("text" if words[-1:].isalpha() else "soft"))
            painter.drawText(QRectF(x - half - 4, frame.plot_bottom + 5, 2 * half + 8, 16), CENTRE, words)


def paint_tags(painter: QPainter, frame: Frame, tags: Sequence[Tag], places: int) -> None:
    """The words inside the plot, the price on the axis, and a short line where a tag had to move."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for tag in tags:
        mark, is_last = tag.mark, tag.mark.line is Line.LAST
        box = QRectF(frame.plot_right + 2, tag.y - TAG_HEIGHT / 2, frame.axis_width - 3, TAG_HEIGHT)
        words = number(mark.price, places)
        draw_tag(painter, box, words, mark.ink, filled=is_last, weight=700 if is_last else 600)
        if not mark.words:
            continue
        painter.setFont(font(12, 500))
        width = QFontMetricsF(painter.font()).horizontalAdvance(mark.words) + 14
        left = frame.plot_right - width - 4
        if abs(tag.y - tag.at) > 2:
            painter.setPen(QPen(color(mark.ink), 1))
            painter.drawLine(QPointF(left - 8, round(tag.at) + 0.5), QPointF(left, tag.y))
        draw_tag(painter, QRectF(left, tag.y - TAG_HEIGHT / 2, width, TAG_HEIGHT), mark.words, mark.ink)


def paint_out_of_view(painter: QPainter, frame: Frame, marks: Sequence[Mark], places: int) -> None:
    """How many orders are above and below what is shown, and the nearest of them."""
    painter.setFont(font(12))
    painter.setPen(color("soft"))
    above = sorted(mark.price for mark in marks if mark.y_price > frame.high)
    below = sorted((mark.price for mark in marks if mark.y_price < frame.low), reverse=True)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for prices, word, y in ((above, "above", 2.0), (below, "below", frame.price_bottom + 4)):
        if prices:
            noun = "order" if len(prices) == 1 else "orders"
            words = f"{len(prices)} {noun} {word}, nearest {number(prices[0], places)}"
            painter.drawText(QRectF(0, y, frame.plot_right - 4, 16), right, words)


def draw_tag(
    painter: QPainter, box: QRectF, words: str, ink: str, *, filled: bool = False, weight: int = 500
) -> None:
    """A label in a rounded box: outlined on the surface, or filled with its colour."""
    painter.setPen(QPen(color(ink), 1))
    painter.setBrush(color(ink if filled else "surface"))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    painter.setPen(color("inverse" if filled else ink))
    painter.setFont(font(12, weight))
    painter.drawText(box, CENTRE, words)


def _places(frame: Frame, places: int) -> int:
    """Round prices need no more digits than their step has."""
    marks = price_ticks(frame.low, frame.high, frame.price_bottom)
    if len(marks) < 2:
        return places
    step = Decimal(format(marks[1] - marks[0], ".8g")).normalize().as_tuple().exponent
    return min(places, max(0, -step)) if isinstance(step, int) else places
