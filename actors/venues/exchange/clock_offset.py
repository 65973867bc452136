"""The venue's clock against ours: measured by its own time service, applied to signed requests; any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

log = structlog.get_logger("clock")

EVERY_S = 600.0
FRESH_S = 20.0
"""A fault this soon after a measurement casts doubt on it."""
FAR_MS = 1_000


class ClockOffset:
    """Milliseconds that the venue's clock is ahead of ours; None as long as it was never measured."""

    def __init__(self, venue: str, steady: Callable[[], float]) -> None:
        self.venue = venue
        self._steady = steady
        self._lock = threading.Lock()
        self._measured: int | None = None
        self._measured_at = float("-inf")
        self._is_believed = True
        self._is_doubted = False
        self.is_slow = False
        """Timestamps were refused although nothing is wrong with them: requests arrive late."""

    @property
    def ms(self) -> int | None:
        """As measured, for people."""
        return self._measured

    @property
    def applied(self) -> int:
        """What is added to our time in signed requests."""
        measured = self._measured
        return measured if measured is not None and self._is_believed else 0

    @property
    def is_due(self) -> bool:
        """Whether it should be measured again."""
        return self._steady() - self._measured_at >= EVERY_S

    def measured(self, venue_ms: int, before_ms: int, after_ms: int) -> None:
        """The venue told its time between these two moments of ours: half the round trip is its way back."""
        offset = venue_ms - (before_ms + after_ms) // 2
        with self._lock:
            is_news = self._measured is None or abs(offset - self._measured) > FAR_MS
            if is_news:
                log.info("clock offset", venue=self.venue, offset_ms=offset)
                self._is_believed = True
            elif self._is_doubted:  # it tells one time and judges by another: try ours, or its own again
                self._is_believed = not self._is_believed
                self.is_slow = True
            self._measured, self._measured_at, self._is_doubted = offset, self._steady(), False

    def tried(self) -> None:
        """The venue has no time service, or it did not answer: not asked again before it is due."""
        with self._lock:
            self._measured_at = self._steady()

    def refused(self) -> None:
        """The venue called a timestamp wrong: measure again.  If that finds nothing new so soon, the measurement
        itself is of no use there."""
        with self._lock:
            self._is_doubted = self._measured is not None and self._steady() - self._measured_at <= FRESH_S
            self._measured_at = float("-inf")
