"""The keyring as the window sees it (``core.ports.KeyRing``): a secret goes in and never comes out; any thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from actors.commands.venue_check import READ_S, VenueDoors, bounded, opened
from actors.keys import KeyStore
from actors.venue_keys import checked_keys, venue_name
from actors.venues.opening import no_keys
from actors.venues.venue_ids import checked_venue
from core.errors import BadData, Refused
from core.settings import Settings
from core.venue import Exchange, KeyRights


class SystemKeyRing:
    """Every call blocks for a bounded time and raises a ``BelayError`` in one sentence."""

    def __init__(
        self, settings: Settings, home: Path, open_account: Callable[[str], Exchange] | None = None
    ) -> None:
        self._settings, self._home = settings, home
        self._store = KeyStore()
        self._open_account = open_account or self._account

    def backend(self) -> str:
        return self._store.backend()

    def venues(self) -> tuple[str, ...]:
        return self._store.venues()

    def put(self, venue: str, api_key: str, secret: str, password: str | None) -> None:
        name = checked_venue(venue_name(venue))
        self._store.put(name, checked_keys(api_key, secret, password or None))

    def delete(self, venue: str) -> None:
        if not self._store.delete(venue_name(venue)):
            raise BadData(f"There are no keys of {venue} in the keyring.")

    def test(self, venue: str) -> KeyRights:
        """Signs in for real: the venue has taken the keys when this returns."""
        with opened(self._open_account(checked_venue(venue_name(venue)))) as account:
            bounded(READ_S, account.balances)
            return bounded(READ_S, account.key_rights)

    def _account(self, venue: str) -> Exchange:
        keys = self._store.get(venue)
        if keys is None:
            raise Refused(no_keys(venue, self._settings))
        return VenueDoors(venue, self._settings, self._home).exchange(keys)
