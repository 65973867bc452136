"""Bid, ask and spread of one symbol with the age of the quote; window's thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

from PySide6.QtCore import QTimer

from core.instrument import Instrument
from core.market import Freshness, Quote
from core.messages import SymbolAged
from gui.icons import Icon
from gui.panels import Pair, Panel, label, row, set_tone
from gui.text import NOT_KNOWN, age, percent, price
from gui.wording import way_words

TICK_MS = 250


class QuotePanel(Panel):
    """The age counts from when the quote came in, by this computer's own clock.

    Where the source tells freshness and age market by market, that counts for the market instead of the feed's word.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.age = label("", 12, 400, "faint")
        self.sign = Icon("warning", 14, "warn")
        super().__init__("Quote", side=row(self.sign, self.age, gap=6), gap=2)
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._symbol = ""
        self._freshness = Freshness.FRESH
        self._aged: dict[str, SymbolAged] = {}
        self.sign.hide()
        self.ask, self.bid, self.spread = Pair("Ask"), Pair("Bid"), Pair("Spread")
        self.add(self.ask, self.bid, self.spread)
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)
        self._timer.start()

    def came(self, quote: Quote) -> None:
        """A quote of any symbol came in now."""
        self._seen[quote.symbol] = self._clock()

    def aged(self, fact: SymbolAged) -> None:
        """What the source says of one market."""
        self._aged[fact.symbol] = fact
        if fact.freshness is not Freshness.UNKNOWN:
            self._seen[fact.symbol] = self._clock() - fact.age

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
    def freshness(self) -> Freshness:
        """How far the shown market's price may be trusted."""
        aged = self._aged.get(self._symbol)
        return self._freshness if aged is None else aged.freshness

    @property
    def _tone(self) -> str:
        return "text" if self.freshness is Freshness.FRESH else "faint"

    def tick(self) -> None:
        """Count the age on; a stale price is faint, its age amber with a sign and the word."""
        seen, aged = self._seen.get(self._symbol), self._aged.get(self._symbol)
        is_fresh = self.freshness is Freshness.FRESH
        words = "" if seen is None else age(timedelta(seconds=self._clock() - seen))
        if not is_fresh and (words or aged is not None):
            words = ", ".join(part for part in (_state(self.freshness), words) if part)
        if aged is not None and aged.way != "stream" and words:
            words = f"{words}, {way_words(aged.way)}"
        if words != self.age.text():
            self.age.setText(words)
        self.sign.setVisible(not is_fresh and bool(words))
        set_tone(self.age, "faint" if is_fresh else "warn")
        if seen is not None:
            for pair in (self.ask, self.bid, self.spread):
                pair.set_value(pair.value.text() if hasattr(pair.value, "text") else "", self._tone)


def _state(freshness: Freshness) -> str:
    return "age not known" if freshness is Freshness.UNKNOWN else freshness.value
