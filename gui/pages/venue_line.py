"""A sign and a sentence that wraps beside it; the window's thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gui.icons import Icon
from gui.panels import sentence, set_tone


class SignLine(QWidget):
    """The sign is coloured always, the words only where they are not good news."""

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self.icon, self.words = Icon("dash", 14, "faint"), sentence(words)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        box.addWidget(self.words, 1)

    def show_line(self, icon: str, tone: str, words: str) -> None:
        """``paper`` is the tone of what is well."""
        self.icon.show_icon(icon, tone)
        self.words.setText(words)
        set_tone(self.words, "text" if tone == "paper" else tone)
