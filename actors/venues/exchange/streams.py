"""One stream's life: opened, watched, thrown away when it is broken or silent, opened again; the connection's loop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import structlog

from actors.venues.exchange.streams_guard import guard
from actors.venues.exchange.streams_watch import Watch
from core.errors import MISREAD, BelayError, TryAgain

if TYPE_CHECKING:
    from actors.venues.exchange.connection import Connection
    from actors.venues.exchange.link import Link

log = structlog.get_logger("feed")

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
MOST_FAILURES = 10
"""Failures in a row after which the venue is polled and the stream only tried now and then."""
SILENCE = 10.0
"""Seconds without any frame, not even the answer to a ping."""
LOOK_EVERY = 0.2
STEADY = 10.0
"""Seconds (or ``ENOUGH`` frames) of work after which earlier failures are forgotten."""
ENOUGH = 50


class StreamGroup:
    """``is_wanted`` says whether anyone can take what comes; while nobody can, there is no stream."""

    def __init__(
        self,
        connection: Connection,
        link: Link,
        watch: Watch,
        epochs: Iterator[int],
        monotonic: Callable[[], float],
        is_wanted: Callable[[], bool] = lambda: True,
        silence: float = SILENCE,
    ) -> None:
        self.watch = watch
        self.is_up = False
        """News has come since it was opened."""
        self.failures = 0
        self.reconnects = 0
        self.restored: list[float] = []
        """Seconds from the last frame before each break to the first news after it (the last ten)."""
        self._connection, self._link, self._epochs, self._now = connection, link, epochs, monotonic
        self._is_wanted, self._silence = is_wanted, silence
        self._random = random.Random()
        self._heard = self._opened = 0.0
        self._frames = 0
        self._broken = ""
        self._lost_at: float | None = None

    @property
    def is_polled_only(self) -> bool:
        return self.failures >= MOST_FAILURES

    def contradict(self, why: str) -> None:
        """REST knows what the stream should have told: away with it."""
        self._broken = self._broken or why

    def heard_news(self) -> None:
        """The receiver got something from it."""
        if not self.is_up:
            self.is_up = True
            if self._lost_at is not None:
                self.restored = [*self.restored[-9:], self._now() - self._lost_at]
                log.info("stream is back", kind=self.watch.kind, seconds=round(self.restored[-1], 2))
                self._lost_at = None
        if self.failures and (self._now() - self._opened > STEADY or self._frames > ENOUGH):
            self.failures = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if not self._may_run():
                await asyncio.sleep(LOOK_EVERY)
                continue
            why = await self._once()
            if self._lost_at is None:
                self._lost_at = self._heard
            if not self._may_run():
                continue
            self.failures += 1
            self.reconnects += 1
            self._link.note_reconnect()
            if self.failures == MOST_FAILURES:
                log.warning(
                    f"The {self.watch.kind} stream failed {MOST_FAILURES} times in a row: the venue is polled now, "
                    "and the stream is tried once a minute.", why=why, symbols=len(self.watch.symbols)
                )  # fmt: skip
            else:
                log.info("stream broke", kind=self.watch.kind, why=why, failures=self.failures)
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (self.failures - 1))
            await asyncio.sleep(wait * self._random.uniform(0.8, 1.0))

    def _may_run(self) -> bool:
        return bool(self.watch.symbols) and self._is_wanted()

    async def _once(self) -> str:
        """One object from its making to its end; why it ended."""
        from aiohttp import ClientError
        from ccxt.base.errors import BaseError

        self.is_up, self._broken, self._frames = False, "", 0
        self._heard = self._opened = self._now()
        exchange: Any = None
        tasks: dict[asyncio.Task[Any], Any] = {}
        try:
            exchange = self._connection.make_exchange()
            guard(exchange, self._note_frame, self.contradict)
            await self._watch(exchange, tasks)
        except (BaseError, BelayError, ClientError, OSError, *MISREAD) as error:
            self._broken = self._broken or f"{type(error).__name__}: {error}"[:200]
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            raise  # the connection closes its objects itself
        self.is_up = False
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if exchange is not None:
            await self._connection.drop(exchange)
        return self._broken

    async def _watch(self, exchange: Any, tasks: dict[asyncio.Task[Any], Any]) -> None:
        for watching in self.watch.begin(exchange, next(self._epochs)):
            tasks[asyncio.ensure_future(watching())] = watching
        while True:
            done, _ = await asyncio.wait(tasks, timeout=LOOK_EVERY, return_when=asyncio.FIRST_COMPLETED)
            self.watch.sweep(exchange)
            for task in done:
                watching = tasks.pop(task)
                task.result()
                tasks[asyncio.ensure_future(watching())] = watching
            if self._broken or not self._may_run():
                return
            if self._now() - self._heard > self._silence:
                raise TryAgain(f"nothing was heard for {self._silence:g} s")

    def _note_frame(self) -> None:
        self._frames += 1
        self._heard = self._now()
        self._link.note_stream_message()
