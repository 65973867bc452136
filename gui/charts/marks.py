"""What of ours stands in a chart: order lines with their words, and fills in their candles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.clock import millis
from core.intent import Side
from core.order import Fill
from gui.charts.bars import Floats

FILLS_KEPT = 5_000


class Line(Enum):
    """The pattern of a line: patterns tell lines apart before colours do (6-4, dots, fine dots, solid)."""

    ORDER = (6.0, 4.0)
    STOP = (2.0, 3.0)
    AVERAGE = (1.0, 3.0)
    LAST = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A horizontal line at a price with a tag; ``ink`` is a colour token."""

    price: Decimal
    words: str
    ink: str
    line: Line = Line.ORDER

    @property
    def y_price(self) -> float:
        return float(self.price)


class FillMarks:
    """The newest 5,000 fills of one symbol as arrays; an execution counts once.  The window's thread."""

    def __init__(self, kept: int = FILLS_KEPT) -> None:
        self._kept = kept
        self._known: dict[str, tuple[int, int]] = {}
        self._arrays: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None

    def add(self, fills: Sequence[Fill]) -> None:
        """Remember fills; the oldest go beyond the number kept."""
        for fill in fills:
            self._known.setdefault(fill.execution_id, (millis(fill.at), int(fill.side)))
        while len(self._known) > self._kept:
            del self._known[next(iter(self._known))]
        self._arrays = None

    def __len__(self) -> int:
        return len(self._known)

    def arrays(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Times in ms and sides (+1 bought, -1 sold)."""
        if self._arrays is None:
            both = np.array(list(self._known.values()), dtype=np.int64).reshape(-1, 2)
            self._arrays = both[:, 0], both[:, 1]
        return self._arrays


@dataclass(frozen=True, slots=True)
class Triangles:
    """Where fills are drawn: candle number, price at its edge, +1 (bought, under) or -1 (sold, over)."""

    number: NDArray[np.int64]
    edge: Floats
    side: int


def triangles(
    marks: FillMarks, period_ms: int, number: NDArray[np.int64], low: Floats, high: Floats, per: int = 1
) -> tuple[Triangles, Triangles]:
    """Fills on the candles given (``number`` ascending), one per column of ``per`` candles and side."""
    times, sides = marks.arrays()
    found = []
    for side, edge in ((Side.BUY, low), (Side.SELL, high)):
        wanted = np.unique(times[sides == side] // period_ms // per)
        place = np.searchsorted(number, wanted)
        known = place < len(number)
        place, wanted = place[known], wanted[known]
        hit = number[place] == wanted
        found.append(Triangles(wanted[hit], edge[place[hit]], int(side)))
    return found[0], found[1]
