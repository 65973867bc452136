"""The candlestick chart with our orders and fills in it; the window's thread.

Whatever comes in is only kept; the picture is renewed at most 20 times a second, and not at all while hidden.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from core.market import TIMEFRAME_MS, Bar
from core.order import Fill
from gui.charts.crosshair import Cross, label_span, paint_crosshair
from gui.charts.frame import Frame
from gui.charts.legend import Legend
from gui.charts.marks import Mark
from gui.charts.paint_lines import paint_time_axis, price_text
from gui.charts.picture import Market, Picture, composed, paint_behind, paint_labels
from gui.charts.series import Series
from gui.charts.ticks import moment
from gui.charts.view import Canvas
from gui.charts.viewport import Viewport
from gui.panels import button
from gui.theme import color, font

COALESCE_MS = 50
EMPTY = "No candle yet. The first one shows here when it comes."


class CandleChart(QWidget):
    """Candles of any time frame that is a multiple of the base candles; follows the newest unless panned."""

    def __init__(self, timeframe: str = "1m", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._market = Market()
        self._period = TIMEFRAME_MS[timeframe]
        self._series = Series(self._market.bars, self._period)
        self.viewport = Viewport()
        self.picture: Picture | None = None
        """What is shown, None before the first candle."""
        self.pictures = 0
        """How often the picture was renewed."""
        self._marks: tuple[Mark, ...] = ()
        self._cross: Cross | None = None
        self._timer = QTimer(self, interval=COALESCE_MS, singleShot=True)
        self._timer.timeout.connect(self.redraw)
        self.legend = Legend()
        self.newest_button = button("Newest candle", clicked=self.to_newest)
        self.newest_button.hide()
        self.canvas = Canvas("Price chart")
        self.canvas.add_layer(self._paint_behind)
        self.canvas.add_layer(self._paint_labels)
        self._top = self.canvas.add_layer(self._paint_cross, keep=False)
        self._arrange()

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.legend, 1)
        head.addWidget(self.newest_button, 0, Qt.AlignmentFlag.AlignTop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(head)
        box.addWidget(self.canvas, 1)
        self.canvas.resized.connect(self.redraw)
        self.canvas.panned.connect(self._pan)
        self.canvas.zoomed.connect(self._zoom)
        self.canvas.hovered.connect(self._hover)
        self.canvas.stepped.connect(self._step)
        self.canvas.reset_asked.connect(self.to_newest)

    # ---- feeding

    def show_market(self, market: Market) -> None:
        """Show another symbol."""
        self._market = market
        self._start_over()

    def set_timeframe(self, timeframe: str) -> None:
        """Show longer (or again shorter) candles, made from the base candles."""
        self._period = TIMEFRAME_MS[timeframe]
        self._start_over()

    def append(self, bars: Sequence[Bar]) -> None:
        """Closed base candles of the symbol shown, oldest first."""
        self._market.bars.append(bars)
        self.mark_old()

    def update_forming(self, bar: Bar) -> None:
        """The base candle that is still forming."""
        self._market.bars.update_forming(bar)
        self.mark_old()

    def set_orders(self, marks: Sequence[Mark]) -> None:
        """All lines of ours in this chart: orders, stops, the average paid."""
        if tuple(marks) != self._marks:
            self._marks = tuple(marks)
            self.mark_old()

    def add_fill(self, fill: Fill) -> None:
        """A triangle at the candle in which it happened."""
        self._market.fills.add((fill,))
        self.mark_old()

    def mark_old(self) -> None:
        """The picture is old: renew it within 50 ms if it is seen."""
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def to_newest(self) -> None:
        """Follow the newest candle again."""
        self.viewport.to_newest()
        self.picture = None  # a fresh price range too
        self.redraw()

    def redraw(self) -> None:
        """Take over what is new and paint it; nothing while hidden."""
        self._timer.stop()
        if not self.isVisible():
            return
        self.pictures += 1
        self._series.refresh()
        place = self.canvas.viewport()
        blank = Frame(place.width(), place.height(), 0, 1, 0, 0, 1, self.canvas.devicePixelRatioF())
        if len(self._series.candles):
            self.picture = composed(
                blank, self._series, self._market, self.viewport, self._marks, self.picture
            )
        else:
            self.picture = None
        self.newest_button.setVisible(not self.viewport.follows)
        self._tell_legend()
        self.canvas.renew()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redraw()

    def _start_over(self) -> None:
        self._series = Series(self._market.bars, self._period)
        self._cross = None
        self.to_newest()

    # ---- layers

    def _paint_behind(self, painter: QPainter) -> None:
        if self.picture is not None:
            volume = price_text(float(self._series.candles.volume[-1]), 2)
            paint_behind(painter, self.picture, volume)
            return
        painter.setPen(color("soft"))
        painter.setFont(font(13))
        painter.drawText(QRectF(self.canvas.viewport().rect()), Qt.AlignmentFlag.AlignCenter, EMPTY)

    def _paint_labels(self, painter: QPainter) -> None:
        if self.picture is not None:
            paint_labels(painter, self.picture)

    def _paint_cross(self, painter: QPainter) -> None:
        if self.picture is None:
            return
        frame, cross = self.picture.frame, self._cross
        taken = label_span(frame, cross, self._period) if cross is not None else None
        paint_time_axis(painter, frame, self._period, taken)
        if cross is not None:
            paint_crosshair(painter, frame, cross, self._period, self._market.places)

    # ---- mouse and keys

    def _pan(self, pixels: float) -> None:
        self.viewport.pan(pixels)
        self.redraw()

    def _zoom(self, factor: float, x: float) -> None:
        if self.picture is not None:
            self.viewport.zoom(factor, x - self.picture.frame.newest_x)
            self.redraw()

    def _hover(self, at: QPointF | None) -> None:
        if at is None or self.picture is None:
            self._point(None)
        else:
            self._point((self.picture.frame.number(at.x()), at.y()))

    def _step(self, candles: int) -> None:
        if self.picture is not None:
            now = self._cross or Cross(int(self.picture.frame.right_number), -1.0)
            self._point((now.number + candles, now.y))

    def _point(self, at: tuple[float, float] | None) -> None:
        number = self._series.candles.number
        self._cross = None
        if at is not None and len(number):
            place = int(np.clip(np.searchsorted(number, at[0] - 0.5), 0, len(number) - 1))
            self._cross = Cross(int(number[place]), at[1])
        self._tell_legend()
        self._top.update()

    def _tell_legend(self) -> None:
        candles, places = self._series.candles, self._market.places
        if not len(candles):
            self.legend.show_values((), "", "")
            return
        wanted = self._cross.number if self._cross else int(candles.number[-1])
        k = min(int(np.searchsorted(candles.number, wanted)), len(candles) - 1)
        named = (("O", candles.open), ("H", candles.high), ("L", candles.low), ("C", candles.close))
        texts = [f"{name} {price_text(float(column[k]), places)}" for name, column in named]
        at = moment(int(candles.number[k]) * self._period, self._period)
        volume = f"Vol {price_text(float(candles.volume[k]), 1)}"
        fast, slow = (price_text(float(line[k]), places) for line in (self._series.fast, self._series.slow))
        self.legend.show_values((at, *texts, volume), fast, slow)
