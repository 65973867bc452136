"""One way to a venue: its own thread and loop, questions with three tries, orders with exactly one."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Late
from math import inf
from typing import Any, TypeVar

import structlog

from actors.venues.exchange.call import CURRENT, Call
from actors.venues.exchange.faults import is_flood, is_passing, order_fault, read_fault, unsent_fault
from actors.venues.exchange.link import Access, Link
from actors.venues.exchange.loop_thread import LoopThread
from actors.venues.exchange.ready import ReadyRoom
from core.budget import Claim
from core.errors import BadData, BelayError, KeysRefused, LatchSet, OutcomeUnknown, TryAgain

__all__ = ["Access", "Connection", "Link"]

log = structlog.get_logger("connection")

TRIES = 3
CLOCK_S = 30.0
"""Between two looks whether the venue's clock should be measured again."""
MEASURE_S = 2.0
"""A look at the venue's clock that takes longer tells nothing, and keeps nobody."""
OPENING_S = 60.0
"""An opening waits so long for room: limits that the last run used up are free again in less."""
T = TypeVar("T")
Outcome = tuple[BaseException | None, T | None]


class Connection:
    """``open``, then ``read`` and ``send`` from any thread but the loop's; ``aread`` and ``exchange`` on the loop."""

    def __init__(self, link: Link, name: str) -> None:
        self.link = link
        self.name = name
        self.exchange: Any = None
        self._thread = LoopThread(name, link.title, self._keep_time)
        self._over = threading.Event()
        self._ready = ReadyRoom()
        self._open_until = 0.0

    # ---- life ---------------------------------------------------------------------------------------

    def open(self) -> None:
        """Thread, loop, ccxt object, markets, clock offset; ``TryAgain``, ``KeysRefused``, ``BadData``."""
        if self._thread.is_running:
            return
        self._over.clear()
        self._open_until = self.link.steady() + OPENING_S
        self._thread.start()
        self.link.join(self)
        is_open = False
        try:
            with self.link.loading:  # the first connection loads the markets for all
                self._thread.wait(self._prepare(), self._bound(is_opening=True) + self.link.timeout)
            is_open = True
        finally:
            if not is_open:
                self.close()

    def close(self) -> None:
        """Closes every ccxt object, ends loop and thread; again is no fault."""
        self._over.set()
        self._thread.stop()
        self.exchange = None
        self._release(self._ready.stale(inf))
        self.link.keeper.save()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop; ``TryAgain`` when the connection is closed."""
        return self._thread.loop

    # ---- on the loop --------------------------------------------------------------------------------

    def make_exchange(self) -> Any:
        """A further ccxt object with the same settings and markets, to be thrown away with ``drop``."""
        return self._thread.keep(self.link.make())

    async def drop(self, exchange: Any) -> None:
        """Closes an object of ``make_exchange``."""
        await self._thread.drop(exchange)

    async def aread(
        self, call: Callable[[Any], Awaitable[T]], *, is_urgent: bool = False, is_opening: bool = False,
        tries: int = TRIES,
    ) -> T:  # fmt: skip
        """A question to the venue: three tries on passing faults; ``TryAgain``, ``KeysRefused`` or ``BadData``.

        One that belongs to the opening waits longer for room, and a refusal as one too many is no try.
        """
        attempt = 1
        while True:
            patience = self._open_until - self.link.steady() if is_opening else 0.0
            longest = max(patience, 0.0) if is_opening else None
            error, answer = await self._once(call, Call(is_urgent=is_urgent, longest=longest))
            if error is None:
                return answer  # type: ignore[return-value]  # without an error there is an answer
            if isinstance(error, asyncio.CancelledError):
                raise error
            if attempt >= tries or isinstance(error, BelayError) or not is_passing(error):
                raise self._hidden(read_fault(error, self.link.name)) from error
            self.link.note_retry()
            await asyncio.sleep(self.link.backoff * 2.0 ** (attempt - 1) * (0.5 + self.link.chance.random()))
            if self.link.offset.is_due:
                await self._measure()
            if not (patience > 0 and is_flood(error)):
                attempt += 1

    # ---- from other threads -------------------------------------------------------------------------

    def read(
        self, call: Callable[[Any], Awaitable[T]], *, is_urgent: bool = False, is_opening: bool = False
    ) -> T:
        """The same from any other thread, bounded in time."""
        asked = self.aread(call, is_urgent=is_urgent, is_opening=is_opening)
        return self._thread.wait(asked, self._bound(is_opening=is_opening))

    def make_ready(self, *, is_urgent: bool, timeout: float = 5.0) -> None:
        """Takes room for one order request; ``TryAgain`` when that would take longer."""
        self._release(self._ready.stale(self.link.steady()))
        claim = self.link.keeper.wait_in_thread(
            self.link.tariff.order_costs(), self._over, is_urgent=is_urgent, longest=timeout
        )
        self._ready.put(claim, self.link.steady(), is_urgent=is_urgent)

    def send(
        self, call: Callable[[Any], Awaitable[T]], *, timeout: float | None = None,
        is_halted: Callable[[], bool] | None = None,
    ) -> T:  # fmt: skip
        """One order request, tried exactly once and at once; ``GiveUpOrder``, ``TryAgain``, ``KeysRefused`` or
        ``OutcomeUnknown``.  With ``is_halted`` also ``LatchSet``: it is asked right before the bytes go out."""
        paid, is_urgent = self._ready.take()
        state = Call(is_urgent=is_urgent, is_order=True, is_halted=is_halted, paid=paid)
        longest = timeout if timeout is not None else self.link.timeout + self.link.turn.longest + 1.0
        try:
            error, answer = self._sent(call, state, longest)
        finally:
            if state.paid is not None:  # nothing used it
                self.link.keeper.release(state.paid)
        if error is None:
            return answer  # type: ignore[return-value]  # without an error there is an answer
        name = self.link.name
        if isinstance(error, LatchSet):
            if not state.sent:
                raise error
            raise OutcomeUnknown(
                f"{self.link.title}: Belay was halted between two requests for one order; Belay looks for the order."
            ) from error
        if state.sent and self.link.offset.is_due:  # a timestamp was refused: the next one shall be right
            self.spawn(self._measure())
        raise self._hidden(order_fault(error, name) if state.sent else unsent_fault(error, name)) from error

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Runs a coroutine on the loop; ``TryAgain`` when the connection is closed."""
        return self._thread.spawn(coroutine)

    def refresh_markets(self) -> None:
        """Asks for the markets again, for every connection; as ``read``."""
        self.read(self._reload)
        self.link.share_markets()

    def share_markets(self) -> None:
        """Takes the link's markets into this connection's object; any thread."""
        exchange = self.exchange
        if exchange is not None and self._thread.is_running:
            self.loop.call_soon_threadsafe(self.link.give_markets, exchange)

    # ---- inside -------------------------------------------------------------------------------------

    async def _prepare(self) -> None:
        self.exchange = self.make_exchange()
        measuring = asyncio.ensure_future(self._measure()) if self.link.offset.is_due else None
        try:
            if not self.link.has_markets:
                await self._load()
            if measuring is not None:
                await measuring
        finally:
            if measuring is not None:
                measuring.cancel()

    async def _load(self) -> None:
        has = self.exchange.has
        asks_more = has.get("fetchCurrencies") is True
        try:
            await self.aread(self._reload, is_opening=True, tries=1 if asks_more else TRIES)
        except (BadData, KeysRefused, TryAgain) as fault:
            if not asks_more:
                raise
            # ccxt asks for the currencies too; no one needs them here, and not every server or key gives them.
            has["fetchCurrencies"] = False
            log.info("markets without currencies", venue=self.link.name, why=str(fault))
            await self.aread(self._reload, is_opening=True)

    async def _reload(self, exchange: Any) -> None:
        await exchange.load_markets(True)
        self.link.take_markets(exchange)

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(CLOCK_S)
            if self.exchange is not None and self.link.offset.is_due:
                await self._measure()

    async def _measure(self) -> None:
        """The venue's clock against ours; without a time service, or when it is busy, things go on."""
        offset = self.link.offset
        offset.tried()
        if not self.exchange.has.get("fetchTime"):
            return
        call = Call()
        error, told = await self._once(lambda exchange: exchange.fetch_time(), call, longest=MEASURE_S)
        if isinstance(told, int):
            offset.measured(told, call.left_ms, time.time_ns() // 1_000_000)
        else:
            log.info("the venue does not tell its time", venue=self.link.name, error=type(error).__name__)

    async def _once(
        self, call: Callable[[Any], Awaitable[T]], state: Call, *, longest: float | None = None
    ) -> Outcome[T]:
        """One try in a task of its own: its error as a value, whatever ccxt raises."""
        context = contextvars.copy_context()
        context.run(CURRENT.set, state)

        async def run() -> T:
            return await call(self.exchange)

        task = asyncio.get_running_loop().create_task(run(), context=context)
        try:
            done, _ = await asyncio.wait({task}, timeout=longest)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not done:
            task.cancel()
            return TimeoutError(), None
        if task.cancelled():
            return asyncio.CancelledError(), None
        error = task.exception()
        return (error, None) if error is not None else (None, task.result())

    def _sent(self, call: Callable[[Any], Awaitable[T]], state: Call, longest: float) -> Outcome[T]:
        future = self.spawn(self._once(call, state))
        try:
            return future.result(longest)
        except Late:
            future.cancel()
            title = self.link.title
            if not state.give_up():
                return TryAgain(f"{title}: the order could not be sent in time, so it was not sent."), None
            return OutcomeUnknown(
                f"{title} gave no answer in {longest:g} s; Belay looks for the order."
            ), None
        except CancelledError:
            if not state.give_up():
                return self._thread.closed(), None
            return OutcomeUnknown("The connection was closed before the answer; Belay looks for it."), None

    def _bound(self, *, is_opening: bool = False) -> float:
        """No question takes longer: tries, back-off and waits for room."""
        return TRIES * self.link.timeout + 45.0 + (OPENING_S if is_opening else 0.0)

    def _release(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self.link.keeper.release(claim)

    def _hidden(self, fault: BelayError) -> BelayError:
        """The same fault without any of the keys in its words."""
        hide = self.link.redactor.text
        fault.args = tuple(hide(part) if isinstance(part, str) else part for part in fault.args)
        return fault
