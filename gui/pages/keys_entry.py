"""One venue with keys: its name, what a test found, and the buttons; window's thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.errors import BelayError
from core.venue import KeyRights
from gui.pages.keys_words import delete_question, rights_lines, venue_title
from gui.pages.venue_line import SignLine
from gui.pages.venue_question import Question
from gui.panels import button, label, row, rule, sentence, set_tone


class KeysEntry(QWidget):
    """``tested`` and ``deleted`` ask for the deed; the answers come back with ``show_rights``, ``fail``, ``say``."""

    tested = Signal(str)
    deleted = Signal(str)

    def __init__(self, venue: str) -> None:
        super().__init__()
        self.venue, self.title = venue, venue_title(venue)
        self._is_in_use = False
        self.setAccessibleName(f"Keys of {self.title}")
        self.used = label("in use now", 12, 400, "faint")
        self.test = button("Test", clicked=lambda: self.tested.emit(self.venue))
        self.delete = button("Delete", clicked=self._ask)
        for made, what in ((self.test, "Test"), (self.delete, "Delete")):
            made.setAccessibleName(f"{what} the keys of {self.title}")
        self.rights = [SignLine() for _ in range(3)]
        self.said = sentence("", "soft", 12)
        self.question = Question()
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 4, 16, 8)
        box.setSpacing(6)
        box.addWidget(row(label(self.title, 13, 600), self.used, None, self.test, self.delete, gap=10))
        for line in self.rights:
            box.addWidget(line)
        box.addWidget(self.said)
        box.addWidget(self.question)
        box.addWidget(rule())
        self.set_in_use(False)
        self.forget()

    def set_in_use(self, is_in_use: bool) -> None:
        """Whether Belay trades there with these keys now."""
        self._is_in_use = is_in_use
        self.used.setVisible(is_in_use)

    def set_able(self, is_able: bool) -> None:
        """Whether keyring and network can be asked now."""
        self.test.setEnabled(is_able)
        self.delete.setEnabled(is_able)

    def forget(self) -> None:
        """Nothing is known of these keys (they are new, or the test is going on)."""
        for line in self.rights:
            line.hide()
        self._say("", "soft")

    def wait(self) -> None:
        """A test is under way."""
        self.forget()
        self._say(f"Asking {self.title} what these keys may do.", "soft")

    def show_rights(self, rights: KeyRights) -> None:
        """What the venue says that these keys may do."""
        self.forget()
        for line, found in zip(self.rights, rights_lines(rights, self.title), strict=True):
            line.show_line(found.icon, found.tone, found.words)
            line.show()
        self._say(rights.detail, "faint")

    def fail(self, fault: BelayError) -> None:
        """Why nothing is known."""
        self.forget()
        self._say(str(fault), "bad")

    def _say(self, words: str, tone: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))
        set_tone(self.said, tone)

    def _ask(self) -> None:
        words = delete_question(self.title, is_in_use=self._is_in_use)
        self.question.put(
            words, f"Delete the keys of {self.title}", "Keep them", lambda: self.deleted.emit(self.venue)
        )

    def shown_words(self) -> list[str]:
        """The lines about rights that are shown, and the sentence below them."""
        lines: list[QLabel] = [line.words for line in self.rights if not line.isHidden()]
        return [each.text() for each in (*lines, *([] if self.said.isHidden() else [self.said]))]
