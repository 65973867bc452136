"""The equity line with a soft fill, and under it the fall below the highest point; the window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPen, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.clock import instant, millis
from core.records import EquityPoint
from gui.charts.bars import Floats
from gui.charts.paint_equity import EquityPicture, paint_equity
from gui.charts.paint_lines import draw_tag
from gui.charts.view import Canvas
from gui.text import clock, day, number, percent
from gui.theme import color, font

COALESCE_MS = 50
KEPT = 100_000
"""Points kept; hourly ones for eleven years."""
EMPTY = "No equity line yet. It grows by one point at each full hour of the market's time."


class EquityChart(QWidget):
    """Equity in ``text``, the fall in ``down`` on an axis of its own.  Pointing reads off one point."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._block: Floats = np.empty((2, 256))
        self._count = 0
        self._at: int | None = None
        self.picture: EquityPicture | None = None
        """What is shown, None before the second point."""
        self._timer = QTimer(self, interval=COALESCE_MS, singleShot=True)
        self._timer.timeout.connect(self.redraw)
        self.canvas = Canvas("Equity chart")
        self.canvas.add_layer(self._paint)
        self._top = self.canvas.add_layer(self._paint_reading, keep=False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.canvas)
        self.canvas.resized.connect(self.redraw)
        self.canvas.hovered.connect(self._hover)
        self.canvas.stepped.connect(self._step)

    def __len__(self) -> int:
        """Points known."""
        return self._count

    def set_points(self, points: Sequence[EquityPoint]) -> None:
        """Show these points, oldest first, in place of what was shown."""
        kept = points[-KEPT:]
        self._block = np.empty((2, max(256, 2 * len(kept))))
        self._count = len(kept)
        for k, point in enumerate(kept):
            self._block[:, k] = millis(point.at), float(point.equity)
        self._mark_old()

    def append(self, point: EquityPoint) -> None:
        """One more point; one that is not newer than the last replaces it."""
        ms = millis(point.at)
        if self._count and ms <= self._block[0, self._count - 1]:
            self._count -= 1
        if self._count == self._block.shape[1]:
            kept = self._block[:, max(0, self._count - KEPT) :]
            self._block = np.concatenate((kept, np.empty_like(kept)), axis=1)
            self._count = kept.shape[1]
        self._block[:, self._count] = ms, float(point.equity)
        self._count += 1
        self._mark_old()

    def _mark_old(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def redraw(self) -> None:
        """Paint what is known now; nothing while hidden."""
        self._timer.stop()
        if not self.isVisible():
            return
        self.picture = None
        if self._count > 1:  # one point has no span, and any scale around it would be made up
            times, equity = self._block[:, : self._count]
            highest = np.maximum.accumulate(equity)
            fall = np.where(highest > 0, equity / np.where(highest > 0, highest, 1.0) - 1, 0.0)
            place = self.canvas.viewport()
            self.picture = EquityPicture(times, equity, fall, place.width(), place.height())
        self.canvas.renew()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.redraw()

    def _paint(self, painter: QPainter) -> None:
        if self.picture is not None:
            paint_equity(painter, self.picture)
            return
        painter.setPen(color("soft"))
        painter.setFont(font(13))
        centre = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(QRectF(self.canvas.viewport().rect()), centre, EMPTY)

    # ---- reading off one point

    def _hover(self, at: QPointF | None) -> None:
        self._at = None
        if at is not None and self.picture is not None:
            x = self.picture.x(self.picture.times)
            self._at = int(np.argmin(np.abs(x - at.x())))
        self._top.update()

    def _step(self, points: int) -> None:
        if self.picture is not None:
            now = self._count - 1 if self._at is None else self._at
            self._at = min(max(now + points, 0), self._count - 1)
            self._top.update()

    def _paint_reading(self, painter: QPainter) -> None:
        view = self.picture
        if view is None or self._at is None or self._at >= len(view.times):
            return
        k = self._at
        x = float(view.x(view.times[k : k + 1])[0])
        pen = QPen(color("faint"), 1)
        pen.setDashPattern([3, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(round(x) + 0.5, 0), QPointF(round(x) + 0.5, view.bottom))
        at = instant(int(view.times[k]))
        fall = Decimal(format(float(view.fall[k]), ".6f"))
        words = f"{day(at)} {clock(at)[:5]}   {number(Decimal(format(float(view.equity[k]), '.2f')))}"
        words += f"   {percent(fall)}"
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        width = painter.fontMetrics().horizontalAdvance(words) + 24.0
        left = min(max(0.0, x - width / 2), max(0.0, view.right - width))
        draw_tag(painter, QRectF(left, 0, width, 20), words, "text")
