"""The two plates of the state bar: the mode, and Kill; the window's thread only."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from gui.dress import DRESSES
from gui.icons import draw
from gui.standing import Look, Standing
from gui.theme import color, font
from gui.wording import PLATE_WORDS, kill_lines

SLOT = 132
"""The plate's slot is as wide as the widest word needs, so no mode shifts the text."""
KILL_SIZE = QSize(136, 40)
_TIP = "Stop everything at once (Ctrl+Shift+K)"


class ModePlate(QWidget):
    """The mode as a word with its shape: sheet, ring, disc, octagon."""

    def __init__(self) -> None:
        super().__init__()
        self._look = Look.STARTING
        self.setFixedSize(SLOT, 32)
        self.setAccessibleName("Mode, starting")

    def show_look(self, look: Look) -> None:
        if look is not self._look:
            self._look = look
            self.setAccessibleName(f"Mode, {PLATE_WORDS[look].lower()}")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        dress, word = DRESSES[self._look], PLATE_WORDS[self._look]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        letters = font(15, 600)
        width = min(SLOT - 1, 34 + QFontMetrics(letters).horizontalAdvance(word) + 14)
        frame = QRectF(0.75, 0.75, width - 1.5, 30.5)
        ink = color(dress.plate_ink)
        if dress.plate_ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(dress.plate_ground))
        else:
            painter.setPen(QPen(ink, 1.5))
            painter.setBrush(color(dress.plate_ink, 0.14))
        painter.drawRoundedRect(frame, 6, 6)
        draw(painter, dress.plate_icon, QRectF(10, 8, 16, 16), dress.plate_ink)
        painter.setPen(ink)
        painter.setFont(letters)
        where = QRectF(33, 0, width - 33, 32)
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word)


class KillButton(QAbstractButton):
    """One click, no question.  Once pressed it stays pressed, ignores clicks and never becomes re-arm.

    The widget reaches into the window's corner, the plate inside it is 136 x 40 and 16 px from the edge.
    """

    struck = Signal()
    """The press itself, before Qt repaints the button: whoever trips the latch connects here."""
    EDGE = 16

    def __init__(self) -> None:
        super().__init__()
        self._is_killed, self._look = False, Look.STARTING
        self._lines = ("KILL", "stop everything")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setFixedWidth(KILL_SIZE.width() + self.EDGE)
        self.setAccessibleName("Kill, stop everything")
        self.setToolTip(_TIP)
        self.pressed.connect(self.strike)  # a press that came neither by mouse nor by key: a screen reader's

    def strike(self) -> None:
        """Press Kill; once killed it says nothing more."""
        if not self._is_killed:
            self.struck.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # Qt's own handler repaints the button before it emits anything; the latch must come first.
        if event.button() is Qt.MouseButton.LeftButton:
            self.strike()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.strike()
        super().keyPressEvent(event)

    def show_standing(self, standing: Standing) -> None:
        lines = kill_lines(standing)
        if (standing.is_halted, standing.look, lines) != (self._is_killed, self._look, self._lines):
            self._is_killed, self._look, self._lines = standing.is_halted, standing.look, lines
            self.setAccessibleName(f"{lines[0].capitalize()}, {lines[1]}")
            self.setToolTip("Nothing is sent until re-armed" if self._is_killed else _TIP)
            self.update()

    @property
    def is_killed(self) -> bool:
        return self._is_killed

    def plate(self) -> QRectF:
        """Where the plate is, inside the larger area that takes clicks."""
        top = (self.height() - KILL_SIZE.height()) / 2
        return QRectF(0, top, KILL_SIZE.width(), KILL_SIZE.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = self.plate().adjusted(1, 1, -1, -1)
        ink = color("halt" if self._is_killed else "on_halt")
        if self._is_killed:
            painter.setPen(QPen(color("halt"), 2))
            painter.setBrush(color("on_halt"))
        else:
            painter.setPen(QPen(QColor(0, 0, 0, 150), 1))
            shade = color("halt")
            painter.setBrush(shade.darker(112) if self.isDown() else shade)
        painter.drawRoundedRect(frame, 6, 6)
        sign = "kill" if not self._is_killed else "unverified" if self._look is Look.UNVERIFIED else "halted"
        draw(painter, sign, QRectF(frame.x() + 9, frame.center().y() - 12, 24, 24))
        painter.setPen(ink)
        left = frame.x() + 40
        width = frame.right() - left - 4
        painter.setFont(font(15, 700))
        large = QRectF(left, frame.y() + 2, width, 20)
        painter.drawText(large, Qt.AlignmentFlag.AlignVCenter, self._lines[0])
        painter.setFont(font(12 if self._is_killed else 11, 500))
        small = QRectF(left, frame.y() + 20, width, 16)
        cut = painter.fontMetrics().elidedText(self._lines[1], Qt.TextElideMode.ElideRight, int(width))
        painter.drawText(small, Qt.AlignmentFlag.AlignVCenter, cut)
