"""A question before a deed, inside the page: what follows, the deed by its name, and the way out; window's thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gui.icons import Icon
from gui.panels import button, row, sentence
from gui.theme import color


class Question(QWidget):
    """Hidden until ``put``; the way out has the focus, and Escape takes it, too."""

    def __init__(self) -> None:
        super().__init__()
        self._then: Callable[[], object] | None = None
        self.words = sentence("", "text")
        self.yes = button("", clicked=self._agree)
        self.no = button("", clicked=self.drop)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(Icon("warning", 16, "warn"), 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.words, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 10, 12, 10)
        box.setSpacing(8)
        box.addLayout(head)
        box.addWidget(row(26, self.yes, self.no, None, gap=8))
        self.hide()

    def put(self, words: str, deed: str, way_out: str, then: Callable[[], object]) -> None:
        """Ask; ``then`` follows on the deed's button alone.  A newer question takes the place of the older."""
        self._then = then
        self.words.setText(words)
        self.setAccessibleName(words)
        self.yes.setText(deed)
        self.no.setText(way_out)
        self.show()
        self.no.setFocus()

    def drop(self) -> None:
        """Nothing is done."""
        self._then = None
        self.hide()

    def _agree(self) -> None:
        then = self._then
        self.drop()
        if then is not None:
            then()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.drop()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("edge"))
        painter.setBrush(color("raised"))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 6, 6)
