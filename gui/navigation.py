"""The list of pages at the left: groups, icons and plain counts; icons alone where the window is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLabel, QVBoxLayout, QWidget

from gui.icons import draw
from gui.panels import label
from gui.theme import ThemeChoice, color, current, font

WIDTH, NARROW_WIDTH = 200, 56
GROUPS = ("Watch", "Decide", "Look back", "Set up")


class NavigationEntry(QAbstractButton):
    """One page; the chosen one is raised, bolder and has a bar at its left."""

    def __init__(self, title: str, icon_name: str, keys: str) -> None:
        super().__init__()
        self.setText(title)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFixedHeight(32)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(f"{title} ({keys})" if keys else title)
        self._icon_name, self.is_narrow = icon_name, False
        self._count: int | None = None
        self.show_count(None)

    def show_count(self, count: int | None) -> None:
        """A plain number behind the name; None for none."""
        self._count = count
        self.setAccessibleName(self.text() if count is None else f"{self.text()}, {count}")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the navigation moves: Qt would check the next entry without a click
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_on = self.isChecked()
        if not self.isEnabled():
            painter.setOpacity(0.5)
        plate = QRectF(8, 0, self.width() - 16, self.height())
        if is_on or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("raised", 1.0 if is_on else 0.6))
            painter.drawRoundedRect(plate, 6, 6)
        if is_on:
            painter.setBrush(color("text"))
            painter.drawRoundedRect(QRectF(8, 8, 3, 16), 1.5, 1.5)
        left = (self.width() - 16) / 2 if self.is_narrow else 20
        draw(painter, self._icon_name, QRectF(left, 8, 16, 16), "text" if is_on else "soft")
        if self.is_narrow:
            return
        painter.setPen(color("text" if is_on else "soft"))
        painter.setFont(font(13, 600 if is_on else 400))
        painter.drawText(QRectF(46, 0, self.width() - 80, 32), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._count:
            right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.setFont(font(12, 500))
            painter.drawText(plate.adjusted(0, 0, -12, 0), right, str(self._count))


class Navigation(QWidget):
    """``chosen`` carries the place of the page; up and down move along the entries."""

    chosen = Signal(int)
    theme_asked = Signal()

    def __init__(self, pages: Sequence[tuple[str, str, str]]) -> None:
        """``pages`` are (group, title, icon) in the order of the window's pages."""
        super().__init__()
        self.setAccessibleName("Pages")
        self.entries: list[NavigationEntry] = []
        self._heads: list[QLabel] = []
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 12, 0, 12)
        box.setSpacing(0)
        for at, (_, title, icon_name) in enumerate(pages):
            self.entries.append(NavigationEntry(title, icon_name, f"Ctrl+{at + 1}"))
        for group in GROUPS:
            inside = [at for at, page in enumerate(pages) if page[0] == group]
            if not inside:
                continue
            head = label(group, 11, 500, "faint")
            head.setContentsMargins(20, 4, 0, 4)
            head.setMinimumHeight(24)
            self._heads.append(head)
            box.addWidget(head)
            for at in inside:
                entry = self.entries[at]
                entry.clicked.connect(lambda _=False, at=at: self.chosen.emit(at))
                box.addWidget(entry)
            box.addSpacing(16)
        box.addStretch(1)
        self.theme = NavigationEntry("Theme", "theme", "")
        self.theme.setCheckable(False)
        self.theme.clicked.connect(self.theme_asked)
        box.addWidget(self.theme)
        self.set_narrow(False)
        current().changed.connect(self.update)

    def show_theme(self, choice: ThemeChoice) -> None:
        self.theme.setText(f"Theme: {choice}")
        self.theme.setToolTip(f"Theme: {choice}; a click takes the next of system, dark and light")
        self.theme.show_count(None)

    def choose(self, at: int) -> None:
        """Mark the page that is shown, whoever opened it."""
        self.entries[at].setChecked(True)

    def set_narrow(self, is_narrow: bool) -> None:
        self.setFixedWidth(NARROW_WIDTH if is_narrow else WIDTH)
        for head in self._heads:
            head.setVisible(not is_narrow)
        for entry in (*self.entries, self.theme):
            entry.is_narrow = is_narrow

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        order = [at for at, entry in enumerate(self.entries) if entry.hasFocus()]
        if step is None or not order:
            super().keyPressEvent(event)
            return
        to = max(0, min(len(self.entries) - 1, order[0] + step))
        self.entries[to].setFocus(Qt.FocusReason.TabFocusReason)
        self.chosen.emit(to)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("surface"))
        painter.setPen(color("line"))
        painter.drawLine(self.width() - 1, 0, self.width() - 1, self.height())
