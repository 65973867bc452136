"""The form for new keys: what is secret is masked, trimmed, and forgotten once it is stored; window's thread."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QCompleter, QLineEdit

from gui.pages.keys_words import SUGGESTED, missing, venue_id, venue_title
from gui.panels import Panel, button, label, row, sentence, set_tone
from gui.theme import font

LONGEST = 8_192
"""Characters of one field: more than any key file has."""


class SecretField(QLineEdit):
    """Shows dots only and cannot be copied from; what was wiped does not come back with undo."""

    def __init__(self, name: str, hint: str) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setFont(font(13))
        self.setAccessibleName(f"{name}, shown as dots")
        self.setPlaceholderText(hint)
        self.setMaxLength(LONGEST)

    @property
    def value(self) -> str:
        """What was typed or pasted, without blanks and line ends around it."""
        return self.text().strip()

    def wipe(self) -> None:
        self.clear()


class KeysForm(Panel):
    """``given`` carries venue, API key, secret and password (None where there is none)."""

    given = Signal(str, str, str, object)

    def __init__(self) -> None:
        super().__init__("Add keys", gap=6)
        self._stored: tuple[str, ...] = ()
        self._block = ""
        self.venue = QLineEdit()
        self.venue.setFont(font(13))
        self.venue.setAccessibleName("Venue, for example kraken")
        self.venue.setPlaceholderText("kraken")
        completer = QCompleter(list(SUGGESTED), self.venue)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.venue.setCompleter(completer)
        self.api_key = SecretField("API key", "paste it here")
        self.secret = SecretField("Secret", "paste it here")
        self.password = SecretField("Password", "only where the venue gave you one")
        self.note = sentence("", "warn", 12)
        self.button = button("Store in the keyring", "lock", primary=True, clicked=self._store)
        self.lack = label("", 12, 400, "faint", wrap=True)
        self.said = sentence("", "soft", 12)
        for name, field in (("Venue", self.venue), ("API key", self.api_key), ("Secret", self.secret),
                            ("Password or passphrase", self.password)):  # fmt: skip
            self.add(label(name, 12, 500, "faint"), field)
            field.textChanged.connect(self.judge)
            field.returnPressed.connect(self._store)
        self.add(self.note, 4, row(self.button, None), self.lack, self.said)
        self.judge()

    def show_stored(self, venues: tuple[str, ...]) -> None:
        """Which venues have keys: storing again replaces them, and that is said."""
        self._stored = venues
        self.judge()

    def block(self, why: str) -> None:
        """Why nothing can be stored now; empty when it can."""
        self._block = why
        self.judge()

    def say(self, words: str, *, is_fault: bool = False) -> None:
        """How the last try went."""
        self.said.setText(words)
        self.said.setVisible(bool(words))
        set_tone(self.said, "bad" if is_fault else "soft")

    def wipe(self) -> None:
        """Forget what was typed; the venue, which is no secret, stays."""
        for field in (self.api_key, self.secret, self.password):
            field.wipe()

    def judge(self) -> None:
        """Say what is missing; the button works when nothing is."""
        lack = self._block or missing(self.venue.text(), self.api_key.value, self.secret.value)
        self.button.setEnabled(not lack)
        self.lack.setText(lack)
        self.lack.setVisible(bool(lack))
        venue = venue_id(self.venue.text())
        is_known = venue in self._stored
        self.note.setText(f"Takes the place of the stored keys of {venue_title(venue)}." if is_known else "")
        self.note.setVisible(is_known)
        if any(field.text() for field in (self.api_key, self.secret, self.password)):
            self.say("")

    def _store(self) -> None:
        if self.button.isEnabled():
            venue = venue_id(self.venue.text())
            self.given.emit(venue, self.api_key.value, self.secret.value, self.password.value or None)

    def hideEvent(self, event: QHideEvent) -> None:
        if not event.spontaneous():  # another page is shown; a minimised window keeps what was typed
            self.wipe()
        super().hideEvent(event)
