"""The stream groups of all markets: which there are and what each is doing; on the connection's loop."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

import structlog

from actors.venues.exchange.hosts import left_behind
from actors.venues.exchange.streams import StreamGroup
from actors.venues.exchange.streams_flags import reader_of
from actors.venues.exchange.streams_watch import (
    CandleWatch,
    QuoteWatch,
    Receiver,
    TradeWatch,
    Watch,
    has_quotes,
)
from core.ids import Symbol

if TYPE_CHECKING:
    from actors.venues.exchange.connection import Connection
    from actors.venues.exchange.link import Link

log = structlog.get_logger("feed")

PER_SOCKET = 25
"""Markets on one ccxt object: a broken one takes no more with it."""


class Streams:
    """``is_open`` says whether candles can be taken; quotes always can, for only the newest are kept."""

    def __init__(
        self,
        connection: Connection,
        link: Link,
        symbols: tuple[Symbol, ...],
        timeframe: str,
        receiver: Receiver,
        is_open: Callable[[], bool],
    ) -> None:
        exchange, has = connection.exchange, connection.exchange.has
        left = left_behind(exchange)
        if left.public:
            log.warning("public streams stay off", venue=link.name, why=" ".join(left.sentences))
            has = {}
        self.says_closed = reader_of(exchange.id) is not None and bool(has.get("watchOHLCV"))
        """The venue's candle stream says itself when a candle is over."""
        self.groups: list[StreamGroup] = []
        self._all: dict[int, tuple[Symbol, ...]] = {}
        self._of: dict[tuple[str, Symbol], StreamGroup] = {}
        epochs = count(1)
        for at in range(0, len(symbols), PER_SOCKET):
            some = symbols[at : at + PER_SOCKET]
            watches: list[Watch] = []
            if has.get("watchOHLCV"):
                watches.append(CandleWatch(some, timeframe, receiver))
            elif has.get("watchTrades"):
                watches.append(TradeWatch(some, receiver))
            if has_quotes(has):
                watches.append(QuoteWatch(some, receiver))
            for watch in watches:
                is_wanted = _always if watch.kind == "quotes" else is_open
                self._all[id(watch)] = some
                group = StreamGroup(connection, link, watch, epochs, link.steady, is_wanted)
                self.groups.append(group)
                kind = "quotes" if watch.kind == "quotes" else "candles"
                self._of |= {(kind, symbol): group for symbol in some}

    def is_up(self, kind: str, symbol: Symbol) -> bool:
        group = self._of.get((kind, symbol))
        return group is not None and group.is_up

    def heard(self, kind: str, symbol: Symbol) -> None:
        self._of[kind, symbol].heard_news()

    def contradict(self, kind: str, symbol: Symbol, why: str) -> None:
        self._of[kind, symbol].contradict(why)

    def keep(self, symbols: set[Symbol]) -> None:
        """Watch these markets only: one that is gone may spoil a subscription for all."""
        for group in self.groups:
            kept = tuple(symbol for symbol in self._all[id(group.watch)] if symbol in symbols)
            if kept != group.watch.symbols:
                group.watch.symbols = kept
                group.contradict("the markets have changed")

    @property
    def state(self) -> str:
        """How the news comes, in a word or two."""
        up = sum(group.is_up for group in self.groups)
        if up == len(self.groups) > 0:
            return "streams"
        return "streams and polling" if up else "polling"


def _always() -> bool:
    return True
