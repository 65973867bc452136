"""Candles from public trades, for venues that stream no candles; pure, any one thread."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from core.market import Bar


class Print(NamedTuple):
    """One public trade: ``at`` in ms UTC, ``amount`` in base units, ``id`` the venue's own (may be empty)."""

    at: int
    price: Decimal
    amount: Decimal
    id: str = ""


class CandleBuilder:
    """Trades in, closed candles out; within a candle the order of arrival does not matter.

    A candle is over when a trade of a later one comes, or when ``advance`` says how late it is at the venue.  A candle
    without trades is flat at the close in front of it, with volume 0.  ``before`` is the last closed candle, if known.
    Sums are exact, so the candles are the venue's own to the last digit.  A trade that comes when its candle is over
    is counted in ``late`` and changes nothing: the venue's own candle has to correct it.
    """

    def __init__(self, span_ms: int, before: Bar | None = None) -> None:
        self.late = 0
        self._span = span_ms
        self._ts = before.ts + span_ms if before is not None else None
        self._close = before.close if before is not None else None
        self._clear()

    def _clear(self) -> None:
        self._ids: set[str] = set()
        self._count = 0
        self._first: tuple[tuple[int, int, int], Decimal] | None = None
        self._last: tuple[tuple[int, int, int], Decimal] | None = None
        self._high = self._low = self._volume = Decimal(0)

    @property
    def forming(self) -> Bar | None:
        """The candle that is not over yet, None before the first trade; flat while it has none of its own."""
        if self._ts is None:
            return None
        if self._first is None or self._last is None:
            return _flat(self._ts, self._close) if self._close is not None else None
        prices = (self._first[1], self._high, self._low, self._last[1])
        opened, high, low, close = (float(price) for price in prices)
        return Bar(self._ts, opened, high, low, close, float(self._volume))

    def add(self, prints: Iterable[Print]) -> list[Bar]:
        """Take trades in (in any order); the candles that are over by them, oldest first."""
        closed: list[Bar] = []
        for made in sorted(prints, key=lambda made: made.at):
            ts = made.at // self._span * self._span
            if self._ts is None:
                self._ts = ts
            if ts < self._ts:
                self.late += 1
                continue
            closed += self.advance(ts)
            self._take(made)
        return closed

    def advance(self, at_ms: int) -> list[Bar]:
        """Close every candle that is over at the venue's time ``at_ms``, oldest first."""
        closed: list[Bar] = []
        while self._ts is not None and self._ts + self._span <= at_ms:
            bar = self.forming
            if bar is not None:
                closed.append(bar)
                self._close = bar.close
            self._clear()
            self._ts += self._span
        return closed

    def _take(self, made: Print) -> None:
        if made.id and made.id in self._ids:
            return
        self._ids.add(made.id)
        self._count += 1
        key = (made.at, int(made.id) if made.id.isdecimal() else 0, self._count)
        if self._first is None or self._last is None:
            self._first = self._last = (key, made.price)
            self._high = self._low = made.price
        elif key < self._first[0]:
            self._first = (key, made.price)
        elif key > self._last[0]:
            self._last = (key, made.price)
        self._high, self._low = max(self._high, made.price), min(self._low, made.price)
        self._volume += made.amount


def _flat(ts: int, price: float) -> Bar:
    return Bar(ts, price, price, price, price, 0.0)
