"""A real venue's public market, live: implements ``core.ports.LiveSource`` on a connection of its own.

The connection's thread listens and asks; the feed's thread pulls.  ``instruments`` opens the connection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import structlog

from actors.venues.exchange.hosts import honest
from actors.venues.exchange.source_life import Life
from actors.venues.exchange.source_outbox import FULL, Outbox
from core.errors import BadSettings
from core.ids import Symbol
from core.instrument import Instrument
from core.market import TIMEFRAME_MS, Bar
from core.ports import MarketEvent
from core.venue import Capabilities

if TYPE_CHECKING:
    from actors.venues.exchange.connection import Connection
    from actors.venues.exchange.link import Link

log = structlog.get_logger("feed")


class ExchangeSource:
    """Needs no keys.  ``confirms`` says whether each candle waits for REST where the venue's stream does not say that
    it is over: None decides by what the venue's limits allow.
    """

    total: int | None = None

    def __init__(
        self,
        link: Link,
        symbols: tuple[Symbol, ...],
        timeframe: str,
        *,
        confirms: bool | None = None,
        full: int = FULL,
        refresh_every: float = 1800.0,
    ) -> None:
        self.label = link.title
        self.timeframe = timeframe
        self.fingerprint = f"exchange:{link.name}:{timeframe}:{','.join(symbols)}"
        self._link, self._symbols = link, symbols
        self._options: dict[str, Any] = {"confirms": confirms, "refresh_every": refresh_every}
        self._outbox = Outbox(full)
        self._connection: Connection | None = None
        self._instruments: tuple[Instrument, ...] = ()
        self._last: Mapping[Symbol, int] = {}
        self._running: Future[None] | None = None
        self.capabilities: Capabilities | None = None
        """What the venue can do, once connected."""
        self.life: Life | None = None
        """Everything that lives on the connection's loop, once started."""

    def instruments(self) -> tuple[Instrument, ...]:
        """Connects at the first call: ``TryAgain``, ``KeysRefused`` or ``BadSettings`` in one sentence."""
        if self._connection is None:
            from actors.venues.exchange.connection import Connection
            from actors.venues.exchange.markets import capabilities_of, instruments_of

            with ExitStack() as undone:
                connection = Connection(self._link, "market-data")
                undone.callback(connection.close)
                connection.open()
                self._check_timeframe(connection.exchange)
                self._instruments = tuple(instruments_of(connection.exchange, self._symbols, self._link.name))
                caps = capabilities_of(connection.exchange, self._symbols)
                self.capabilities = honest(caps, connection.exchange)
                undone.pop_all()
            self._connection = connection
        return self._instruments

    def _check_timeframe(self, exchange: Any) -> None:
        known = exchange.timeframes or {}
        if known and self.timeframe not in known:
            good = [name for name in TIMEFRAME_MS if name in known]
            raise BadSettings(
                f"{self.label} has no candles of {self.timeframe}; choose one of {', '.join(good) or 'none'}."
            )

    def history(self, symbol: Symbol) -> Sequence[Bar]:
        """What is known of the past so far; it also comes by itself, as a fact in front of the first candle."""
        return self.life.history(symbol) if self.life is not None else ()

    def skip(self, candles: int) -> None:
        """A live market cannot be wound forward: ``resume`` says where to go on."""

    def resume(self, last: Mapping[Symbol, int]) -> None:
        self._last = dict(last)

    def start(self, wake: Callable[[], None]) -> None:
        instruments = self.instruments()
        assert self._connection is not None
        self._outbox.start(wake)
        self.life = Life(
            self._connection,
            self._link,
            instruments,
            self.timeframe,
            self._outbox,
            self._last,
            **self._options,
        )
        self._running = self._connection.spawn(self.life.run())
        self._running.add_done_callback(self._ended)

    def _ended(self, running: Future[None]) -> None:
        if not running.cancelled() and running.exception() is not None:
            log.error("the market's data stopped", exc_info=running.exception())

    def pull(self) -> MarketEvent | None:
        if self._running is not None and self._running.done() and not self._running.cancelled():
            self._running.result()  # what ended it is the feed's failure: the stage dies with it, visibly
        return self._outbox.pull()

    def close(self) -> None:
        """Ends everything on the connection's loop with it, within some two seconds."""
        if self._connection is not None:
            self._connection.close()
