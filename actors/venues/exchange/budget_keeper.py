"""One venue's budget for all threads: who waits, who may go at once, and what the venue said about it."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping
from math import inf, isinf

import structlog

from actors.venues.exchange.limits import Tariff, retry_after, told_by_headers, told_by_markets
from core.budget import Budget, Claim, Costs, Limit
from core.errors import TryAgain
from core.venue import BudgetUse

log = structlog.get_logger("limits")

STEP_S = 0.25
"""Longest sleep between two looks: a limit may rise, a pause may end."""
LONGEST_WAIT_S = 30.0
"""An ordinary call that would wait longer gives up at once."""


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
        self._queue: deque[object] = deque()
        """Ordinary calls that wait, first come first served: a dear one is not starved by cheap ones."""

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

    async def wait(self, costs: Costs, *, is_urgent: bool, longest: float = LONGEST_WAIT_S) -> Claim:
        """Room for this call, waited for on the loop; ``TryAgain`` when that would take too long."""
        place, begun = object(), self.steady()
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
        """The same for a thread without a loop; ``over`` ends the wait."""
        place, begun = object(), self.steady()
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
            self._change(limits)

    def note_refusal(self, headers: Mapping[str, str], *, is_ban: bool, is_urgent: bool) -> None:
        """The venue said that this was one call too many."""
        with self._lock:
            self.rate_limited += 1
            seconds = self._budget.refused(
                self.steady(), retry_after(headers), is_ban=is_ban, is_urgent=is_urgent
            )
            self._change(self.tariff.cautious())
        log.warning("the venue's limit", venue=self.tariff.venue, pause_s=round(seconds, 1), is_ban=is_ban)

    def change(self, limit: Limit) -> None:
        """Another limit of that name from now on, whatever the venue says."""
        with self._lock:
            self._budget.limit(limit, self.steady())
            self._pinned.add(limit.name)

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
            if not is_urgent:
                if place not in self._queue:
                    self._queue.append(place)
                if self._queue[0] is not place:
                    return max(0.02, self._budget.wait(costs, self.steady()))
            return self._take(costs, is_urgent)

    def _take(self, costs: Costs, is_urgent: bool) -> Claim | float:
        now = self.steady()
        known = {used.limit.name for used in self._budget.use(now)} if costs else set()
        for name in costs.keys() - known:
            limit = self.tariff.dynamic(name)
            if limit is not None:
                self._budget.limit(limit, now)
        return self._budget.take(costs, now, is_urgent=is_urgent)

    def _leave(self, place: object) -> None:
        with self._lock:
            if place in self._queue:
                self._queue.remove(place)

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
