"""Firi's public prices as ``core.ports.LiveSource``: asked for every few seconds by a thread of its own.

One request tells the last prices of all markets, another their best bids and asks; a market's trades are read only
when something has traded there or a candle is due.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import structlog

from actors.venues.firi.candles import Page, page_of
from actors.venues.firi.capabilities import FIRI, TITLE
from actors.venues.firi.exchange import instruments_of
from actors.venues.firi.link import FiriLink
from actors.venues.firi.prices import Best, BestPrices
from actors.venues.firi.shapes import market_of, number, rows
from actors.venues.firi.tracker import Due, Tracker
from core.clock import millis
from core.errors import BadData, BelayError
from core.ids import Symbol
from core.instrument import Instrument
from core.market import TIMEFRAME_MS, Bar, Freshness, Quote
from core.messages import LinkNoted, SymbolAged
from core.money import Price
from core.ports import MarketEvent

PACE = 2.0
"""Seconds between two rounds of questions."""
PAGES = (500, 1000, 10_000)
"""How many trades are asked for: more only where the first do not reach back far enough."""
LEAST_AGE = 10.0
TELL_EVERY = 5.0
MOST_WAITING = 10_000
"""Closed candles that nobody has pulled, above which nothing more is read."""
GOODBYE = 2.0

log = structlog.get_logger("firi")


class FiriSource:
    """A ``LiveSource``; ``pull`` from any one thread, everything else runs in the thread ``firi-prices``."""

    def __init__(
        self, link: FiriLink, symbols: tuple[Symbol, ...], timeframe: str, *, pace: float = PACE
    ) -> None:
        self._link = link.twin()  # closed on its own; the budget is shared
        self._symbols, self._pace = symbols, pace
        self.label = TITLE
        self.timeframe = timeframe
        self.fingerprint = f"firi:{timeframe}:{','.join(symbols)}"
        self.total: int | None = None
        span = TIMEFRAME_MS[timeframe]
        self._trackers = {symbol: Tracker(symbol, span) for symbol in symbols}
        self._span = span
        self._prices = BestPrices(self._link, symbols)
        self._instruments: tuple[Instrument, ...] | None = None
        self._rows: dict[Symbol, Mapping[str, Any]] = {}
        self._seen: dict[Symbol, float] = {}
        self._aged: dict[Symbol, Freshness] = {}
        self._told_at = float("-inf")
        self._is_failing = False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._candles: deque[MarketEvent] = deque()
        self._newest: dict[tuple[str, Symbol], MarketEvent] = {}
        self._wake: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None

    # ---- the port -----------------------------------------------------------------------------------

    def instruments(self) -> tuple[Instrument, ...]:
        """Read once; ``BadSettings`` for a market that Firi has not, ``TryAgain`` if it does not answer."""
        if self._instruments is None:
            self._instruments = instruments_of(self._link, self._symbols)
        return self._instruments

    def history(self, symbol: Symbol) -> Sequence[Bar]:
        """None: what Firi still knows comes as past candles."""
        return ()

    def skip(self, candles: int) -> None:
        """A live market has no place to go to; ``resume`` says where it goes on."""

    def resume(self, last: Mapping[Symbol, int]) -> None:
        self._trackers |= {
            symbol: Tracker(symbol, self._span, at) for symbol, at in last.items() if symbol in self._trackers
        }

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._thread = threading.Thread(target=self._run, name="firi-prices", daemon=True)
        self._thread.start()

    def pull(self) -> MarketEvent | None:
        """Closed candles first, then the newest quotes and facts; ``BadData`` if the thread is gone."""
        with self._lock:
            if self._candles:
                return self._candles.popleft()
            if self._newest:
                return self._newest.pop(next(iter(self._newest)))
        if self._thread is not None and not self._thread.is_alive() and not self._over.is_set():
            raise BadData("The thread that reads Firi's prices has ended; start Belay again.")
        return None

    def close(self) -> None:
        self._over.set()
        self._link.close()
        if self._thread is not None:
            self._thread.join(GOODBYE)

    # ---- the thread ---------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._over.is_set():
            if len(self._candles) < MOST_WAITING:
                try:
                    self.look()
                except BelayError as error:
                    if not self._is_failing and not self._over.is_set():
                        log.warning("Firi's prices do not come", error=str(error))
                    self._is_failing = True
                else:
                    self._is_failing = False
            self._tell_state()
            self._over.wait(self._pace)

    def look(self) -> None:
        """One round of questions; what it brought waits to be pulled.  ``TryAgain``, ``BadData``."""
        self._link.keep_clock()
        told = self._link.read("/v2/markets")
        wanted = {market_of(symbol): symbol for symbol in self._symbols}
        listed = {
            wanted[market]: row
            for row in rows(told or [], "list of markets")
            if (market := str(row.get("id", "")).upper()) in wanted
        }
        best = self._prices.refresh()
        closed: list[tuple[int, int, MarketEvent]] = []
        fault: BelayError | None = None
        for place, symbol in enumerate(self._symbols):
            row = listed.get(symbol)
            if row is None:
                continue  # its age tells that it is gone
            try:
                due = self._look_at(symbol, row)
                closed += [(_time_of(event), place, event) for event in due.events]
                self._offer(symbol, row, best.get(symbol), due.forming)
            except BelayError as error:
                fault = error
            else:
                self._seen[symbol] = self._link.monotonic()
        with self._lock:
            self._candles.extend(event for *_, event in sorted(closed, key=lambda one: one[:2]))
        self._wake()
        if fault is not None:
            raise fault

    def _look_at(self, symbol: Symbol, row: Mapping[str, Any]) -> Due:
        """The market's trades, if anything can have changed."""
        tracker = self._trackers[symbol]
        now = self._now()  # before the trades are read: what happens while they travel is not in the page
        if row == self._rows.get(symbol) and not tracker.is_due(now):
            return Due((), None)
        page = self._page(symbol, PAGES[0])
        for count in PAGES[1:]:
            if tracker.is_covered(page):
                break
            longer = self._page(symbol, count)
            if len(longer.trades) <= len(page.trades):
                break  # the venue gives no more than that
            page = longer
        self._rows[symbol] = row
        return tracker.look(page, now)

    def _page(self, symbol: Symbol, count: int) -> Page:
        path = f"/v2/markets/{market_of(symbol)}/history"
        return page_of(rows(self._link.read(path, {"count": str(count)}) or [], "list of trades"), count)

    def _now(self) -> int:
        return millis(self._link.now())

    def _offer(self, symbol: Symbol, row: Mapping[str, Any], best: Best | None, forming: Bar | None) -> None:
        quote = None
        if best is not None:
            last = Price(number(row, "last", "market"))
            quote = Quote(symbol, *best, last, self._link.now())
        if quote is not None or forming is not None:
            self._put("quote", MarketEvent(symbol, forming=forming, quote=quote))

    def _put(self, kind: str, event: MarketEvent) -> None:
        with self._lock:
            self._newest[kind, event.symbol] = event

    def _tell_state(self) -> None:
        """The age of each market's prices when it changes, and all of it every few seconds."""
        now = self._link.monotonic()
        is_time = now - self._told_at >= TELL_EVERY
        for symbol in self._symbols:
            seen = self._seen.get(symbol)
            age = 0.0 if seen is None else now - seen
            fresh = Freshness.FRESH if age <= max(LEAST_AGE, 5 * self._pace) else Freshness.STALE
            freshness = Freshness.UNKNOWN if seen is None else fresh
            if is_time or freshness is not self._aged.get(symbol):
                self._aged[symbol] = freshness
                way = "polling" if freshness is Freshness.FRESH else "none"
                fact = SymbolAged(symbol=symbol, freshness=freshness, age=age, way=way)
                self._put("age", MarketEvent(symbol, fact=fact))
        if is_time:
            self._told_at = now
            state = "no answer" if self._is_failing else "polling"
            note = LinkNoted(FIRI, state, "", self._link.statistics())
            self._put("link", MarketEvent(self._symbols[0], fact=note))
        self._wake()


def _time_of(event: MarketEvent) -> int:
    if event.bar is not None:
        return event.bar.ts
    return millis(event.dropped.at) if event.dropped is not None else 0
