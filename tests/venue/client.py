"""An unmodified ccxt.pro class on the wire-level venue, for the length of one script."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from tests.venue.server import VenueServer, ccxt_config

T = TypeVar("T")
PATIENCE = 20.0
"""Seconds for a whole script; far more than any needs."""

Script = Callable[[Any], Awaitable[T]]


def drive(
    venue: VenueServer, script: Script[T], *, keys: bool = True, timeout: int = 2000, **config: Any
) -> T:
    """Runs ``script(exchange)`` on a loop of its own and closes the exchange; gives what the script gives."""

    async def run() -> T:
        import ccxt.pro

        made = (
            ccxt_config(venue, keys=keys, timeout=timeout) | {"timeout_on_exit": 10} | config
        )  # 250 ms by itself
        exchange = getattr(ccxt.pro, venue.api.ccxt_id)(made)
        try:
            await exchange.load_markets()
            return await asyncio.wait_for(script(exchange), PATIENCE)
        finally:
            await exchange.close()

    return asyncio.run(run())


async def failed(awaitable: Awaitable[Any]) -> str:
    """The name of the ccxt error that a call ends with; a call that works is a failure of the test."""
    import ccxt

    try:
        answer = await awaitable
    except ccxt.BaseError as error:
        return type(error).__name__
    raise AssertionError(f"no error, but {answer}")


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Waits for a condition, looking often; ``AssertionError`` when it does not come."""
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


async def armed(exchange: Any, *names: str) -> None:
    """Waits until someone watches each of these: the beginnings of ccxt's message hashes (``orders``)."""

    def watched(name: str) -> bool:
        return any(key.startswith(name) for client in exchange.clients.values() for key in client.futures)

    await until(lambda: all(watched(name) for name in names))
