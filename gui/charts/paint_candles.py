"""Paints candles, volume, averages and fills: whole arrays, decimated to the pixels; the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from gui.charts.bars import Floats
from gui.charts.frame import Frame
from gui.charts.marks import FillMarks, triangles
from gui.charts.primitives import curve, draw_rects
from gui.charts.series import Candles
from gui.theme import color

THINNEST = 2.5
"""Device pixels per candle under which neighbours share a column."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """The candles in view as they are drawn: ``x`` their middles in pixels, ``per`` candles a column."""

    candles: Candles
    x: Floats
    per: int
    fast: Floats
    slow: Floats


def drawn(frame: Frame, candles: Candles, fast: Floats, slow: Floats) -> Drawn:
    """What is in view; further out than a candle per 2.5 pixels, neighbours become one column of low to high.

    Columns are cut by candle number, so they stay the same while the chart moves.
    """
    part = candles.between(frame.first_number, frame.last_number)
    seen, fast, slow = candles.cut(part), fast[part], slow[part]
    per = max(1, int(np.ceil(THINNEST / (frame.step * frame.scale))))
    if per == 1:
        return Drawn(seen, frame.x(_middle(seen.number, 1)), 1, fast, slow)
    key = seen.number // per
    ends = np.append(np.flatnonzero(np.diff(key)), len(key) - 1) if len(key) else np.empty(0, np.int64)
    columns = seen.grouped(key)
    return Drawn(columns, frame.x(_middle(columns.number, per)), per, fast[ends], slow[ends])


def paint_candles(painter: QPainter, frame: Frame, view: Drawn) -> None:
    """Rising candles hollow, falling ones filled, on whole device pixels."""
    scale, seen = frame.scale, view.candles
    thick = max(1.0, round(scale))
    width = _odd(frame.step * view.per * scale * 0.66, thick) if view.per == 1 else thick
    middle = np.round(view.x * scale - thick / 2)
    high, low = np.round(frame.y(seen.high) * scale), np.round(frame.y(seen.low) * scale)
    opens, closes = np.round(frame.y(seen.open) * scale), np.round(frame.y(seen.close) * scale)
    top, bottom = np.minimum(opens, closes), np.maximum(opens, closes)
    body = np.maximum(bottom - top, thick)
    left = middle - (width - thick) / 2
    painter.save()
    painter.scale(1 / scale, 1 / scale)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    rises = seen.close >= seen.open
    for ink, chosen in (("up", rises), ("down", ~rises)):
        painter.setBrush(color(ink))
        draw_rects(painter, middle[chosen], high[chosen], thick, np.maximum(low - high, thick)[chosen])
        draw_rects(painter, left[chosen], top[chosen], width, body[chosen])
    hollow = rises & (body > 2 * thick)
    if width > 2 * thick:
        painter.setBrush(color("surface"))
        inside = (body - 2 * thick)[hollow]
        draw_rects(painter, left[hollow] + thick, top[hollow] + thick, width - 2 * thick, inside)
    painter.restore()


def paint_volume(painter: QPainter, frame: Frame, view: Drawn) -> None:
    """The strip below the prices; its tallest bar is the most that is in view."""
    seen, scale = view.candles, frame.scale
    most = float(seen.volume.max()) if len(seen) else 0.0
    if most <= 0:
        return
    thick = max(1.0, round(scale))
    width = _odd(frame.step * view.per * scale * 0.62, thick)
    bottom = round(frame.plot_bottom * scale)
    height = np.round(seen.volume / most * (frame.plot_bottom - frame.volume_top) * scale)
    left = np.round(view.x * scale - thick / 2) - (width - thick) / 2
    painter.save()
    painter.scale(1 / scale, 1 / scale)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    rises = seen.close >= seen.open
    for ink, chosen in (("up", rises), ("down", ~rises)):
        painter.setBrush(color(ink, 0.38))
        draw_rects(painter, left[chosen], bottom - height[chosen], width, height[chosen])
    painter.restore()


def paint_averages(painter: QPainter, frame: Frame, view: Drawn) -> None:
    """EMA 20 solid, EMA 50 dashed."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for values, ink, dashes in ((view.slow, "ema_slow", [5.0, 3.0]), (view.fast, "ema_fast", [])):
        if len(values) < 2:
            continue
        pen = QPen(color(ink), 1.5 if view.per == 1 else 1.0)  # thin lines of many points are much cheaper
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if dashes:
            pen.setDashPattern(dashes)
        painter.setPen(pen)
        painter.drawPath(curve(view.x, frame.y(values)))


def paint_fills(painter: QPainter, frame: Frame, view: Drawn, fills: FillMarks, period_ms: int) -> None:
    """A triangle up under the candle bought, down over the candle sold, outlined so that it stands off."""
    seen = view.candles
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for group in triangles(fills, period_ms, seen.number, seen.low, seen.high, view.per):
        middle = frame.x(_middle(group.number, view.per))
        shapes = []
        before = -100.0
        for x, y in zip(middle.tolist(), frame.y(group.edge).tolist(), strict=True):
            if x - before < 4:  # further out, one triangle stands for its neighbours
                continue
            before = x
            tip, base = y + 6 * group.side, y + 16 * group.side
            shapes.append(QPolygonF([QPointF(x, tip), QPointF(x - 6, base), QPointF(x + 6, base)]))
        for pen in (QPen(color("surface"), 2.5), QPen(color("text"), 1)):
            painter.setPen(pen)
            painter.setBrush(color("up" if group.side > 0 else "down"))
            for shape in shapes:
                painter.drawPolygon(shape)


def caption(painter: QPainter, frame: Frame, words: str) -> None:
    """The line between prices and volume."""
    painter.setPen(color("faint"))
    where = QRectF(0, frame.price_bottom + 4, frame.plot_right, 16)
    painter.drawText(where, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def _middle(number: NDArray[np.int64], per: int) -> Floats:
    """Where the columns numbered ``number``, of ``per`` candles each, have their middles, in candles."""
    return number.astype(np.float64) * per + (per - 1) / 2


def _odd(width: float, thick: float) -> float:
    """A width of whole pixels with the wick in its middle."""
    return max(thick, thick + 2 * float(np.floor((width - thick) / 2 + 0.5)))
