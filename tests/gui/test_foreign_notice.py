"""The notice in the window about orders that Belay did not make, and what becomes of the keyboard behind it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.messages import ForeignSeen
from core.modes import Mode
from core.venue import VenueOrder
from gui.bridge import Bridge
from gui.pages.foreign_words import Decision, notice
from gui.pages.halt import HaltPage
from gui.pages.venue import VenuePage
from gui.preferences import Preferences
from gui.tray import Tray
from gui.window import BelayWindow
from tests.fakes.desk import FakeDesk
from tests.fakes.shown import ENTRIES, PlainPage
from tests.fakes.venue_made import CAPS, foreign

LEFT = Qt.MouseButton.LeftButton
ETH = "OQCLML-BW3P3-BUCMWZ"
IGNORE, ADOPT = Decision.IGNORE, Decision.ADOPT


def click(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled(), button.text()
    qtbot.mouseClick(button, LEFT)


class Notices:
    """A whole window with the connection page as its fourth."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.desk = FakeDesk(Mode.LIVE, "Kraken", capabilities=CAPS)
        self.bridge = Bridge()
        self.desk.subscribe(self.bridge.publish)
        self.window = BelayWindow(self.bridge, Preferences(folder), self.desk.latch, ENTRIES, Tray())
        qtbot.addWidget(self.window, before_close_func=lambda window: setattr(window, "is_quitting", True))
        self.window.show()
        qtbot.waitExposed(self.window)
        self.page = VenuePage()
        self.window.fill(self.desk, [PlainPage(), self.page, PlainPage()], HaltPage(folder))

    def say(self, *orders: VenueOrder) -> str | None:
        """What the notice says after these orders were seen; None while it is hidden."""
        self.desk.say(ForeignSeen(orders))
        while self.bridge.deliver():
            pass
        said = self.window.notice
        return None if said.isHidden() else said.words.text()


def test_the_notice_comes_once_for_each_new_order(qtbot: QtBot, tmp_path: Path) -> None:
    window = Notices(qtbot, tmp_path)
    assert window.say() is None
    assert window.say(foreign()) == notice(1, "Kraken")
    assert "1 open order at Kraken was not made by Belay." in notice(1, "Kraken")
    click(qtbot, window.window.notice.button)
    assert window.say(foreign()) is None  # known, and the notice was read
    assert window.window.navigation.entries[1].accessibleName() == "Orders, 1"
    assert window.say(foreign(), foreign("other")) == notice(2, "Kraken")
    click(qtbot, window.window.notice.button)
    assert window.say() is None
    assert window.window.navigation.entries[1].accessibleName() == "Orders"


def test_the_notice_goes_when_nothing_is_left_to_decide(qtbot: QtBot, tmp_path: Path) -> None:
    window = Notices(qtbot, tmp_path)
    assert window.say(foreign()) is not None
    assert window.say() is None
    window.say(foreign("other"))
    window.window.notice.say("Something else.")
    assert window.say() == "Something else."


def test_a_decision_hands_the_keyboard_to_nobody(qtbot: QtBot, tmp_path: Path) -> None:
    """What is next in the order of the keyboard may be the kill plate."""
    window = Notices(qtbot, tmp_path)
    window.say(foreign())
    window.window.open(1)
    top = window.window
    button = window.page.foreign.rows[ETH].buttons[ADOPT]
    button.setFocus()
    assert top.focusWidget() is button
    click(qtbot, button)
    assert top.focusWidget() is None
    qtbot.waitUntil(lambda: window.page.foreign.waiting == 0)
    window.say()
    assert top.focusWidget() is None
    window.say(foreign("another"))
    top.notice.button.setFocus()
    assert top.focusWidget() is top.notice.button
    click(qtbot, top.notice.button)
    assert top.focusWidget() is None


def test_an_ignored_order_says_nothing_more(qtbot: QtBot, tmp_path: Path) -> None:
    window = Notices(qtbot, tmp_path)
    window.say(foreign())
    click(qtbot, window.window.notice.button)
    window.window.open(1)
    click(qtbot, window.page.foreign.rows[ETH].buttons[IGNORE])
    qtbot.waitUntil(lambda: window.page.foreign.waiting == 0)
    assert window.say(foreign()) is None
    assert window.window.navigation.entries[1].accessibleName() == "Orders"
