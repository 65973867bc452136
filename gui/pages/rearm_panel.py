"""Trade again: the conditions, the typed sentence and the button, far from Kill; the window's thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from core.halt import REARM_PHRASE
from gui.icons import Icon
from gui.panels import Panel, button, column, label, row, sentence, set_tone
from gui.theme import font


class RearmPanel(Panel):
    """``rearm`` carries the typed sentence once everything holds; before, the button says what is missing."""

    rearm = Signal(str)

    def __init__(self) -> None:
        super().__init__("Trade again", gap=8)
        self._lines: list[tuple[QWidget, Icon, QLabel]] = []
        for _ in range(3):
            mark, words = Icon("ring", 14), label("", 13)
            line = row(mark, words, None)
            self._lines.append((line, mark, words))
            self.add(line)
        self._why = sentence("When all of them hold, type this sentence.", "soft", 12)
        self._phrase = label(REARM_PHRASE, 13, 400, mono=True)
        self.field = QLineEdit()
        self.field.setFont(font(13, mono=True))
        self.field.setPlaceholderText("type the sentence above")
        self.field.setAccessibleName(f"Type the sentence: {REARM_PHRASE}")
        self.button = button("Re-arm", clicked=self._pressed)
        self.missing = label("", 12, 400, "faint")
        self.fault = sentence("", "bad", 12)
        self.fault.hide()
        self._asked = column(
            self._why, self._phrase, self.field, row(self.button, self.missing, None, gap=12)
        )
        self._not_yet = sentence("Not possible before the halt is verified.")
        self.add(self._asked, self._not_yet, self.fault, None)
        self._unmet = len(self._lines)
        self.field.textChanged.connect(lambda _: self._judge())
        self.field.returnPressed.connect(self._pressed)
        self._judge()

    def show_conditions(self, conditions: Sequence[tuple[bool, str]]) -> None:
        """Three conditions, the first of which is the proof: without it the rest is not even asked."""
        self._unmet = sum(not holds for holds, _ in conditions)
        for (holds, words), (_, mark, text) in zip(conditions, self._lines, strict=True):
            mark.show_icon("check" if holds else "ring", "paper" if holds else "faint")
            text.setText(words)
            text.setAccessibleName(f"{words}: {'holds' if holds else 'does not hold yet'}")
            set_tone(text, "text" if holds else "soft")
        is_proven = bool(conditions) and conditions[0][0]
        self._asked.setVisible(is_proven)
        self._not_yet.setVisible(not is_proven)
        for line, _, _ in self._lines:
            line.setVisible(is_proven)
        self._judge()

    def say(self, fault: str) -> None:
        """Why the last try was refused; empty when it was not."""
        self.fault.setText(fault)
        self.fault.setVisible(bool(fault))

    def clear(self) -> None:
        self.field.clear()
        self.say("")

    def _judge(self) -> None:
        is_typed = self.field.text().strip() == REARM_PHRASE
        self.button.setEnabled(self._unmet == 0 and is_typed)
        self.field.setEnabled(self._unmet == 0)
        if self._unmet:
            verb = "is" if self._unmet == 1 else "are"
            self.missing.setText(f"{self._unmet} of {len(self._lines)} {verb} missing")
        else:
            self.missing.setText("" if is_typed else "the sentence is missing")

    def _pressed(self) -> None:
        if self.button.isEnabled():
            self.say("")
            self.rearm.emit(self.field.text().strip())
