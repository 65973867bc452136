"""One venue's budget for all threads: who waits, who may go at once, and what the venue said about it."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping
from math import inf, isinf
from typing import Protocol

import structlog

from actors.venues.exchange.limits import Tariff, told_by_headers, told_by_markets
from core.budget import Bucket, Budget, Claim, Costs, Limit, Standing
from core.errors import TryAgain
from core.venue import BudgetUse

log = structlog.get_logger("limits")

STEP_S = 0.25
"""Longest sleep between two looks: a limit may rise, a pause may end."""
LONGEST_WAIT_S = 30.0
"""An ordinary call that would wait longer gives up at once."""


class Memory(Protocol):
    """Where a budget's standing outlives the process."""

    def read(self) -> tuple[Standing, float] | None:
        """The standing, and how many seconds old it is."""

    def covers(self, standing: Standing, buckets: tuple[Bucket, ...], now: float) -> bool:
        """Whether what is written is at least as much as this."""

    def write(self, standing: Standing, buckets: tuple[Bucket, ...], now: float, *, ahead: bool) -> None:
        """``ahead``: somewhat more, so that it need not be written at every call."""


class BudgetKeeper:
    """Guards a ``Budget`` with a lock; any thread."""

    def __init__(self, tariff: Tariff, steady: Callable[[], float]) -> None:
        self.tariff = tariff
        self.steady = steady
        self.waits = 0
        self.wait_seconds = 0.0
        self.rate_limited = 0
        self._lock = threading.Lock()
        self._budget = Budget(tariff.limits())
        self._pinned: set[str] = set()
        """Limits that neither the venue nor a refusal changes."""
        self._queues: dict[str, deque[object]] = {}
        """Ordinary calls that wait, for each limit that they need: first come first served, so that a dear one is not
        starved by cheap ones, and orders before questions."""
        self._orders: set[object] = set()
        """The places in the queues that are orders'."""
        self._memory: Memory | None = None

    def remember(self, memory: Memory) -> None:
        """Go on from where the last process stood, and let the next one do the same; the first memory counts."""
        with self._lock:
            if self._memory is not None:
                return
            self._memory = memory
            found = memory.read()
            if found is not None:
                standing, elapsed = found
                self._budget.resume(standing, elapsed, self.steady())

    def save(self) -> None:
        """Write down how things stand exactly: perhaps nothing more is asked."""
        with self._lock:
            if self._memory is not None:
                now = self.steady()
                self._memory.write(self._budget.standing(now), self._budget.buckets(), now, ahead=False)

    # ---- before a call ------------------------------------------------------------------------------

    def now_or_never(self, costs: Costs, *, is_urgent: bool, instead_of: Claim | None = None) -> Claim:
        """Room for this call now, or ``TryAgain``; the room taken ahead for it is given back first."""
        with self._lock:
            if instead_of is not None:
                self._budget.release(instead_of)
            found = self._take(costs, is_urgent)
        if isinstance(found, Claim):
            return found
        raise self._no_room(found)

    async def wait(self, costs: Costs, *, is_urgent: bool, longest: float | None = None) -> Claim:
        """Room for this call, waited for on the loop; ``TryAgain`` when that would take too long."""
        place, begun = object(), self.steady()
        longest = LONGEST_WAIT_S if longest is None else longest
        try:
            while not isinstance(found := self._try(costs, place, is_urgent), Claim):
                left = longest - (self.steady() - begun)
                if found > left:
                    raise self._no_room(found)
                await asyncio.sleep(min(found, STEP_S))
        finally:
            self._leave(place)
        self._note_wait(begun)
        return found

    def wait_in_thread(
        self, costs: Costs, over: threading.Event, *, is_urgent: bool, longest: float
    ) -> Claim:
        """The same for an order that a thread without a loop will send; ``over`` ends the wait."""
        place, begun = object(), self.steady()
        with self._lock:
            self._orders.add(place)
        try:
            while not isinstance(found := self._try(costs, place, is_urgent), Claim):
                left = longest - (self.steady() - begun)
                if found > left:
                    raise self._no_room(found)
                if over.wait(min(found, STEP_S)):
                    raise TryAgain(f"The connection to {self.tariff.venue} is closed.")
        finally:
            self._leave(place)
        self._note_wait(begun)
        return found

    # ---- after a call -------------------------------------------------------------------------------

    def settle(self, claim: Claim) -> None:
        """The call is over."""
        with self._lock:
            self._budget.settle(claim, self.steady())

    def release(self, claim: Claim) -> None:
        """The call was certainly not made."""
        with self._lock:
            self._budget.release(claim)

    def note_headers(self, headers: Mapping[str, str]) -> None:
        """What the venue counts itself: corrects us upward."""
        told = told_by_headers(self.tariff.venue, headers)
        if told:
            with self._lock:
                for name, amount in told.items():
                    self._budget.told(name, amount, self.steady())

    def note_markets(self, answer: object) -> None:
        """The limits that the venue tells with its markets."""
        limits = told_by_markets(self.tariff.venue, answer)
        with self._lock:
            self.tariff.learn(limits)
            self._change(limits)

    def note_order_refusal(self, claim: Claim | None) -> None:
        """One order too many: the next ones wait, and nothing else does."""
        with self._lock:
            self.rate_limited += 1
            if claim is not None:
                names = (name for name in claim.costs if self.tariff.is_of_orders(name))
                self._budget.believe_full(names, self.steady())
            self._keep_in_mind()
        log.warning("the venue's limit of orders", venue=self.tariff.venue)

    def note_refusal(self, told: float | None, *, is_ban: bool, claim: Claim | None = None) -> None:
        """The venue said that this was one call too many, and for how many seconds, if it did; only a ban stops the
        urgent: what ends risk is not put off."""
        with self._lock:
            self.rate_limited += 1
            seconds = self._budget.refused(self.steady(), told, is_ban=is_ban, is_urgent=False, claim=claim)
            self._keep_in_mind()
        log.warning("the venue's limit", venue=self.tariff.venue, pause_s=round(seconds, 1), is_ban=is_ban)

    def change(self, limit: Limit) -> None:
        """Another limit of that name from now on, whatever the venue says."""
        with self._lock:
            self._budget.limit(limit, self.steady())
            self._pinned.add(limit.name)

    def counters(self) -> tuple[float, float, float]:
        """How many calls waited, how many seconds, and how many were refused, since the program began."""
        with self._lock:
            return self.waits, self.wait_seconds, self.rate_limited

    def use(self) -> tuple[BudgetUse, ...]:
        """Each limit and what is used of it."""
        with self._lock:
            found = self._budget.use(self.steady())
        return tuple(
            BudgetUse(
                name=one.limit.name, used=round(one.amount, 2), limit=one.limit.limit, unit=one.limit.unit
            )
            for one in found
            if one.amount > 0 or self.tariff.dynamic(one.limit.name) is None
        )

    # ---- inside -------------------------------------------------------------------------------------

    def _change(self, limits: tuple[Limit, ...]) -> None:
        for limit in limits:
            if limit.name not in self._pinned:
                self._budget.limit(limit, self.steady())

    def _try(self, costs: Costs, place: object, is_urgent: bool) -> Claim | float:
        with self._lock:
            if not is_urgent and not self._is_first(costs, place):
                return max(0.02, self._budget.wait(costs, self.steady()))
            return self._take(costs, is_urgent)

    def _is_first(self, costs: Costs, place: object) -> bool:
        """Queues up for every limit that the call needs, all at once, so that no two calls wait for each other."""
        queues = [self._queues.setdefault(name, deque()) for name, cost in costs.items() if cost > 0]
        for queue in queues:
            if place in queue:
                continue
            if place in self._orders:
                queue.insert(sum(one in self._orders for one in queue), place)
            else:
                queue.append(place)
        return all(queue[0] is place for queue in queues)

    def _take(self, costs: Costs, is_urgent: bool) -> Claim | float:
        now = self.steady()
        known = {used.limit.name for used in self._budget.use(now)} if costs else set()
        for name in costs.keys() - known:
            limit = self.tariff.dynamic(name)
            if limit is not None:
                self._budget.limit(limit, now)
        found = self._budget.take(costs, now, is_urgent=is_urgent)
        if isinstance(found, Claim):
            self._keep_in_mind()
        return found

    def _keep_in_mind(self) -> None:
        """Before a call goes out: a process that ends right after it must not forget it."""
        if self._memory is not None:
            now = self.steady()
            standing, buckets = self._budget.standing(now), self._budget.buckets()
            if not self._memory.covers(standing, buckets, now):
                self._memory.write(standing, buckets, now, ahead=True)

    def _leave(self, place: object) -> None:
        with self._lock:
            self._orders.discard(place)
            for queue in self._queues.values():
                if place in queue:
                    queue.remove(place)

    def _note_wait(self, begun: float) -> None:
        waited = self.steady() - begun
        if waited > 0.001:
            with self._lock:
                self.waits += 1
                self.wait_seconds += waited

    def _no_room(self, seconds: float) -> TryAgain:
        venue = self.tariff.venue
        if isinf(seconds) or seconds == inf:
            return TryAgain(f"This request alone is above the limit that {venue} sets for ordinary calls.")
        return TryAgain(
            f"The request limit of {venue} has no room for another {max(1, round(seconds))} s; Belay waits."
        )
