"""The tray icon: its shape says the state, its menu kills, pauses, shows and quits; the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from core.messages import Severity
from gui.icons import icon
from gui.standing import Look, Standing
from gui.text import DOT, money, plural
from gui.theme import current
from gui.wording import bar_lines

POLL_MS = 1000
NOTE_MS = 10_000
LOUD = {
    Severity.WARNING: QSystemTrayIcon.MessageIcon.Warning,
    Severity.ERROR: QSystemTrayIcon.MessageIcon.Critical,
    Severity.CRITICAL: QSystemTrayIcon.MessageIcon.Critical,
}


def tray_icon_name(standing: Standing) -> str:
    """Seven states, seven shapes."""
    match standing.look:
        case Look.HALTED | Look.UNVERIFIED:
            return f"tray-{standing.look}"
        case Look.LIVE if not standing.is_reducing and standing.has_prices:
            return "tray-live"
    if not standing.has_prices:
        return "tray-offline"
    if standing.is_reducing:
        return "tray-paused"
    return "tray-dry-run" if standing.look is Look.DRY_RUN else "tray-paper"


class Tray(QObject):
    """``kill``, ``pause``, ``resume``, ``show`` and ``quit`` are the menu's.

    A tray may start late, end and come back, so its being there is asked every second; ``came_and_went`` says
    when it changed.
    """

    kill = Signal()
    pause = Signal()
    resume = Signal()
    show = Signal()
    quit = Signal()
    came_and_went = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._name = ""
        self._icons: list[tuple[QAction, str]] = []
        self._icon = QSystemTrayIcon(self)
        self.menu = QMenu()
        self.kill_action = self._action("Kill: stop everything", "kill", self.kill.emit)
        self.menu.addSeparator()
        self.state_action = self._action("Starting", "", lambda: None)
        self.account_action = self._action("", "", lambda: None)
        self.state_action.setEnabled(False)
        self.account_action.setEnabled(False)
        self.account_action.setVisible(False)
        self.menu.addSeparator()
        self.pause_action = self._action("Pause entries", "pause", self._paused)
        self.show_action = self._action("Show Belay", "dashboard", self.show.emit)
        self.menu.addSeparator()
        self.quit_action = self._action("Quit", "quit", self.quit.emit)
        self.pause_action.setEnabled(False)
        self._is_paused = False
        self._icon.setContextMenu(self.menu)
        self._icon.activated.connect(self._activated)
        self._colour()
        current().changed.connect(self._colour)
        self.is_there = False
        self._poll = QTimer(self)
        self._poll.setInterval(POLL_MS)
        self._poll.timeout.connect(self.look_for_it)
        self._poll.start()
        self.show_standing(Standing())
        self.look_for_it()

    def look_for_it(self) -> None:
        """Whether the desktop has a tray now."""
        is_there = QSystemTrayIcon.isSystemTrayAvailable()
        if is_there != self.is_there:
            self.is_there = is_there
            self._icon.setVisible(is_there)
            self.came_and_went.emit(is_there)

    def say(self, title: str, words: str, severity: Severity = Severity.INFO) -> bool:
        """A note of the desktop, False where none is shown; louder ones carry its own sign and stay longer."""
        if not (self.is_there and QSystemTrayIcon.supportsMessages()):
            return False
        loud = LOUD.get(severity)
        if loud is None:
            self._icon.showMessage(title, words, self._icon.icon(), NOTE_MS)
        else:
            self._icon.showMessage(title, words, loud, 3 * NOTE_MS)
        return True

    def show_standing(self, standing: Standing) -> None:
        name = tray_icon_name(standing)
        if name != self._name:
            self._name = name
            self._icon.setIcon(icon(name))
        first, second = bar_lines(standing)
        self._icon.setToolTip(f"Belay{DOT}{first}")
        self.state_action.setText(f"{first}{DOT}{second}")
        self._show_account(standing)
        self._is_paused = standing.is_reducing
        self.pause_action.setText("Resume entries" if self._is_paused else "Pause entries")
        self.pause_action.setEnabled(standing.can_pause)
        self.kill_action.setEnabled(not standing.is_halted)

    def end(self) -> None:
        """Take the icon away."""
        self._poll.stop()
        self._icon.hide()

    def _colour(self) -> None:
        for action, name in self._icons:
            action.setIcon(icon(name))

    def _show_account(self, standing: Standing) -> None:
        account = standing.account
        self.account_action.setVisible(account is not None)
        if account is not None:
            today = money(account.equity - account.day_start_equity, signed=True)
            words = f"{money(account.equity, account.currency)}, {today} today"
            self.account_action.setText(f"{words}, {plural(len(account.holdings), 'position')}")

    def _paused(self) -> None:
        (self.resume if self._is_paused else self.pause).emit()

    def _activated(self, why: QSystemTrayIcon.ActivationReason) -> None:
        if why is not QSystemTrayIcon.ActivationReason.Context:
            self.show.emit()

    def _action(self, text: str, icon_name: str, then: object) -> QAction:
        action = QAction(text, self)
        if icon_name:
            self._icons.append((action, icon_name))
        action.triggered.connect(then)
        self.menu.addAction(action)
        return action
