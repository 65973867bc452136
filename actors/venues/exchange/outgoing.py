"""aiohttp's request with one look more when its connection stands, right before its bytes; on the loop."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientRequest, ClientResponse

from actors.venues.exchange.call import CURRENT


class Outgoing(ClientRequest):
    """Names are looked up and connections made before this, which may take seconds: the latch may be set by now."""

    async def send(self, conn: Any) -> ClientResponse:
        """``LatchSet`` or ``TryAgain`` in place of sending it."""
        call = CURRENT.get()
        if call is not None:
            call.leave()
        return await super().send(conn)
