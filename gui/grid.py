"""A short table of labels, for a handful of rows that are read and not sorted; the window's thread only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QWidget

from gui.icons import Icon
from gui.panels import label, set_tone
from gui.theme import color

HEAD_HEIGHT, ROW_HEIGHT = 30, 31


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of a cell, their colour, and an icon in front of them."""

    text: str
    tone: str = "text"
    icon: str = ""
    is_strong: bool = False


class _Box(QWidget):
    def __init__(self, is_number: bool) -> None:
        super().__init__()
        self.setFixedHeight(ROW_HEIGHT)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        self.icon, self.text = Icon("dash", 12), label("")
        self.icon.hide()
        if is_number:
            box.addStretch(1)
        box.addWidget(self.icon)
        box.addWidget(self.text)
        if not is_number:
            box.addStretch(1)

    def show_cell(self, cell: Cell) -> None:
        if self.text.text() != cell.text:
            self.text.setText(cell.text)
        set_tone(self.text, cell.tone)
        letters = self.text.font()
        if letters.bold() != cell.is_strong:
            letters.setBold(cell.is_strong)
            self.text.setFont(letters)
        self.icon.setVisible(bool(cell.icon))
        if cell.icon:
            self.icon.show_icon(cell.icon, cell.tone)


class Grid(QWidget):
    """Heads and rows; numbers stand right, words left, and only horizontal lines divide them."""

    def __init__(self, heads: Sequence[tuple[str, bool]]) -> None:
        """``heads`` are (words, is a number)."""
        super().__init__()
        self._heads = tuple(heads)
        self._rows: list[list[_Box]] = []
        self._shown = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._box = QGridLayout(self)
        self._box.setContentsMargins(16, 0, 16, 0)
        self._box.setHorizontalSpacing(12)
        self._box.setVerticalSpacing(0)
        for at, (words, is_number) in enumerate(self._heads):
            head = label(words, 12, 400, "faint")
            head.setFixedHeight(HEAD_HEIGHT)
            side = Qt.AlignmentFlag.AlignRight if is_number else Qt.AlignmentFlag.AlignLeft
            head.setAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self._box.addWidget(head, 0, at)
            self._box.setColumnStretch(at, 1)

    def show_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Show these rows; what was there is changed in place."""
        while len(self._rows) < len(rows):
            boxes = [_Box(is_number) for _, is_number in self._heads]
            for at, box in enumerate(boxes):
                self._box.addWidget(box, len(self._rows) + 1, at)
            self._rows.append(boxes)
        for at, boxes in enumerate(self._rows):
            for box in boxes:
                box.setVisible(at < len(rows))
        for cells, boxes in zip(rows, self._rows, strict=False):
            for cell, box in zip(cells, boxes, strict=True):
                box.show_cell(cell)
        if self._shown != len(rows):
            self._shown = len(rows)
            self.updateGeometry()
        self.update()

    def words(self) -> list[list[str]]:
        """What is shown, row by row."""
        return [[box.text.text() for box in boxes] for boxes in self._rows[: self._shown]]

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(color("line"))
        for at in range(self._shown + 1):
            bottom = HEAD_HEIGHT + at * ROW_HEIGHT - 1
            painter.drawLine(0, bottom, self.width(), bottom)
