"""Questions to a venue from the command line: bounded in time, every failure a sentence; main thread."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Protocol, TypeVar

from actors.commands.context import Context
from actors.deadline import Late, within
from actors.venue_keys import VenueKeys
from actors.venues.opening import keys_for, no_keys, open_exchange
from actors.venues.public_view import VenueView, view_of
from actors.venues.venue_ids import checked_venue, is_real
from core.errors import UNFORESEEN, BadData, BelayError, TryAgain
from core.ids import Symbol
from core.settings import Settings
from core.settings_given import Given
from core.venue import Exchange

OPEN_S = 90.0
READ_S = 20.0
CLOSE_S = 5.0
_UNFORESEEN = (CancelledError, *UNFORESEEN)
T = TypeVar("T")


def choose_venue(args: argparse.Namespace, context: Context) -> None:
    """``--venue`` and ``--symbols`` of a command go before the settings; call it before these are read.

    ``BadSettings`` with near matches for a venue that is none.
    """
    if args.venue is not None and is_real(args.venue):
        args.venue = checked_venue(args.venue.lower())
    named = (("name", "venue"), ("symbols", "symbols"))
    more = [
        Given(("venue", key), value, f"--{option}")
        for key, option in named
        if (value := getattr(args, option, None)) is not None
    ]
    context.given = (*context.given, *more)


class Doors(Protocol):
    """The ways to one venue: tests give others."""

    def exchange(self, keys: VenueKeys) -> Exchange:
        """The account, not open yet."""

    def view(self) -> VenueView:
        """What needs no keys, not open yet."""

    def prices(self, symbols: tuple[Symbol, ...]) -> Mapping[Symbol, Decimal]:
        """Last prices, without keys; one that has none is missing."""


class VenueDoors:
    """The doors of the venue that the settings (or the command) name."""

    def __init__(
        self, venue: str, settings: Settings, home: Path, symbols: tuple[Symbol, ...] | None = None
    ) -> None:
        self._venue, self._settings, self._home = venue, settings, home
        own = settings.venue.symbols if settings.venue.name == venue else ()
        self._symbols = own if symbols is None else symbols

    def view(self) -> VenueView:
        return view_of(self._venue, self._settings)

    def exchange(self, keys: VenueKeys) -> Exchange:
        return open_exchange(self._venue, self._settings, keys, self._home, self._symbols)

    def prices(self, symbols: tuple[Symbol, ...]) -> Mapping[Symbol, Decimal]:
        from actors.venues.asking import last_prices

        return {
            symbol: told.last for symbol, told in last_prices(self._venue, self._settings, symbols).items()
        }


@dataclass(frozen=True, slots=True)
class FoundKeys:
    """The keys of a venue, or in one sentence why there are none."""

    keys: VenueKeys | None
    fault: str = ""


def find_keys(venue: str, settings: Settings, environment: Mapping[str, str]) -> FoundKeys:
    """Never raises: what is wrong with the keyring or the environment is the fault."""
    try:
        keys = keys_for(venue, settings, environment)
    except BelayError as error:
        return FoundKeys(None, str(error))
    return FoundKeys(keys, "" if keys is not None else no_keys(venue, settings))


def bounded(seconds: float, call: Callable[[], T]) -> T:
    """What ``call`` gives or a ``BelayError``, whatever happens inside and however long it takes."""
    try:
        return within(seconds, call, (BelayError, *_UNFORESEEN))
    except Late:
        raise TryAgain(
            f"The venue does not answer within {seconds:g} s; look at the network and try again."
        ) from None
    except BelayError:
        raise
    except _UNFORESEEN as error:
        raise BadData(
            f"The venue answers in a way that Belay does not understand ({type(error).__name__}); "
            "try again; --verbose shows where."
        ) from error


@contextmanager
def opened(exchange: Exchange, seconds: float = OPEN_S) -> Iterator[Exchange]:
    """The exchange, open; closed at the end, whatever happened."""
    try:
        bounded(seconds, exchange.open)
        yield exchange
    finally:
        close(exchange)


def close(exchange: VenueView) -> None:
    """Close it; a closing that fails or hangs keeps nobody, and its thread ends with the process."""
    try:
        bounded(CLOSE_S, exchange.close)
    except BelayError:
        pass  # nothing was sent through it and nothing depends on it any more
