"""Binance spot's public endpoints: exchangeInfo, time, tickers, candles, book and trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.venue import binance_shapes as shapes
from tests.venue.binance_limits import Limits
from tests.venue.matching import Matching
from tests.venue.rules import Reason, Refused
from tests.venue.tape import Tape
from tests.venue.wire import Json, VenueClock

SPANS = {"1m": 1, "3m": 3, "5m": 5, "15m": 15, "30m": 30, "1h": 60, "2h": 120, "4h": 240, "6h": 360, "8h": 480,
         "12h": 720, "1d": 1440}  # fmt: skip


class Public:
    """The public half of the venue; ``handlers`` are its endpoints by name."""

    def __init__(self, core: Matching, clock: VenueClock, limits: Limits) -> None:
        self.core = core
        self.clock = clock
        self.limits = limits
        self.handlers: dict[str, Callable[[Mapping[str, str]], Json]] = {
            "GET /api/v3/ping": lambda _: {},
            "GET /api/v3/time": lambda _: {"serverTime": self.clock.wall()},
            "GET /api/v3/exchangeInfo": self._exchange_info,
            "GET /api/v3/ticker/24hr": self._ticker_day,
            "GET /api/v3/ticker/price": self._ticker_price,
            "GET /api/v3/ticker/bookTicker": self._book_ticker,
            "GET /api/v3/klines": self._klines,
            "GET /api/v3/depth": self._depth,
            "GET /api/v3/trades": self._trades,
            "GET /api/v3/aggTrades": self._agg_trades,
        }

    def tape(self, given: Mapping[str, str]) -> Tape:
        """The market a call names."""
        name = given["symbol"]
        for symbol, tape in self.core.tapes.items():
            if shapes.symbol_id(symbol) == name:
                return tape
        raise Refused(Reason.UNKNOWN_MARKET, name)

    def _exchange_info(self, _: Mapping[str, str]) -> Json:
        limits = self.limits
        return shapes.exchange_info(
            self.core, self.clock.wall(), limits.per_minute, limits.orders_per_ten_seconds
        )

    def _ticker_day(self, given: Mapping[str, str]) -> Json:
        now = self.clock.now()
        if "symbol" in given:
            return shapes.ticker_day(self.tape(given), now)
        return [shapes.ticker_day(tape, now) for tape in self.core.tapes.values()]

    def _ticker_price(self, given: Mapping[str, str]) -> Json:
        return {"symbol": given["symbol"], "price": shapes.eight(self.tape(given).last)}

    def _book_ticker(self, given: Mapping[str, str]) -> Json:
        days = self._ticker_day(given)
        keys = ("symbol", "bidPrice", "bidQty", "askPrice", "askQty")
        rows = [{key: day[key] for key in keys} for day in (days if isinstance(days, list) else [days])]
        return rows[0] if "symbol" in given else rows

    def _klines(self, given: Mapping[str, str]) -> Json:
        span = SPANS[given["interval"]] * 60_000
        since = int(given["startTime"]) if "startTime" in given else None
        rows = self.tape(given).candles(span, self.clock.now(), since, int(given.get("limit", "500")))
        until = int(given.get("endTime", self.clock.now() + span))
        return [shapes.kline(bar, span) for bar in rows if bar.ts <= until]

    def _depth(self, given: Mapping[str, str]) -> Json:
        book, limit = self.tape(given).book, int(given.get("limit", "100"))
        bids, asks = (
            [[shapes.eight(p), shapes.eight(q)] for p, q in side]
            for side in (book.bids(limit), book.asks(limit))
        )
        return {"lastUpdateId": book.version, "bids": bids, "asks": asks}

    def _trades(self, given: Mapping[str, str]) -> Json:
        rows = list(self.tape(given).prints)[-int(given.get("limit", "500")) :]
        return [
            {"id": p.number, "price": shapes.eight(p.price), "qty": shapes.eight(p.amount),
             "quoteQty": shapes.eight(p.price * p.amount), "time": p.at, "isBuyerMaker": p.buyer_made,
             "isBestMatch": True}
            for p in rows
        ]  # fmt: skip

    def _agg_trades(self, given: Mapping[str, str]) -> Json:
        since = int(given.get("startTime", "0"))
        rows = [p for p in self.tape(given).prints if p.at >= since][-int(given.get("limit", "500")) :]
        return [
            {"a": p.number, "p": shapes.eight(p.price), "q": shapes.eight(p.amount), "f": p.number,
             "l": p.number, "T": p.at, "m": p.buyer_made, "M": True}
            for p in rows
        ]  # fmt: skip
