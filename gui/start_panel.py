"""What is seen while Belay starts, and when it cannot: steps, then one sentence; the window's thread."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.messages import StageStarted
from gui.icons import Icon
from gui.panels import Panel, button, label, row, sentence


class StartPanel(QWidget):
    """Steps appear as parts report themselves; ``quit`` is the button of a failed start or of the end."""

    quit = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("ground")
        box = QVBoxLayout(self)
        box.setContentsMargins(24, 16, 24, 16)
        box.setSpacing(16)
        self.title = label("Starting Belay", 20, 600)
        self.panel = Panel("Steps", gap=8)
        self.waiting = sentence("The parts are starting. Nothing is traded before all of them are up.")
        self.fault = sentence("", "text", 15)
        self.fault.hide()
        self.button = button("Quit", "quit", primary=True, clicked=self.quit.emit)
        self.button.setAutoDefault(True)  # Return closes, not Space alone
        self.button.hide()
        self._steps: dict[str, QWidget] = {}
        self._going: dict[str, tuple[Icon, QLabel]] = {}
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        box.addWidget(self.title)
        self.panel.body.addLayout(self._list)
        self.panel.add(self.waiting, self.fault, row(self.button, None))
        box.addWidget(self.panel)
        box.addStretch(1)

    def on_fact(self, fact: StageStarted) -> None:
        """A part is up, or still at work: then its sign says so until it is up."""
        going = self._going.pop(fact.stage, None)
        if going is None and fact.stage in self._steps:
            return
        mark, note = going or self._new(fact.stage)
        mark.show_icon(*(("check", "paper") if fact.is_up else ("half", "soft")))
        note.setText(fact.note)
        if not fact.is_up:
            self._going[fact.stage] = (mark, note)

    def _new(self, stage: str) -> tuple[Icon, QLabel]:
        mark, note = Icon("half", 14, "soft"), label("", 12, 400, "faint")
        line = row(mark, label(stage.capitalize(), 13, 500), note, None, gap=10)
        self._steps[stage] = line
        self._list.addWidget(line)
        return mark, note

    def steps(self) -> list[str]:
        return list(self._steps)

    def going(self) -> list[str]:
        """The steps that are still at work."""
        return list(self._going)

    def failed(self, words: str) -> None:
        """The start is over: say why, and offer to quit."""
        self._end("Belay cannot start", words, "Quit")

    def stopping(self) -> None:
        self.title.setText("Stopping Belay")
        self.panel.title.setText("The end")
        for line in self._steps.values():
            line.hide()  # what the parts found when they started is no longer true
        self.waiting.setText("What is under way is finished and written down.")
        self.waiting.show()
        self.fault.hide()
        self.button.hide()

    def stopped(self, words: str) -> None:
        """What stays open, before the window closes."""
        self._end("Stopped", words, "Close")

    def _end(self, title: str, words: str, button_words: str) -> None:
        self.title.setText(title)
        self.waiting.hide()
        self.fault.setText(words)
        self.fault.setAccessibleName(words)
        self.fault.show()
        self.button.setText(button_words)
        self.button.show()
        self.button.setFocus()
