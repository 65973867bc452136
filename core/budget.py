"""A venue's request limits: several sliding windows and leaky buckets at once, with a reserve; pure, time passed in.

Ordinary calls stay below a share of every limit.  The rest is the reserve of urgent calls (cancels and stops), which
ordinary ones can never eat.  A call counts as long as it is under way, because nobody knows when within that time it
reaches the venue, and from its end on as long as the venue may remember it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Protocol

SHARE = 0.8
"""How much of a limit ordinary calls may use."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
CALM_S = 60.0
"""After so long without a refusal the next pause is a short one again."""
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
Costs = Mapping[str, float]
"""What a call costs, by the limit's name; a name without a limit costs nothing."""


@dataclass(eq=False, slots=True)
class Claim:
    """Room that a call holds until it is settled."""

    costs: Costs
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a limit is used now."""

    limit: Limit
    amount: float


class _Gauge(Protocol):
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


class Budget:
    """All limits of one venue.  ``take`` before a call, ``settle`` after it; times are seconds of any steady clock."""

    def __init__(self, limits: Iterable[Limit], share: float = SHARE) -> None:
        self.share = share
        self._gauges: dict[str, _Gauge] = {}
        self._ordinary_from = -inf
        self._urgent_from = -inf
        self._refused_at = -inf
        self._refusals = 0
        self._open: set[Claim] = set()
        for limit in limits:
            self.limit(limit, 0.0)

    def limit(self, limit: Limit, now: float) -> None:
        """Adds a limit, or changes the one of that name; what is used already stays used."""
        old, new = self._gauges.get(limit.name), _gauge(limit)
        if old is not None:
            if old.limit == limit:
                return
            new.flying = old.flying
            new.add(max(0.0, old.used(now) - old.flying), now)
        else:
            new.flying = sum(claim.costs.get(limit.name, 0.0) for claim in self._open)
        self._gauges[limit.name] = new

    def wait(self, costs: Costs, now: float, *, is_urgent: bool = False) -> float:
        """Seconds until a call of these costs may go; 0 when now, infinite when its cost is above a limit."""
        pause = (self._urgent_from if is_urgent else max(self._ordinary_from, self._urgent_from)) - now
        return max(0.0, pause, *(self._wait_for(name, cost, now, is_urgent) for name, cost in costs.items()))

    def take(self, costs: Costs, now: float, *, is_urgent: bool = False) -> Claim | float:
        """Room for a call, all of it or none; without room the seconds after which to ask again."""
        seconds = self.wait(costs, now, is_urgent=is_urgent)
        if seconds > 0:
            return seconds
        claim = Claim(dict(costs))
        self._open.add(claim)
        self._fly(claim, +1)
        return claim

    def settle(self, claim: Claim, now: float) -> None:
        """The call is over: it was answered, or nobody waits for its answer any more."""
        if self.release(claim):
            for name, cost in claim.costs.items():
                if cost and name in self._gauges:
                    self._gauges[name].add(cost, now)

    def release(self, claim: Claim) -> bool:
        """The call was certainly not made: its room is free again.  False if it is not open any more."""
        if not claim.is_open:
            return False
        claim.is_open = False
        self._open.discard(claim)
        self._fly(claim, -1)
        return True

    def told(self, name: str, amount: float, now: float) -> None:
        """The venue says how much is used: more than we know of is somebody else's, and counts from now on."""
        gauge = self._gauges.get(name)
        if gauge is not None and (more := amount - gauge.used(now)) > 0:
            gauge.add(more, now)

    def refused(self, now: float, retry_after: float | None, *, is_ban: bool, is_urgent: bool) -> float:
        """The venue refused a call as one too many: everything pauses, each time twice as long; the seconds.

        A ban stops urgent calls too; so does a refusal that an urgent call got itself.
        """
        self._refusals = self._refusals + 1 if now - self._refused_at < CALM_S else 1
        seconds = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._refusals - 1, 30))
        seconds = max(seconds, retry_after or 0.0)
        self._refused_at = now + seconds
        self._ordinary_from = max(self._ordinary_from, now + seconds)
        if is_ban or is_urgent:
            self._urgent_from = max(self._urgent_from, now + seconds)
        return seconds

    def use(self, now: float) -> tuple[Used, ...]:
        """How much of each limit is used now, by the name of the limit."""
        return tuple(Used(gauge.limit, gauge.used(now)) for _, gauge in sorted(self._gauges.items()))

    def _wait_for(self, name: str, cost: float, now: float, is_urgent: bool) -> float:
        gauge = self._gauges.get(name)
        if gauge is None or cost <= 0:
            return 0.0
        return gauge.wait(cost, gauge.limit.limit * (1.0 if is_urgent else self.share), now)

    def _fly(self, claim: Claim, sign: int) -> None:
        for name, cost in claim.costs.items():
            gauge = self._gauges.get(name)
            if gauge is not None:
                gauge.flying = max(0.0, gauge.flying + sign * cost)


def _gauge(limit: Limit) -> _Gauge:
    return _WindowGauge(limit) if isinstance(limit, Window) else _BucketGauge(limit)
