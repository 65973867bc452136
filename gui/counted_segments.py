"""Segments whose names carry counts that change: ``Open 7``; window's thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics

from gui.segments import HEIGHT, Segments
from gui.text import NO_BREAK, number
from gui.theme import font

TIGHT = 10
MANY = 10_000


def short(count: int) -> str:
    """``4,827``, and ``12 k`` from ten thousand on, so that the segments keep their place."""
    return number(count, 0) if count < MANY else f"{number(count // 1000, 0)}{NO_BREAK}k"


class CountedSegments(Segments):
    """A segment without a count shows its name alone."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        self._plain = tuple(names)

    def set_counts(self, counts: Sequence[int | None]) -> None:
        """One count per segment, None where it is not known."""
        names = tuple(
            name if count is None else f"{name} {short(count)}"
            for name, count in zip(self._plain, counts, strict=True)
        )
        if names == self._names:
            return
        self._names = names
        measure = QFontMetrics(font(12, 600))
        self._widths = [measure.horizontalAdvance(name) + 2 * TIGHT for name in names]
        self.setFixedSize(QSize(sum(self._widths) + 4, HEIGHT))
        self._name()
        self.update()
