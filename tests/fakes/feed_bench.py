"""A feed without its thread, on a clock by hand, with a scripted source in front of it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from actors.feed.pace import Pace
from actors.feed.stage import FeedStage
from actors.hub import FactHub
from core.clock import instant
from core.ids import Symbol
from core.instrument import Instrument
from core.market import Bar, Quote
from core.messages import FeedProgressed, Report
from core.money import Price
from core.ports import MarketEvent

MINUTE = 60_000
BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
FULL = Pace()
NOW = datetime(2030, 1, 1, tzinfo=UTC)


def bar(minute: int, close: float = 10.5) -> Bar:
    return Bar(minute * MINUTE, 10.0, 11.0, 9.0, close, 2.0)


def closing(minute: int, symbol: Symbol = BTC) -> MarketEvent:
    return MarketEvent(symbol, bar(minute))


def moment(minute: int, seconds: int, symbol: Symbol = BTC) -> MarketEvent:
    at = instant(minute * MINUTE + seconds * 1000)
    quote = Quote(symbol, Price("10.4"), Price("10.5"), Price("10.5"), at)
    return MarketEvent(symbol, forming=bar(minute), quote=quote)


class Script:
    """A market source that releases what it was given."""

    label, fingerprint, timeframe = "Script", "script", "1m"

    def __init__(self, events: Sequence[MarketEvent], history: Sequence[Bar] = ()) -> None:
        self._events, self._past = list(events), tuple(history)
        self.total: int | None = sum(event.bar is not None for event in events)
        self.pulled = 0

    def instruments(self) -> tuple[Instrument, ...]:
        return tuple(Instrument(symbol, Decimal("0.1"), Decimal("0.01")) for symbol in (BTC, ETH))

    def history(self, symbol: Symbol) -> Sequence[Bar]:
        return self._past if symbol == BTC else ()

    def skip(self, candles: int) -> None:
        self.pulled = candles

    def pull(self) -> MarketEvent | None:
        self.pulled += 1
        return self._events[self.pulled - 1] if self.pulled <= len(self._events) else None


class Hand:
    """Both clocks, moved by the test."""

    seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return NOW


class FeedBench:
    """A feed without its thread: ``happened`` is, in order, what it told, published and gave to the venue."""

    name = "strategy"

    def __init__(
        self,
        source: Any,
        pace: Pace = FULL,
        start: int = 0,
        reports: dict[int, int] | None = None,
        age_budget: float | None = None,
    ) -> None:
        self.happened: list[Any] = []
        self.reports = reports or {}
        self.hand = Hand()
        hub = FactHub()
        hub.subscribe(self.happened.append)
        self.feed = FeedStage(
            hub, source, self._match, self, pace, self.hand, start, age_budget=age_budget, monotonic=self.hand
        )
        self.note = self.feed.begin()

    def _match(self, number: int, symbol: Symbol, bar: Bar) -> list[Report]:
        self.happened.append(("match", number, symbol, bar))
        return [object()] * self.reports.get(number, 0)  # type: ignore[list-item]

    def tell(self, message: object) -> None:
        self.happened.append(message)

    def send(self, *messages: Any) -> list[Any]:
        """What happens on these messages, progress left out."""
        self.happened.clear()
        for message in messages:
            self.feed.receive(message)
        return [what for what in self.happened if not isinstance(what, FeedProgressed)]

    def inbox(self) -> list[Any]:
        """What the feed has left for itself."""
        found = []
        while not self.feed.actor_inbox.empty():
            found.append(self.feed.actor_inbox.get().message)
        return found

    def progress(self) -> list[FeedProgressed]:
        return [what for what in self.happened if isinstance(what, FeedProgressed)]

    def of(self, kind: type) -> list[Any]:
        return [what for what in self.happened if isinstance(what, kind)]
