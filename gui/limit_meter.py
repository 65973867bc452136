"""One limit in the state bar: its words always, its bar where there is room; the window's thread only."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from core.messages import LimitUse
from gui.dress import Dress
from gui.meter import NEAR, draw_meter, share
from gui.text import NOT_KNOWN
from gui.theme import color, font
from gui.wording import meter_words


class LimitMeter(QWidget):
    """``name`` and how much of the limit is used; narrow, the words stand above each other without a bar."""

    def __init__(self, name: str, width: int, narrow_width: int) -> None:
        super().__init__()
        self._name, self._widths = name, (width, narrow_width)
        self._words, self._share, self._is_known = NOT_KNOWN, Decimal(0), False
        self._dress = Dress()
        self._is_narrow = self._is_tight = False
        self.setFixedSize(width, 40)
        self.setAccessibleName(f"{name}, {NOT_KNOWN}")

    def show_limit(self, limit: LimitUse | None, dress: Dress) -> None:
        words = meter_words(limit, is_short=True)
        part = share(limit.used, limit.limit) if limit is not None else Decimal(0)
        if (words, part, dress) != (self._words, self._share, self._dress):
            self._words, self._share, self._dress = words, part, dress
            self._is_known = limit is not None
            self.setAccessibleName(f"{self._name}, {words}")
            self.setToolTip(f"{self._name}: {words}")
            self.update()

    def set_narrow(self, is_narrow: bool) -> None:
        self._is_narrow, self._is_tight = is_narrow, False
        self.setFixedWidth(self._widths[is_narrow])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        dress, left = self._dress, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.setPen(color(dress.soft))
        painter.setFont(font(12, 400))
        name = QRectF(0, 2, self.width(), 18)
        painter.drawText(name, left, self._name)
        is_near = self._share >= NEAR
        painter.setPen(color(dress.near if is_near else dress.soft if not self._is_known else _strong(dress)))
        painter.setFont(font(12, 600 if self._is_known else 400))
        if self._is_narrow:
            painter.drawText(QRectF(0, 20, self.width(), 18), left, self._words)
            return
        taken = QFontMetrics(font(12)).horizontalAdvance(self._name) + 6
        if self._is_known and painter.fontMetrics().horizontalAdvance(self._words) > self.width() - taken:
            self._is_tight = True  # and stays so: letters that change their size with each digit would jump
        if self._is_tight:
            painter.setFont(font(11, 500))  # money never elides
        painter.drawText(name, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._words)
        track = QRectF(0, 27, self.width(), 4)
        draw_meter(painter, track, self._share, color(dress.track), color(dress.soft), color(dress.near))


def _strong(dress: Dress) -> str:
    # On the black bar the yellow is for the state, the numbers are white.
    return "#FFFFFF" if dress.line == "stripes" else dress.ink
