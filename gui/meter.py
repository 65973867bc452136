"""The bar of a meter: how much of a limit is used; the window's thread only."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import color, current

NEAR = Decimal("0.8")
"""From here on the bar is amber and hatched."""


def share(used: Decimal, limit: Decimal) -> Decimal:
    """How much of ``limit`` is used, from 0 to 1; a limit of zero is reached."""
    if limit <= 0:
        return Decimal(1)
    return min(max(used / limit, Decimal(0)), Decimal(1))


def draw_meter(
    painter: QPainter, where: QRectF, part: Decimal, track: QColor, ink: QColor, near: QColor
) -> None:
    """A rounded bar, solid below 80 per cent, hatched from there on: the shape says what the colour says."""
    radius = where.height() / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(track)
    painter.drawRoundedRect(where, radius, radius)
    if part <= 0:
        return
    filled = QRectF(where.x(), where.y(), max(where.height(), where.width() * float(part)), where.height())
    if part < NEAR:
        painter.setBrush(ink)
        painter.drawRoundedRect(filled, radius, radius)
        return
    edge = QPainterPath()
    edge.addRoundedRect(filled, radius, radius)
    painter.save()
    painter.setClipPath(edge)
    painter.fillRect(filled, QColor(near.red(), near.green(), near.blue(), 90))
    painter.setPen(QPen(near, 2))
    at = filled.left() - filled.height()
    while at < filled.right() + filled.height():
        painter.drawLine(QLineF(at, filled.bottom() + 1, at + filled.height() + 2, filled.top() - 1))
        at += 5
    painter.restore()


class Meter(QWidget):
    """The bar alone, 6 px high; its words stand beside it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = Decimal(0)
        self.setFixedHeight(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        current().changed.connect(self.update)

    def show_use(self, used: Decimal, limit: Decimal) -> None:
        part = share(used, limit)
        if part != self._share:
            self._share = part
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        track = color("sunken") if not current().is_dark else color("line")
        draw_meter(QPainter(self), QRectF(self.rect()), self._share, track, color("soft"), color("warn"))
