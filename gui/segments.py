"""One choice of a few, side by side; the chosen one is raised, bordered and bolder; window's thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.theme import color, current, font

HEIGHT = 30
PAD = 14


class Segments(QWidget):
    """``chosen`` carries the place of the new choice; left and right arrows move it."""

    chosen = Signal(int)

    def __init__(self, names: Sequence[str], at: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names, self.at = tuple(names), at
        measure = QFontMetrics(font(12, 600))
        self._widths = [measure.horizontalAdvance(name) + 2 * PAD for name in self._names]
        self.setFixedSize(QSize(sum(self._widths) + 4, HEIGHT))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._name()
        current().changed.connect(self.update)

    @property
    def name(self) -> str:
        return self._names[self.at]

    def choose(self, at: int) -> None:
        """Choose as a click does; the same place again says nothing."""
        if at != self.at and 0 <= at < len(self._names):
            self.at = at
            self._name()
            self.update()
            self.chosen.emit(at)

    def _name(self) -> None:
        self.setAccessibleName(f"{self.name}, {self.at + 1} of {len(self._names)}")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.choose(self.at + step)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        left = 2
        for at, width in enumerate(self._widths):
            if left <= event.position().x() < left + width:
                self.choose(at)
            left += width

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(color("line"), 1))
        painter.setBrush(color("sunken"))
        painter.drawRoundedRect(frame, 6, 6)
        left = 2.0
        for at, (name, width) in enumerate(zip(self._names, self._widths, strict=True)):
            where = QRectF(left, 2.5, width, HEIGHT - 5)
            if at == self.at:
                painter.setPen(QPen(color("edge"), 1))
                painter.setBrush(color("raised" if current().is_dark else "surface"))
                painter.drawRoundedRect(where, 5, 5)
            painter.setFont(font(12, 600 if at == self.at else 500))
            painter.setPen(color("text" if at == self.at else "soft"))
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, name)
            left += width
