"""When the venue's candles begin, told by the arrival of their first news; pure, the connection's thread.

The venue's times are never compared with this computer's clock: a venue's market may run fast or lie in the past.
"""

from __future__ import annotations

from collections import deque
from itertools import pairwise
from statistics import median

REMEMBERED = 12
"""Beginnings that are kept."""
NEARLY = 0.1
"""A measured length that is so close to the real one (as a share) is the real one."""


class VenuePace:
    """Shared by all markets of a venue: what one of them tells of the time holds for the others."""

    def __init__(self, span_ms: int) -> None:
        self._span = span_ms
        self._begun: deque[tuple[int, float]] = deque(maxlen=REMEMBERED)
        self._first: int | None = None  # seen in its middle: says nothing about when it began
        self.newest: int | None = None
        """Open time of the newest candle that any market has."""

    def saw(self, ts: int, now: float) -> None:
        """News of a candle (ms) arrived at ``now`` (seconds of a clock that never goes back)."""
        if self.newest is not None and ts <= self.newest:
            return
        if self.newest is None:
            self._first = ts
        self.newest = ts
        self._begun.append((ts, now))

    @property
    def interval(self) -> float | None:
        """Real seconds that a candle takes, None while unknown."""
        known = [begun for begun in self._begun if begun[0] != self._first]
        took = [
            (after[1] - before[1]) * self._span / (after[0] - before[0]) for before, after in pairwise(known)
        ]
        if not took:
            return None
        measured, real = median(took), self._span / 1000
        return real if abs(measured - real) < real * NEARLY else measured

    def begins(self, ts: int) -> float | None:
        """When the first news of the candle ``ts`` came or should come; None when nobody can say."""
        if self.newest is None:
            return None
        if ts <= self.newest:
            return next(now for begun, now in self._begun if begun >= ts)
        known = [begun for begun in self._begun if begun[0] != self._first]
        interval = self.interval
        if interval is None or not known:
            return None
        per_ms = interval / self._span
        return min(now + (ts - begun) * per_ms for begun, now in known)
