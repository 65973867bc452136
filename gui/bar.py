"""The state bar: mark, mode, two lines, three meters, Pause and Kill in fixed slots; window's thread."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from gui.dress import DRESSES, Dress
from gui.icons import draw
from gui.limit_meter import LimitMeter
from gui.panels import Short
from gui.plates import KillButton, ModePlate
from gui.standing import METERS, Look, Standing
from gui.theme import color, current, font
from gui.wording import bar_lines

HEIGHT = 56
NARROW_MARK = 1280
NARROW_METERS = 1200
_WIDTHS = ((184, 124), (108, 76), (172, 116))


class PauseButton(QAbstractButton):
    """Pause entries, or resume them; gives way once halted."""

    def __init__(self) -> None:
        super().__init__()
        self._dress, self.is_paused, self._is_halted = Dress(), False, False
        self.setFixedSize(QSize(128, 40))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setText("Pause entries")
        self.setEnabled(False)

    def show_standing(self, standing: Standing, dress: Dress) -> None:
        self.is_paused, self._is_halted, self._dress = standing.is_reducing, standing.is_halted, dress
        self.setText("Resume" if self.is_paused else "Pause entries")
        self.setAccessibleName(self.text())
        self.setEnabled(standing.can_pause)
        says = "Let strategies enter again" if self.is_paused else "No new entries; exits and stops go on"
        self.setToolTip(f"{says} (Ctrl+Shift+P)")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.5)
        style = Qt.PenStyle.SolidLine if self.isEnabled() else Qt.PenStyle.DashLine
        painter.setPen(QPen(color(self._dress.edge), 1, style))
        if self.isDown() or self.underMouse():
            painter.setBrush(color(self._dress.ink, 0.18 if self.isDown() else 0.08))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 4.5, -0.5, -4.5), 6, 6)
        draw(painter, "play" if self.is_paused else "pause", QRectF(11, 13, 14, 14), self._dress.ink)
        painter.setPen(color(self._dress.ink))
        painter.setFont(font(13, 500))
        where = QRectF(31, 0, self.width() - 33, self.height())
        cut = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(where.width()))
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, cut)


class StateBar(QWidget):
    """``kill`` fires on the press of Kill, before anything is repainted."""

    kill = Signal()
    pause = Signal()
    resume = Signal()
    chosen = Signal()
    """The plate or its lines were clicked: the way back to Halt evidence."""

    def __init__(self) -> None:
        super().__init__()
        self._look = Look.STARTING
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("State")
        self.kill_button = KillButton()
        self.plate, self.pause_button = ModePlate(), PauseButton()
        self.first, self.second = Short("", 13, 600), Short("", 12, 400, "soft")
        self.meters = [LimitMeter(name, *widths) for (name, _), widths in zip(METERS, _WIDTHS, strict=True)]
        self._mark = QWidget()
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(0)
        self._box.addWidget(self._mark)
        self._box.addWidget(self.plate)
        self._box.addSpacing(16)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addStretch(1)
        lines.addWidget(self.first)
        lines.addWidget(self.second)
        lines.addStretch(1)
        self._box.addLayout(lines, 1)
        for meter in self.meters:
            self._box.addSpacing(16)
            self._box.addWidget(meter)
        self._box.addSpacing(20)
        self._box.addWidget(self.pause_button)
        self._box.addSpacing(20)
        self._box.addWidget(self.kill_button)
        self.kill_button.struck.connect(self.kill)
        self.pause_button.clicked.connect(self._paused)
        current().changed.connect(self._dress_up)
        self._dress_up()

    def show_standing(self, standing: Standing) -> None:
        self._look = standing.look
        dress = DRESSES[self._look]
        first, second = bar_lines(standing)
        self.first.setText(first)
        self.second.setText(second)
        self.plate.show_look(self._look)
        for meter, (_, holds) in zip(self.meters, METERS, strict=True):
            meter.show_limit(standing.meter(holds), dress)
        self.pause_button.show_standing(standing, dress)
        self.kill_button.show_standing(standing)
        self._dress_up()

    def _paused(self) -> None:
        (self.resume if self.pause_button.is_paused else self.pause).emit()

    def _dress_up(self) -> None:
        dress = DRESSES[self._look]
        for line, token in ((self.first, dress.ink), (self.second, dress.soft)):
            palette = line.palette()
            palette.setColor(line.foregroundRole(), color(token))
            line.setPalette(palette)
            line.setProperty("tone", "")
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._mark.setFixedWidth(72 if self.width() < NARROW_MARK else 216)
        for meter in self.meters:
            meter.set_narrow(self.width() < NARROW_METERS)

    def paintEvent(self, event: QPaintEvent) -> None:
        dress, painter = DRESSES[self._look], QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), color(dress.ground))
        mark = dress.mark if current().is_dark or dress.mark == "mark" else "mark"
        draw(painter, mark, QRectF(16, 15, 26, 26), dress.mark_ink)
        if self._mark.width() > 72:
            painter.setPen(color(dress.mark_ink))
            painter.setFont(font(17, 600))
            painter.drawText(QRectF(48, 0, 140, HEIGHT), Qt.AlignmentFlag.AlignVCenter, "Belay")
        self._lower_edge(painter, dress)

    def _lower_edge(self, painter: QPainter, dress: Dress) -> None:
        bottom, width = self.height(), self.width()
        if dress.line == "stripes":
            painter.fillRect(QRectF(0, bottom - 6, width, 6), color("on_halt"))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("halt"))
            for left in range(-8, width, 16):
                stripe = [(left, bottom), (left + 6, bottom - 6), (left + 14, bottom - 6), (left + 8, bottom)]
                painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in stripe]))
        elif dress.line != "none":
            pen = QPen(color(dress.accent), 2)
            if dress.line == "dashed":
                pen.setDashPattern([5, 2.5])
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            painter.drawLine(0, bottom - 1, width, bottom - 1)
