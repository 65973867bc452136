"""A venue's request limits: several sliding windows and leaky buckets at once, with a reserve; pure, time passed in.

Ordinary calls stay below a share of every limit.  The rest is the reserve of urgent calls (cancels and stops), which
ordinary ones can never eat.  A call counts as long as it is under way, because nobody knows when within that time it
reaches the venue, and from its end on as long as the venue may remember it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from core.gauges import Bucket, Gauge, Limit, Window, gauge_of

__all__ = ["Bucket", "Budget", "Claim", "Costs", "Limit", "Standing", "Used", "Window"]

SHARE = 0.8
"""How much of a limit ordinary calls may use."""
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 16.0
"""Our own guess never pauses longer: a start must get in as soon as there is room.  The venue's word may."""
LONGEST_BAN_S = 300.0
SHORT_S = 60.0
CALM_S = 60.0
"""After so long without a refusal the next pause is a short one again."""

Costs = Mapping[str, float]
"""What a call costs, by the limit's name; a name without a limit costs nothing."""


@dataclass(eq=False, slots=True)
class Claim:
    """Room that a call holds until it is settled."""

    costs: Costs
    begun: float = -inf
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """What must not be forgotten over a restart: the levels of buckets, and the seconds that pauses still last."""

    levels: Mapping[str, float]
    ordinary: float = 0.0
    urgent: float = 0.0


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a limit is used now."""

    limit: Limit
    amount: float


class Budget:
    """All limits of one venue.  ``take`` before a call, ``settle`` after it; times are seconds of any steady clock."""

    def __init__(self, limits: Iterable[Limit], share: float = SHARE) -> None:
        self.share = share
        self._gauges: dict[str, Gauge] = {}
        self._ordinary_from = -inf
        self._urgent_from = -inf
        self._refused_at = -inf
        self._paused_at = -inf
        """When the pause began that was counted last."""
        self._refusals = 0
        self._left: dict[str, tuple[float, float]] = {}
        """Levels, and when, of buckets that do not exist yet."""
        self._open: set[Claim] = set()
        for limit in limits:
            self.limit(limit, 0.0)

    def limit(self, limit: Limit, now: float) -> None:
        """Adds a limit, or changes the one of that name; what is used already stays used."""
        old, new = self._gauges.get(limit.name), gauge_of(limit)
        if old is not None:
            if old.limit == limit:
                return
            new.flying = old.flying
            new.add(max(0.0, old.used(now) - old.flying), now)
        else:
            new.flying = sum(claim.costs.get(limit.name, 0.0) for claim in self._open)
        self._gauges[limit.name] = new
        if limit.name in self._left:
            level, at = self._left.pop(limit.name)
            self._resume(limit, level, at, now)

    def wait(self, costs: Costs, now: float, *, is_urgent: bool = False) -> float:
        """Seconds until a call of these costs may go; 0 when now, infinite when its cost is above a limit."""
        pause = (self._urgent_from if is_urgent else max(self._ordinary_from, self._urgent_from)) - now
        return max(0.0, pause, *(self._wait_for(name, cost, now, is_urgent) for name, cost in costs.items()))

    def take(self, costs: Costs, now: float, *, is_urgent: bool = False) -> Claim | float:
        """Room for a call, all of it or none; without room the seconds after which to ask again."""
        seconds = self.wait(costs, now, is_urgent=is_urgent)
        if seconds > 0:
            return seconds
        claim = Claim(dict(costs), now)
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

    def refused(
        self,
        now: float,
        retry_after: float | None,
        *,
        is_ban: bool,
        is_urgent: bool,
        claim: Claim | None = None,
    ) -> float:
        """The venue refused a call as one too many: everything pauses, each time twice as long; the seconds.

        A ban stops urgent calls too; so does a refusal that an urgent call got itself.  Calls that were under way when
        a pause began are refused for the same reason (``claim`` is the refused one's) and count once.
        """
        if claim is not None and claim.begun <= self._paused_at:
            seconds = max(self._ordinary_from - now, retry_after or 0.0, 0.0)
        else:
            self._refusals = self._refusals + 1 if now - self._refused_at < CALM_S else 1
            seconds = min(
                LONGEST_BAN_S if is_ban else LONGEST_PAUSE_S,
                FIRST_PAUSE_S * 2.0 ** min(self._refusals - 1, 30),
            )
            seconds = max(seconds, retry_after or 0.0)
            self._paused_at = now
            if claim is not None and self._refusals > 1:
                buckets = {limit.name for limit in self.buckets()}
                self.believe_full(
                    (name for name, cost in claim.costs.items() if cost > 0 and name in buckets), now
                )
        self._refused_at = max(self._refused_at, now + seconds)
        self._ordinary_from = max(self._ordinary_from, now + seconds)
        if is_ban or is_urgent:
            self._urgent_from = max(self._urgent_from, now + seconds)
        return seconds

    def standing(self, now: float) -> Standing:
        """What a later budget of the same limits must know (``resume``)."""
        levels = {name: one.used(now) for name, one in self._gauges.items() if isinstance(one.limit, Bucket)}
        ordinary, urgent = max(0.0, self._ordinary_from - now), max(0.0, self._urgent_from - now)
        return Standing(levels, ordinary, urgent)

    def buckets(self) -> tuple[Bucket, ...]:
        """The limits of which ``standing`` tells."""
        return tuple(one.limit for one in self._gauges.values() if isinstance(one.limit, Bucket))

    def resume(self, standing: Standing, elapsed: float, now: float) -> None:
        """Go on from where an earlier budget stood ``elapsed`` seconds ago."""
        for name, level in standing.levels.items():
            gauge = self._gauges.get(name)
            if gauge is None:
                self._left[name] = level, now - elapsed
            else:
                self._resume(gauge.limit, level, now - elapsed, now)
        self._ordinary_from = max(self._ordinary_from, now + standing.ordinary - elapsed)
        self._urgent_from = max(self._urgent_from, now + standing.urgent - elapsed)

    def believe_full(self, names: Iterable[str], now: float) -> None:
        """The venue's counters stand higher than ours, by somebody else's calls or a lost past: ordinary calls wait
        until they have fallen.  A window of hours is left alone: nobody knows that it is the one."""
        for name in names:
            limit = self._gauges[name].limit if name in self._gauges else None
            if limit is not None and (isinstance(limit, Bucket) or limit.seconds <= SHORT_S):
                self.told(name, self.share * limit.limit, now)

    def use(self, now: float) -> tuple[Used, ...]:
        """How much of each limit is used now, by the name of the limit."""
        return tuple(Used(gauge.limit, gauge.used(now)) for _, gauge in sorted(self._gauges.items()))

    def _resume(self, limit: Limit, level: float, at: float, now: float) -> None:
        if isinstance(limit, Bucket):
            self.told(limit.name, min(level, limit.limit) - limit.decay * (now - at), now)

    def _wait_for(self, name: str, cost: float, now: float, is_urgent: bool) -> float:
        gauge = self._gauges.get(name)
        if gauge is None or cost <= 0:
            return 0.0
        limit = gauge.limit.limit
        room = (
            limit if is_urgent else max(limit * self.share, min(1.0, limit))
        )  # of one call no share can be kept
        return gauge.wait(cost, room, now)

    def _fly(self, claim: Claim, sign: int) -> None:
        for name, cost in claim.costs.items():
            gauge = self._gauges.get(name)
            if gauge is not None:
                gauge.flying = max(0.0, gauge.flying + sign * cost)
