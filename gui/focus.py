"""The focus ring: two pixels of ink, two away from whatever the keyboard is on; the window's thread only."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from gui.plates import KillButton
from gui.theme import color

AWAY = 4


class FocusRing(QWidget):
    """Lies above the window, takes no clicks, and follows the focus while the keyboard moves it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._on: QWidget | None = None
        self._is_keyboard = False
        self._watched: list[QWidget] = []
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._moved)

    def by_keyboard(self) -> None:
        """The keyboard moves the focus from now on, until the next click."""
        self._is_keyboard = True
        self._place()

    def _moved(self, old: QWidget | None, now: QWidget | None) -> None:
        if QApplication.mouseButtons() is not Qt.MouseButton.NoButton:
            self._is_keyboard = False
        for widget in self._watched:
            widget.removeEventFilter(self)
        self._watched = []
        is_ours = now is not None and now is not self.window() and self.window().isAncestorOf(now)
        self._on = now if is_ours else None
        at = self._on
        while at is not None and at is not self.window():  # a scrolled page moves an ancestor, not the widget
            at.installEventFilter(self)
            self._watched.append(at)
            at = at.parentWidget()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide):
            self._place()
        return False

    def _place(self) -> None:
        if self._on is None or not self._is_keyboard or not self._on.isVisible():
            self.hide()
            return
        inner = self._on.plate().toRect() if isinstance(self._on, KillButton) else self._on.rect()
        where = inner.translated(self._on.mapTo(self.window(), QPoint(0, 0)))
        self.setGeometry(where.adjusted(-AWAY, -AWAY, AWAY, AWAY).intersected(self.window().rect()))
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("text"), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 7, 7)
