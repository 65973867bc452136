"""A market's public side: the seeded price, the printed trades and the one-minute candles."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.venue.book import Book
from tests.venue.rules import Market

MINUTE = 60_000
DAY = 86_400_000
HISTORY = 180
"""Minutes of candles a market has before the venue opens."""
VOLATILITY = 0.0004
"""Standard deviation of one step of the walk, as a share of the price."""


@dataclass(frozen=True, slots=True)
class Print:
    """One public trade; ``buyer_made`` is True when the buyer was the maker."""

    number: int
    price: Decimal
    amount: Decimal
    at: int
    buyer_made: bool


@dataclass(slots=True)
class Candle:
    """A bar: ``ts`` is its opening time in ms, volumes are in base and in quote."""

    ts: int
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal = Decimal(0)
    quote_volume: Decimal = Decimal(0)
    count: int = 0

    def add(self, other: Candle) -> None:
        """Takes a later bar in."""
        self.high, self.low, self.close = max(self.high, other.high), min(self.low, other.low), other.close
        self.volume += other.volume
        self.quote_volume += other.quote_volume
        self.count += other.count


@dataclass
class Tape:
    """One market's price, book, prints and minute candles."""

    market: Market
    rng: random.Random
    book: Book
    last: Decimal
    prints: deque[Print] = field(default_factory=lambda: deque(maxlen=2000))
    minutes: dict[int, Candle] = field(default_factory=dict)
    closed: bool = False
    _before: tuple[tuple[int, int], Candle | None] = ((0, 0), None)

    def begin(self, now: int) -> None:
        """Writes the past: seeded minutes that lead to the opening price."""
        price = self.last
        bars = []
        for back in range(1, HISTORY + 1):
            close, price = price, self.stepped(price)
            high, low = max(close, price), min(close, price)
            volume = self.market.to_step(self.book.depth * self.rng.randrange(1, 5)) or self.market.step
            ts = now // MINUTE * MINUTE - back * MINUTE
            bars.append(Candle(ts, price, high, low, close, volume, volume * close, 5))
        self.minutes = {bar.ts: bar for bar in reversed(bars)}

    def stepped(self, price: Decimal) -> Decimal:
        """The next price of the walk."""
        share = Decimal(round(self.rng.gauss(0, VOLATILITY), 8))
        return self.market.to_tick(price * (1 + share))

    def add_print(self, price: Decimal, amount: Decimal, now: int, buyer_made: bool) -> Print:
        """Prints a trade: last price and candle follow."""
        self.last = price
        number = (self.prints[-1].number if self.prints else 7000) + 1
        made = Print(number, price, amount, now, buyer_made)
        self.prints.append(made)
        ts = now // MINUTE * MINUTE
        bar = Candle(ts, price, price, price, price, amount, amount * price, 1)
        if ts in self.minutes:
            self.minutes[ts].add(bar)
        else:
            self.minutes[ts] = bar
        return made

    def candles(self, span: int, now: int, since: int | None = None, limit: int = 500) -> list[Candle]:
        """Bars of ``span`` ms up to now, flat where nothing traded; the last one is unfinished."""
        known = sorted(self.minutes)
        start = max(known[0], now // span * span - (limit - 1) * span if since is None else since)
        made: dict[int, Candle] = {}
        previous = self.minutes[known[max(0, bisect_right(known, start // span * span) - 1)]]
        for ts in range(start // span * span, now + 1, MINUTE):
            bar = self.minutes.get(ts)
            if bar is None:
                price = previous.close
                bar = Candle(ts, price, price, price, price)
            previous = bar
            key = ts // span * span
            if key in made:
                made[key].add(bar)
            else:
                fresh = Candle(key, bar.open, bar.high, bar.low, bar.close)
                fresh.volume, fresh.quote_volume, fresh.count = bar.volume, bar.quote_volume, bar.count
                made[key] = fresh
        rows = [
            bar
            for key, bar in made.items()
            if key >= start // span * span and (since is None or key >= since)
        ]
        return rows[:limit] if since is not None else rows[-limit:]

    def day(self, now: int) -> Candle:
        """The last 24 hours in one bar."""
        minute = now // MINUTE * MINUTE
        key = (minute, len(self.minutes))
        if self._before[0] != key:  # the minutes that are over do not change: added up once a minute
            bars = [bar for ts, bar in sorted(self.minutes.items()) if now - DAY < ts < minute]
            self._before = (key, _added(bars))
        later = [bar for ts, bar in list(self.minutes.items())[-2:] if ts >= minute]
        whole = _added([*([self._before[1]] if self._before[1] else []), *later])
        assert whole is not None
        return whole


def _added(bars: list[Candle]) -> Candle | None:
    """Bars in one, oldest first; None without any."""
    if not bars:
        return None
    whole = replace(bars[0])
    for bar in bars[1:]:
        whole.add(bar)
    return whole
