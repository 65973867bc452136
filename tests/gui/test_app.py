"""The application from start to end: first paint, a start that fails, quitting, signals, a second start."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from core.errors import BadSettings, BelayError
from core.halt import Latch
from core.messages import StageStarted
from core.ports import Desk, Subscriber
from gui.app import run
from gui.single import FirstWindow, raise_first, server_name
from gui.theme import ThemeChoice, current
from gui.window import BelayWindow
from tests.fakes.desk import FakeDesk
from tests.fakes.shown import ENTRIES

LIMIT_S = 20.0


def the_window() -> BelayWindow | None:
    found = [
        each for each in QApplication.topLevelWidgets() if isinstance(each, BelayWindow) and each.isVisible()
    ]
    return found[0] if found else None


class Driver:
    """Does each deed as soon as its condition holds, from a timer inside the application's own loop."""

    def __init__(self, *steps: tuple[Callable[[BelayWindow], bool], Callable[[BelayWindow], object]]) -> None:
        self.steps = list(steps)
        self.is_late = False
        self._until = monotonic() + LIMIT_S
        self._timer = QTimer()
        self._timer.timeout.connect(self._look)
        self._timer.start(5)

    def _look(self) -> None:
        window = the_window()
        if window is None:
            return
        if monotonic() > self._until:
            self.is_late, self.steps = True, []
            window.quit_asked.emit()
        elif self.steps and self.steps[0][0](window):
            self.steps.pop(0)[1](window)


def always(window: BelayWindow) -> bool:
    return True


def is_filled(window: BelayWindow) -> bool:
    return bool(window.pages)


def has_ended(window: BelayWindow) -> bool:
    return window.start.button.isVisible()


def quit_(window: BelayWindow) -> None:
    window.quit_asked.emit()


def close(window: BelayWindow) -> None:
    window.start.button.click()


def factory_of(desk: FakeDesk) -> Callable[[Subscriber], Desk]:
    def start(publish: Subscriber) -> Desk:
        desk.subscribe(publish)
        desk.say(StageStarted("records", "13 orders"), StageStarted("executor"))
        return desk

    return start


def go(factory: Callable[[Subscriber], Desk], home: Path, latch: Latch | None = None) -> int:
    return run(factory, home=home, latch=latch or Latch(None), entries=ENTRIES)


def test_start_trade_quit_and_the_last_sentence(qapp, home: Path) -> None:
    desk, seen, hook = FakeDesk(), [], sys.excepthook
    driver = Driver(
        (is_filled, lambda window: (seen.append(window.start.steps()), quit_(window))),
        (has_ended, lambda window: (seen.append(window.start.fault.text()), close(window))),
    )
    assert go(factory_of(desk), home, desk.latch) == 0
    assert not driver.is_late
    assert seen == [["records", "executor"], desk.stop()]
    assert desk.calls[0] == "stop"
    assert sys.excepthook is hook


def test_the_window_is_painted_before_the_start_begins(qapp, home: Path) -> None:
    was_visible, desk = [], FakeDesk()

    def start(publish: Subscriber) -> Desk:
        was_visible.append(the_window() is not None)
        assert threading.current_thread() is not threading.main_thread()
        return desk

    driver = Driver((is_filled, quit_), (has_ended, close))
    assert go(start, home) == 0
    assert was_visible == [True]
    assert not driver.is_late


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (BadSettings("Line 3: no venue is called krakn; did you mean kraken?"), 2, "did you mean kraken?"),
        (BelayError("The database is on a full disk. Free some space."), 1, "full disk"),
        (KeyError("grid"), 1, "Belay cannot start (KeyError). The log has the cause."),
    ],
)  # fmt: skip
def test_a_failed_start_is_a_sentence_with_a_way_out(
    qapp, home: Path, caplog, fault: Exception, code: int, words: str
) -> None:
    def start(publish: Subscriber) -> Desk:
        raise fault

    seen: list[str] = []
    driver = Driver(
        (
            has_ended,
            lambda window: (seen.extend([window.start.fault.text(), window.bar.first.text()]), close(window)),
        )
    )
    assert go(start, home) == code
    assert not driver.is_late
    assert words in seen[0]
    assert "Traceback" not in seen[0]
    assert seen[1] == "Not trading"


def test_kill_while_the_start_hangs(qapp, home: Path) -> None:
    latch, gate, desk = Latch(home), threading.Event(), FakeDesk()

    def start(publish: Subscriber) -> Desk:
        gate.wait(LIMIT_S)
        return desk

    driver = Driver(
        (always, lambda window: (window.bar.kill_button.strike(), gate.set())),
        (is_filled, quit_),
        (has_ended, close),
    )
    assert go(start, home, latch) == 0
    assert not driver.is_late
    assert latch.is_set()
    assert "kill by you, in the window" in desk.calls


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_gracefully_without_waiting_for_a_click(qapp, home: Path, number: int) -> None:
    desk, before = FakeDesk(), signal.getsignal(number)
    driver = Driver((is_filled, lambda window: os.kill(os.getpid(), number)))
    assert go(factory_of(desk), home) == 0
    assert not driver.is_late
    assert desk.calls == ["stop"]
    assert signal.getsignal(number) == before


def test_quitting_while_starting_still_stops_what_was_started(qapp, home: Path) -> None:
    gate, desk = threading.Event(), FakeDesk()

    def start(publish: Subscriber) -> Desk:
        gate.wait(LIMIT_S)
        return desk

    driver = Driver((always, lambda window: (quit_(window), gate.set())), (has_ended, close))
    assert go(start, home) == 0
    assert not driver.is_late
    assert desk.calls == ["stop"]


def test_a_fault_in_the_window_is_said_and_survived(qapp, home: Path, caplog) -> None:
    desk, seen = FakeDesk(), []

    def break_it(window: BelayWindow) -> None:
        sys.excepthook(ValueError, ValueError("a bug"), None)
        seen.append(window.notice.words.text())
        quit_(window)

    driver = Driver((is_filled, break_it), (has_ended, close))
    assert go(factory_of(desk), home) == 0
    assert not driver.is_late
    assert "Trading goes on" in seen[0]
    assert "a bug" in caplog.text


def test_a_second_start_raises_the_first_window(qapp, qtbot, home: Path) -> None:
    assert not raise_first(home)
    first = FirstWindow(home)
    with qtbot.waitSignal(first.asked):
        assert go(lambda publish: pytest.fail("a second pipeline was started"), home) == 0
    first.close()
    assert not raise_first(home)


def test_the_name_of_the_socket_follows_the_home(tmp_path: Path) -> None:
    assert server_name(tmp_path) == server_name(tmp_path / "x" / "..")
    assert server_name(tmp_path) != server_name(tmp_path / "x")


def test_timers_are_never_early(qapp, home: Path) -> None:
    import asyncio

    from gui.precise_loop import precise_loop

    async def wait() -> float:
        begin = monotonic()
        await asyncio.sleep(0.2104)
        return monotonic() - begin

    with precise_loop(qapp) as loop:  # type: ignore[attr-defined]
        waited = loop.run_until_complete(wait())
    assert 0.2104 <= waited < 0.26


def test_the_state_of_the_window_is_kept_in_the_home(qapp, home: Path) -> None:
    driver = Driver((is_filled, quit_), (has_ended, close))
    assert go(factory_of(FakeDesk()), home) == 0
    assert not driver.is_late
    assert (home / "window.ini").is_file()


def test_the_first_start_takes_the_theme_of_the_settings(qapp, home: Path) -> None:
    seen = []
    driver = Driver(
        (is_filled, lambda window: (seen.append(current().choice), quit_(window))), (has_ended, close)
    )
    assert run(factory_of(FakeDesk()), home=home, latch=Latch(home), entries=ENTRIES, theme="light") == 0
    assert not driver.is_late
    assert seen == [ThemeChoice.LIGHT]
