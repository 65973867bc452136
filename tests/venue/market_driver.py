"""Closes candles on the wire-level venue as fast as a test likes, in a past that is far from this computer's clock."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tests.venue import binance_shapes, kraken_reports
from tests.venue.matching import Matching
from tests.venue.server import VenueServer
from tests.venue.tape import MINUTE

PAST = 1_600_000_020_000 // MINUTE * MINUTE


def in_the_past(api: Any, at: int = PAST) -> Any:
    """The venue's market as if it were ``at``: tapes begin there, its clock stands still until it is driven."""
    api.clock.fix(at)
    core: Matching = api.core
    for tape in core.tapes.values():
        tape.minutes.clear()
        tape.prints.clear()
        tape.begin(at)
        tape.add_print(tape.last, tape.market.step, at, False)
    return api


class MarketDriver:
    """Moves some markets of a venue through minutes; all of it on the venue's thread."""

    def __init__(self, venue: VenueServer, *symbols: str) -> None:
        self.venue, self.symbols = venue, symbols

    def minute(self, moves: int = 3, quiet: Collection[str] = ()) -> None:
        """Some trades in this minute, then the first of the next one: every market that is not quiet moves."""
        self.venue.do(self._minute, moves, quiet)

    def stir(self) -> None:
        """One trade in every market, within the minute."""
        self.venue.do(self._walk, self.venue.api.core, ())

    def _minute(self, moves: int, quiet: Collection[str]) -> None:
        clock, core = self.venue.api.clock, self.venue.api.core
        for move in range(moves):
            clock.advance(MINUTE // (moves + 1) if move < moves - 1 else 1)
            self._walk(core, quiet)
        clock.fix(clock.now() // MINUTE * MINUTE + MINUTE)
        self._walk(core, quiet)

    def _walk(self, core: Matching, quiet: Collection[str]) -> None:
        for symbol in self.symbols:
            if symbol not in quiet:
                core.walk(symbol)

    def closed(self, symbol: str) -> list[tuple[float, ...]]:
        """The venue's own closed candles, oldest first, as numbers on the wire become floats."""
        return self.venue.do(self._closed, symbol)

    def _closed(self, symbol: str) -> list[tuple[float, ...]]:
        api = self.venue.api
        rows = api.core.tapes[symbol].candles(MINUTE, api.clock.now(), None, 100_000)[:-1]
        if api.ccxt_id == "binance":
            digits = [(bar.ts, *binance_shapes.kline(bar, MINUTE)[1:6]) for bar in rows]
        else:
            digits = [
                (bar.ts, bar.open, bar.high, bar.low, bar.close, bar.volume.quantize(kraken_reports.EIGHT))
                for bar in rows
            ]
        return [(row[0], *(float(value) for value in row[1:])) for row in digits]
