"""What waits for the feed, in order of arrival: every candle and sentence, of quotes and states only the newest.

Put by the connection's thread, pulled by the feed's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from threading import Lock

from core.ids import Symbol
from core.market import Bar, Quote
from core.messages import CandleDropped, Fact
from core.ports import MarketEvent

FULL = 10_000
"""Unread candles at which nothing more is taken from the venue."""
MOST_SENTENCES = 1_000


class Outbox:
    """``wake`` is called once as soon as there is something again after a pull that found nothing."""

    def __init__(self, full: int = FULL) -> None:
        self._full, self._again = full, full // 2
        self._lock = Lock()
        self._queue: OrderedDict[Hashable, MarketEvent] = OrderedDict()
        self._count = 0
        self._candles = 0
        self._sentences = 0
        self._is_full = False
        self._is_asleep = True
        self._wake: Callable[[], None] = lambda: None

    def start(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        if self._queue:
            wake()

    @property
    def is_full(self) -> bool:
        """The reader is so far behind that reading from the venue has to stop until it has caught up by half."""
        with self._lock:
            self._is_full = self._candles >= (self._again if self._is_full else self._full)
            return self._is_full

    @property
    def candles(self) -> int:
        """Unread candles (the warm-up's not counted)."""
        return self._candles

    def put_candle(self, symbol: Symbol, bar: Bar, *, is_past: bool) -> None:
        with self._lock:
            self._queue.pop(("news", symbol), None)  # its forming candle would come too late now
            self._candles += 1
            self._append(MarketEvent(symbol, bar, is_past=is_past), counted=True)
        self._rouse()

    def put_history(self, events: Iterable[MarketEvent]) -> None:
        """The warm-up: bounded by what it is."""
        with self._lock:
            for event in events:
                self._append(event)
        self._rouse()

    def put_dropped(self, dropped: CandleDropped) -> None:
        with self._lock:
            if self._sentences < MOST_SENTENCES:
                self._sentences += 1
                self._append(MarketEvent(dropped.symbol, dropped=dropped))
        self._rouse()

    def put_news(self, symbol: Symbol, quote: Quote | None, forming: Bar | None) -> None:
        """A newer quote or forming candle takes the place of the unread one."""
        with self._lock:
            key = ("news", symbol)
            known = self._queue.get(key)
            if known is not None:
                quote, forming = quote or known.quote, forming or known.forming
            self._queue[key] = MarketEvent(symbol, forming=forming, quote=quote)
        self._rouse()

    def put_fact(self, symbol: Symbol, fact: Fact) -> None:
        """A newer one of its kind and market takes the place of the unread one."""
        with self._lock:
            self._queue[(type(fact), symbol)] = MarketEvent(symbol, fact=fact)
        self._rouse()

    def pull(self) -> MarketEvent | None:
        with self._lock:
            if not self._queue:
                self._is_asleep = True
                return None
            key, event = self._queue.popitem(last=False)
            if event.dropped is not None:
                self._sentences -= 1
            if isinstance(key, tuple) and key[0] == "candle":
                self._candles -= 1
            return event

    def _append(self, event: MarketEvent, *, counted: bool = False) -> None:
        self._count += 1
        self._queue[("candle" if counted else "other", self._count)] = event

    def _rouse(self) -> None:
        with self._lock:
            is_asleep, self._is_asleep = self._is_asleep, False
        if is_asleep:
            self._wake()
