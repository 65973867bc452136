"""From the name of a venue to its hands, its market and its keys; ccxt is imported where one is opened; any thread.

What is made here is not open yet: its owner opens it in its own thread, and closes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from actors.keys import KeyStore
from actors.venue_keys import VenueKeys, keys_from_environment
from actors.venues.venue_ids import FIRI, checked_venue
from core.clock import SystemClock
from core.errors import Refused
from core.ids import Symbol, VenueName
from core.ports import LiveSource
from core.settings import Settings
from core.settings_types import ALIASES
from core.venue import Exchange

if TYPE_CHECKING:
    from actors.venues.exchange.link import Link
    from actors.venues.firi.link import FiriLink


def keys_for(venue: str, settings: Settings, environment: Mapping[str, str]) -> VenueKeys | None:
    """The keys from where ``keys.source`` says, None where there are none.

    ``Refused`` without a safe keyring, ``TryAgain`` for one that is locked or hangs, ``BadSettings`` for keys in the
    environment that cannot be.
    """
    if settings.keys.source == "environment":
        return keys_from_environment(environment)
    return KeyStore().get(venue)


def no_keys(venue: str, settings: Settings) -> str:
    """The sentence for a venue without keys."""
    if settings.keys.source == "environment":
        return (
            "EXCHANGE_API_KEY and EXCHANGE_API_SECRET are not both in the environment, from where keys.source takes "
            f"the keys of {venue}; set both."
        )
    return f"There are no keys of {venue}; store them with: python main.py keys set {venue}"


def needed_keys(venue: str, settings: Settings, environment: Mapping[str, str]) -> VenueKeys:
    """As ``keys_for``, and ``Refused`` where there are none."""
    keys = keys_for(venue, settings, environment)
    if keys is None:
        raise Refused(no_keys(venue, settings))
    return keys


def access_table(venue: str, settings: Settings) -> Mapping[str, Any]:
    """The free ``ccxt`` table of the venue's section, under its name or an old one."""
    names = [venue, *(old for old, new in ALIASES.items() if new == venue)]
    return next((settings.venues[name].ccxt for name in names if name in settings.venues), {})


def link_to(venue: str, settings: Settings, keys: VenueKeys | None, home: Path | None) -> Link:
    """What all connections to a venue of ccxt share: make one for a run, and give it to its source and its hands.

    Limits, nonces and the clock's offset are the program's: each link of it goes on from where the others are.
    """
    from actors.venues.exchange.link import PROGRAM, Access, Link

    name = VenueName(checked_venue(venue))
    access = Access(venue=name, ccxt=access_table(name, settings), keys=keys, home=home)
    return Link(access, SystemClock(), registry=PROGRAM)


def firi_link(settings: Settings, keys: VenueKeys | None) -> FiriLink:
    """The same for Firi."""
    from actors.venues.firi.access import access_from
    from actors.venues.firi.link import FiriLink

    return FiriLink(access_from(access_table(FIRI, settings), keys), SystemClock())


def open_exchange(
    venue: str, settings: Settings, keys: VenueKeys | None, home: Path, symbols: tuple[Symbol, ...],
    *, link: Link | FiriLink | None = None,
) -> Exchange:  # fmt: skip
    """The venue with our keys; ``link`` shares limits and nonce with the source of the same run."""
    if checked_venue(venue) == FIRI:
        from actors.venues.firi.exchange import FiriExchange

        own = cast("FiriLink | None", link) or firi_link(settings, keys)
        return FiriExchange(own, symbols)
    from actors.venues.exchange.account import ExchangeAccount

    shared = cast("Link | None", link) or link_to(venue, settings, keys, home)
    return ExchangeAccount(shared, symbols, max_slippage=settings.orders.max_slippage)


def open_live_source(
    venue: str, settings: Settings, home: Path, symbols: tuple[Symbol, ...], timeframe: str,
    *, link: Link | FiriLink | None = None,
) -> LiveSource:  # fmt: skip
    """The venue's public market; needs no keys."""
    if checked_venue(venue) == FIRI:
        from actors.venues.firi.source import FiriSource

        own = cast("FiriLink | None", link) or firi_link(settings, None)
        return FiriSource(own, symbols, timeframe)
    from actors.venues.exchange.source import ExchangeSource

    shared = cast("Link | None", link) or link_to(venue, settings, None, home)
    return ExchangeSource(shared, symbols, timeframe)
