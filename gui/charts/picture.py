"""One picture of a candle chart: what is in view, worked out once and then painted layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QPainter

from gui.charts.bars import BarRing
from gui.charts.frame import Frame, fitted
from gui.charts.marks import FillMarks, Line, Mark
from gui.charts.paint_candles import (
    Drawn,
    caption,
    drawn,
    paint_averages,
    paint_candles,
    paint_fills,
    paint_volume,
)
from gui.charts.paint_lines import (
    Tag,
    paint_grid,
    paint_order_lines,
    paint_out_of_view,
    paint_price_axis,
    paint_tags,
    placed,
    price_text,
)
from gui.charts.series import Series
from gui.charts.viewport import Viewport
from gui.theme import font

REACH = 0.6
"""Orders beyond the candles by up to this share of their range stay in view; others are named at the edge."""


@dataclass(slots=True)
class Market:
    """What a chart shows of one symbol; it goes on filling while another symbol is shown."""

    bars: BarRing = field(default_factory=BarRing)
    fills: FillMarks = field(default_factory=FillMarks)
    places: int = 2
    """Decimal places of a price."""
    base: str = ""
    """The currency in which volume is counted."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Geometry, candles in view, and the tags with their places."""

    frame: Frame
    drawn: Drawn
    tags: Sequence[Tag]
    marks: Sequence[Mark]
    market: Market
    period_ms: int

    @property
    def price_range(self) -> tuple[float, float]:
        return self.frame.low, self.frame.high


def composed(
    blank: Frame,
    series: Series,
    market: Market,
    viewport: Viewport,
    marks: Sequence[Mark],
    before: Picture | None,
) -> Picture:
    """The next picture on a canvas with the width, height and scale of ``blank``; needs one candle."""
    candles = series.candles
    blank = replace(blank, axis_width=axis_width(float(candles.high[-1]), market.places))
    viewport.settle(float(candles.number[0]), float(candles.number[-1]), blank.newest_x)
    frame = replace(blank, step=viewport.step, right_number=viewport.right)
    seen = candles.between(frame.first_number, frame.last_number)
    low, high = float(np.min(candles.low[seen])), float(np.max(candles.high[seen]))
    reach = max((high - low) * REACH, high * 0.002)
    prices = [mark.y_price for mark in marks if low - reach <= mark.y_price <= high + reach]
    low, high = fitted(min((low, *prices)), max((high, *prices)), before.price_range if before else None)
    frame = replace(frame, low=low, high=high)
    last = Decimal(format(float(candles.close[-1]), f".{market.places}f"))
    tags = placed(frame, [*marks, Mark(last, "", "text", Line.LAST)])
    view = drawn(frame, candles, series.fast, series.slow)
    return Picture(frame, view, tags, marks, market, series.period_ms)


def axis_width(price: float, places: int) -> float:
    """Pixels for the price axis, in steps of 8 so that it seldom changes."""
    wanted = QFontMetricsF(font(12, 700)).horizontalAdvance(price_text(price, places)) + 18
    return max(72.0, float(8 * np.ceil(wanted / 8)))


def paint_behind(painter: QPainter, picture: Picture, volume: str) -> None:
    """Everything but the labels and the crosshair."""
    frame, view, market = picture.frame, picture.drawn, picture.market
    paint_grid(painter, frame)
    painter.setFont(font(11, 500))
    caption(painter, frame, f"Volume {volume} {market.base}".rstrip())
    painter.setClipRect(QRectF(0, 0, frame.plot_right, frame.plot_bottom))
    paint_volume(painter, frame, view)
    paint_order_lines(painter, frame, picture.tags)
    paint_candles(painter, frame, view)
    paint_averages(painter, frame, view)
    paint_fills(painter, frame, view, market.fills, picture.period_ms)


def paint_labels(painter: QPainter, picture: Picture) -> None:
    """Axis labels and tags, which lie above the candles."""
    places = picture.market.places
    paint_price_axis(painter, picture.frame, picture.tags, places)
    paint_out_of_view(painter, picture.frame, picture.marks, places)
    paint_tags(painter, picture.frame, picture.tags, places)
