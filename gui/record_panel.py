"""The panel of a page of records: filters, a field to find, an export, a table, a line for what is said.

The window's thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from core.errors import BelayError
from gui.counted_segments import CountedSegments
from gui.export_button import ExportButton
from gui.panels import Button, Panel, Short, row, set_tone
from gui.tables import Table
from gui.theme import font

TYPING_MS = 250
"""A search starts this long after the last key."""


class RecordPanel(Panel):
    """``searched`` fires when the filter changed or the person stopped typing.

    ``way_out`` is the button on the empty table: it shows all when something is looked for, else it leads
    ``elsewhere`` (its words; none: no button), which ``left`` announces.
    """

    searched = Signal()
    left = Signal()

    def __init__(
        self,
        table: Table[Any],
        what: str,
        filters: Sequence[str],
        find: str,
        way_out: Button,
        elsewhere: str = "",
        *extra: QWidget,
    ) -> None:
        super().__init__(flush=True, gap=8)
        self.setAccessibleName(what.capitalize())
        self.table = table
        self._way_out, self._elsewhere = way_out, elsewhere
        way_out.clicked.connect(self._go)
        self.filters = CountedSegments(filters)
        self.filters.setToolTip("Left and right arrow keys choose, too")
        self.finder = QLineEdit()
        self.finder.setPlaceholderText(find)
        self.finder.setAccessibleName(find)
        self.finder.setFont(font(13))
        self.finder.setClearButtonEnabled(True)
        self.finder.setToolTip(find)
        self.finder.setMinimumWidth(110)
        self.finder.setMaximumWidth(240)
        self.export = ExportButton(what)
        self.export.said.connect(self.say)
        self.foot = Short("", 12, 400, "faint")
        self._typing = QTimer(self, interval=TYPING_MS, singleShot=True)
        self._typing.timeout.connect(self.searched)
        self.finder.textChanged.connect(lambda _: self._typing.start())
        self.filters.chosen.connect(lambda _: self.searched.emit())
        bar = row(self.filters, None, *extra, self.finder, self.export, gap=8)
        stretch = bar.layout()
        assert isinstance(stretch, QHBoxLayout)
        stretch.setStretch(stretch.indexOf(self.finder), 100)
        line = row(self.foot)
        for part, top, bottom in ((bar, 12, 0), (line, 0, 4)):
            layout = part.layout()
            assert layout is not None
            layout.setContentsMargins(16, top, 16, bottom)
        self.add(bar)
        self.body.addWidget(table, 1)
        self.add(line)
        table.setMinimumHeight(240)

    @property
    def words(self) -> str:
        """What is looked for, in small letters; empty when nothing is."""
        return self.finder.text().strip().lower()

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter or words leave something out."""
        return bool(self.words or self.filters.at)

    def tell_empty(self, narrowed: str, plain: str) -> None:
        """Say on the empty table why nothing is there, and what the button does about it."""
        self.table.set_empty(narrowed if self.is_narrowed else plain)
        self._way_out.setText("Show all" if self.is_narrowed else self._elsewhere)
        self._way_out.setVisible(bool(self._way_out.text()))

    def show_all(self) -> None:
        """Take filter and words away."""
        self.finder.clear()
        self.filters.choose(0)
        self._typing.stop()
        self.searched.emit()

    def _go(self) -> None:
        if self.is_narrowed:
            self.show_all()
        else:
            self.left.emit()

    def say(self, sentence: str, tone: str = "faint") -> None:
        """One sentence below the table."""
        self.foot.setText(sentence)
        set_tone(self.foot, tone)

    @property
    def is_quiet(self) -> bool:
        """Whether the line holds nothing that a person must still be able to read."""
        return str(self.foot.property("tone")) == "faint"

    def fail(self, fault: BelayError) -> None:
        """Why the table is not what it should be."""
        self.say(str(fault), "bad")
