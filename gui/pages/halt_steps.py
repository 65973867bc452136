"""The three steps of a kill as discs on a line, each with its time and what it found; the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gui.icons import draw
from gui.pages.halt_words import Step
from gui.panels import label, row, sentence
from gui.theme import color

LINE_HEIGHT = 36
SIGNS = {"done": "check", "open": "unknown", "going": "half", "waiting": ""}


class HaltSteps(QWidget):
    """Solid between steps that are done, dashed where the next one is open."""

    def __init__(self) -> None:
        super().__init__()
        self._states: tuple[str, ...] = ("waiting",) * 3
        box = QHBoxLayout(self)
        box.setContentsMargins(0, LINE_HEIGHT, 0, 0)
        box.setSpacing(24)
        self._columns: list[tuple[QLabel, QLabel, QLabel]] = []
        self._heads: list[QWidget] = []
        for _ in range(3):
            name, when, words = label("", 12, 600), label("", 12, 400, "faint"), sentence("", "soft", 12)
            head = row(name, when, None, gap=10)
            inner = QVBoxLayout()
            inner.setSpacing(2)
            inner.addWidget(head)
            inner.addWidget(words)
            inner.addStretch(1)
            box.addLayout(inner, 1)
            self._columns.append((name, when, words))
            self._heads.append(head)

    def show_steps(self, steps: tuple[Step, Step, Step]) -> None:
        self._states = tuple(step.state for step in steps)
        for step, (name, when, words) in zip(steps, self._columns, strict=True):
            name.setText(step.name)
            when.setText(step.when)
            words.setText(step.words)
        self.update()

    def words(self) -> list[str]:
        return [f"{name.text()} {words.text()}" for name, _, words in self._columns]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = LINE_HEIGHT / 2 - 4
        lefts = [head.x() for head in self._heads]
        for at, (left, state) in enumerate(zip(lefts, self._states, strict=True)):
            if at < 2:
                is_done = state == "done"
                pen = QPen(color("edge"), 1.5, Qt.PenStyle.SolidLine if is_done else Qt.PenStyle.DashLine)
                painter.setPen(pen)
                painter.drawLine(QPointF(left + 30, middle), QPointF(lefts[at + 1] - 6, middle))
            disc = QRectF(left + 1, middle - 11, 22, 22)
            painter.setPen(QPen(color("text" if state != "waiting" else "edge"), 1.5))
            painter.setBrush(color("text") if state == "done" else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(disc)
            if SIGNS[state]:
                draw(
                    painter,
                    SIGNS[state],
                    disc.adjusted(4, 4, -4, -4),
                    "inverse" if state == "done" else "text",
                )
