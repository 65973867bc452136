"""A ccxt object under watch: every frame is noted, and one that cannot be read breaks its stream instead of ending
it silently (ccxt's receive loop dies of it and the pending watch hangs).  On the connection's loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actors.venues.exchange.socket_manners import tidy
from core.errors import MISREAD

PING_MS = 3_000
"""A half-open socket answers no ping: ccxt gives up after two, where its own pace would take minutes."""
ROWS = 200
"""Candles and trades that ccxt keeps per market."""


def guard(exchange: Any, noted: Callable[[], None], broken: Callable[[str], None]) -> None:
    """From now on ``noted`` hears of each frame of this object but goodbyes, ``broken`` of one that cannot be read."""
    from aiohttp import WSMsgType
    from ccxt.base.errors import BaseError

    signs_of_life = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG)
    exchange.streaming = {**(exchange.streaming or {}), "keepAlive": PING_MS}
    exchange.options = {
        **exchange.options,
        "OHLCVLimit": ROWS,
        "tradesLimit": 5 * ROWS,
        "watchOrderBookLimit": 10,
    }
    make, known = exchange.client, set[int]()

    def client(url: str) -> Any:
        made = make(url)
        if id(made) in known:
            return made
        known.add(id(tidy(made)))
        handle = made.handle_message

        def handle_message(message: Any) -> None:
            if message.type in signs_of_life:
                noted()
            try:
                handle(message)
            except (BaseError, *MISREAD) as error:
                broken(f"a frame could not be read ({type(error).__name__})")

        made.handle_message = handle_message
        return made

    exchange.client = client
