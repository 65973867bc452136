"""One WebSocket of a client: what is pushed to it, and the troubles that befall events on the way."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, web

from tests.venue.faults import FaultPlan, Trouble
from tests.venue.wire import Json, dumps

CUT = None
"""In the queue: cut the connection here."""


class Socket:
    """A socket on the server's loop; ``push`` may be called from any listener there, and never waits."""

    def __init__(
        self, ws: web.WebSocketResponse, transport: asyncio.Transport, plan: FaultPlan, host: str
    ) -> None:
        self.host = host
        self.is_silent = False
        self.is_terminated = False
        self._ws = ws
        self._transport = transport
        self._plan = plan
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._held: str | None = None

    def reply(self, message: Json) -> None:
        """Answers a request of the client; only silence stops it."""
        if not self.is_silent:
            self._queue.put_nowait(dumps(message))

    def push(self, name: str, message: Json) -> None:
        """Sends an event, or does with it what the fault plan says."""
        if self.is_silent or self.is_terminated:
            return
        text = dumps(message)
        fault = self._plan.for_event(f"ws {name}")
        held, self._held = self._held, None
        match fault.trouble if fault else None:
            case Trouble.DUPLICATE:
                self._put(text, text)
            case Trouble.LATE:
                self._held = text
            case Trouble.LOST:
                pass
            case Trouble.SILENT:
                self.is_silent = True
            case Trouble.DISCONNECT:
                self._queue.put_nowait(CUT)
            case Trouble.BAD_FRAME:
                self._put('{"e":"broken')
            case Trouble.TERMINATED:
                self.is_terminated = True
                self._put(dumps({"subscriptionId": 0, "event": {"e": "eventStreamTerminated", "E": 0}}))
            case _:
                self._put(text)
        if held is not None:
            self._put(held)

    def cut(self) -> None:
        """Cuts the connection without a goodbye."""
        self._queue.put_nowait(CUT)

    def _put(self, *texts: str) -> None:
        for text in texts:
            self._queue.put_nowait(text)

    async def pump(self) -> None:
        """Writes what was pushed until the connection ends."""
        while True:
            text = await self._queue.get()
            if text is CUT:
                self._transport.abort()
                return
            try:
                await self._ws.send_str(text)
            except (ConnectionError, RuntimeError):
                return

    async def texts(self) -> list[str] | None:
        """The client's next text frame in a list (empty for a ping), None at the end of the connection."""
        message = await self._ws.receive()
        if message.type is WSMsgType.TEXT:
            return [message.data]
        if message.type is WSMsgType.PING:
            if not self.is_silent:
                await self._ws.pong(message.data)
            return []
        return [] if message.type is WSMsgType.PONG else None
