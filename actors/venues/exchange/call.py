"""What is known of the call in progress: whether it is urgent, what is paid for it, and how far it got."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from core.budget import Claim
from core.errors import LatchSet, TryAgain
from core.halt import NOT_SENT


@dataclass(slots=True)
class Call:
    """One call of ours; ccxt may make several requests for it."""

    is_urgent: bool = False
    is_order: bool = False
    """An order goes now or not at all: it never waits for room."""
    longest: float | None = None
    """Seconds that a question may wait for room, if not as long as any other."""
    is_halted: Callable[[], bool] | None = None
    """The latch, for what places or changes an order."""
    paid: Claim | None = None
    """Room taken ahead, for the first request."""
    sent: bool = False
    """A request has left: from here on the venue may have acted."""
    left_ms: int = 0
    """When the last request left, by our clock."""
    status: int = 0
    """HTTP status of the last answer, and its headers."""
    headers: Mapping[str, str] = field(default_factory=dict)
    _is_dead: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def leave(self) -> None:
        """Called on the loop with nothing left to wait for: either it was sent from here on, or this raises.

        ``LatchSet`` when Belay is halted, ``TryAgain`` when whoever asked has given it up as not sent.
        """
        with self._lock:
            if self._is_dead:
                raise TryAgain("Nobody waits for this request any more, so it was not sent.")
            if self.is_halted is not None and self.is_halted():
                raise LatchSet(NOT_SENT)
            self.sent = True
            self.left_ms = time.time_ns() // 1_000_000

    def give_up(self) -> bool:
        """Called by whoever waits: no request leaves from here on; whether one has left."""
        with self._lock:
            self._is_dead = True
            return self.sent


CURRENT: ContextVar[Call | None] = ContextVar("call", default=None)
"""Requests that ccxt makes by itself (markets, tokens of streams) have none: they are ordinary reads."""
