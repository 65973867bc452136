"""A thread with an asyncio loop and the ccxt objects that live on it; ends all of them within two seconds."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from typing import Any, TypeVar

import structlog

from core.errors import TryAgain

log = structlog.get_logger("connection")

CLOSE_S = 2.0
T = TypeVar("T")


class LoopThread:
    """Runs ``background`` and whatever is spawned until ``stop``; may be started again."""

    def __init__(self, name: str, title: str, background: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.name = name
        self._title = title
        self._background = background
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._end = asyncio.Event()
        self._objects: list[Any] = []

    @property
    def is_running(self) -> bool:
        return self._loop is not None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop; ``TryAgain`` when there is none."""
        if self._loop is None:
            raise self.closed()
        return self._loop

    def closed(self) -> TryAgain:
        return TryAgain(f"The connection to {self._title} is closed; start it again.")

    def start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=self.name, daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """From any other thread; again is no fault."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        self._loop = self._thread = None
        loop.call_soon_threadsafe(self._end.set)
        thread.join(CLOSE_S)
        if thread.is_alive():
            log.warning("the connection does not end", connection=self.name)

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Runs a coroutine on the loop; ``TryAgain`` when there is none."""
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self.loop)
        except (TryAgain, RuntimeError):  # the loop may have closed this very moment
            coroutine.close()
            raise self.closed() from None

    def wait(self, coroutine: Coroutine[Any, Any, T], seconds: float) -> T:
        """The result of a coroutine, from another thread; ``TryAgain`` when it takes longer or the loop ends."""
        future = self.spawn(coroutine)
        try:
            return future.result(seconds)
        except Late:
            future.cancel()
            raise TryAgain(f"{self._title} does not answer in time; Belay tries again.") from None
        except CancelledError:
            raise self.closed() from None

    # ---- on the loop --------------------------------------------------------------------------------

    def keep(self, exchange: Any) -> Any:
        """From now on closed at the end."""
        self._objects.append(exchange)
        return exchange

    async def drop(self, exchange: Any) -> None:
        """Closes one object now; never raises what its sockets have to say about it."""
        if exchange in self._objects:
            self._objects.remove(exchange)
        closing = asyncio.ensure_future(exchange.close())
        done, _ = await asyncio.wait({closing}, timeout=CLOSE_S / 2)
        if not done:
            closing.cancel()
        elif not closing.cancelled() and closing.exception() is not None:
            log.info("a socket would not close", connection=self.name, error=repr(closing.exception()))

    def _run(self, ready: threading.Event) -> None:
        loop = asyncio.new_event_loop()
        helpers = ThreadPoolExecutor(2, thread_name_prefix=f"{self.name} names")
        loop.set_default_executor(helpers)
        self._end = asyncio.Event()
        self._loop = loop
        ready.set()
        try:
            loop.run_until_complete(self._live())
        finally:
            helpers.shutdown(
                wait=False, cancel_futures=True
            )  # a look-up of a name may hang; nobody waits for it
            loop.close()

    async def _live(self) -> None:
        background = asyncio.create_task(self._background())
        await self._end.wait()
        background.cancel()
        await _cancel_all(CLOSE_S / 4)
        await asyncio.gather(*(self.drop(one) for one in tuple(self._objects)))
        await _cancel_all(CLOSE_S / 8)  # what closing has begun
        await asyncio.get_running_loop().shutdown_asyncgens()


async def _cancel_all(seconds: float) -> None:
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    if not tasks:
        return
    done, _ = await asyncio.wait(tasks, timeout=seconds)
    for task in done:  # looked at, so that no loop complains about what ended with an error
        if not task.cancelled():
            task.exception()
