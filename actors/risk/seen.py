"""What a real market shows now: its spread, how far a purchase would trade from the last price, and how old it is."""

from __future__ import annotations

from typing import Any

from core.ids import Symbol
from core.market import Freshness, Quote
from core.messages import QuoteSeen, SymbolAged


class SeenMarkets:
    """Facts come in the feed's thread, newest wins; the risk stage reads before it judges.

    Where nothing was told the plan's own costs stand for spread and slippage.
    """

    def __init__(self) -> None:
        self._quotes: dict[Symbol, Quote] = {}
        self._stale: dict[Symbol, bool] = {}

    def hear(self, fact: QuoteSeen | SymbolAged) -> None:
        """Any thread."""
        if isinstance(fact, QuoteSeen):
            self._quotes[fact.quote.symbol] = fact.quote
        else:
            self._stale[fact.symbol] = fact.freshness is Freshness.STALE

    def show(self, symbol: Symbol, market: Any) -> None:
        """Write it into a ``market_t``; the slippage is the ask's distance from the last close, below it zero."""
        market["is_stale"] = self._stale.get(symbol, False)
        quote = self._quotes.get(symbol)
        if quote is not None and market["last"] > 0:
            market["seen_spread"] = (quote.ask - quote.bid) / quote.ask
            market["seen_slippage"] = max(float(quote.ask) / market["last"] - 1, 0.0)
