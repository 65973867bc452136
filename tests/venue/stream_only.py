"""A venue that only streams: Binance's candles and best prices of many made-up markets, as fast as they are read.

``python -m tests.venue.stream_only MARKETS MINUTES PER_SECOND`` serves on loopback and prints its port.
"""

from __future__ import annotations

import asyncio
import json
import sys
from decimal import Decimal
from typing import Any

from aiohttp import WSMsgType, web

from tests.venue.binance_shapes import market_info
from tests.venue.rules import Market
from tests.venue.tape import MINUTE

START = 1_600_000_020_000 // MINUTE * MINUTE
BEHIND = 400
"""Minutes of candles before the stream begins."""
Row = tuple[int, str, str, str, str, str]


def names(markets: int) -> list[str]:
    return [f"C{n:02}" for n in range(markets)]


def row(name: str, minute: int) -> Row:
    """The candle of a market, a function of its name and minute."""
    seed = (int(name[1:3]) * 7919 + minute * 104_729) % 1_000
    opened, close = 100 + seed / 100, 100 + (seed * 31 % 1_000) / 100
    high, low = max(opened, close) + 0.5, min(opened, close) - 0.5
    return (
        START + minute * MINUTE,
        f"{opened:.2f}",
        f"{high:.2f}",
        f"{low:.2f}",
        f"{close:.2f}",
        f"{1 + seed}.00",
    )


class StreamOnly:
    """``minutes`` are streamed, ``per_second`` at most (0: as fast as the reader takes them)."""

    def __init__(self, markets: int, minutes: int, per_second: float) -> None:
        self.names, self.minutes, self._per_second = names(markets), minutes, per_second
        self.now = dict.fromkeys(self.names, 0)
        self._candles = set[str]()
        self._quotes = set[str]()
        self._all_here = asyncio.Event()

    async def rest(self, request: web.Request) -> web.Response:
        endpoint = request.match_info["path"].rsplit("/", 1)[-1]
        answers: dict[str, Any] = {
            "exchangeInfo": self._info, "klines": self._klines, "bookTicker": self._quotes_of, "24hr": self._quotes_of,
            "time": lambda _: {"serverTime": START},
        }  # fmt: skip
        if endpoint not in answers:
            return web.json_response({"code": -1, "msg": "none"}, status=404)
        return web.json_response(answers[endpoint](request.query))

    def _info(self, _: Any) -> Any:
        cent = Decimal("0.01")
        markets = [Market(name, "USDT", cent, cent, cent, Decimal(5), Decimal(100)) for name in self.names]
        limits = [{"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000}]
        symbols = [market_info(market, closed=False) for market in markets]
        return {
            "timezone": "UTC",
            "serverTime": START,
            "rateLimits": limits,
            "exchangeFilters": [],
            "symbols": symbols,
        }

    def _klines(self, query: Any) -> Any:
        name, limit = query["symbol"][:3], int(query.get("limit", 500))
        now = self.now[name]
        first = now - limit + 1
        if "startTime" in query:
            first = max(-BEHIND, -(-(int(query["startTime"]) - START) // MINUTE))
        last = min(now, first + limit - 1)
        rows = [row(name, minute) for minute in range(max(first, -BEHIND), last + 1)]
        return [[*made, made[0] + MINUTE - 1, "0", 5, "0", "0", "0"] for made in rows]

    def _quotes_of(self, query: Any) -> Any:
        asked = [query["symbol"][:3]] if "symbol" in query else self.names
        found = [
            {"symbol": f"{n}USDT", "bidPrice": row(n, self.now[n])[4], "bidQty": "1", "askPrice": "200", "askQty": "1",
             "lastPrice": row(n, self.now[n])[4]}
            for n in asked
        ]  # fmt: skip
        return found[0] if "symbol" in query else found

    async def socket(self, request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(heartbeat=None)
        await ws.prepare(request)
        pumps: list[asyncio.Task[None]] = []
        async for message in ws:
            if message.type is not WSMsgType.TEXT:
                break
            asked = json.loads(message.data)
            await ws.send_str(json.dumps({"result": None, "id": asked["id"]}))
            mine = [name.upper()[:3] for name in asked["params"]]
            kinds = self._candles if "kline" in asked["params"][0] else self._quotes
            kinds.update(mine)
            pump = self._stream if kinds is self._candles else self._stream_quotes
            pumps.append(asyncio.create_task(pump(ws, mine)))
            if len(self._candles) == len(self._quotes) == len(self.names):
                self._all_here.set()
        for pump in pumps:
            pump.cancel()
        return ws

    async def _stream(self, ws: web.WebSocketResponse, mine: list[str]) -> None:
        await self._all_here.wait()
        await asyncio.sleep(1)
        for minute in range(self.minutes + 1):
            for name in mine:
                self.now[name] = minute
                if minute:
                    await ws.send_str(kline(name, minute - 1, is_closed=True))
                await ws.send_str(kline(name, minute, is_closed=False))
            await asyncio.sleep(1 / self._per_second if self._per_second else 0)

    async def _stream_quotes(self, ws: web.WebSocketResponse, mine: list[str]) -> None:
        await self._all_here.wait()
        count = 0
        while True:
            for name in mine:
                count += 1
                bid = row(name, self.now[name])[4]
                best = {"u": count, "s": f"{name}USDT", "b": bid, "B": str(count), "a": "200", "A": "1"}
                await ws.send_str(json.dumps(best))
            await asyncio.sleep(0.05 if not self._per_second else 1 / self._per_second)


def kline(name: str, minute: int, *, is_closed: bool) -> str:
    ts, opened, high, low, close, volume = row(name, minute)
    if not is_closed:
        high, low, close, volume = opened, opened, opened, "0.50"
    return (
        f'{{"e":"kline","E":{ts},"s":"{name}USDT","k":{{"t":{ts},"T":{ts + MINUTE - 1},"s":"{name}USDT","i":"1m",'
        f'"f":1,"L":2,"o":"{opened}","c":"{close}","h":"{high}","l":"{low}","v":"{volume}","n":2,'
        f'"x":{str(is_closed).lower()},"q":"1","V":"1","Q":"1","B":"0"}}}}'
    )


async def serve(markets: int, minutes: int, per_second: float) -> None:
    venue = StreamOnly(markets, minutes, per_second)

    async def answer(request: web.Request) -> web.StreamResponse:
        is_socket = request.headers.get("Upgrade", "").lower() == "websocket"
        return await (venue.socket(request) if is_socket else venue.rest(request))

    app = web.Application()
    app.router.add_route("*", "/{host}/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
