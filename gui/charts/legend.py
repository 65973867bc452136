"""The 44 pixels above a candle chart: the candle under the crosshair in numbers, and what the lines are."""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.icons import draw
from gui.theme import color, current, font

HEIGHT = 44


class Legend(QWidget):
    """Numbers change in place; what does not fit is left out from the end, never cut in the middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: tuple[str, ...] = ()
        self._lines: tuple[tuple[str, str], ...] = ()
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        current().changed.connect(self.update)

    def show_values(self, values: tuple[str, ...], fast: str, slow: str) -> None:
        """``values`` are the words of the upper line; ``fast`` and ``slow`` the averages or empty."""
        lines = ((f"EMA 20  {fast}", "ema_fast"), (f"EMA 50  {slow}", "ema_slow")) if fast else ()
        if (values, lines) != (self._values, self._lines):
            self._values, self._lines = values, lines
            self.setAccessibleName(", ".join((*values, *(words for words, _ in lines))))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(12, 500))
        metrics = QFontMetricsF(painter.font())
        painter.setPen(color("soft"))
        left = 0.0
        for words in self._values:
            width = metrics.horizontalAdvance(words)
            if left + width > self.width():
                break
            painter.drawText(QPointF(left, 15), words)
            left += width + 12
        self._draw_lines(painter, metrics)

    def _draw_lines(self, painter: QPainter, metrics: QFontMetricsF) -> None:
        left = 0.0
        styles = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine)
        for (words, ink), style in zip(self._lines, styles, strict=False):
            painter.setPen(QPen(color(ink), 2, style))
            painter.drawLine(QLineF(left, 30, left + 18, 30))
            painter.drawText(QPointF(left + 24, 34), words)
            left += metrics.horizontalAdvance(words) + 44
        for words, sign in (("Bought", "up"), ("Sold", "down")):
            width = metrics.horizontalAdvance(words) + 16
            if not self._lines or left + width > self.width():
                break
            draw(painter, sign, QRectF(left, 25, 10, 10), sign)
            painter.setPen(color("soft"))
            painter.drawText(QPointF(left + 16, 34), words)
            left += width + 16
