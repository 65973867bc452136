"""Own orders and trades as they happen: sessions that break are thrown away and made anew, for ever.

Lives on the connection's loop; ``start``, ``stop`` and ``expect`` may be called from any thread.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from actors.venues.exchange.account_values import log
from actors.venues.exchange.faults import read_fault
from actors.venues.exchange.own_frames import Ask, Reader, StreamBroken, Told
from actors.venues.exchange.own_session import OwnSession, Patience, Renewal
from core.errors import BelayError
from core.venue import AccountStream, News

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from actors.venues.exchange.connection import Connection


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between a break and the next try, doubling; after ``few`` failures in a row it is polling only."""

    first: float = 1.0
    longest: float = 60.0
    few: int = 10
    sound: float = 60.0
    """A session that lived so long, or told anything, counts as none of the failures."""

    def wait(self, failures: int, draw: float) -> float:
        """``draw`` from 0 to 1 spreads the tries of several programs."""
        return min(self.longest, self.first * 2.0 ** min(failures - 1, 20)) * (0.8 + 0.4 * draw)


@dataclass(slots=True)
class OwnStreams:
    """Tells ``receiver`` everything that comes, and when streams went up and down.

    ``reader`` makes the reader of an exchange object, ``ask`` reads what a stream told incompletely.
    """

    connection: Connection
    reader: Callable[[Any], Reader]
    ask: Callable[[Ask], Awaitable[tuple[News, ...]]]
    receiver: Callable[[News], None]
    note_message: Callable[[], None]
    note_reconnect: Callable[[], None]
    patience: Patience = field(default_factory=Patience)
    backoff: Backoff = field(default_factory=Backoff)
    _session: OwnSession | None = None
    _future: Future[Any] | None = None
    _is_up: bool = False
    _was_sound: bool = False
    _asking: set[asyncio.Task[None]] = field(default_factory=set)
    _chance: random.Random = field(default_factory=random.Random)

    def start(self) -> None:
        """Begin; returns at once."""
        self._future = self.connection.spawn(self._run())

    def stop(self, timeout: float = 2.0) -> None:
        """End within ``timeout`` seconds; nothing is told any more."""
        self.receiver = _deaf
        future, self._future = self._future, None
        if future is None:
            return
        future.cancel()
        until = time.monotonic() + timeout
        while self._session is not None and time.monotonic() < until:
            time.sleep(0.005)

    def expect(self, client_order_id: str) -> None:
        """An order is being sent: news of it must come."""
        if self._session is not None and self._is_up:
            self._session.expected[client_order_id] = time.monotonic() + self.patience.deaf

    def forget(self, client_order_id: str) -> None:
        """The order was not taken: there will be no news."""
        if self._session is not None:
            self._session.expected.pop(client_order_id, None)

    # ---- on the loop ------------------------------------------------------------------------------------

    async def _run(self) -> None:
        failures = 0
        while True:
            began = time.monotonic()
            why = await self._live()
            if (
                why is None
            ):  # a renewal: the new subscription is told, the moment without one is covered by it
                continue
            session_was_sound = self._was_sound or time.monotonic() - began > self.backoff.sound
            failures = 1 if session_was_sound else failures + 1
            self._tell_down(why, failures)
            self.note_reconnect()
            await asyncio.sleep(self.backoff.wait(failures, self._chance.random()))

    async def _live(self) -> str | None:
        """One session; why it broke, None for a renewal."""
        from ccxt.base.errors import BaseError  # ccxt is loaded only where an exchange is used

        self._was_sound = False
        session = OwnSession(self.connection, self.reader, self._take, self.note_message, self.patience)
        self._session = session
        keeper = self.connection.link.keeper
        try:
            # A subscription by socket passes no limiter: in a pause that the venue demands it would prolong it.
            keeper.release(await keeper.wait({}, is_urgent=True))
            await session.begin()
            self._is_up = True
            self.receiver(AccountStream(True))
            await session.run()
        except Renewal:
            return None
        except (StreamBroken, BelayError) as broken:
            return str(broken)
        except (BaseError, OSError) as broken:
            return str(read_fault(broken, self.connection.link.name))
        finally:
            self._was_sound = session.has_news
            await _to_the_end(session.end())
            self._session = None
        return "the stream ended"

    def _tell_down(self, why: str, failures: int) -> None:
        if failures == self.backoff.few:
            why = (
                f"{why}. Own orders are read by requests only, after {failures} failures; "
                "the stream is tried again every minute"
            )
        if self._is_up or failures in (1, self.backoff.few):
            self.receiver(AccountStream(False, why))
        self._is_up = False
        log.info("own streams are down", why=why, failures=failures)

    def _take(self, told: Told) -> None:
        if not isinstance(told, Ask):
            self.receiver(told)
            return
        task = asyncio.get_running_loop().create_task(self._complete(told))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _complete(self, told: Ask) -> None:
        try:
            found = await self.ask(told)
        except BelayError as failed:
            log.warning("what a stream left out could not be read", order=told.venue_id, why=str(failed))
            found = ()
        for news in found:
            self.forget(getattr(news, "client_order_id", ""))
            self.receiver(news)
        if not found and self._is_up:  # whoever listens reads everything again after this
            self.receiver(AccountStream(True))


async def _to_the_end(coroutine: Coroutine[Any, Any, None]) -> None:
    """What must be finished although the task is cancelled meanwhile: sockets that are being closed."""
    task, is_cancelled = asyncio.ensure_future(coroutine), False
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            is_cancelled = True
    if is_cancelled:
        raise asyncio.CancelledError


def _deaf(_: News) -> None:
    """Takes what comes after the end."""
