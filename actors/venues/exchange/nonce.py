"""Nonces that only ever grow, per key: over all connections, threads and restarts; and the turn to use one."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

log = structlog.get_logger("nonce")

AHEAD = 5_000
"""The file holds a number this far above the last nonce, so that it is written seldom."""
FIRST_LEAP = 1_000
LONGEST_LEAP = 86_400_000
TURN_S = 3.0
"""A call that hangs holds the turn no longer than this."""
URGENT_TURN_S = 1.0
"""Nor this long, when an order waits: should the hung call still arrive, its older nonce is refused, and no more."""


class Nonce:
    """The last nonce of one key; any thread.  ``folder`` None: kept in memory only."""

    def __init__(self, venue: str, api_key: str, folder: Path | None) -> None:
        name = hashlib.sha256(f"{venue}\x1f{api_key}".encode()).hexdigest()[:16]
        self.path = folder / "nonces" / f"{venue}-{name}" if folder is not None else None
        self._lock = threading.Lock()
        self._last = self._stored = self._read()
        self._faults = 0

    def next(self, now: int) -> int:
        """A nonce above every earlier one: the present in the venue's unit, or one more than the last."""
        with self._lock:
            self._last = max(self._last + 1, now)
            if self._last > self._stored:
                self._write(self._last + AHEAD)
            return self._last

    def refused(self) -> None:
        """The venue knows a higher one: leap upward, farther each time."""
        with self._lock:
            leap = min(LONGEST_LEAP, FIRST_LEAP * 10 ** min(self._faults, 6)) if self._faults else FIRST_LEAP
            self._faults += 1
            self._last += leap
            if self._last > self._stored:
                self._write(self._last + AHEAD)

    def taken(self) -> None:
        """The venue took one: the next leap is a short one again."""
        self._faults = 0

    def _read(self) -> int:
        if self.path is None:
            return 0
        try:
            return max(0, int(self.path.read_text(encoding="ascii")))
        except (FileNotFoundError, ValueError):
            return 0
        except OSError as error:
            log.warning("the last nonce cannot be read", path=str(self.path), error=str(error))
            return 0

    def _write(self, value: int) -> None:
        self._stored = value
        if self.path is None:
            return
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="ascii") as file:
                file.write(str(value))
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:  # the clock alone is nearly always enough; orders go on
            log.warning("the last nonce cannot be kept", path=str(self.path), error=str(error))


class Turn:
    """One private call at a time for a key, over all loops and threads, in the order they came; urgent ones first."""

    def __init__(self, longest: float = TURN_S) -> None:
        self.longest = longest
        self._lock = threading.Lock()
        self._holder: object | None = None
        self._waiting: deque[tuple[object, asyncio.AbstractEventLoop, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def mine(self, *, is_urgent: bool) -> AsyncIterator[None]:
        """Waits for the turn; one that its holder keeps too long is taken over."""
        me = object()
        try:
            await self._wait(me, is_urgent)
            yield
        finally:
            self._leave(me)

    async def _wait(self, me: object, is_urgent: bool) -> None:
        longest = min(self.longest, URGENT_TURN_S) if is_urgent else self.longest
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        with self._lock:
            if self._holder is None:
                self._holder = me
                return
            entry = (me, loop, ready)
            self._waiting.appendleft(entry) if is_urgent else self._waiting.append(entry)
        while True:
            holder = self._holder
            done, _ = await asyncio.wait({ready}, timeout=longest)
            if done:
                return
            with self._lock:
                if self._holder is me:
                    return
                if self._holder is holder:  # the same one all the time: it hangs
                    self._waiting.remove(entry)
                    self._holder = me
                    return

    def _leave(self, me: object) -> None:
        with self._lock:
            self._waiting = deque(entry for entry in self._waiting if entry[0] is not me)
            if self._holder is not me:
                return
            self._holder = None
            while self._waiting and self._holder is None:
                next_one, loop, ready = self._waiting.popleft()
                try:
                    loop.call_soon_threadsafe(_wake, ready)
                except RuntimeError:  # its loop has closed meanwhile
                    continue
                self._holder = next_one


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
