"""Room taken for orders that are about to be sent, by the thread that will send them; any thread."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from core.budget import Claim

READY_S = 10.0
"""Room taken for an order that was never sent is given back after this."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The room for one order request."""

    claim: Claim
    is_urgent: bool
    since: float
    thread: int


class ReadyRoom:
    """What was taken and not used yet, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: list[Ready] = []

    def put(self, claim: Claim, now: float, *, is_urgent: bool) -> None:
        with self._lock:
            self._taken.append(Ready(claim, is_urgent, now, threading.get_ident()))

    def take(self) -> tuple[Claim | None, bool]:
        """This thread's own, else the oldest, and whether it is urgent; what nobody made ready is urgent."""
        with self._lock:
            if not self._taken:
                return None, True
            me = threading.get_ident()
            found = next((one for one in self._taken if one.thread == me), self._taken[0])
            self._taken.remove(found)
            return found.claim, found.is_urgent

    def stale(self, now: float) -> list[Claim]:
        """What nobody used for too long; it is forgotten."""
        with self._lock:
            old = [one for one in self._taken if now - one.since > READY_S]
            self._taken = [one for one in self._taken if one not in old]
            return [one.claim for one in old]
