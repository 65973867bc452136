"""Candles of a longer time frame and exponential averages, computed by whole arrays; pure, any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from gui.charts.bars import CLOSE, HIGH, LOW, OPEN, TS, VOLUME, BarRing, Floats

FAST, SLOW = 20, 50
"""Candles of the two averages in the chart."""
MOST_NEW = 1_000
"""New candles beyond which everything is computed afresh."""
BLOCK = 64
"""Candles per block of the average: small enough that no power of its decay underflows."""


@dataclass(frozen=True, slots=True)
class Candles:
    """Columns of equal length, oldest first; ``number`` is the open time over the time frame's length."""

    number: NDArray[np.int64]
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats

    def __len__(self) -> int:
        return len(self.number)

    def between(self, first: float, last: float) -> slice:
        """Where the candles numbered ``first`` to ``last`` are, one more at each side."""
        low, high = np.searchsorted(self.number, (np.floor(first), np.ceil(last) + 1))
        return slice(max(0, int(low) - 1), int(high) + 1)

    def cut(self, part: slice) -> Self:
        """The candles of one stretch, as views."""
        prices = (self.open[part], self.high[part], self.low[part], self.close[part])
        return type(self)(self.number[part], *prices, self.volume[part])

    def joined(self, later: Self) -> Self:
        """These candles and then the ``later`` ones."""
        names = ("number", "open", "high", "low", "close", "volume")
        number, *rest = (np.concatenate((getattr(self, name), getattr(later, name))) for name in names)
        return type(self)(number, *rest)

    def grouped(self, key: NDArray[np.int64]) -> Self:
        """One candle for each run of equal values of ``key`` (ascending), numbered by that value."""
        if not len(key):
            return self
        starts = np.flatnonzero(np.append(True, np.diff(key) != 0))
        ends = np.append(starts[1:], len(key)) - 1
        return type(self)(
            key[starts],
            self.open[starts],
            np.maximum.reduceat(self.high, starts),
            np.minimum.reduceat(self.low, starts),
            self.close[ends],
            np.add.reduceat(self.volume, starts),
        )


def aggregated(columns: Floats, period_ms: int) -> Candles:
    """Base candles (six rows as ``BarRing.columns``) as candles of ``period_ms``, aligned to 1970 in UTC."""
    number = (columns[TS] // period_ms).astype(np.int64)
    base = Candles(number, columns[OPEN], columns[HIGH], columns[LOW], columns[CLOSE], columns[VOLUME])
    return base.grouped(number)


def ema(values: Floats, length: int) -> Floats:
    """Exponential moving average with weight 2/(length + 1), beginning at the first value."""
    count = len(values)
    if not count:
        return values.copy()
    weight = 2 / (length + 1)
    blocks = -(-count // BLOCK)
    padded = np.zeros(blocks * BLOCK)
    padded[:count] = values
    powers = (1 - weight) ** np.arange(BLOCK + 1)
    lag = np.subtract.outer(np.arange(BLOCK), np.arange(BLOCK))
    inside = np.where(lag >= 0, weight * powers[np.maximum(lag, 0)], 0.0)
    local = padded.reshape(blocks, BLOCK) @ inside.T  # each block as if the average before it were zero
    carried = np.empty(blocks)
    before = float(values[0])
    for block, last in enumerate(local[:, -1].tolist()):
        carried[block] = before
        before = last + float(powers[BLOCK]) * before
    out = local + np.outer(carried, powers[1:])
    return out.reshape(-1)[:count]


class Series:
    """One time frame over a ring of base candles, with its two averages; only the end is recomputed."""

    def __init__(self, ring: BarRing, period_ms: int) -> None:
        self.ring, self.period_ms = ring, period_ms
        self.candles = aggregated(np.empty((6, 0)), period_ms)
        self.fast: Floats = np.empty(0)
        self.slow: Floats = np.empty(0)
        self._seen = self._rewrites = -1

    def refresh(self) -> bool:
        """Take over what is new; whether anything was."""
        if self._seen == self.ring.version:
            return False
        if self._rewrites != self.ring.rewrites or not self._extend():
            self.candles = aggregated(self.ring.columns(), self.period_ms)
            self.fast, self.slow = ema(self.candles.close, FAST), ema(self.candles.close, SLOW)
        self._seen, self._rewrites = self.ring.version, self.ring.rewrites
        return True

    def _extend(self) -> bool:
        """Renew from the last candle on, let go what the ring has dropped; False if that is most of it."""
        columns, shown = self.ring.columns(), self.candles
        if len(shown) < 2 or columns.shape[1] < 2:
            return False
        first = int(np.searchsorted(columns[TS], int(shown.number[-1]) * self.period_ms))
        tail = aggregated(columns[:, first:], self.period_ms)
        if not len(tail) or len(tail) > MOST_NEW:
            return False
        gone = int(np.searchsorted(shown.number, int(columns[TS, 0]) // self.period_ms))
        if gone >= len(shown) - 1:
            return False
        kept = slice(gone, len(shown) - 1)
        self.candles = shown.cut(kept).joined(tail)
        self.fast = _continued(self.fast[kept], tail.close, FAST)
        self.slow = _continued(self.slow[kept], tail.close, SLOW)
        return True


def _continued(known: Floats, values: Floats, length: int) -> Floats:
    """The average of what is known, carried on over a few more values."""
    weight, last, more = 2 / (length + 1), float(known[-1]), []
    for value in values.tolist():
        last += weight * (value - last)
        more.append(last)
    return np.concatenate((known, np.array(more)))
