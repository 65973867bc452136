"""A window around a fake desk, as the application makes it, without the application's own loop."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from core.messages import Fact, StrategyNoted
from core.ports import Desk
from gui.bridge import Bridge
from gui.pages.catalogue import PageEntry
from gui.pages.halt import HaltPage
from gui.pages.page import Page
from gui.preferences import Preferences
from gui.theme import Theme, ThemeChoice
from gui.tray import Tray
from gui.window import BelayWindow
from tests.fakes.desk import FakeDesk


class PlainPage(Page):
    """A page that only remembers what it was told."""

    title = "Dashboard"

    def __init__(self) -> None:
        super().__init__()
        self.desk: Desk | None = None
        self.seen: list[Fact] = []
        self.refreshed = 0

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self.desk = desk

    def facts(self) -> tuple[type, ...]:
        return (StrategyNoted,)

    def on_fact(self, fact: Fact) -> None:
        self.seen.append(fact)

    def refresh(self) -> None:
        self.refreshed += 1


class OtherPage(PlainPage):
    title = "Orders"


class ThirdPage(PlainPage):
    title = "Logs"
    group = "Look back"


ENTRIES = tuple(
    PageEntry(page.group, page.title, page.icon, page) for page in (PlainPage, OtherPage, ThirdPage)
)


class Shown:
    """The window and all that it was made of."""

    def __init__(
        self,
        qtbot: QtBot,
        folder: Path,
        desk: FakeDesk | None = None,
        *,
        is_filled: bool = True,
        tray: Tray | None = None,
    ) -> None:
        app = qtbot._request.getfixturevalue("qapp")
        self.theme = Theme(app, ThemeChoice.DARK)
        self.desk = desk or FakeDesk()
        self.bridge = Bridge()
        self.desk.subscribe(self.bridge.publish)
        self.preferences = Preferences(folder)
        self.tray = tray or Tray()
        self.window = BelayWindow(self.bridge, self.preferences, self.desk.latch, ENTRIES, self.tray)
        qtbot.addWidget(self.window, before_close_func=_let_close)
        self.halt = HaltPage(folder / "exports")
        self.window.show()
        qtbot.waitExposed(self.window)
        if is_filled:
            self.window.fill(self.desk, [entry.make() for entry in ENTRIES], self.halt)

    def say(self, *facts: Fact) -> None:
        """Publish and deliver at once, however slow the machine is."""
        self.desk.say(*facts)
        while self.bridge.deliver():
            pass


def _let_close(window: BelayWindow) -> None:
    window.is_quitting = True
