"""Belay with eyes inside, a program for the tests: main.py's own window, and questions on standard input.

``find WORDS`` tells where a visible part with these words or this accessible name is, ``text WORDS`` what the
first label that holds them says, ``freeze SECONDS`` blocks the window's thread, ``stalls`` gives the lateness of a
50 ms timer in that thread (ms) since the last asking.  One JSON line answers each.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMenu, QWidget

import main as front

TICK_MS = 50


def words_of(part: QWidget) -> set[str]:
    """What a part is called."""
    found = {part.accessibleName()}
    if isinstance(part, QAbstractButton | QLabel):
        found.add(part.text())
    return found


def centre(part: QWidget, at: QPoint) -> list[int]:
    where = part.mapToGlobal(at)
    return [where.x(), where.y()]


def find(words: str) -> list[int] | None:
    """The middle of the first visible part, on the screen."""
    for part in QApplication.allWidgets():
        if not part.isVisible() or part.visibleRegion().isEmpty():
            continue
        if isinstance(part, QMenu):
            for action in part.actions():
                if action.text() == words:
                    return centre(part, part.actionGeometry(action).center())
        if words in words_of(part):
            return centre(part, part.rect().center())
    return None


def text(words: str) -> str | None:
    """The whole of the first visible label that holds ``words``."""
    labels = [part for part in QApplication.allWidgets() if isinstance(part, QLabel) and part.isVisible()]
    return next((label.text() for label in labels if words in label.text()), None)


class Eyes:
    """Answers in the window's thread; the probe's timer is the same that looks for questions."""

    def __init__(self) -> None:
        self._asked: SimpleQueue[str] = SimpleQueue()
        self._late: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self._asked.put(line.strip())

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late.append((now - self._last) * 1000 - TICK_MS)
        self._last = now
        try:
            while True:
                self._answer(self._asked.get_nowait())
        except Empty:
            pass

    def _answer(self, line: str) -> None:
        order, _, rest = line.partition(" ")
        if order == "freeze":
            say("frozen")
            time.sleep(float(rest))  # the point of it: nothing of the window's thread runs
            say("thawed")
        elif order == "stalls":
            late, self._late = self._late, []
            say([round(each, 1) for each in late])
        else:
            say({"find": find, "text": text}[order](rest))


def say(answer: Any) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    eyes = Eyes()
    sys.exit(front.main(sys.argv[1:]))
