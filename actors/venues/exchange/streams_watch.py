"""What is watched on a ccxt object: candles, trades or quotes of a group of markets; on the connection's loop.

ccxt wakes nobody for news between two watches, so its caches are swept as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Protocol

from actors.venues.exchange.streams_flags import Reader, reader_of
from core.candle_builder import Print
from core.ids import Symbol
from core.market import Bar

Watching = Callable[[], Awaitable[Any]]
"""Waits for the next news, to be called again and again."""


class Receiver(Protocol):
    """Who is told; ``epoch`` numbers the connection."""

    def candle(self, symbol: Symbol, bar: Bar, epoch: int, *, is_closed: bool) -> None: ...

    def trades(self, symbol: Symbol, prints: Sequence[Print], epoch: int) -> None: ...

    def ticker(self, symbol: Symbol, ticker: Mapping[str, Any]) -> None: ...


class Watch(Protocol):
    """One kind of stream for some markets."""

    kind: str
    symbols: tuple[Symbol, ...]

    def begin(self, exchange: Any, epoch: int) -> list[Watching]:
        """Prepare a fresh object; what to wait for."""

    def sweep(self, exchange: Any) -> None:
        """Tell the receiver what is new in the object's caches."""


def bar_of(row: Sequence[Any]) -> Bar:
    """One row of ccxt; what is missing becomes NaN, which no check lets through."""
    nan = float("nan")
    numbers = (float(value) if value is not None else nan for value in row[1:6])
    return Bar(int(row[0]) if row[0] is not None else -1, *numbers)


class CandleWatch:
    """``watch_ohlcv``, for the whole group where the venue can."""

    kind = "candles"

    def __init__(self, symbols: tuple[Symbol, ...], timeframe: str, receiver: Receiver) -> None:
        self.symbols, self._timeframe, self._receiver = symbols, timeframe, receiver
        self._epoch = 0
        self._read: dict[Symbol, Bar] = {}

    def begin(self, exchange: Any, epoch: int) -> list[Watching]:
        self._epoch = epoch
        self._read.clear()
        reader = reader_of(exchange.id)
        if reader is not None:
            self._listen(exchange, reader)
        if exchange.has.get("watchOHLCVForSymbols") and len(self.symbols) > 1:
            pairs = [[symbol, self._timeframe] for symbol in self.symbols]
            return [partial(exchange.watch_ohlcv_for_symbols, pairs)]
        return [partial(exchange.watch_ohlcv, symbol, self._timeframe) for symbol in self.symbols]

    def _listen(self, exchange: Any, reader: Reader) -> None:
        """Hear in each raw frame which candles are over, before the next frame changes the cache."""
        handle = exchange.handle_ohlcv

        def handle_ohlcv(client: Any, message: Any) -> None:
            handle(client, message)
            for market_id, ts in reader(message):
                symbol = exchange.safe_symbol(market_id, None, None, "spot")
                for row in self._rows(exchange, symbol):
                    if int(row[0]) == ts:
                        self._receiver.candle(symbol, bar_of(row), self._epoch, is_closed=True)

        exchange.handle_ohlcv = handle_ohlcv

    def _rows(self, exchange: Any, symbol: Symbol) -> list[Any]:
        return list((exchange.ohlcvs.get(symbol) or {}).get(self._timeframe) or ())

    def sweep(self, exchange: Any) -> None:
        for symbol in self.symbols:
            cache = (exchange.ohlcvs.get(symbol) or {}).get(self._timeframe)
            if not cache:
                continue
            read = self._read.get(symbol)
            if read is not None and bar_of(cache[-1]) == read:
                continue
            new: list[Bar] = []
            for row in reversed(cache):
                new.append(bar_of(row))
                if read is not None and new[-1].ts <= read.ts:
                    break
            self._read[symbol] = new[0]
            for bar in sorted(new, key=lambda bar: bar.ts):
                self._receiver.candle(symbol, bar, self._epoch, is_closed=False)


class TradeWatch:
    """``watch_trades``, for venues that stream no candles."""

    kind = "trades"

    def __init__(self, symbols: tuple[Symbol, ...], receiver: Receiver) -> None:
        self.symbols, self._receiver = symbols, receiver
        self._epoch = 0
        self._read: dict[Symbol, Any] = {}

    def begin(self, exchange: Any, epoch: int) -> list[Watching]:
        self._epoch = epoch
        self._read.clear()
        if exchange.has.get("watchTradesForSymbols") and len(self.symbols) > 1:
            return [partial(exchange.watch_trades_for_symbols, list(self.symbols))]
        return [partial(exchange.watch_trades, symbol) for symbol in self.symbols]

    def sweep(self, exchange: Any) -> None:
        for symbol in self.symbols:
            cache = exchange.trades.get(symbol)
            if not cache or cache[-1] is self._read.get(symbol):
                continue
            fresh: list[Print] = []
            for trade in reversed(cache):
                if trade is self._read.get(symbol):
                    break
                made = print_of(trade)
                if made is not None:
                    fresh.append(made)
            self._read[symbol] = cache[-1]
            self._receiver.trades(symbol, fresh[::-1], self._epoch)


def print_of(trade: Mapping[str, Any]) -> Print | None:
    """A trade of ccxt in exact numbers; None when it cannot be used."""
    try:
        at, price, amount = (
            int(trade["timestamp"]),
            Decimal(str(trade["price"])),
            Decimal(str(trade["amount"])),
        )
    except (InvalidOperation, KeyError, TypeError, ValueError):
        return None
    good = at >= 0 and price.is_finite() and amount.is_finite() and price > 0 and amount >= 0
    return Print(at, price, amount, str(trade.get("id") or "")) if good else None


class QuoteWatch:
    """Best bid and ask by the best way that the venue has."""

    kind = "quotes"

    def __init__(self, symbols: tuple[Symbol, ...], receiver: Receiver) -> None:
        self.symbols, self._receiver = symbols, receiver
        self._read: dict[Symbol, Any] = {}

    def begin(self, exchange: Any, epoch: int) -> list[Watching]:
        self._read.clear()
        has, group = exchange.has, list(self.symbols)
        # Each call gets a table of its own: ccxt's Kraken class writes into the one it is given.
        if has.get("watchBidsAsks"):  # Binance's tickers have no bid and ask
            return [lambda: exchange.watch_bids_asks(group, {})]
        if has.get("watchTickers"):
            return [lambda: exchange.watch_tickers(group, {})]
        if has.get("watchTicker"):
            return [partial(exchange.watch_ticker, symbol) for symbol in group]
        return [partial(exchange.watch_order_book, symbol) for symbol in group]

    def sweep(self, exchange: Any) -> None:
        for symbol in self.symbols:
            ticker = (getattr(exchange, "bidsasks", None) or {}).get(symbol) or exchange.tickers.get(symbol)
            if ticker is None and (book := exchange.orderbooks.get(symbol)):
                ticker = top_of(book)
            if (
                ticker is not None
                and ticker is not self._read.get(symbol)
                and ticker != self._read.get(symbol)
            ):
                self._read[symbol] = ticker
                self._receiver.ticker(symbol, ticker)


def top_of(book: Mapping[str, Any]) -> dict[str, Any] | None:
    """An order book's best prices as a ticker."""
    if not book.get("bids") or not book.get("asks"):
        return None
    return {
        "bid": str(book["bids"][0][0]),
        "ask": str(book["asks"][0][0]),
        "timestamp": book.get("timestamp"),
    }


def has_quotes(has: Mapping[str, Any]) -> bool:
    """Whether a venue streams best bid and ask in any way."""
    return any(has.get(name) for name in ("watchBidsAsks", "watchTickers", "watchTicker", "watchOrderBook"))
