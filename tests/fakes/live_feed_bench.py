"""A live source on the wire-level venue, read by a thread as the feed reads it; and a venue that only streams."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from actors.venues.exchange.connection import Access, Link
from actors.venues.exchange.source import ExchangeSource
from core.budget import Bucket
from core.clock import SystemClock
from core.ids import Symbol, VenueName
from core.market import Quote
from core.messages import BarsSeen, CandleDropped, LinkNoted, SymbolAged
from core.ports import MarketEvent
from tests.venue.binance import Binance
from tests.venue.kraken import Kraken
from tests.venue.market_driver import MarketDriver, in_the_past
from tests.venue.server import VenueServer, ccxt_config
from tests.venue.tape import MINUTE

PATIENCE = 30.0
MARKETS = {"binance": ("BTC/USDT", "ETH/USDT"), "kraken": ("BTC/USD", "ETH/USD")}


def table(venue: VenueServer, timeout: int = 2000) -> dict[str, Any]:
    """The settings' free table that leads a venue's adapter to loopback."""
    config = ccxt_config(venue, keys=False, timeout=timeout)
    return {key: config[key] for key in ("urls", "timeout", "options") if key in config}


def link_to(venue: VenueServer, timeout: float = 2.0, *, is_quick: bool = True) -> Link:
    """Quick: Kraken's limit of one public call a second, which the venue here does not count, is left out."""
    limits = (Bucket("public", 60.0, 30.0, "calls"),) if is_quick and venue.api.ccxt_id == "kraken" else ()
    table_of = table(venue, int(timeout * 1000))
    return Link(Access(VenueName(venue.api.ccxt_id), table_of, None, timeout, None, limits), SystemClock())


class Reader:
    """Pulls whenever it is woken, in a thread of its own; keeps what it got."""

    def __init__(self, source: ExchangeSource, last: dict[Symbol, int] | None = None) -> None:
        self.source = source
        self.events: list[tuple[float, MarketEvent]] = []
        self.wakes = 0
        self._woken = threading.Event()
        self._ends = False
        source.instruments()
        source.resume(last or {})
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)
        source.start(self._wake)
        self._thread.start()

    def _wake(self) -> None:
        self.wakes += 1
        self._woken.set()

    def _run(self) -> None:
        while not self._ends:
            while (event := self.source.pull()) is not None:
                self.events.append((time.monotonic(), event))
            self._woken.wait(0.5)
            self._woken.clear()

    def close(self) -> None:
        self._ends = True
        self._woken.set()
        self._thread.join(10)
        self.source.close()

    # ------------------------------------------------------------ what came

    def candles(self, symbol: str) -> list[tuple[float, ...]]:
        return [
            tuple(event.bar)
            for _, event in list(self.events)
            if event.bar is not None and event.symbol == symbol
        ]

    def live(self, symbol: str) -> list[int]:
        """Open times of the candles that were no past ones."""
        return [
            event.bar.ts
            for _, event in list(self.events)
            if event.bar is not None and event.symbol == symbol and not event.is_past
        ]

    def arrivals(self, symbol: str) -> dict[int, float]:
        return {
            event.bar.ts: at
            for at, event in list(self.events)
            if event.bar is not None and event.symbol == symbol
        }

    def quotes(self, symbol: str) -> list[Quote]:
        return [
            event.quote
            for _, event in list(self.events)
            if event.quote is not None and event.symbol == symbol
        ]

    def dropped(self) -> list[CandleDropped]:
        return [event.dropped for _, event in list(self.events) if event.dropped is not None]

    def shown(self, symbol: str) -> list[tuple[float, ...]]:
        """The history that came as a fact."""
        return [
            tuple(bar)
            for _, event in list(self.events)
            if isinstance(event.fact, BarsSeen) and event.symbol == symbol
            for bar in event.fact.bars
        ]

    def ages(self, symbol: str) -> list[SymbolAged]:
        facts = [event.fact for _, event in list(self.events) if event.symbol == symbol]
        return [fact for fact in facts if isinstance(fact, SymbolAged)]

    def notes(self) -> list[LinkNoted]:
        return [event.fact for _, event in list(self.events) if isinstance(event.fact, LinkNoted)]

    def forming(self, symbol: str) -> list[tuple[float, ...]]:
        found = [event.forming for _, event in list(self.events) if event.symbol == symbol]
        return [tuple(bar) for bar in found if bar is not None]


def until(condition: Callable[[], bool], what: str = "it", seconds: float = PATIENCE) -> float:
    """Waits for a condition; how long it took.  ``AssertionError`` when it does not come."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(0.01)
    raise AssertionError(f"{what} did not come in {seconds:g} s")


class Desk:
    """A venue in the past, its driver, and what reads it."""

    def __init__(self, server: VenueServer) -> None:
        self.server = server
        self.symbols = tuple(Symbol(name) for name in MARKETS[server.api.ccxt_id])
        self.driver = MarketDriver(server, *self.symbols)
        self._readers: list[Reader] = []

    def read(self, last: dict[Symbol, int] | None = None, link: Link | None = None, **options: Any) -> Reader:
        source = ExchangeSource(link or link_to(self.server), self.symbols, "1m", **options)
        reader = Reader(source, last)
        self._readers.append(reader)
        return reader

    def ready(self, **options: Any) -> Reader:
        """A reader whose warm-up is over and whose streams are up."""
        reader = self.read(**options)
        until(lambda: all(reader.candles(symbol) for symbol in self.symbols), "the warm-up")
        until(lambda: self.are_up(reader), "the streams")
        return reader

    def are_up(self, reader: Reader) -> bool:
        """Some streams say nothing before something happens."""
        are_up = all(group.is_up for group in life(reader).streams.groups)
        if not are_up:
            self.driver.stir()
            time.sleep(0.1)
        return are_up

    def minutes(self, reader: Reader, count: int, **options: Any) -> None:
        """That many minutes, each when the candle in front of it has come."""
        for _ in range(count):
            self.driver.minute(**options)
            self.caught_up(reader, quiet=options.get("quiet", ()))

    def caught_up(self, reader: Reader, quiet: Any = (), seconds: float = 30.0) -> None:
        for symbol in self.symbols:
            if symbol not in quiet:
                last = self.driver.closed(symbol)[-1][0]
                until(lambda s=symbol, t=last: reader.candles(s)[-1][0] >= t, f"{symbol}", seconds)  # type: ignore[misc]

    def check(self, reader: Reader) -> None:
        """What came is the venue's own, none twice, none out of order, no hole."""
        for symbol in self.symbols:
            got, own = reader.shown(symbol) + reader.candles(symbol), self.driver.closed(symbol)
            assert all(after[0] - before[0] == MINUTE for before, after in pairwise(got))
            first = next(row[0] for row in got)
            assert got == [row for row in own if row[0] >= first][: len(got)]

    def close(self) -> None:
        for reader in self._readers:
            reader.close()


@contextmanager
def desk_on(kind: str, seed: int = 3) -> Iterator[Desk]:
    """A desk on a fresh venue whose market is in the past; closed at the end."""
    with VenueServer(in_the_past(Binance(seed=seed) if kind == "binance" else Kraken(seed=seed))) as server:
        made = Desk(server)
        try:
            yield made
        finally:
            made.close()


def life(reader: Reader) -> Any:
    assert reader.source.life is not None
    return reader.source.life


def measure(port: int, markets: int, minutes: int) -> dict[str, float]:
    """Reads that many closed candles per market from ``tests.venue.stream_only``; memory, threads and descriptors."""
    import ccxt.pro
    import psutil

    from tests.venue.server import to_loopback
    from tests.venue.stream_only import START, names, row

    spot = {
        "defaultType": "spot",
        "fetchMarkets": {"types": ["spot"]},
        "fetchCurrencies": False,
        "fetchMargins": False,
    }
    reached = {"urls": {"api": to_loopback(ccxt.pro.binance().urls["api"], port)}, "options": spot}
    symbols = tuple(Symbol(f"{name}/USDT") for name in names(markets))
    source = ExchangeSource(Link(Access(VenueName("binance"), reached), SystemClock()), symbols, "1m")
    source.instruments()
    woken, process = threading.Event(), psutil.Process()
    source.start(woken.set)
    next_ts = dict.fromkeys(symbols, 0)
    live = past = quotes = 0
    before: tuple[float, int, int] | None = None
    start = begun = time.monotonic()
    while live < markets * minutes:
        event = source.pull()
        if event is None:
            assert time.monotonic() - begun < 600, f"{live} live candles, {past} past ones"
            woken.wait(0.2)
            woken.clear()
            continue
        quotes += event.quote is not None
        assert event.dropped is None, event.dropped
        if event.bar is None:
            continue
        assert next_ts[event.symbol] in (0, event.bar.ts), (event.symbol, event.bar.ts, next_ts[event.symbol])
        next_ts[event.symbol] = event.bar.ts + MINUTE
        own = row(event.symbol[:3], (event.bar.ts - START) // MINUTE)
        assert tuple(event.bar) == (own[0], *(float(value) for value in own[1:])), event
        past, live = past + event.is_past, live + (event.bar.ts >= START)
        if before is None and live >= markets * minutes // 5:
            before = (process.memory_info().rss, process.num_threads(), process.num_fds())
            start = time.monotonic()
    assert before is not None
    after = (process.memory_info().rss, process.num_threads(), process.num_fds())
    requests = source._link.statistics().requests
    source.close()
    return {
        "candles": live, "behind": past - markets * 300, "quotes": quotes, "requests": requests,
        "seconds": time.monotonic() - start, "megabytes": before[0] / 1e6, "growth": after[0] / before[0] - 1,
        "threads": after[1] - before[1], "descriptors": after[2] - before[2],
    }  # fmt: skip
