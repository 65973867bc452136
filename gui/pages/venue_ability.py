"""What a venue can do, row by row, with its honest limits below; window's thread."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from core.venue import Capabilities
from gui.icons import Icon
from gui.pages.venue_words import Ability, abilities, facts_of, rank_words, stream_name
from gui.panels import Panel, column, label, row, rule, sentence, set_tone
from gui.wording import way_words

WHAT, HOW = 168, 128
"""Least widths of the first two columns."""


class AbilityRow(QWidget):
    """What, the sign and the word, and the sentence, which wraps."""

    def __init__(self, ability: Ability) -> None:
        super().__init__()
        self.what, self.how = label(ability.what, 13, 500), label(ability.how, 13, 500)
        self.says = sentence(ability.says, "soft", 12)
        set_tone(self.how, "text" if ability.tone == "paper" else ability.tone)
        top = Qt.AlignmentFlag.AlignTop
        box = QGridLayout(self)
        box.setContentsMargins(0, 5, 0, 5)
        box.setHorizontalSpacing(8)
        box.addWidget(self.what, 0, 0, top)
        box.addWidget(Icon(ability.icon, 14, ability.tone), 0, 1, top)
        box.addWidget(self.how, 0, 2, top)
        box.addWidget(self.says, 0, 3, top)
        box.setColumnMinimumWidth(0, WHAT)
        box.setColumnMinimumWidth(2, HOW)
        box.setColumnStretch(3, 1)
        self.setAccessibleName(f"{ability.what}: {ability.how}. {ability.says}")


def _plain(name: str, value: str) -> QWidget:
    """A name, and its value in the column of the words."""
    what, how = label(name, 13, 400, "soft"), label(value, 13, 500)
    what.setMinimumWidth(WHAT)
    return row(what, how, None, gap=8)


class AbilityPanel(Panel):
    """``show_venue`` builds the rows; they do not change while a venue is in use."""

    def __init__(self) -> None:
        super().__init__("What it can do", gap=4)
        self.rows: list[AbilityRow] = []
        self.notes: list[str] = []
        self.streams: dict[str, str] = {}

    def show_venue(self, caps: Capabilities) -> None:
        """Show one venue."""
        self.title.setText(f"What {caps.title} can do")
        self.setAccessibleName(self.title.text())
        rank = rank_words(caps)
        if rank:
            self.add(sentence(rank, "text"))
        self.rows = [AbilityRow(each) for each in abilities(caps)]
        for made in self.rows:
            self.add(rule(), made)
        self.add(rule(), 2, *(_plain(name, value) for name, value in facts_of(caps)))
        self.streams = {
            stream_name(name): way_words("stream" if is_streamed else "polling")
            for name, is_streamed in caps.streams.items()
        }
        if self.streams:
            self.add(4, label("How news comes", 12, 500, "faint"))
            self.add(*(_plain(name, way) for name, way in self.streams.items()))
        self.notes = list(caps.notes)
        if self.notes:
            self.add(4, label("Good to know", 12, 500, "faint"))
            self.add(column(*(sentence(note) for note in self.notes), gap=4))
        self.add(None)
