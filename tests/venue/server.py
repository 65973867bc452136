"""The venue as a server on loopback, in a thread with a loop of its own, for tests in any thread."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl

from aiohttp import web

from tests.venue.api import Api, Session
from tests.venue.faults import Fault, FaultPlan, Trouble
from tests.venue.sockets import Socket
from tests.venue.wire import Answer, Call, Logged, Stop

T = TypeVar("T")
HANG = 30.0
"""Seconds for which a call without an answer is held; the client gives up long before."""
TICK = 0.05
"""Seconds between two looks at expiries and the dead man's switch."""


class VenueServer:
    """``with VenueServer(api) as venue:`` serves until the block ends; ``venue.do`` acts on its thread."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.port = 0
        self.sockets: list[Socket] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="venue", daemon=True)
        self._ready = threading.Event()
        self._over = asyncio.Event()
        self._calls = 0
        self._sessions: list[Session] = []

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the venue did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)

    # ---- for tests ----------------------------------------------------------------------------------

    def do(self, function: Callable[..., T], *args: Any, **words: Any) -> T:
        """Calls a function on the venue's thread and gives its result."""

        async def call() -> T:
            return function(*args, **words)

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(10)

    def set_price(self, symbol: str, price: str) -> None:
        """Moves a market."""
        self.do(self.api.core.set_price, symbol, price)

    def cut_sockets(self) -> None:
        """Cuts every WebSocket."""
        for connection in list(self.sockets):
            self.do(connection.cut)

    def has_stream(self, name: str) -> bool:
        """Whether some socket has subscribed: ``btcusdt@trade``, ``user``; ``trade BTC/USD``, ``executions``."""
        return name in self.streams()

    def streams(self) -> list[str]:
        """What all sockets together have subscribed to."""
        return [name for session in list(self._sessions) for name in session.streams()]

    @property
    def plan(self) -> FaultPlan:
        """The fault plan."""
        return self.api.plan

    # ---- the server ---------------------------------------------------------------------------------

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._run())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        finally:
            self._loop.close()

    async def _run(self) -> None:
        app = web.Application(client_max_size=1 << 20)
        app.router.add_route("*", "/{host}/{path:.*}", self._any)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        ticker = asyncio.create_task(self._tick())
        self._ready.set()
        await self._over.wait()
        ticker.cancel()
        for connection in self.sockets:
            connection.cut()
        await runner.cleanup()

    async def _tick(self) -> None:
        while True:
            self.api.core.tick()
            for session in self._sessions:
                session.beat(self.api.clock.real())
            await asyncio.sleep(TICK)

    async def _any(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._socket(request)
        return await self._rest(request)

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        call = await self._call(request)
        self.api.audit.arrived(call)
        fault = self.api.plan.for_call(call.name, call.number)
        trouble = fault.trouble if fault else None
        if trouble in (Trouble.RESET_BEFORE, Trouble.TIMEOUT_BEFORE):
            self._log(call, Answer(status=0), fault, processed=False)
            return await self._unanswered(request, reset=trouble is Trouble.RESET_BEFORE)
        answer, processed = self._process(call, fault)
        self._log(call, answer, fault, processed=processed)
        if trouble in (Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER):
            return await self._unanswered(request, reset=trouble is Trouble.RESET_AFTER)
        if trouble is Trouble.BAD_JSON:
            answer.raw = answer.text[: len(answer.text) // 2]
        elif trouble is Trouble.HTML:
            answer = Answer(raw="<html><body>Checking your browser</body></html>", content_type="text/html")
        return web.Response(
            text=answer.text, status=answer.status, headers=answer.headers, content_type=answer.content_type
        )

    def _process(self, call: Call, fault: Fault | None) -> tuple[Answer, bool]:
        """The answer, and whether the venue worked on the call."""
        api, skew = self.api, self.api.clock.skew
        match fault.trouble if fault else None:
            case (
                Trouble.RATE_LIMITED | Trouble.BANNED | Trouble.UNAVAILABLE | Trouble.GATEWAY | Trouble.MAINTENANCE
                | Trouble.NONCE | Trouble.FUNDS
            ):  # fmt: skip
                assert fault is not None
                return api.trouble(fault, call), False
            case Trouble.SKEW:
                assert fault is not None
                api.clock.skew += int(fault.detail.get("ms", "-60000"))
            case Trouble.GAP:
                assert fault is not None
                for symbol in api.core.tapes:
                    api.core.gap(symbol, fault.detail.get("share", "-0.05"))
            case Trouble.FILL_FIRST:
                assert fault is not None
                for order in (order for order in api.core.open_orders() if order.works):
                    market = api.core.tapes[order.symbol].market
                    part = market.to_step(order.remaining * Decimal(fault.detail.get("share", "0.5")))
                    api.core.fill(order, max(part, market.step))
            case _:
                pass
        try:
            answer = api.handle(call)
        except Stop as stop:
            answer = stop.answer
        finally:
            api.clock.skew = skew
        if fault is not None and fault.trouble is Trouble.WRONG_BALANCE:
            api.falsify(answer)
        return answer, True

    async def _call(self, request: web.Request) -> Call:
        body = (await request.read()).decode()
        path = "/" + request.match_info["path"]
        params = dict(parse_qsl(request.query_string, keep_blank_values=True))
        params |= dict(parse_qsl(body, keep_blank_values=True))
        self._calls += 1
        return Call(
            self._calls, self.api.clock.real(), request.match_info["host"], request.method, path,
            request.query_string, body, dict(request.headers), params, self.api.name_of(request.method, path),
        )  # fmt: skip

    def _log(self, call: Call, answer: Answer, fault: Fault | None, *, processed: bool) -> None:
        weight, used = self.api.spent(call) if processed else (0, 0)
        why = str(fault.trouble) if fault else ""
        self.api.audit.add(Logged(call, answer.status, weight, used, why, processed, answer.text))

    async def _unanswered(self, request: web.Request, *, reset: bool) -> web.Response:
        """Resets the connection now, or holds it until the client gives up."""
        transport = request.transport
        if not reset:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._until_gone(transport), HANG)
        if transport is not None:
            raw = transport.get_extra_info("socket")
            if raw is not None and raw.fileno() >= 0:
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        return web.Response()

    async def _until_gone(self, transport: asyncio.BaseTransport | None) -> None:
        while transport is not None and not transport.is_closing() and not self._over.is_set():
            await asyncio.sleep(TICK)

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(autoping=False, heartbeat=None)
        await ws.prepare(request)
        assert isinstance(request.transport, asyncio.Transport)
        connection = Socket(ws, request.transport, self.api.plan, request.match_info["host"])
        session = self.api.open(connection)
        self.sockets.append(connection)
        self._sessions.append(session)
        pump = asyncio.create_task(connection.pump())
        try:
            while (texts := await connection.texts()) is not None:
                for text in texts:
                    session.hear(text)
        finally:
            session.close()
            self.sockets.remove(connection)
            self._sessions.remove(session)
            pump.cancel()
        return ws


def ccxt_config(venue: VenueServer, *, keys: bool = True, timeout: int = 2000) -> dict[str, Any]:
    """What the ccxt constructor takes so that the unmodified class talks to this venue and to nothing else."""
    import ccxt.pro

    plain = getattr(ccxt.pro, venue.api.ccxt_id)()
    config: dict[str, Any] = {
        "urls": {"api": to_loopback(plain.urls["api"], venue.port)},
        "timeout": timeout,
        "enableRateLimit": False,
    }
    if venue.api.ccxt_id == "binance":
        # By default ccxt would also ask the futures' hosts for their markets, and with keys four wallets.
        spot = {"defaultType": "spot", "fetchMarkets": {"types": ["spot"]}}
        config["options"] = {**spot, "fetchCurrencies": False, "fetchMargins": False}
    if keys:
        config |= {"apiKey": venue.api.key, "secret": venue.api.secret}
    return config


def to_loopback(urls: Any, port: int) -> Any:
    """Every URL of a ccxt class, at any depth, led to ``127.0.0.1:port/<host>/<path>`` without TLS."""
    if isinstance(urls, dict):
        return {name: to_loopback(url, port) for name, url in urls.items()}
    found = re.fullmatch(r"(http|ws)s?://([^/:]+)(?::\d+)?(.*)", urls)
    assert found is not None, urls
    return f"{found[1]}://127.0.0.1:{port}/{found[2]}{found[3]}"
