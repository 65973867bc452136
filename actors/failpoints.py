"""Places on the way of an order where a test may kill this process, as a power cut would; any thread.

Armed by the environment variable BELAY_FAILPOINT alone (``after-send:3``: the third time), never by settings.
"""

from __future__ import annotations

import os
import signal
from functools import cache
from itertools import count

VARIABLE = "BELAY_FAILPOINT"
POINTS = (
    "before-write-ahead",  # the orders are made, no row is asked for yet
    "after-write-ahead",  # their rows are on disk, the latch is not read yet
    "before-send",  # the latch was read, the request is not on the wire
    "after-send",  # the venue has answered (or failed to), nothing is known of it here
    "before-outcome",  # the outcome is known, its fact is not published
    "after-outcome",  # its fact is published
    "before-fill",  # the venue has told of a fill, nothing is booked
    "after-fill",  # the fill is published, its protective stop is not placed
    "before-guard",  # the stop's row is on disk, its request is not on the wire
    "after-guard",  # the venue has the stop, nothing is known of it here
    "before-cancel",  # the cancel's row is on disk, its request is not on the wire
    "after-cancel",  # the venue has cancelled, nothing is known of it here
    "before-reconcile",  # a restart or a reconnect: the venue was read, nothing is changed yet
    "after-reconcile",  # what was found is published, what follows from it is not sent yet
)
"""What ``reach`` takes, in the order of an order's life."""


class _Armed:
    """One place, and how many times it is still passed."""

    def __init__(self, name: str, times: int) -> None:
        self.name = name
        self._times = times
        self._count = count(1)  # its next() is one step of the interpreter: no lock is needed

    def is_due(self) -> bool:
        return next(self._count) == self._times


def parsed(text: str) -> tuple[str, int]:
    """Name and number of ``name`` or ``name:n``; ``ValueError`` for anything else, so that no test runs unarmed."""
    name, _, times = text.partition(":")
    if name not in POINTS or int(times or 1) < 1:
        raise ValueError(f"{VARIABLE}={text!r} names no place: {', '.join(POINTS)}")
    return name, int(times or 1)


@cache
def _armed() -> _Armed | None:
    text = os.environ.get(VARIABLE)
    return _Armed(*parsed(text)) if text else None


def reach(name: str) -> None:
    """The order path is at ``name``: nothing happens unless that place is armed and due, then the process is dead."""
    armed = _armed()
    if armed is not None and armed.name == name and armed.is_due():
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
