"""What goes on between a venue's public news and the outbox; all of it on the connection's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from actors.venues.exchange.candles import CandleLine
from actors.venues.exchange.candles_pace import VenuePace
from actors.venues.exchange.source_asking import Asker
from actors.venues.exchange.source_market import Market
from actors.venues.exchange.source_markets import MarketRefresh
from actors.venues.exchange.source_outbox import Outbox
from actors.venues.exchange.source_rest import Rest
from actors.venues.exchange.source_start import Start
from actors.venues.exchange.source_streams import Streams
from core.candle_builder import CandleBuilder, Print
from core.errors import BadValue
from core.ids import Symbol
from core.instrument import Instrument
from core.market import TIMEFRAME_MS, Bar
from core.messages import LinkNoted

if TYPE_CHECKING:
    from actors.venues.exchange.connection import Connection
    from actors.venues.exchange.link import Link

log = structlog.get_logger("feed")

LOOK_EVERY = 0.25
NOTED_EVERY = 5.0
LEAST_BUDGET = 10.0
"""Seconds without news by any way after which a market's price is stale."""
CONFIRM_TIME = 5.0
"""All markets' closes are confirmed by REST where that takes no longer, and only at a pace that leaves the time."""
DOUBT = 10.0
"""Seconds for which a candle waits for that."""


class Life:
    """Implements ``source_asking.Source`` and ``streams_watch.Receiver``."""

    def __init__(
        self,
        connection: Connection,
        link: Link,
        instruments: Sequence[Instrument],
        timeframe: str,
        outbox: Outbox,
        last: Mapping[Symbol, int],
        *,
        confirms: bool | None = None,
        refresh_every: float = 1800.0,
    ) -> None:
        self._connection, self._link, self._outbox = connection, link, outbox
        self.timeframe, self._span = timeframe, TIMEFRAME_MS[timeframe]
        self._confirms = confirms
        self.now = link.steady
        self.pace = VenuePace(self._span)
        self.rest = Rest(connection, timeframe, self._span)
        symbols = tuple(one.symbol for one in instruments)
        self.streams = Streams(connection, link, symbols, timeframe, self, self.is_open)
        self._has_flags = self.streams.says_closed
        doubt = {} if self._has_flags else {"doubt": DOUBT}
        self.markets: Mapping[Symbol, Market] = {
            one.symbol: Market(
                one.symbol,
                one,
                CandleLine(one.symbol, self._span, trusts_stream=not self._has_flags, **doubt),
            )
            for one in instruments
        }
        self._start = Start(self, outbox, last)
        self._was_full = False
        self._refresh = MarketRefresh(connection, link, self.markets, self.streams, refresh_every)
        self.asker = Asker(self)

    # ---------------------------------------------------------------- life

    async def run(self) -> None:
        """Until cancelled; a part that fails takes the whole with it, so nobody trades on a half-dead source."""
        async with asyncio.TaskGroup() as parts:
            for group in self.streams.groups:
                parts.create_task(group.run())
            parts.create_task(self._start.run())
            parts.create_task(self.asker.run())
            parts.create_task(self._look())
            parts.create_task(self._refresh.run())

    async def _look(self) -> None:
        """What time alone brings about: candles that have waited long enough, ages, the state of the connection."""
        noted, state = float("-inf"), ""
        while True:
            now = self.now()
            self._decide_trust()
            for market in self.markets.values():
                self._release(market, now)
                aged = market.aged(now, LEAST_BUDGET)
                if aged is not None:
                    self._outbox.put_fact(market.symbol, aged)
            if now - noted >= NOTED_EVERY or self.streams.state != state:
                noted, state = now, self.streams.state
                noting = LinkNoted(self._link.name, state, "", self._link.statistics())
                self._outbox.put_fact(next(iter(self.markets)), noting)
            await asyncio.sleep(LOOK_EVERY)

    def _decide_trust(self) -> None:
        """Whether a streamed candle goes out when its successor begins, or waits for REST to say the same."""
        if self._has_flags:
            return
        takes = len(self.markets) * self.rest.pause
        interval = self.pace.interval or self._span / 1000
        confirms = (
            takes <= CONFIRM_TIME and interval >= 4 * takes if self._confirms is None else self._confirms
        )
        for market in self.markets.values():
            has_rest = self.rest.has_candles and market.symbol not in self.rest.refused
            market.line.trusts_stream = not (confirms and has_rest)

    def doubt_markets(self) -> None:
        """An answer says that a market may be gone: look soon."""
        self._refresh.doubt()

    # ---------------------------------------------------------------- Source, for the asker and the start

    def history(self, symbol: Symbol) -> Sequence[Bar]:
        return self._start.shown.get(symbol, ())

    def is_open(self) -> bool:
        """The reader can take more."""
        is_full = self._outbox.is_full
        if is_full and not self._was_full:
            log.warning(
                "The candles are read more slowly than the venue makes them: the streams rest until half is read.",
                unread=self._outbox.candles,
            )
        self._was_full = is_full
        return not is_full

    def is_streamed(self, kind: str, symbol: Symbol) -> bool:
        return self.streams.is_up(kind, symbol)

    def contradict(self, kind: str, symbol: Symbol, why: str) -> None:
        self.markets[symbol].strikes.pop(kind, None)
        self.streams.contradict(kind, symbol, why)

    def candles_told(self, market: Market, bars: Sequence[Bar], reached: int | None) -> bool:
        now = self.now()
        has_news = market.line.told(bars, now, reached)
        market.heard(now, "stream" if self.is_streamed("candles", market.symbol) else "polling")
        self._after(market, now)
        return has_news

    def ticker_told(self, market: Market, ticker: Mapping[str, Any]) -> bool:
        now = self.now()
        market.heard(now, "stream" if self.is_streamed("quotes", market.symbol) else "polling")
        before = market.quote
        self._quote(market, ticker)
        is_new = market.quote is not None and before is not None
        return is_new and (market.quote.bid, market.quote.ask) != (before.bid, before.ask)  # type: ignore[union-attr]

    def warmed(self, market: Market, last: int, close: float | None) -> None:
        """Its past is out: from here on every candle is live."""
        now = self.now()
        market.line.begin(last, close, now)
        market.heard(now, "stream" if self.is_streamed("candles", market.symbol) else "polling")
        self._after(market, now)
        early, market.early = market.early, None
        if early is not None:
            self._quote(market, early)

    # ---------------------------------------------------------------- Receiver, for the streams

    def candle(self, symbol: Symbol, bar: Bar, epoch: int, *, is_closed: bool) -> None:
        market, now = self.markets.get(symbol), self.now()
        if market is None:
            return
        self._streamed("candles", market, now)
        if market.line.streamed(bar, now, epoch, is_closed=is_closed):
            market.candle_at = now
            market.strikes.pop("candles", None)
        self._after(market, now)

    def trades(self, symbol: Symbol, prints: Sequence[Print], epoch: int) -> None:
        market, now = self.markets[symbol], self.now()
        self._streamed("candles", market, now)
        if market.builder is None or market.builder_epoch != epoch:
            market.builder, market.builder_epoch = CandleBuilder(self._span), epoch
            market.is_built_whole = False
        for bar in market.builder.add(prints):
            # Of the first candle the beginning may be missing: the venue's own has to take its place.
            if market.is_built_whole or not self.rest.has_candles:
                market.line.streamed(bar, now, epoch)
            market.is_built_whole = True
        forming = market.builder.forming
        if forming is not None:
            market.line.streamed(forming, now, epoch if market.is_built_whole else 0)
        market.candle_at = now
        market.strikes.pop("candles", None)
        self._after(market, now)

    def ticker(self, symbol: Symbol, ticker: Mapping[str, Any]) -> None:
        market, now = self.markets[symbol], self.now()
        self._streamed("quotes", market, now)
        market.quote_at = now
        market.strikes.pop("quotes", None)
        self._quote(market, ticker)

    def _streamed(self, kind: str, market: Market, now: float) -> None:
        self.streams.heard(kind, market.symbol)
        market.heard(now, "stream")

    # ---------------------------------------------------------------- to the outbox

    def _quote(self, market: Market, ticker: Mapping[str, Any]) -> None:
        if market.line.last is None:
            market.early = ticker
            return
        try:
            quote = market.quote_of(ticker, self._link.clock.now())
        except BadValue as fault:
            market.bad_quotes += 1
            log.info("quote dropped", symbol=market.symbol, why=str(fault), so_far=market.bad_quotes)
            return
        if quote is not None:
            market.quote = quote
            self._outbox.put_news(market.symbol, quote, None)

    def _after(self, market: Market, now: float) -> None:
        """Something is known of a market's candles that was not known before."""
        if market.line.newest is not None and market.line.last is not None:
            self.pace.saw(market.line.newest, now)
        self._release(market, now)
        forming = market.line.forming
        if forming is not None and forming != market.forming:
            market.forming = forming
            self._outbox.put_news(market.symbol, None, forming)

    def _release(self, market: Market, now: float) -> None:
        released = market.line.release(now)
        for dropped in released.dropped:
            log.warning(
                f"{market.symbol}: {dropped.reason}.", symbol=market.symbol, bad_so_far=market.line.bad
            )
            self._outbox.put_dropped(dropped)
        for bar in released.bars:
            self._outbox.put_candle(market.symbol, bar, is_past=bar is not released.bars[-1])
