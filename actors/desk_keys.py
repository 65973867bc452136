"""The keyring as the window's page of keys sees it: secrets go in, and never come out; any thread but the window's."""

from __future__ import annotations

from pathlib import Path

from actors.commands.venue_check import OPEN_S, READ_S, bounded, opened
from actors.keys import KeyStore
from actors.venue_keys import checked_keys, venue_name
from actors.venues.opening import no_keys, open_exchange
from core.errors import Refused
from core.settings import Settings
from core.venue import KeyRights


class DeskKeys:
    """Implements ``core.ports.KeyRing`` on the operating system's keyring."""

    def __init__(self, home: Path, settings: Settings) -> None:
        self._home, self._settings, self._store = home, settings, KeyStore()

    def backend(self) -> str:
        return self._store.backend()

    def venues(self) -> tuple[str, ...]:
        return self._store.venues()

    def put(self, venue: str, api_key: str, secret: str, password: str | None) -> None:
        self._store.put(venue_name(venue), checked_keys(api_key, secret, password))

    def delete(self, venue: str) -> None:
        self._store.delete(venue_name(venue))

    def test(self, venue: str) -> KeyRights:
        """Sign in and ask; ``KeysRefused``, ``TryAgain`` or ``Refused`` where there are none."""
        keys = self._store.get(venue_name(venue))
        if keys is None:
            raise Refused(no_keys(venue, self._settings))
        exchange = open_exchange(venue_name(venue), self._settings, keys, self._home, ())
        with opened(exchange, OPEN_S):
            bounded(READ_S, exchange.balances)
            return bounded(READ_S, exchange.key_rights)
