"""Firi's request budget (``core.budget``: one bucket with a reserve for urgent requests), waited for; any thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition

from core.budget import Bucket, Budget
from core.errors import TryAgain
from core.venue import BudgetUse

BURST = 10
RESERVE = 4
"""Requests of the burst that are kept for cancels and protective orders."""
SLICE = 0.25
"""Seconds between two looks at whether a waiting request is still wanted."""
_COST = {"requests": 1.0}


class Limiter:
    """``per_second`` requests in the long run, ``BURST`` at once; pauses when the venue says so."""

    def __init__(self, per_second: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        bucket = Bucket("requests", float(BURST), per_second, "requests at once")
        self._budget = Budget((bucket,), share=(BURST - RESERVE) / BURST)
        self._monotonic = monotonic
        self._changed = Condition()
        self.waits = 0
        self.wait_seconds = 0.0

    def take(self, *, is_urgent: bool, timeout: float, is_over: Callable[[], bool] = lambda: False) -> None:
        """Room for one request, waited for; ``TryAgain`` when it would take longer than ``timeout`` seconds.

        So it ends, too, soon after ``is_over`` says that nobody wants it any more.
        """
        start = self._monotonic()
        with self._changed:
            while isinstance(
                found := self._budget.take(_COST, self._monotonic(), is_urgent=is_urgent), float
            ):
                if is_over():
                    raise TryAgain("The connection to Firi is closed.")
                if found > start + timeout - self._monotonic():
                    raise TryAgain(
                        f"Firi's request limit has no room for another {found:.1f} s; Belay tries again."
                    )
                self._changed.wait(min(found, SLICE))
            self._budget.settle(found, self._monotonic())
            waited = self._monotonic() - start
            if waited > 0.001:
                self.waits += 1
                self.wait_seconds += waited

    def refused(self, retry_after: float | None, *, is_ban: bool, is_urgent: bool) -> None:
        """The venue said that it was too much: a pause, for urgent requests only if one of them heard it."""
        with self._changed:
            self._budget.refused(self._monotonic(), retry_after, is_ban=is_ban, is_urgent=is_urgent)

    def use(self) -> BudgetUse:
        """How much of the burst is used now."""
        with self._changed:
            (used,) = self._budget.use(self._monotonic())
        return BudgetUse(name="requests", used=used.amount, limit=float(BURST), unit="requests at once")
