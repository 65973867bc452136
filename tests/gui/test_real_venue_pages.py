"""Keys and foreign orders with a real pointer and a real keyboard, on a screen of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.real_belay import RealBelay
from tests.fakes.screen import Screen, need_tools, until

API_KEY, SECRET = "AKfourteenandmore", "verysecretthing"


@pytest.fixture
def screen() -> Iterator[Screen]:
    need_tools()
    with Screen() as made:
        yield made


class DeskBelay(RealBelay):
    """The real window and application around a fake desk."""

    def __init__(self, screen: Screen, home: Path, scene: str) -> None:
        super().__init__(screen, home, watched=True)
        self._words = [sys.executable, "tests/fakes/desk_window.py", str(home), scene]

    def __enter__(self) -> DeskBelay:
        super().__enter__()
        self.read("What you have, what happened today")  # the pages are there
        return self

    def calls(self) -> dict[str, Any]:
        """What the desk was asked so far."""
        found: dict[str, Any] = self.ask("calls")
        return found

    def type_into(self, field: str, text: str) -> None:
        self.click(field)
        self.screen.do("type", "--delay", "5", text)


def test_keys_are_stored_tested_and_deleted_by_hand(screen: Screen, home: Path) -> None:
    with DeskBelay(screen, home, "live") as belay:
        belay.click("Keys")
        belay.read("Secret Service (GNOME Keyring or KWallet)")
        belay.type_into("Venue, for example kraken", "kraken")
        screen.do("key", "Escape")  # the list of suggestions
        belay.type_into("API key, shown as dots", f" {API_KEY} ")
        belay.read("the secret is missing")
        belay.type_into("Secret, shown as dots", SECRET)
        belay.click("Store in the keyring")
        belay.read("The keys of Kraken are in the keyring.")
        assert belay.calls()["keys"]["kraken"] == [len(API_KEY), len(SECRET), 0]
        belay.click("Test the keys of Kraken")
        belay.read("May not withdraw, as it should be")
        assert belay.calls()["tested"] == ["kraken"]
        belay.click("Delete the keys of Binance")
        belay.read("Delete the keys of Binance from this computer?")
        belay.click("Keep them")
        assert "binance" in belay.calls()["keys"]
        screen.do("windowfocus", "--sync", belay.window)
        belay.click("Delete the keys of Binance")
        belay.read("Delete the keys of Binance from this computer?")
        screen.do("key", "shift+Tab", "space")  # from the way out back to the deed
        until(lambda: "binance" not in belay.calls()["keys"], "the keys are deleted")


def test_a_locked_keyring_is_said_and_the_way_on_works(screen: Screen, home: Path) -> None:
    with DeskBelay(screen, home, "locked") as belay:
        belay.click("Keys")
        belay.read("The keyring is locked; unlock it")
        assert belay.ask("unlock") == "unlocked"
        belay.click("Look again")
        belay.find("Keys of Binance")


def test_foreign_orders_are_decided_by_hand(screen: Screen, home: Path) -> None:
    with DeskBelay(screen, home, "live") as belay:
        assert belay.ask("news") == "said"
        belay.read("2 open orders at Kraken were not made by Belay")
        belay.read("Kraken streams, clock +12")
        belay.click("Connection, 2")
        belay.read("What Kraken can do")
        belay.click("Close: Sell 0.2500 ETH at 3,999.50")
        belay.read("Cancel this order at Kraken")
        belay.click("Leave it")
        belay.click("Adopt: Sell 0.2500 ETH at 3,999.50")
        belay.read("asked to adopt")
        belay.click("Close: Sell 0.01000 BTC once at 52,000.00")
        belay.click("Cancel it at Kraken")
        belay.read("asked to close")
        assert belay.calls()["calls"] == ["adopt OQCLML-BW3P3-BUCMWZ", "close OB5VMB-B4U2U-DK2WRW"]
