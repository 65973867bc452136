"""The keys page around a keyring in memory: opened, filled and clicked as a person does."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.modes import Mode
from gui.pages.keys import KeysPage
from tests.fakes import venue_made
from tests.fakes.desk import FakeDesk, FakeKeyRing
from tests.fakes.desk_pages import DeskBench

API_KEY, SECRET = "AKfourteen-and-more", "very+secret/thing=="


def open_keys(
    qtbot: QtBot, ring: FakeKeyRing, *, wait: bool = True, mode: Mode = Mode.PAPER, keyring_s: float = 8.0,
    test_s: float = 8.0,
) -> KeysPage:  # fmt: skip
    """The page, with the keyring's first answer on it if ``wait``."""
    desk = FakeDesk(mode, "Kraken", capabilities=venue_made.CAPS, keyring=ring)
    page = DeskBench(qtbot, KeysPage(keyring_s, test_s), desk).page
    if wait:
        qtbot.waitUntil(lambda: set(page.entries) == set(ring.kept) and bool(page.backend.text()))
    return page


def click(qtbot: QtBot, button: QPushButton) -> None:
    """A click as a person can make it: on a button that is there and works."""
    assert button.isVisible()
    assert button.isEnabled(), button.text()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def fill(
    qtbot: QtBot, page: KeysPage, venue: str = "kraken", api_key: str = API_KEY, secret: str = SECRET
) -> None:
    """Type new keys into the form."""
    for field, text in ((page.form.venue, venue), (page.form.api_key, api_key), (page.form.secret, secret)):
        field.setFocus()
        qtbot.keyClicks(field, text)
