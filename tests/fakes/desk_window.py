"""The whole window around a fake desk, a program for the tests: real clicks and keys, and questions on standard input.

It answers what ``watched_window.py`` answers; ``news`` publishes what a venue tells, ``unlock`` unlocks the keyring,
``calls`` tells what the desk was asked and how long the keys are that are kept.
The first argument is the home folder, the second ``live`` (Kraken with foreign orders) or ``locked`` (its keyring is).
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtWidgets import QApplication

from core.errors import TryAgain
from core.halt import Latch
from core.modes import Mode
from core.ports import Desk, Subscriber
from gui.app import run
from tests.fakes import made, venue_made
from tests.fakes.desk import FakeBooks, FakeDesk, FakeKeyRing
from tests.fakes.watched_window import Eyes, say


class DeskEyes(Eyes):
    """Also tells what the desk was asked; a secret is told by its length alone."""

    def __init__(self, desk: FakeDesk) -> None:
        super().__init__()
        self._desk = desk

    def _answer(self, line: str) -> None:
        if line == "calls":
            kept = {
                venue: [len(part or "") for part in keys] for venue, keys in self._desk.keyring.kept.items()
            }
            say({"calls": self._desk.calls, "keys": kept, "tested": self._desk.keyring.tested})
        elif line == "news":
            self._desk.say(made.account(mode=Mode.LIVE), *venue_made.running(), venue_made.strangers())
            say("said")
        elif line == "unlock":
            self._desk.keyring.fault = None
            say("unlocked")
        else:
            super()._answer(line)


def start(desk: FakeDesk, show: Subscriber) -> Desk:
    desk.subscribe(show)
    return desk


def main(home: Path, scene: str) -> int:
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    ring = FakeKeyRing("binance")
    if scene == "locked":
        ring.fault = TryAgain(
            "The keyring is locked; unlock it by logging in to the desktop, then try again."
        )
    desk = FakeDesk(Mode.LIVE, "Kraken", FakeBooks.filled(), capabilities=venue_made.CAPS, keyring=ring)
    eyes = DeskEyes(desk)
    code = run(lambda show: start(desk, show), home=home, latch=Latch(home), theme="dark")
    del eyes  # it looks until the window is gone
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
