"""Where the window's parts stand: bar above, navigation left, pages right, status below; window's thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from gui.bar import StateBar
from gui.navigation import Navigation
from gui.notice import Notice
from gui.pages.catalogue import PageEntry
from gui.start_panel import StartPanel
from gui.statusbar import StatusBar


class Frame(QWidget):
    """Begins with the start panel in the pages' place and a navigation that cannot be used yet."""

    def __init__(self, entries: Sequence[PageEntry]) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.bar, self.status, self.notice, self.start = StateBar(), StatusBar(), Notice(), StartPanel()
        self.navigation = Navigation([(entry.group, entry.title, entry.icon) for entry in entries])
        self.navigation.setEnabled(False)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.start)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.navigation)
        middle.addWidget(self.stack, 1)
        box.addWidget(self.bar)
        box.addWidget(self.notice)
        box.addLayout(middle, 1)
        box.addWidget(self.status)
        self.setTabOrder(self.bar.kill_button, self.bar.pause_button)
