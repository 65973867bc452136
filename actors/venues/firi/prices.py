"""The best prices of Firi's markets: read for all at once, market by market where that fails; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Lock

from actors.venues.firi.link import TRIES, FiriLink
from actors.venues.firi.shapes import best_of_book, bid_and_ask, market_of, rows
from core.errors import BadData, TryAgain
from core.ids import Symbol
from core.money import Price

FRESH = 5.0
"""Seconds for which prices may stand in for the present."""

Best = tuple[Price, Price]


class BestPrices:
    """The last best bid and ask of each of these markets, and when they came."""

    def __init__(self, link: FiriLink, symbols: tuple[Symbol, ...]) -> None:
        self._link, self._symbols = link, symbols
        self._lock = Lock()
        self._best: Mapping[Symbol, Best] = {}
        self._at: float | None = None

    def refresh(self, tries: int = TRIES) -> Mapping[Symbol, Best]:
        """Read them now; a market with an empty side of the book is missing.  ``TryAgain``."""
        try:
            best = self._all(tries)
        except BadData as error:
            raise TryAgain(str(error)) from error
        with self._lock:
            self._best, self._at = best, self._link.monotonic()
        return best

    def keep_fresh(self) -> None:
        """Read them, with one try, if the last ones are old."""
        if not self.is_fresh():
            self.refresh(tries=1)

    def is_fresh(self) -> bool:
        with self._lock:
            return self._at is not None and self._link.monotonic() - self._at <= FRESH

    def of(self, symbol: Symbol) -> Best | None:
        """The last ones of a market while they are fresh."""
        if not self.is_fresh():
            return None
        with self._lock:
            return self._best.get(symbol)

    def _all(self, tries: int) -> dict[Symbol, Best]:
        told = self._link.read("/v2/markets/tickers", tries=tries)
        if told is None:
            found = {symbol: self._one(symbol) for symbol in self._symbols}
        else:
            wanted = {market_of(symbol): symbol for symbol in self._symbols}
            found = {
                wanted[market]: bid_and_ask(row)
                for row in rows(told, "list of tickers")
                if (market := str(row.get("market", row.get("id", ""))).upper()) in wanted
            }
        return {symbol: best for symbol, best in found.items() if best is not None}

    def _one(self, symbol: Symbol) -> Best | None:
        market = market_of(symbol)
        ticker = self._link.read(f"/v2/markets/{market}/ticker")
        if isinstance(ticker, dict):
            return bid_and_ask(ticker)
        return best_of_book(self._link.read(f"/v2/markets/{market}/depth"))
