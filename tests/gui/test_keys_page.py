"""The keys page: what is stored, new keys by typing and pasting, tests of their rights, deleting."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from core.errors import BadSettings, KeysRefused, TryAgain
from core.modes import Mode
from core.venue import KeyRights
from gui.pages import keys_words as words
from tests.fakes.desk import FakeKeyRing
from tests.fakes.keys_bench import API_KEY, SECRET, click, fill, open_keys


def all_words(page: QWidget) -> str:
    """Everything that a person or a screen reader is told on the page."""
    told = [label.text() for label in page.findChildren(QLabel)]
    for widget in page.findChildren(QWidget):
        told += [widget.accessibleName(), widget.toolTip()]
    for field in page.findChildren(QLineEdit):
        told.append(field.displayText())
        spoken = QAccessible.queryAccessibleInterface(field)
        told.append(spoken.text(QAccessible.Text.Value))
    return "\n".join(told)


def test_stored_venues_come_with_the_name_of_the_keyring(qtbot: QtBot) -> None:
    ring = FakeKeyRing("kraken", "binance")
    page = open_keys(qtbot, ring)
    assert list(page.entries) == ["binance", "kraken"]
    assert page.backend.text() == "Secret Service (GNOME Keyring or KWallet)"
    assert page.empty.isHidden()
    assert page.fault.isHidden()
    assert ring.threads == {"ask"}  # never the window's thread


def test_without_keys_it_says_what_that_means(qtbot: QtBot) -> None:
    page = open_keys(qtbot, FakeKeyRing())
    assert page.empty.isVisible()
    assert page.empty.sentence.text() == words.EMPTY


def test_typed_keys_are_masked_stored_and_forgotten(qtbot: QtBot) -> None:
    ring = FakeKeyRing()
    page = open_keys(qtbot, ring)
    assert not page.form.button.isEnabled()
    fill(qtbot, page, "Kraken")
    told = all_words(page)
    assert API_KEY not in told
    assert SECRET not in told
    page.form.secret.selectAll()
    page.form.secret.copy()
    assert SECRET not in QGuiApplication.clipboard().text()
    click(qtbot, page.form.button)
    qtbot.waitUntil(lambda: "kraken" in page.entries)
    assert ring.kept == {"kraken": (API_KEY, SECRET, None)}
    assert page.form.said.text() == words.stored("Kraken")
    for field in (page.form.api_key, page.form.secret, page.form.password):
        assert field.text() == ""
        field.undo()
        assert field.text() == ""
    assert SECRET not in all_words(page)


def test_pasted_values_are_trimmed_and_a_key_file_keeps_its_lines(qtbot: QtBot) -> None:
    ring = FakeKeyRing()
    page = open_keys(qtbot, ring)
    key_file = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----"
    page.form.venue.setText(" coinbasepro ")
    for field, text in ((page.form.api_key, f"\t {API_KEY}\n"), (page.form.secret, f"\n{key_file}\n"),
                        (page.form.password, "  pass phrase ")):  # fmt: skip
        QGuiApplication.clipboard().setText(text)
        field.setFocus()
        qtbot.keySequence(field, QKeySequence(QKeySequence.StandardKey.Paste))
    QGuiApplication.clipboard().clear()
    click(qtbot, page.form.button)
    qtbot.waitUntil(lambda: bool(ring.kept))
    assert ring.kept == {"coinbase": (API_KEY, key_file, "pass phrase")}


@pytest.mark.parametrize(("venue", "api_key", "secret", "lack"), [
    ("", "a", "b", "the venue is missing"), ("kraken", "  ", "b", "the API key is missing"),
    ("kraken", "a", "", "the secret is missing"), ("sim", "a", "b", "sim needs no keys"),
    ("replay:x", "a", "b", "this is not the id of an exchange; write it like kraken"),
    ("K-raken", "a", "b", "this is not the id of an exchange; write it like kraken"),
])  # fmt: skip
def test_what_is_missing_is_said(qtbot: QtBot, venue: str, api_key: str, secret: str, lack: str) -> None:
    ring = FakeKeyRing()
    page = open_keys(qtbot, ring)
    fill(qtbot, page, venue, api_key, secret)
    assert page.form.lack.text() == lack
    assert not page.form.button.isEnabled()
    qtbot.keyClick(page.form.secret, Qt.Key.Key_Return)
    assert ring.kept == {}


def test_storing_again_says_that_it_replaces(qtbot: QtBot) -> None:
    ring = FakeKeyRing("kraken")
    page = open_keys(qtbot, ring)
    click(qtbot, page.entries["kraken"].test)
    qtbot.waitUntil(lambda: "May trade" in page.entries["kraken"].shown_words())
    fill(qtbot, page)
    assert page.form.note.text() == "Takes the place of the stored keys of Kraken."
    click(qtbot, page.form.button)
    qtbot.waitUntil(lambda: ring.kept["kraken"] == (API_KEY, SECRET, None))
    qtbot.waitUntil(lambda: page.entries["kraken"].shown_words() == [])  # the test was of the older keys


def test_a_refused_key_is_a_sentence_and_stays_to_be_corrected(qtbot: QtBot) -> None:
    class Strict(FakeKeyRing):
        def put(self, venue: str, api_key: str, secret: str, password: str | None) -> None:
            raise BadSettings("secret contains a blank or a line end; copy it again. Nothing is stored.")

    page = open_keys(qtbot, Strict())
    fill(qtbot, page)
    click(qtbot, page.form.button)
    qtbot.waitUntil(lambda: page.form.said.text().startswith("secret contains a blank"))
    assert page.form.secret.text() == SECRET
    assert page.form.button.isEnabled()


def test_leaving_the_page_forgets_what_was_typed(qtbot: QtBot) -> None:
    page = open_keys(qtbot, FakeKeyRing())
    fill(qtbot, page)
    page.hide()
    page.show()
    assert (page.form.venue.text(), page.form.api_key.text(), page.form.secret.text()) == ("kraken", "", "")


# ---------------------------------------------------------------- tests


@pytest.mark.parametrize(("rights", "shown", "icons"), [
    (KeyRights(may_trade=True, may_withdraw=False, is_ip_bound=True),
     ["May trade", "May not withdraw, as it should be", "Bound to an IP address"], ["check", "check", "check"]),
    (KeyRights(may_trade=False, may_withdraw=True, is_ip_bound=False, detail="Read only"),
     ["May not trade: Kraken would refuse every order. Allow spot trading for this key.",
      "May withdraw: live is refused. Switch withdrawals off at Kraken, or make new keys.",
      "Not bound to an IP address: who steals this key can use it from anywhere. Bind it.", "Read only"],
     ["cross", "cross", "warning"]),
    (KeyRights(), ["May trade: could not verify. The first order would show it.",
                   "May withdraw: could not verify. Look at Kraken that withdrawals are off.",
                   "Bound to an IP address: could not verify"], ["unknown", "unknown", "unknown"]),
])  # fmt: skip
def test_a_test_tells_three_rights_in_words_and_signs(
    qtbot: QtBot, rights: KeyRights, shown: list[str], icons: list[str]
) -> None:
    ring = FakeKeyRing("kraken", rights=rights)
    page = open_keys(qtbot, ring)
    entry = page.entries["kraken"]
    click(qtbot, entry.test)
    qtbot.waitUntil(lambda: entry.shown_words() == shown)
    assert [line.icon._name for line in entry.rights] == icons
    assert ring.tested == ["kraken"]
    assert ring.threads == {"ask"}


@pytest.mark.parametrize("fault", [
    KeysRefused("Kraken does not take these keys: make new ones there and store them."),
    TryAgain("Kraken cannot be reached; look at the network and test again."),
])  # fmt: skip
def test_a_failed_test_says_why_and_can_be_repeated(qtbot: QtBot, fault: Exception) -> None:
    ring = FakeKeyRing("kraken")
    ring.test_fault = fault  # type: ignore[assignment]
    page = open_keys(qtbot, ring)
    entry = page.entries["kraken"]
    click(qtbot, entry.test)
    qtbot.waitUntil(lambda: entry.shown_words() == [str(fault)])
    ring.test_fault = None
    click(qtbot, entry.test)
    qtbot.waitUntil(lambda: entry.shown_words()[0] == "May trade")


# ---------------------------------------------------------------- deleting


def test_deleting_says_what_follows_and_asks_first(qtbot: QtBot) -> None:
    ring = FakeKeyRing("binance", "kraken")
    page = open_keys(qtbot, ring)
    entry = page.entries["kraken"]
    click(qtbot, entry.delete)
    assert entry.question.isVisible()
    asked = entry.question.words.text()
    assert "Live trading there is refused" in asked
    assert "stay open" in asked
    assert "delete them there, too" in asked
    click(qtbot, entry.question.no)
    assert entry.question.isHidden()
    click(qtbot, entry.delete)
    qtbot.keyClick(entry.question.no, Qt.Key.Key_Escape)
    assert entry.question.isHidden()
    assert set(ring.kept) == {"binance", "kraken"}
    click(qtbot, entry.delete)
    assert entry.question.yes.text() == "Delete the keys of Kraken"
    click(qtbot, entry.question.yes)
    qtbot.waitUntil(lambda: list(page.entries) == ["binance"])
    assert set(ring.kept) == {"binance"}
    assert page.said.text() == words.deleted("Kraken")


def test_deleting_keys_in_use_says_so(qtbot: QtBot) -> None:
    page = open_keys(qtbot, FakeKeyRing("binance", "kraken"), mode=Mode.LIVE)
    assert page.entries["kraken"].used.isVisible()
    assert page.entries["binance"].used.isHidden()
    click(qtbot, page.entries["kraken"].delete)
    assert "Belay trades there with them now" in page.entries["kraken"].question.words.text()


def test_the_way_out_has_the_focus(qtbot: QtBot) -> None:
    page = open_keys(qtbot, FakeKeyRing("kraken"))
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    entry = page.entries["kraken"]
    click(qtbot, entry.delete)
    assert entry.question.no.hasFocus()


def test_a_fault_while_deleting_is_said(qtbot: QtBot) -> None:
    ring = FakeKeyRing("kraken")
    page = open_keys(qtbot, ring)
    ring.fault = TryAgain("The keyring is locked; unlock it, then try again.")
    click(qtbot, page.entries["kraken"].delete)
    click(qtbot, page.entries["kraken"].question.yes)
    qtbot.waitUntil(lambda: page.said.text() == str(ring.fault))
    assert "kraken" in page.entries
