"""One exchange object for own streams, from its subscriptions to its end; lives on the network's loop."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from actors.venues.exchange.account_values import log
from actors.venues.exchange.call import CURRENT, Call
from actors.venues.exchange.faults import read_fault
from actors.venues.exchange.own_frames import Reader, StreamBroken, Told
from actors.venues.exchange.socket_manners import tidy
from core.errors import MISREAD, BadData
from core.venue import VenueOrder, VenueTrade

TICK = 0.1
"""Seconds between two looks at ccxt's caches and at the socket's age."""
SETTLED = 0.5
"""Seconds after the confirmation in which orders are told that are no news."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: how long each thing may take before the stream counts as broken."""

    ready: float = 15.0
    """From the start to the venue's confirmation."""
    ping: float = 4.0
    """Between two pings."""
    silence: float = 15.0
    """Without any frame, on a socket that has answered pings."""
    no_answer: float = 60.0
    """The same on a socket that never answered one: some venues do not."""
    quiet: float = 900.0
    """Without own news; then a new subscription, in case the venue has forgotten this one."""
    deaf: float = 8.0
    """From the moment an order is sent to the first news of it."""


class Streams(Protocol):
    """What a session needs of the connection."""

    def make_exchange(self) -> Any: ...
    async def drop(self, exchange: Any) -> None: ...


class Renewal(Exception):
    """Nothing is wrong: it is time for a fresh subscription."""


class OwnSession:
    """``begin`` subscribes, ``run`` reads until something breaks, ``end`` throws everything away."""

    def __init__(
        self, streams: Streams, reader: Callable[[Any], Reader], tell: Callable[[Told], None],
        count: Callable[[], None], patience: Patience,
    ) -> None:  # fmt: skip
        self.has_news = False
        self.expected: dict[str, float] = {}
        """Client order ids of which news must come, with the latest moment for it; any thread adds and removes."""
        self._streams = streams
        self._tell = tell
        self._count = count
        self._patience = patience
        self._exchange = streams.make_exchange()
        self._reader = reader(self._exchange)
        self._tasks: list[asyncio.Task[None]] = []
        self._why: BaseException | None = None
        self._woken = asyncio.Event()
        self._heard_at = self._news_at = time.monotonic()
        self._pinged_at = -math.inf
        self._ready_at: float | None = None
        self._has_answered = False
        self._tap()

    async def begin(self) -> None:
        """Subscribe; ``StreamBroken`` when the venue refuses or does not confirm in time."""
        self._tasks = [asyncio.create_task(self._watch(name)) for name in self._reader.calls]
        until = time.monotonic() + self._patience.ready
        while not self._reader.is_ready:
            await self._pause()
            self._raise_if_broken()
            if time.monotonic() > until:
                raise StreamBroken("the venue did not confirm the stream of own orders")
        self._ready_at = self._news_at = self._heard_at = time.monotonic()

    async def run(self) -> None:
        """Until ``StreamBroken`` or ``Renewal``."""
        while True:
            await self._pause()
            self._hand_on(self._reader.look)
            self._raise_if_broken()
            await self._ping()
            self._check_age()

    async def end(self) -> None:
        """Close the sockets and forget the exchange object."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._streams.drop(self._exchange)

    # ---- hearing --------------------------------------------------------------------------------------

    def _tap(self) -> None:
        """Put an ear between each of the object's sockets and ccxt.

        ccxt wakes only who waits at that moment, merges what comes in between, and lets a broken frame end the socket's
        reading without a word.
        """
        plain = self._exchange.client

        def client(url: str) -> Any:
            made = plain(url)
            if getattr(made, "own_ear", None) is not self:
                made.own_ear = self
                tidy(made)
                made.handle_text_or_binary_message = _ear(self.hear, made.handle_text_or_binary_message)
                made.handle_message = _ear(self.arrived, made.handle_message)
            return made

        self._exchange.client = client

    def arrived(self, message: Any, on: Callable[[Any], None]) -> None:
        """Anything at all came over a socket, pongs too."""
        self._heard_at = time.monotonic()
        self._has_answered = self._has_answered or getattr(message.type, "name", "") == "PONG"
        on(message)

    def hear(self, data: Any, on: Callable[[Any], None]) -> None:
        """A frame: first to ccxt, then to the reader."""
        self._count()
        try:
            on(data)
        except (BadData, *MISREAD) as bad:
            if not self._reader.tells_every_order:
                self._break(StreamBroken(f"a message over the stream cannot be read ({type(bad).__name__})"))
                return
            # The reader reads the frame itself; ccxt stumbles over events of a stream that was not confirmed to it.
            log.info("ccxt could not read a message about own orders", error=repr(bad))
        text = data.decode() if isinstance(data, bytes) else str(data)
        self._hand_on(lambda: self._reader.take(text))

    def _hand_on(self, read: Callable[[], Any]) -> None:
        try:
            for told in read():
                self._note(told)
                self._tell(told)
        except StreamBroken as broken:
            self._break(broken)
        except (BadData, *MISREAD) as bad:
            log.warning("a message about own orders cannot be read", error=repr(bad))
            self._break(StreamBroken(f"a message about own orders cannot be read ({type(bad).__name__})"))

    def _note(self, told: Told) -> None:
        self._news_at = now = time.monotonic()
        if isinstance(told, VenueOrder | VenueTrade):
            self.expected.pop(told.client_order_id, None)
            self.has_news = self.has_news or (self._ready_at is not None and now - self._ready_at > SETTLED)

    def _break(self, why: BaseException) -> None:
        self._why = self._why or why
        self._woken.set()

    async def _watch(self, name: str) -> None:
        """Keep one ``watch_*`` call waiting: it subscribes, and its errors are the socket's."""
        while True:
            # What ccxt asks for by itself here (a token) may use the reserve: without it we would be deaf.
            CURRENT.set(Call(is_urgent=True))
            answer = await getattr(self._exchange, name)()
            self._hand_on(lambda got=answer: self._reader.answered(name, got))  # type: ignore[misc]
            await asyncio.sleep(TICK / 10)

    # ---- age ------------------------------------------------------------------------------------------

    async def _pause(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), TICK)

    def _raise_if_broken(self) -> None:
        if self._why is not None:
            raise self._why
        for task in self._tasks:
            if task.done():
                raise StreamBroken(_why_of(task, self._exchange.id))

    async def _ping(self) -> None:
        now = time.monotonic()
        if now - self._pinged_at < self._patience.ping:
            return
        self._pinged_at = now
        for client in self._clients():
            if client.connection is None or client.closed():
                continue
            try:
                await client.connection.ping()
            except (ConnectionError, RuntimeError) as gone:
                raise StreamBroken("the connection is gone") from gone

    def _check_age(self) -> None:
        now, patience = time.monotonic(), self._patience
        if now - self._heard_at > (patience.silence if self._has_answered else patience.no_answer):
            raise StreamBroken("the stream is silent: not even pings are answered")
        if self._reader.tells_every_order:
            late = [client for client, until in list(self.expected.items()) if now > until]
            if late:
                self.expected.clear()
                raise StreamBroken(f"the stream said nothing of order {late[0]}")
        if now - self._news_at > patience.quiet:
            raise Renewal

    def _clients(self) -> list[Any]:
        return list((self._exchange.clients or {}).values())


def _ear(
    hear: Callable[[Any, Callable[[Any], None]], None], plain: Callable[[Any], None]
) -> Callable[[Any], None]:
    return lambda data: hear(data, plain)


def _why_of(task: asyncio.Task[None], venue: str) -> str:
    if task.cancelled():
        return "the connection was closed"
    error = task.exception()
    if isinstance(error, KeyError):  # how ccxt ends a subscription that was refused
        return "the venue refused the stream of own orders"
    return str(read_fault(error, venue)) if error else "the stream ended"
