"""What ccxt's sockets leave lying about, picked up: errors nobody asks for, unbegun handshakes; on the loop."""

from __future__ import annotations

import asyncio
from typing import Any


def tidy(client: Any) -> Any:
    """From now on the socket's end is quiet: its watches and the log of streams tell what became of it.

    ccxt rejects futures that nobody awaits any more, and asyncio calls that an error; and it makes a handshake's
    coroutines before it awaits them, so that a closing in between leaves them behind.
    """
    make_future, connect = client.future, client.create_connection

    def future(name: str) -> Any:
        made = make_future(name)
        made.remove_done_callback(_looked_at)
        made.add_done_callback(_looked_at)
        return made

    async def create_connection(session: Any) -> Any:
        return await connect(session)

    client.future, client.create_connection = future, create_connection
    return client


def _looked_at(future: asyncio.Future[Any]) -> None:
    if not future.cancelled():
        future.exception()
