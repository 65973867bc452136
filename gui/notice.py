"""One sentence above the pages that stays until it is read; never a dialog; the window's thread."""

from __future__ import annotations

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.icons import Icon
from gui.panels import button, sentence
from gui.theme import color


class Notice(QWidget):
    """Hidden while there is nothing to say; a newer sentence takes the place of the older."""

    def __init__(self) -> None:
        super().__init__()
        box = QHBoxLayout(self)
        box.setContentsMargins(24, 6, 24, 6)
        box.setSpacing(10)
        self._icon, self.words = Icon("info", 16), sentence("", "text")
        self.button = button("Close", clicked=self._shut)
        box.addWidget(self._icon)
        box.addWidget(self.words, 1)
        box.addWidget(self.button)
        self.hide()

    def say(self, words: str, *, is_fault: bool = False) -> None:
        self._icon.show_icon("warning" if is_fault else "info", "warn" if is_fault else "soft")
        self.words.setText(words)
        self.words.setAccessibleName(words)
        self.show()

    def take_back(self, words: str) -> None:
        """What this sentence said is settled; another one stays."""
        if self.words.text() == words:
            self._shut()

    def _shut(self) -> None:
        self.button.clearFocus()  # else the keyboard goes to what is next, the kill plate for one
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("raised"))
        painter.setPen(color("line"))
        painter.drawLine(0, self.height() - 1, self.width(), self.height() - 1)
