"""The base candles of one symbol: at most 50,000 closed ones and the one forming; the window's thread."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.market import Bar

CAPACITY = 50_000
"""Closed base candles kept per symbol: five weeks of one-minute candles, about 3 MB."""

Floats = NDArray[np.float64]
TS, OPEN, HIGH, LOW, CLOSE, VOLUME = range(6)


class BarRing:
    """Columns of float64 that slide through one block of memory; appending copies only when it is full.

    ``version`` changes with every change, so that a drawing knows whether it is old.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.version = 0
        self.rewrites = 0
        """How often candles that were there already changed: then everything made of them is old."""
        self._capacity = capacity
        self._block: Floats = np.empty((6, capacity + max(64, capacity // 4) + 1), dtype=np.float64)
        self._start = self._end = 0
        self._forming = False

    def __len__(self) -> int:
        """Closed candles."""
        return self._end - self._start

    @property
    def last_closed(self) -> int | None:
        """Open time of the newest closed candle in ms, None when there is none."""
        return int(self._block[TS, self._end - 1]) if len(self) else None

    def columns(self) -> Floats:
        """A view of six rows (ts in ms, open, high, low, close, volume), the forming candle last."""
        return self._block[:, self._start : self._end + self._forming]

    def append(self, bars: Sequence[Bar]) -> None:
        """Add closed candles, oldest first.  Known times are replaced, older ones find their place."""
        if not bars:
            return
        fresh = np.array(bars, dtype=np.float64).T
        last = self.last_closed
        if not bool(np.all(np.diff(fresh[TS]) > 0)) or (last is not None and fresh[TS, 0] <= last):
            fresh = _merged(self._block[:, self._start : self._end], fresh)
            self._start = self._end = 0
            self.rewrites += 1
        forming = self._block[:, self._end].copy() if self._forming else None
        self._push(fresh[:, -self._capacity :])
        self._forming = forming is not None and forming[TS] > self._block[TS, self._end - 1]
        if forming is not None and self._forming:
            self._block[:, self._end] = forming
        self.version += 1

    def update_forming(self, bar: Bar) -> None:
        """Replace the candle that is still forming; one that is not newer than the last closed is ignored."""
        last = self.last_closed
        if last is not None and bar.ts <= last:
            return
        self._block[:, self._end] = bar
        self._forming = True
        self.version += 1

    def _push(self, fresh: Floats) -> None:
        count = fresh.shape[1]
        if self._end + count + 1 > self._block.shape[1]:  # one column stays free for the forming candle
            keep = min(len(self), self._capacity - count)
            self._block[:, :keep] = self._block[:, self._end - keep : self._end].copy()
            self._start, self._end = 0, keep
        self._block[:, self._end : self._end + count] = fresh
        self._end += count
        self._start = max(self._start, self._end - self._capacity)


def _merged(known: Floats, fresh: Floats) -> Floats:
    """Both in the order of time, the fresh candle winning where times are equal."""
    both = np.concatenate((known, fresh), axis=1)
    both = both[:, np.argsort(both[TS], kind="stable")]
    newest = np.append(np.diff(both[TS]) > 0, True)
    return both[:, newest]
