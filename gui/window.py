"""The window: state bar, navigation, pages and status bar around one bridge; the window's thread only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QMainWindow

from core.errors import BelayError
from core.halt import HaltRecord, Latch
from core.market import Freshness
from core.messages import AlertDue, Fact, FeedProgressed, HaltTripped, Rearmed, StageStarted
from core.ports import Desk
from gui.announce import announce
from gui.bar import NARROW_MARK
from gui.bridge import Bridge
from gui.focus import FocusRing
from gui.frame import Frame
from gui.icons import icon
from gui.pages.catalogue import PageEntry
from gui.pages.halt import HaltPage
from gui.pages.page import Page
from gui.preferences import Preferences
from gui.standing import WANTED, Standing
from gui.theme import ThemeChoice, current
from gui.tray import Tray
from gui.wording import bar_lines

SMALLEST = (1120, 700)
FIRST_SIZE = (1440, 900)
KILL_REASON = "Kill pressed"
STILL_TRADING = "The window is closed, Belay goes on trading. Quit in the tray's menu or Ctrl+Q ends it."


class BelayWindow(QMainWindow):
    """Shown at once with the start panel; ``fill`` brings desk and pages; ``quit_asked`` ends it all."""

    quit_asked = Signal()
    painted = Signal()
    """The first paint: heavy things may start now."""

    def __init__(
        self, bridge: Bridge, preferences: Preferences, latch: Latch, entries: Sequence[PageEntry], tray: Tray
    ) -> None:
        super().__init__()
        self.setWindowTitle("Belay")
        self.setWindowIcon(icon("app"))
        self.setMinimumSize(*SMALLEST)
        self.resize(*FIRST_SIZE)
        self._bridge, self._preferences, self._latch = bridge, preferences, latch
        self._desk: Desk | None = None
        self._entries = tuple(entries)
        self._killed_early = ""
        self._routes: dict[type, list[Page]] = {}
        self.pages: list[Page] = []
        self.halt: HaltPage | None = None
        self.standing = Standing()
        self.is_quitting = self._was_painted = False
        frame = Frame(self._entries)
        self.bar, self.status, self.notice, self.start = frame.bar, frame.status, frame.notice, frame.start
        self.navigation, self.stack = frame.navigation, frame.stack
        self.ring = FocusRing(self)
        self.setCentralWidget(frame)
        self._tray = tray
        self._connect()
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._each_second)
        self._second.start()
        self.restoreGeometry(preferences.state("window"))
        if latch.is_set():
            self.standing.tripped(latch.read())
        self._show_standing()

    def _connect(self) -> None:
        tray = self._tray
        self.bar.kill.connect(lambda: self.kill("you, in the window"))
        tray.kill.connect(lambda: self.kill("you, in the tray"))
        for source in (self.bar, tray):
            source.pause.connect(self.pause)
            source.resume.connect(self.resume)
        self.bar.chosen.connect(self._to_evidence)
        tray.show.connect(self.bring_up)
        tray.quit.connect(self.quit_asked)
        tray.came_and_went.connect(self._tray_changed)
        self.start.quit.connect(self.quit_asked)
        self.navigation.theme_asked.connect(self.choose_theme)
        self.navigation.show_theme(current().choice)
        self.navigation.chosen.connect(self.open)
        self._bridge.fact.connect(self._on_fact)
        keys: list[tuple[str, Callable[[], object]]] = [
                ("Ctrl+Shift+K", self.bar.kill_button.strike), ("Ctrl+Shift+P", self.bar.pause_button.click),
                ("Ctrl+Q", self.quit_asked.emit)]  # fmt: skip
        keys += [(f"Ctrl+{at + 1}", partial(self.open, at)) for at in range(len(self._entries))]
        for words, then in keys:
            QShortcut(QKeySequence(words), self, then)

    # ------------------------------------------------------------ from start to pages

    def fill(self, desk: Desk, pages: Sequence[Page], halt: HaltPage) -> None:
        """The pipeline is up: give desk and bridge to the pages and show the one that was shown last."""
        self._desk, self.pages, self.halt = desk, list(pages), halt
        for page in (*pages, halt):
            self.stack.addWidget(page)
            for wanted in page.facts():
                self._routes.setdefault(wanted, []).append(page)
            page.asked_for.connect(self._open_titled)
        for entry, page in zip(self.navigation.entries, self.pages, strict=True):
            page.counted.connect(entry.show_count)
        self._bridge.listen({*self._routes, *WANTED, StageStarted, AlertDue})
        self.standing.attach(desk)
        if self._killed_early:  # the latch held from that moment; cancelling and its proof can begin only now
            self._trip(self._killed_early)
        for page in (*pages, halt):
            page.remember(self._preferences)
            page.attach(desk, self._bridge)
        for fact in self.standing.newest():  # came before the pages; halted, it would not come again
            for page in self._routes.get(type(fact), ()):
                page.on_fact(fact)
        self.navigation.setEnabled(True)
        self._show_standing()
        self._open_titled("" if self.standing.is_halted else self._preferences.page)

    def _open_titled(self, title: str) -> None:
        self.open(next((at for at, page in enumerate(self.pages) if page.title == title), 0))

    def open(self, at: int) -> None:
        """Show a page; halted, the evidence stands in the first one's place."""
        if not 0 <= at < len(self.pages) or self.is_quitting:
            return
        self.navigation.choose(at)
        page = self.halt if at == 0 and self.halt is not None and self.standing.is_halted else self.pages[at]
        self.stack.setCurrentWidget(page)
        self._preferences.page = self.pages[at].title
        page.refresh()

    def _to_evidence(self) -> None:
        if self.standing.is_halted:
            self.open(0)

    # ------------------------------------------------------------ what the person orders

    def kill(self, cause: str) -> None:
        """Trip the latch, and only then repaint anything."""
        if self.standing.is_halted and self._latch.is_set():
            return
        self._trip(cause)
        record = self._latch.read() or HaltRecord(datetime.now(UTC).isoformat(), cause, KILL_REASON)
        self._tripped(record)

    def _trip(self, cause: str) -> None:
        try:
            if self._desk is not None:
                self._desk.kill(cause, KILL_REASON)
            else:
                self._killed_early = cause
                self._latch.trip(cause, KILL_REASON, datetime.now(UTC))
        except (BelayError, OSError) as error:  # memory is set first, so a full disk does not undo the halt
            self.notice.say(f"Halted, but not everything can be done: {error}", is_fault=True)

    def _tripped(self, record: HaltRecord) -> None:
        is_new = not self.standing.is_halted
        self.standing.tripped(record)
        self._show_standing()
        if self.halt is not None:
            self.halt.tripped(record)
        if is_new:
            self.open(0)
            self._announce()

    def pause(self) -> None:
        if self._desk is not None:
            self._bridge.ask(self._desk.pause, lambda _: None, self._failed)

    def resume(self) -> None:
        if self._desk is not None:
            self._bridge.ask(self._desk.resume, lambda _: None, self._failed)

    def _failed(self, error: BelayError) -> None:
        self.notice.say(str(error), is_fault=True)

    # ------------------------------------------------------------ what comes up

    def _on_fact(self, fact: Fact) -> None:
        kind = type(fact)
        if isinstance(fact, HaltTripped):
            self._tripped(fact.record)
        elif kind in WANTED:
            if isinstance(fact, FeedProgressed) and fact.freshness is Freshness.FRESH:
                self.standing.seen_at = datetime.now(UTC)
            self.standing.on_fact(fact)
            self._show_standing()
        if isinstance(fact, StageStarted):
            self.start.on_fact(fact)
        if isinstance(fact, AlertDue):
            alert = fact.alert
            self._tray.say(f"Belay, {alert.mode}: {alert.severity}", alert.text, alert.severity)
        for page in self._routes.get(kind, ()):
            page.on_fact(fact)
        if isinstance(fact, Rearmed):
            self._announce()
            if self.stack.currentWidget() is self.halt:
                self.open(0)

    def _show_standing(self) -> None:
        self.bar.show_standing(self.standing)
        self._tray.show_standing(self.standing)
        self._show_status()

    def _each_second(self) -> None:
        if not self.standing.is_halted and self._latch.is_set():
            self._tripped(self._latch.read() or HaltRecord("", "unknown", ""))  # by another process
        self._show_status()

    def _show_status(self) -> None:
        self.status.show_standing(self.standing, datetime.now(UTC))

    def _announce(self) -> None:
        announce(self, ". ".join(bar_lines(self.standing)), is_halted=self.standing.is_halted)

    # ------------------------------------------------------------ showing, closing, ending

    def bring_up(self) -> None:
        """Back to the front, from the tray or because a second Belay was started."""
        self.showNormal() if self.isMinimized() else self.show()
        self.raise_()
        self.activateWindow()

    def _tray_changed(self, is_there: bool) -> None:
        if not is_there and self.isHidden() and not self.is_quitting:
            self.showMinimized()  # a window that nothing brings back would be lost

    def closeEvent(self, event: QCloseEvent) -> None:
        self.remember()
        if self.is_quitting:
            event.accept()
            self.quit_asked.emit()
            return
        event.ignore()
        if not self._preferences.has_said_closing:
            self._preferences.has_said_closing = True
            self._tray.say("Belay goes on trading", STILL_TRADING)
            self.notice.say(STILL_TRADING)
        if self._tray.is_there:
            self.hide()
        else:
            self.showMinimized()

    def remember(self) -> None:
        self._preferences.set_state("window", self.saveGeometry())
        self._preferences.save()

    def end(self) -> None:
        """From now on only the start panel is shown, and closing closes."""
        self.is_quitting = True
        self.navigation.setEnabled(False)
        self.start.stopping()
        self.stack.setCurrentWidget(self.start)

    def failed(self, words: str) -> None:
        """The start came to nothing: say why, and let the window close."""
        self.is_quitting = True
        self.start.failed(words)
        self._ended()

    def stopped(self, words: str) -> None:
        """Trading has ended: say what stays open."""
        self.start.stopped(words)
        self._ended()

    def _ended(self) -> None:
        self.standing.has_ended = True
        self._show_standing()

    def choose_theme(self) -> None:
        """The next theme: system, dark, light; remembered."""
        choices = list(ThemeChoice)
        theme = current()
        theme.choose(choices[(choices.index(theme.choice) + 1) % len(choices)])
        self._preferences.theme = theme.choice
        self.navigation.show_theme(theme.choice)
        for page in self.pages:
            page.theme_changed()

    def focusNextPrevChild(self, forward: bool) -> bool:
        self.ring.by_keyboard()
        return super().focusNextPrevChild(forward)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.navigation.set_narrow(self.width() < NARROW_MARK)
