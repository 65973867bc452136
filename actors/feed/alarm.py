"""A thread that rings at the time set and once a second, so that waiting never blocks the feed's inbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PERIOD = 1.0


class Alarm:
    """``ring`` is called in the alarm's own thread; it must neither block nor raise."""

    def __init__(self, ring: Callable[[], None], period: float = PERIOD) -> None:
        self._ring, self._period = ring, period
        self._changed = threading.Condition()
        self._deadline: float | None = None
        self._ends = False
        self._thread = threading.Thread(target=self._run, name="feed-alarm", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def set(self, seconds: float) -> None:
        """Ring once in ``seconds``; a later call takes the place of the earlier one."""
        with self._changed:
            self._deadline = time.monotonic() + seconds
            self._changed.notify()

    def stop(self) -> None:
        """End the thread; no ring follows.  Not from within ``ring``."""
        with self._changed:
            self._ends = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        tick = time.monotonic() + self._period
        while True:
            with self._changed:
                if self._ends:
                    return
                now = time.monotonic()
                until = tick if self._deadline is None else min(tick, self._deadline)
                if until > now:
                    self._changed.wait(until - now)
                    continue
                if self._deadline is not None and self._deadline <= now:
                    self._deadline = None
                if tick <= now:
                    tick = now + self._period
            self._ring()
