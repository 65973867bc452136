"""One way to a venue: its own thread and loop, questions with three tries, orders with exactly one."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

import structlog

from actors.venues.exchange.call import CURRENT, Call
from actors.venues.exchange.faults import is_passing, order_fault, read_fault, unsent_fault
from actors.venues.exchange.link import Access, Link
from actors.venues.exchange.loop_thread import LoopThread
from core.budget import Claim
from core.errors import BadData, BelayError, KeysRefused, OutcomeUnknown, TryAgain

__all__ = ["Access", "Connection", "Link"]

log = structlog.get_logger("connection")

TRIES = 3
CLOCK_S = 30.0
"""Between two looks whether the venue's clock should be measured again."""
READY_S = 10.0
"""Room taken for an order that was never sent is given back after this."""
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
        self._lock = threading.Lock()
        self._ready: deque[tuple[Claim, bool, float]] = deque()
        """Room taken for orders to come: the claim, whether it is urgent, since when."""

    # ---- life ---------------------------------------------------------------------------------------

    def open(self) -> None:
        """Thread, loop, ccxt object, markets, clock offset; ``TryAgain``, ``KeysRefused``, ``BadData``."""
        if self._thread.is_running:
            return
        self._over.clear()
        self._thread.start()
        self.link.join(self)
        is_open = False
        try:
            with self.link.loading:  # the first connection loads the markets for all
                self._thread.wait(self._prepare(), self._bound() + self.link.timeout)
            is_open = True
        finally:
            if not is_open:
                self.close()

    def close(self) -> None:
        """Closes every ccxt object, ends loop and thread; again is no fault."""
        self._over.set()
        self._thread.stop()
        self.exchange = None
        with self._lock:
            while self._ready:
                self.link.keeper.release(self._ready.popleft()[0])

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

    async def aread(self, call: Callable[[Any], Awaitable[T]], *, is_urgent: bool = False) -> T:
        """A question to the venue: three tries on passing faults; ``TryAgain``, ``KeysRefused`` or ``BadData``."""
        for attempt in range(1, TRIES + 1):
            error, answer = await self._once(call, Call(is_urgent=is_urgent))
            if error is None:
                return answer  # type: ignore[return-value]  # without an error there is an answer
            if isinstance(error, asyncio.CancelledError):
                raise error
            if attempt == TRIES or isinstance(error, BelayError) or not is_passing(error):
                raise self._hidden(read_fault(error, self.link.name)) from error
            self.link.note_retry()
            await asyncio.sleep(self.link.backoff * 2.0 ** (attempt - 1) * (0.5 + self.link.chance.random()))
            if self.link.offset.is_due:
                await self._measure()
        raise AssertionError("the last try returns or raises")

    # ---- from other threads -------------------------------------------------------------------------

    def read(self, call: Callable[[Any], Awaitable[T]], *, is_urgent: bool = False) -> T:
        """The same from any other thread, bounded in time."""
        return self._thread.wait(self.aread(call, is_urgent=is_urgent), self._bound())

    def make_ready(self, *, is_urgent: bool, timeout: float = 5.0) -> None:
        """Takes room for one order request; ``TryAgain`` when that would take longer."""
        self._release_stale()
        claim = self.link.keeper.wait_in_thread(
            self.link.tariff.order_costs(), self._over, is_urgent=is_urgent, longest=timeout
        )
        with self._lock:
            self._ready.append((claim, is_urgent, self.link.steady()))

    def send(self, call: Callable[[Any], Awaitable[T]], *, timeout: float | None = None) -> T:
        """One order request, tried exactly once and at once; ``GiveUpOrder``, ``TryAgain``, ``KeysRefused`` or
        ``OutcomeUnknown``."""
        paid, is_urgent = self._take_ready()
        state = Call(is_urgent=is_urgent, is_order=True, paid=paid)
        longest = timeout if timeout is not None else self.link.timeout + self.link.turn.longest + 1.0
        try:
            error, answer = self._sent(call, state, longest)
        finally:
            if state.paid is not None:  # nothing used it
                self.link.keeper.release(state.paid)
        if error is None:
            return answer  # type: ignore[return-value]  # without an error there is an answer
        name = self.link.name
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
        if not self.link.has_markets:
            await self._load()
        if self.link.offset.is_due:
            await self._measure()

    async def _load(self) -> None:
        try:
            await self.aread(self._reload)
        except (BadData, KeysRefused) as fault:
            has = self.exchange.has
            if has.get("fetchCurrencies") is not True:
                raise
            # ccxt asks for the currencies too; no one needs them here, and not every server or key gives them.
            has["fetchCurrencies"] = False
            log.info("markets without currencies", venue=self.link.name, why=str(fault))
            await self.aread(self._reload)

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
        before = time.time_ns() // 1_000_000
        error, told = await self._once(lambda exchange: exchange.fetch_time(), Call())
        after = time.time_ns() // 1_000_000
        if isinstance(told, int):
            offset.measured(told, before, after)
        else:
            log.info("the venue does not tell its time", venue=self.link.name, error=type(error).__name__)

    async def _once(self, call: Callable[[Any], Awaitable[T]], state: Call) -> Outcome[T]:
        """One try in a task of its own: its error as a value, whatever ccxt raises."""
        context = contextvars.copy_context()
        context.run(CURRENT.set, state)

        async def run() -> T:
            return await call(self.exchange)

        task = asyncio.get_running_loop().create_task(run(), context=context)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            task.cancel()
            raise
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
            if not state.sent:
                return TryAgain(f"{title}: the order could not be sent in time, so it was not sent."), None
            return OutcomeUnknown(
                f"{title} gave no answer in {longest:g} s; Belay looks for the order."
            ), None
        except CancelledError:
            if not state.sent:
                return self._thread.closed(), None
            return OutcomeUnknown("The connection was closed before the answer; Belay looks for it."), None

    def _bound(self) -> float:
        """No question takes longer: tries, back-off and waits for room."""
        return TRIES * self.link.timeout + 45.0

    def _take_ready(self) -> tuple[Claim | None, bool]:
        with self._lock:
            if not self._ready:
                return None, True
            claim, is_urgent, _ = self._ready.popleft()
            return claim, is_urgent

    def _release_stale(self) -> None:
        with self._lock:
            while self._ready and self.link.steady() - self._ready[0][2] > READY_S:
                self.link.keeper.release(self._ready.popleft()[0])

    def _hidden(self, fault: BelayError) -> BelayError:
        """The same fault without any of the keys in its words."""
        hide = self.link.redactor.text
        fault.args = tuple(hide(part) if isinstance(part, str) else part for part in fault.args)
        return fault
