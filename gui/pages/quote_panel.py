"""Bid, ask and spread of one symbol with the age of the quote; window's thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from PySide6.QtCore import QTimer

from core.instrument import Instrument
from core.market import Freshness, Quote
from gui.panels import Pair, Panel, label, set_tone
from gui.text import NOT_KNOWN, age, percent, price

TICK_MS = 250


class QuotePanel(Panel):
    """The age counts from when the quote came in, by this computer's own clock."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.age = label("", 12, 400, "faint")
        super().__init__("Quote", side=self.age, gap=2)
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._symbol = ""
        self._freshness = Freshness.FRESH
        self.ask, self.bid, self.spread = Pair("Ask"), Pair("Bid"), Pair("Spread")
        self.add(self.ask, self.bid, self.spread)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()

    def came(self, quote: Quote) -> None:
        """A quote of any symbol came in now."""
        self._seen[quote.symbol] = self._clock()

    def show_quote(self, symbol: str, quote: Quote | None, instrument: Instrument | None) -> None:
        """Show this symbol; without a quote everything is "not known"."""
        self._symbol = symbol
        if quote is None:
            for pair in (self.ask, self.bid, self.spread):
                pair.set_value(NOT_KNOWN, "faint")
        else:
            gap = quote.ask - quote.bid
            self.ask.set_value(price(quote.ask, instrument), self._tone)
            self.bid.set_value(price(quote.bid, instrument), self._tone)
            self.spread.set_value(f"{price(gap, instrument)}, {percent(gap / quote.bid, 3)}", self._tone)
        self.tick()

    def set_freshness(self, freshness: Freshness) -> None:
        """How far the feed trusts its prices."""
        self._freshness = freshness
        self.tick()

    @property
    def _tone(self) -> str:
        return "text" if self._freshness is Freshness.FRESH else "faint"

    def tick(self) -> None:
        """Count the age on; a stale price is faint, its age amber."""
        seen = self._seen.get(self._symbol)
        words = "" if seen is None else age(timedelta(seconds=self._clock() - seen))
        if self._freshness is not Freshness.FRESH and words:
            words = f"{self._freshness.value}, {words}"
        if words != self.age.text():
            self.age.setText(words)
        set_tone(self.age, "faint" if self._freshness is Freshness.FRESH else "warn")
        if seen is not None:
            for pair in (self.ask, self.bid, self.spread):
                pair.set_value(pair.value.text() if hasattr(pair.value, "text") else "", self._tone)
