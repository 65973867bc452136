"""The keys page when the keyring is not there, locked, or hangs, and when a venue does not answer a test."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from core.errors import Refused, TryAgain
from gui.pages import keys_words as words
from gui.pages.keys import KeysPage
from tests.fakes.desk import FakeDesk, FakeKeyRing
from tests.fakes.desk_pages import DeskBench
from tests.fakes.keys_bench import API_KEY, click, fill, open_keys


def test_a_test_without_an_answer_ends_with_a_sentence(qtbot: QtBot) -> None:
    ring = FakeKeyRing("binance", "kraken")
    page = open_keys(qtbot, ring, test_s=0.2)
    ring.test_gate.clear()
    click(qtbot, page.entries["kraken"].test)
    assert page.entries["kraken"].shown_words() == ["Asking Kraken what these keys may do."]
    assert not page.entries["binance"].test.isEnabled()
    qtbot.waitUntil(lambda: "did not answer within 0.2 s" in "".join(page.entries["kraken"].shown_words()))
    click(qtbot, page.entries["binance"].test)  # the first still hangs: no further helper thread is spent
    assert page.entries["binance"].shown_words()[0].startswith("The last test has not come back yet.")
    assert ring.tested == ["kraken"]
    ring.test_gate.set()
    assert page._tests is not None
    qtbot.waitUntil(lambda: not page._tests.is_stuck)
    assert (
        page.entries["kraken"].shown_words()[0].startswith("Kraken did not answer")
    )  # a late answer is not shown
    click(qtbot, page.entries["binance"].test)
    qtbot.waitUntil(lambda: page.entries["binance"].shown_words()[0] == "May trade")


# ---------------------------------------------------------------- a keyring that is not there, locked, or hangs


@pytest.mark.parametrize(("fault", "title", "follows"), [
    (Refused("No keyring of the operating system answers here. Start a desktop session with GNOME Keyring."),
     "No safe keyring here", "Without a keyring no keys are stored and live is refused; paper trading goes on."),
    (TryAgain("The keyring is locked; unlock it by logging in to the desktop, then try again."),
     "The keyring cannot be read now", "Until then no keys can be stored, tested or deleted here"),
])  # fmt: skip
def test_no_service_and_a_locked_keyring_are_sentences_with_a_way_on(
    qtbot: QtBot, fault: TryAgain | Refused, title: str, follows: str
) -> None:
    ring = FakeKeyRing("kraken")
    ring.fault = fault
    page = open_keys(qtbot, ring, wait=False)
    qtbot.waitUntil(page.fault.isVisible)
    assert page.fault_title.text() == title
    assert page.fault_words.text() == str(fault)
    assert page.fault_follows.text().startswith(follows)
    assert page.empty.sentence.text() == words.UNSEEN
    fill(qtbot, page)
    assert page.form.lack.text() == "The keyring must answer first."
    assert not page.form.button.isEnabled()
    ring.fault = None
    click(qtbot, page.again)
    qtbot.waitUntil(lambda: list(page.entries) == ["kraken"])
    assert page.fault.isHidden()
    assert page.form.button.isEnabled()


def test_a_hanging_keyring_never_holds_the_window_and_goes_on_by_itself(qtbot: QtBot) -> None:
    ring = FakeKeyRing("kraken")
    ring.gate.clear()
    page = open_keys(qtbot, ring, wait=False, keyring_s=0.2)
    qtbot.waitUntil(page.fault.isVisible)
    assert page.fault_words.text() == words.HANGS
    for _ in range(5):  # asking again does not spend a helper thread each
        click(qtbot, page.again)
        assert page.fault_words.text() == words.STILL_HANGS
    assert page._keyring is not None
    assert page._keyring.is_stuck
    ring.gate.set()
    qtbot.waitUntil(lambda: list(page.entries) == ["kraken"])
    assert page.fault.isHidden()


def test_keys_that_hang_on_their_way_are_found_when_the_keyring_answers(qtbot: QtBot) -> None:
    ring = FakeKeyRing()
    page = open_keys(qtbot, ring, keyring_s=0.2)
    ring.gate.clear()
    fill(qtbot, page)
    click(qtbot, page.form.button)
    assert not page.form.button.isEnabled()
    qtbot.waitUntil(lambda: page.form.said.text() == words.HANGS)
    ring.gate.set()
    qtbot.waitUntil(lambda: list(page.entries) == ["kraken"])
    assert ring.kept["kraken"][0] == API_KEY


def test_a_desk_without_a_keyring_names_the_command_line(qtbot: QtBot) -> None:
    desk = FakeDesk()
    del desk.keyring, desk.capabilities
    page = DeskBench(qtbot, KeysPage(), desk).page
    assert page.fault_words.text() == words.NO_RING
    assert not page.form.button.isEnabled()
