"""A real venue as anybody sees it, without keys: its markets, its clock and what Belay can do there; any thread."""

from __future__ import annotations

from typing import Any, Protocol

from actors.venues.opening import firi_link, link_to
from actors.venues.venue_ids import FIRI, checked_venue
from core.ids import Symbol
from core.instrument import Instrument
from core.settings import Settings
from core.venue import Capabilities, LinkStatistics


class VenueView(Protocol):
    """The part of ``core.venue.Exchange`` that needs no keys."""

    caps: Capabilities

    def open(self) -> None: ...

    def close(self) -> None: ...

    def instruments(self, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]: ...

    def statistics(self) -> LinkStatistics: ...


def view_of(venue: str, settings: Settings) -> VenueView:
    """Not open yet; each call blocks for a bounded time and raises ``TryAgain`` or ``BadSettings``."""
    return _FiriView(settings) if checked_venue(venue) == FIRI else _View(venue, settings)


class _View:
    """A venue of ccxt on a connection of its own."""

    caps: Capabilities

    def __init__(self, venue: str, settings: Settings) -> None:
        from actors.venues.exchange.connection import Connection

        self._link = link_to(venue, settings, None, None)
        self._connection = Connection(self._link, "view")

    def open(self) -> None:
        from actors.venues.exchange.hosts import honest
        from actors.venues.exchange.markets import capabilities_of

        async def told(exchange: Any) -> Capabilities:
            return honest(capabilities_of(exchange), exchange)

        self._connection.open()
        self.caps = self._connection.read(told)

    def close(self) -> None:
        self._connection.close()

    def instruments(self, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]:
        from actors.venues.exchange.markets import instruments_of

        async def told(exchange: Any) -> tuple[Instrument, ...]:
            return instruments_of(exchange, symbols, self._link.name)

        return self._connection.read(told)

    def statistics(self) -> LinkStatistics:
        return self._link.statistics()


class _FiriView:
    """Firi's public part."""

    def __init__(self, settings: Settings) -> None:
        from actors.venues.firi.capabilities import CAPABILITIES

        self.caps = CAPABILITIES
        self._link = firi_link(settings, None)

    def open(self) -> None:
        self._link.sync_clock()

    def close(self) -> None:
        self._link.close()

    def instruments(self, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]:
        from actors.venues.firi.exchange import instruments_of

        return instruments_of(self._link, symbols)

    def statistics(self) -> LinkStatistics:
        return self._link.statistics()
