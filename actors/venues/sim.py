"""The simulated market: endless, seeded, always labelled; quotes and forming candles between the closed ones.

Owned by the feed's thread.  It has no order book and no tape.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from actors.venues.sim_markets import sim_instrument, worth
from actors.venues.sim_prices import BLOCK, STEPS, PriceBlock, price_blocks
from core.clock import instant
from core.errors import BadSettings
from core.ids import Symbol
from core.instrument import Instrument
from core.market import TIMEFRAME_MS, Bar, Quote
from core.money import Price, from_units
from core.ports import MarketEvent

VERSION = 1  # of the process: raise it when the same seed gives other prices
HISTORY = 500
START_MS = 1_735_689_600_000
"""Open time of the first candle after the history: 2025-01-01 00:00 UTC."""
SPREAD = 0.0001  # of the price, at least one tick


class SimSource:
    """A ``core.ports.MarketSource``; the same seed, symbols, time frame and start give the same events.

    Each candle comes in twelve steps with a quote and the forming candle, then closed; the symbols take turns
    in their order.  With ``quotes`` False there are only the closed candles, and they are the same.
    """

    def __init__(
        self,
        seed: int,
        symbols: Sequence[str],
        timeframe: str = "1m",
        *,
        quotes: bool = True,
        start_ms: int = START_MS,
    ) -> None:
        if timeframe not in TIMEFRAME_MS:
            raise BadSettings(f"There is no time frame {timeframe!r}; give one of {', '.join(TIMEFRAME_MS)}.")
        if not symbols or len(set(symbols)) != len(symbols):
            raise BadSettings("Name each simulated market once, for example BTC/USDT,ETH/USDT.")
        if seed < 0:
            raise BadSettings(
                f"The seed of the simulated market is {seed}; give zero or a whole number above."
            )
        self.label = "Simulated market"
        self.timeframe = timeframe
        self.total: int | None = None
        self.symbols = tuple(Symbol(symbol) for symbol in symbols)
        told = "\n".join(("sim", str(VERSION), str(seed), timeframe, str(start_ms), *symbols))
        self.fingerprint = f"sim-{hashlib.sha256(told.encode()).hexdigest()[:16]}"
        self._seed, self._start_ms, self._quotes = seed, start_ms, quotes
        self._instruments = tuple(sim_instrument(symbol) for symbol in self.symbols)
        self._restart()

    def instruments(self) -> tuple[Instrument, ...]:
        return self._instruments

    def history(self, symbol: Symbol) -> Sequence[Bar]:
        """The 500 closed candles in front of the next event."""
        return list(self._history[symbol])

    def skip(self, candles: int) -> None:
        """Go to the place behind the first ``candles`` closed candles, counted from the beginning."""
        if candles < self._closed or self._began:
            self._restart()
        self._run_to(candles)

    def pull(self) -> MarketEvent:
        self._began = True
        return next(self._events)

    def _restart(self) -> None:
        self._history = {symbol: deque[Bar](maxlen=HISTORY) for symbol in self.symbols}
        self._closed = -HISTORY * len(self.symbols)
        self._events = self._release()
        self._run_to(0)

    def _run_to(self, closed: int) -> None:
        """Let candles pass unseen and unquoted until ``closed`` of them are over."""
        self._speaks = False
        while self._closed < closed:
            next(self._events)
        self._speaks, self._began = self._quotes, False

    def _release(self) -> Iterator[MarketEvent]:
        length = TIMEFRAME_MS[self.timeframe]
        ts = self._start_ms - HISTORY * length
        for blocks in price_blocks(self._seed, self.symbols, length / 60_000):
            tables = [
                SymbolTable(instrument, block)
                for instrument, block in zip(self._instruments, blocks, strict=True)
            ]
            for i in range(BLOCK):
                for step in range(STEPS):
                    if not self._speaks:
                        break
                    at_ms = ts + length * (step + 1) // STEPS
                    for table in tables:
                        yield table.moment(i, step, ts, at_ms)
                for table in tables:
                    bar = table.bar(i, STEPS - 1, ts)
                    self._history[table.symbol].append(bar)
                    self._closed += 1
                    yield MarketEvent(table.symbol, bar)
                ts += length


class SymbolTable:
    """One block of one symbol on its tick and step, as Python numbers."""

    def __init__(self, instrument: Instrument, block: PriceBlock) -> None:
        self.symbol = instrument.symbol
        self._places = instrument.price_places
        self._scale = 10**self._places
        opens, path = self._ticks(block.opens), self._ticks(block.path)
        ends = np.concatenate([opens[:, None], path], axis=1)
        tops, bottoms = np.maximum(ends[:, :-1], ends[:, 1:]), np.minimum(ends[:, :-1], ends[:, 1:])
        highs = np.maximum.accumulate(np.maximum(self._ticks(block.highs), tops), axis=1)
        lows = np.minimum.accumulate(np.minimum(self._ticks(block.lows), bottoms), axis=1)
        units = 10**instrument.quantity_places
        volumes = np.rint(np.cumsum(block.worths, axis=1) / worth(instrument.base) * units)
        self._opens: list[float] = (opens / self._scale).tolist()
        self._highs: list[list[float]] = (highs / self._scale).tolist()
        self._lows: list[list[float]] = (lows / self._scale).tolist()
        self._lasts: list[list[float]] = (path / self._scale).tolist()
        self._volumes: list[list[float]] = (volumes / units).tolist()
        self._ends: list[list[int]] = ends.astype(np.int64).tolist()

    def _ticks(self, logs: Any) -> Any:
        """Whole ticks, two or more: the bid below must stay above zero."""
        return np.maximum(np.rint(np.exp(logs) * self._scale), 2.0)

    def bar(self, i: int, step: int, ts: int) -> Bar:
        """Candle ``i`` as far as ``step``."""
        return Bar(
            ts,
            self._opens[i],
            self._highs[i][step],
            self._lows[i][step],
            self._lasts[i][step],
            self._volumes[i][step],
        )

    def moment(self, i: int, step: int, ts: int, at_ms: int) -> MarketEvent:
        """Quote and forming candle at the end of ``step``: a rise lifts the ask, a fall hits the bid."""
        before, last = self._ends[i][step], self._ends[i][step + 1]
        spread = min(max(round(last * SPREAD), 1), last - 1)
        bid = last - spread if last > before else last
        quote = Quote(
            self.symbol,
            self._price(bid),
            self._price(bid + spread),
            self._price(last),
            instant(at_ms),
        )
        return MarketEvent(self.symbol, forming=self.bar(i, step, ts), quote=quote)

    def _price(self, ticks: int) -> Price:
        exact: Decimal = from_units(ticks, self._places)
        return Price(exact)
