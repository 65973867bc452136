"""The application: one window on qasync's loop; the pipeline starts and stops in helper threads.

``run`` blocks in the window's thread until the person quits.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, TypeVar

from PySide6.QtWidgets import QApplication

from core.errors import BelayError
from core.halt import Latch
from core.ports import Desk, Subscriber
from gui.bridge import Bridge
from gui.pages.catalogue import PAGES, PageEntry
from gui.precise_loop import precise_loop
from gui.preferences import Preferences
from gui.single import FirstWindow, raise_first
from gui.theme import Theme, ThemeChoice
from gui.tray import Tray
from gui.window import BelayWindow

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")
DeskFactory = Callable[[Subscriber], Desk]
"""Starts the pipeline and blocks until it is up; first of all it subscribes its argument to all facts."""
STOP_S = 20.0
NOTE_S = 3.0
"""How long the tray's last note is given: some desktops take it away together with the icon."""
READ_S = 30.0
"""How long the last sentence stays when nobody closes it."""


def run(
    desk_factory: DeskFactory,
    *,
    home: Path,
    latch: Latch,
    entries: Sequence[PageEntry] = PAGES,
    theme: str = ThemeChoice.SYSTEM,
) -> int:
    """Show the window and serve it; the exit code of the command line.

    ``latch`` is the one that the pipeline reads, so that Kill works before the pipeline is up.  A second
    start with the same ``home`` raises the first window and returns 0.  ``theme`` counts until one was chosen.
    """
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    if raise_first(home):
        return 0
    app.setApplicationName("Belay")
    app.setDesktopFileName("belay")
    app.setQuitOnLastWindowClosed(False)
    before = sys.excepthook
    loop = precise_loop(app)
    try:
        with loop:  # type: ignore[attr-defined]
            code: int = loop.run_until_complete(
                _Session(app, desk_factory, Preferences(home, theme), latch, entries).serve()
            )
    finally:
        sys.excepthook = before
    return code


class _Session:
    """One run from the first paint to the last sentence."""

    def __init__(
        self,
        app: QApplication,
        factory: DeskFactory,
        preferences: Preferences,
        latch: Latch,
        entries: Sequence[PageEntry],
    ) -> None:
        self._factory, self._entries, self._home = factory, entries, preferences.home
        self._preferences = preferences
        Theme(app, self._preferences.theme)
        self._bridge = Bridge()
        self._tray = Tray()
        self._window = BelayWindow(self._bridge, self._preferences, latch, entries, self._tray)
        self._first = FirstWindow(self._home)
        self._first.asked.connect(self._window.bring_up)
        self._quit = asyncio.Event()
        self._is_signal = False
        sys.excepthook = self._excepthook

    async def serve(self) -> int:
        previous = {
            number: signal.signal(number, self._signalled) for number in (signal.SIGINT, signal.SIGTERM)
        }
        self._window.quit_asked.connect(self._quit.set)
        painted = asyncio.Event()
        self._window.painted.connect(painted.set)
        try:
            self._window.show()
            await _within(painted.wait(), 1.0)  # a window that starts minimised is never painted
            return await self._trade()
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)
            self._close()

    async def _trade(self) -> int:
        starting = asyncio.ensure_future(self._ask(self._start))
        quitting = asyncio.ensure_future(self._quit.wait())
        pages = []
        for entry in self._entries:
            await asyncio.sleep(0)  # the window paints and takes clicks between two pages
            pages.append(entry.make())
        either: set[asyncio.Future[Any]] = {starting, quitting}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            self._window.end()
            await asyncio.wait({starting}, timeout=STOP_S)
        if not starting.done():
            log.error("the start did not end within %s s; leaving it", STOP_S)
            return 1
        try:
            desk = starting.result()
        except BelayError as error:
            self._window.failed(str(error))
            await quitting
            return error.exit_code
        if not self._quit.is_set():
            from gui.pages.halt import HaltPage

            self._window.fill(desk, pages, HaltPage(self._home / "exports"))
            await quitting
        await self._stop(desk)
        return 0

    async def _stop(self, desk: Desk) -> None:
        self._window.end()
        try:
            words = await asyncio.wait_for(self._ask(desk.stop), STOP_S)
        except BelayError as error:
            words = str(error)
        except TimeoutError:
            words = (
                f"Belay does not stop within {STOP_S:g} s and is ended. Every order is in the records and is found "
                "at the next start."
            )
        if self._is_signal or not words:
            return
        if not self._window.isVisible() or self._window.isMinimized():
            if self._tray.say("Belay has stopped", words):
                await asyncio.sleep(NOTE_S)
            return
        self._quit.clear()
        self._window.stopped(words)
        await _within(self._quit.wait(), READ_S)

    def _start(self) -> Desk:
        try:
            return self._factory(self._bridge.publish)
        except BelayError:
            raise
        except Exception as error:
            log.exception("the start failed")
            raise BelayError(
                f"Belay cannot start ({type(error).__name__}). The log has the cause."
            ) from error

    def _ask(self, call: Callable[[], Answer]) -> asyncio.Future[Answer]:
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

        def done(answer: Answer) -> None:
            if not future.done():
                future.set_result(answer)

        def failed(error: BelayError) -> None:
            if not future.done():
                future.set_exception(error)

        self._bridge.ask(call, done, failed)
        return future

    def _signalled(self, number: int, frame: FrameType | None) -> None:
        # The bridge's timer lets Python run every 50 ms, so this is never late by more.
        self._is_signal = True
        self._quit.set()

    def _excepthook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        log.error("a fault in the window", exc_info=(kind, error, trace))
        self._window.notice.say(
            f"A part of the window failed ({kind.__name__}). Trading goes on, Kill works; the log has more.",
            is_fault=True,
        )

    def _close(self) -> None:
        self._window.is_quitting = True
        self._window.remember()
        self._bridge.close()
        self._first.close()
        self._tray.end()
        self._window.close()
        self._window.deleteLater()


async def _within(waited: Awaitable[object], seconds: float) -> None:
    """Wait at most ``seconds``; the time running out is no fault."""
    try:
        await asyncio.wait_for(waited, seconds)
    except TimeoutError:
        pass
