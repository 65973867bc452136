"""What a budget is made of: the kinds of limits, and a gauge for each that tells what is used of it; pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import Protocol

GRAIN = 64
"""A window is remembered in so many pieces; a call may count one piece longer than it must."""
LOOK_AGAIN_S = 0.02
"""When only calls under way are in the way, nobody knows how long they take."""


@dataclass(frozen=True, slots=True)
class Window:
    """At most ``limit`` (in ``unit``) in any ``seconds``."""

    name: str
    limit: float
    seconds: float
    unit: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A counter that every call raises and that falls by ``decay`` a second; never above ``limit``.

    With ``may_owe`` a call dearer than the limit passes on an empty bucket and the next ones wait for it.
    """

    name: str
    limit: float
    decay: float
    unit: str
    may_owe: bool = False


Limit = Window | Bucket


class Gauge(Protocol):
    limit: Limit
    flying: float
    """Cost of the calls under way."""

    def used(self, now: float) -> float: ...

    def add(self, cost: float, now: float) -> None: ...

    def wait(self, cost: float, room: float, now: float) -> float:
        """Seconds until ``cost`` fits under ``room``; infinite when it never does."""


class _WindowGauge:
    def __init__(self, limit: Window) -> None:
        self.limit: Limit = limit
        self.flying = 0.0
        self._seconds = limit.seconds
        self._grain = limit.seconds / GRAIN
        self._pieces: deque[list[float]] = deque()
        """``[end of the piece, cost]``, oldest first."""
        self._sum = 0.0

    def used(self, now: float) -> float:
        while self._pieces and self._pieces[0][0] + self._seconds < now:
            self._sum -= self._pieces.popleft()[1]
        if not self._pieces:
            self._sum = 0.0  # no crumbs of rounding are left behind
        return self._sum + self.flying

    def add(self, cost: float, now: float) -> None:
        if not self._pieces or self._pieces[-1][0] < now:
            self._pieces.append([now + self._grain, 0.0])
        self._pieces[-1][1] += cost
        self._sum += cost

    def wait(self, cost: float, room: float, now: float) -> float:
        if cost > room:
            return inf
        left = self.used(now) + cost - room
        if left <= 0:
            return 0.0
        for end, spent in self._pieces:
            left -= spent
            if left <= 0:
                return max(LOOK_AGAIN_S, end + self._seconds - now)
        return LOOK_AGAIN_S


class _BucketGauge:
    def __init__(self, limit: Bucket) -> None:
        self.limit: Limit = limit
        self.flying = 0.0
        self._decay = limit.decay
        self._may_owe = limit.may_owe
        self._level = 0.0
        self._at = -inf

    def used(self, now: float) -> float:
        if now > self._at:
            if self._level > 0:
                self._level = max(0.0, self._level - self._decay * (now - self._at))
            self._at = now
        return self._level + self.flying

    def add(self, cost: float, now: float) -> None:
        self.used(now)
        self._level += cost

    def wait(self, cost: float, room: float, now: float) -> float:
        if self._may_owe:
            cost = min(cost, room)
        elif cost > room:
            return inf
        over = self.used(now) + cost - room
        return 0.0 if over <= 0 else max(LOOK_AGAIN_S, min(over, self._level) / self._decay)


def gauge_of(limit: Limit) -> Gauge:
    return _WindowGauge(limit) if isinstance(limit, Window) else _BucketGauge(limit)
