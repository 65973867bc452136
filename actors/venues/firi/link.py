"""All requests to Firi with one key: budget, clock, signature, retries of reads, statistics; any thread."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event, Lock
from typing import Any

from actors.venues.firi.access import FiriAccess
from actors.venues.firi.faults import (
    BANNED,
    LIMITED,
    MISSING,
    ClockWrong,
    Unreadable,
    content,
    is_passing,
    is_success,
    order_fault,
    read_fault,
    retry_after,
)
from actors.venues.firi.limiter import Limiter
from actors.venues.firi.shapes import epoch_ms
from actors.venues.firi.signing import credentials
from actors.venues.firi.wire import AnswerLost, NotSent, Reply, Wire
from core.clock import Clock, instant, millis
from core.errors import BadData, BelayError, KeysRefused, OutcomeUnknown, TryAgain
from core.venue import LinkStatistics

TRIES = 3
READ_WAIT = 10.0
ORDER_WAIT = 5.0
"""Seconds that a read or an order may wait for room in the budget."""
BACK_OFF = 0.25
RESYNC = 600.0
"""Seconds after which the clocks are compared again."""


class Shared:
    """What all links with one key have together."""

    def __init__(self, access: FiriAccess, monotonic: Callable[[], float]) -> None:
        self.limiter = Limiter(access.per_second, monotonic=monotonic)
        self.lock = Lock()
        self.requests = 0
        self.retries = 0
        self.rate_limited = 0
        self.offset_ms: int | None = None
        self.synced: float | None = None


class FiriLink:
    """One way to Firi.  ``twin`` is another one with the same budget and clock."""

    def __init__(
        self,
        access: FiriAccess,
        clock: Clock,
        *,
        shared: Shared | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
        resync: float = RESYNC,
    ) -> None:
        self.access = access
        self.clock = clock
        self.monotonic = monotonic
        self.shared = shared or Shared(access, monotonic)
        self._resync = resync
        self._wire = Wire(access.base, access.timeout, monotonic=monotonic)
        self._rng = rng or random.Random()
        self._over = Event()

    def twin(self) -> FiriLink:
        """A connection of its own, limits and clock shared; it is open even if this one is closed."""
        return FiriLink(
            self.access, self.clock, shared=self.shared, monotonic=self.monotonic, resync=self._resync
        )

    def close(self) -> None:
        """Cut what is under way; whoever waits gets ``TryAgain``."""
        self._over.set()
        self._wire.close()

    def now(self) -> datetime:
        """Firi's time, as far as the last comparison of the clocks tells it."""
        return instant(millis(self.clock.now()) + (self.shared.offset_ms or 0))

    def read(
        self,
        path: str,
        query: Mapping[str, str] | None = None,
        *,
        is_private: bool = False,
        is_urgent: bool = False,
        tries: int = TRIES,
    ) -> Any:
        """A GET, tried three times or less; None for what is not there (404).  ``TryAgain``, ``KeysRefused``."""
        for attempt in range(1, tries + 1):
            self._take(is_urgent, READ_WAIT)
            try:
                return self._read_once(path, query, is_private=is_private)
            except (AnswerLost, NotSent, Unreadable, ClockWrong, _Passing) as error:
                if attempt == tries or self._over.is_set():
                    raise TryAgain(str(error)) from error
                if isinstance(error, ClockWrong):
                    self.shared.synced = None
            self._count(retries=1)
            self._over.wait(self._rng.uniform(0.5, 1.5) * BACK_OFF * 2 ** (attempt - 1))
        raise AssertionError("the last try raises")

    def make_ready(self, *, is_urgent: bool) -> None:
        """Room for one order request, and a clock that is not old."""
        if self._is_clock_old():
            self.sync_clock(is_urgent=is_urgent)
        self._take(is_urgent, ORDER_WAIT)

    def send(self, method: str, path: str, body: Mapping[str, str] | None = None) -> Any:
        """An order request, sent exactly once (``make_ready`` came first); the answer's JSON, None if it is empty.

        ``GiveUpOrder``, ``TryAgain``, ``KeysRefused``, ``OutcomeUnknown``.
        """
        reply = self._exchange(method, path, None, body, is_private=True)
        if not is_success(reply):
            error = order_fault(reply)
            if isinstance(error, ClockWrong):
                self.shared.synced = None
            raise error
        if not reply.text.strip():
            return None
        try:
            return content(reply)
        except Unreadable as error:
            raise OutcomeUnknown(str(error)) from error

    def sync_clock(self, *, is_urgent: bool = False) -> None:
        """Compare the clocks; a venue that does not tell its time is taken to have ours.  ``TryAgain``."""
        before = self.clock.now()
        told = self.read("/time", is_urgent=is_urgent)
        after = self.clock.now()
        shared = self.shared
        if told is not None:
            try:
                shared.offset_ms = epoch_ms(told) - (millis(before) + millis(after)) // 2
            except BadData as error:
                raise TryAgain(str(error)) from error
        shared.synced = self.monotonic()

    def keep_clock(self) -> None:
        """Compare the clocks again if that is due."""
        if self._is_clock_old():
            self.sync_clock()

    def statistics(self) -> LinkStatistics:
        shared = self.shared
        with shared.lock:
            return LinkStatistics(
                requests=shared.requests,
                retries=shared.retries,
                waits=shared.limiter.waits,
                wait_seconds=shared.limiter.wait_seconds,
                rate_limited=shared.rate_limited,
                offset_ms=shared.offset_ms,
                budgets=(shared.limiter.use(),),
            )

    def _take(self, is_urgent: bool, timeout: float) -> None:
        self.shared.limiter.take(is_urgent=is_urgent, timeout=timeout, is_over=self._over.is_set)

    def _is_clock_old(self) -> bool:
        synced = self.shared.synced
        return synced is None or self.monotonic() - synced > self._resync

    def _read_once(self, path: str, query: Mapping[str, str] | None, *, is_private: bool) -> Any:
        if is_private and self._is_clock_old():
            self.sync_clock()
        reply = self._exchange("GET", path, query, None, is_private=is_private)
        if is_success(reply):
            return content(reply)
        error: BelayError = read_fault(reply)
        if reply.status == MISSING and not isinstance(error, KeysRefused):
            return None
        raise _Passing(str(error)) if is_passing(reply) and not isinstance(error, KeysRefused) else error

    def _exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None,
        body: Mapping[str, str] | None,
        *,
        is_private: bool,
    ) -> Reply:
        headers = {"Accept": "application/json", "User-Agent": "Belay"}
        asked = dict(query or {})
        if is_private:
            keys = self.access.keys
            if keys is None:
                raise KeysRefused("Belay has no keys for Firi; store them with `keys set firi`.")
            proof = credentials(keys, millis(self.now()) // 1000, body)
            headers |= proof.headers
            asked |= proof.query
        text = None
        if body is not None:
            text = json.dumps(body, separators=(",", ":"))
            headers["Content-Type"] = "application/json"
        self._count(requests=1)
        reply = self._wire.ask(method, path, asked, headers, text)
        if reply.status in LIMITED:
            self._count(rate_limited=1)
            self.shared.limiter.refused(
                retry_after(reply), is_ban=reply.status == BANNED, is_urgent=method == "DELETE"
            )
        return reply

    def _count(self, *, requests: int = 0, retries: int = 0, rate_limited: int = 0) -> None:
        shared = self.shared
        with shared.lock:
            shared.requests += requests
            shared.retries += retries
            shared.rate_limited += rate_limited


class _Passing(TryAgain):
    """A fault of a read that may be over in a moment."""
