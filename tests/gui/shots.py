"""Pictures of the window for a person's eyes: python tests/gui/shots.py OUTDIR [NAME ...]."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.halt import HaltStep
from core.messages import BarsSeen, HaltProgressed, HaltTripped, QuoteSeen, StageStarted
from core.modes import Mode, TradingState
from gui.bridge import Bridge
from gui.pages.catalogue import PAGES
from gui.pages.halt import HaltPage
from gui.preferences import Preferences
from gui.theme import Theme, ThemeChoice
from gui.tray import Tray
from gui.window import BelayWindow
from tests.fakes import made
from tests.fakes.desk import FakeBooks, FakeDesk

STAGES = (("records", "13 orders, 5 fills"), ("executor", "5 open orders agree"), ("risk", "14 layers"))


def scene(
    folder: Path,
    mode: Mode,
    venue: str,
    *,
    is_filled: bool = True,
    loss: str = "0",
    state: TradingState = TradingState.ACTIVE,
    why: str = "",
) -> tuple[BelayWindow, FakeDesk]:
    """A window as it is some minutes after the start."""
    bridge = Bridge()
    desk = FakeDesk(mode, venue, FakeBooks.filled() if is_filled else FakeBooks())
    desk.subscribe(bridge.publish)
    window = BelayWindow(bridge, Preferences(folder), desk.latch, PAGES, Tray())
    window.show()
    if is_filled:
        window.fill(desk, [entry.make() for entry in PAGES], HaltPage(folder))
        for symbol in desk.symbols:
            desk.say(BarsSeen(symbol, "1m", made.bars(600, symbol)))
        desk.say(*made.notes(), QuoteSeen(made.quote()), made.progress(), made.parts())
        desk.say(made.account(state, why, mode, loss))
    QTest.qWait(200)
    return window, desk


def starting(folder: Path) -> BelayWindow:
    window, desk = scene(folder, Mode.PAPER, "Simulated market", is_filled=False)
    desk.say(*(StageStarted(stage, note) for stage, note in STAGES))
    return window


def failed(folder: Path) -> BelayWindow:
    window = starting(folder)
    window.failed("The database is on a full disk. Free some space and start Belay again.")
    return window


def halted(folder: Path, step: HaltStep) -> BelayWindow:
    is_proven = step is HaltStep.VERIFIED
    window, desk = scene(folder, *((Mode.PAPER, "Simulated market") if is_proven else (Mode.LIVE, "Kraken")))
    proof = made.evidence(step)
    desk.latch.trip(proof.record.cause, proof.record.reason, made.NOW)
    desk.say(HaltTripped(proof.record), HaltProgressed(proof))
    return window


def page(folder: Path, at: int) -> BelayWindow:
    window = scene(folder, Mode.PAPER, "Simulated market")[0]
    window.open(at)
    return window


REDUCING = TradingState.REDUCING
SCENES: dict[str, Callable[[Path], BelayWindow]] = {
    "paper": lambda folder: scene(folder, Mode.PAPER, "Simulated market")[0],
    "dry-run": lambda folder: scene(folder, Mode.DRY_RUN, "Kraken", loss="17.40")[0],
    "live": lambda folder: scene(folder, Mode.LIVE, "Kraken")[0],
    "reducing": lambda folder: scene(folder, Mode.LIVE, "Kraken", state=REDUCING, why="Prices are 14 s old")[
        0
    ],
    "halted": lambda folder: halted(folder, HaltStep.VERIFIED),
    "unverified": lambda folder: halted(folder, HaltStep.UNVERIFIED),
    "starting": starting,
    "failed": failed,
    "market": lambda folder: page(folder, 1),
    "orders": lambda folder: page(folder, 2),
    "trades": lambda folder: page(folder, 3),
    "logs": lambda folder: page(folder, 4),
}


def main(out: Path, names: list[str]) -> None:
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme = Theme(app, ThemeChoice.DARK)
    out.mkdir(parents=True, exist_ok=True)
    for choice in (ThemeChoice.DARK, ThemeChoice.LIGHT):
        theme.choose(choice)
        for name in names or SCENES:
            for width, height in ((1440, 900), (1120, 700)):
                with tempfile.TemporaryDirectory() as folder:
                    window = SCENES[name](Path(folder))
                    window.resize(width, height)
                    QTest.qWait(250)
                    window.grab().save(str(out / f"{name}-{choice}-{width}.png"))
                    window.is_quitting = True
                    window.close()
                    window.deleteLater()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
