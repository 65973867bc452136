"""What all links of one program to a venue have in common: limits, nonce, turn and clock offset; any thread.

A check before the run and the run itself are one program to the venue, and it counts them together.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actors.venues.exchange.budget_keeper import BudgetKeeper
from actors.venues.exchange.clock_offset import ClockOffset
from actors.venues.exchange.limits import Tariff
from actors.venues.exchange.nonce import Nonce, Turn
from actors.venues.exchange.standing_file import StandingFile

FRESH_S = 60.0
"""Markets that were loaded so short a time ago are not asked for again."""


class Shelf:
    """The markets that were loaded last, as a ccxt object that holds them."""

    def __init__(self) -> None:
        self._markets: Any = None
        self._at = 0.0

    def put(self, markets: Any, now: float) -> None:
        self._markets, self._at = markets, now

    def fresh(self, now: float) -> Any:
        """None where there are none, or old ones."""
        return self._markets if now - self._at <= FRESH_S else None


@dataclass(frozen=True, slots=True)
class Shares:
    """``keeper``, ``offset`` and ``markets`` are the venue's, ``nonce`` and ``turn`` the key's."""

    keeper: BudgetKeeper
    offset: ClockOffset
    markets: Shelf
    nonce: Nonce
    turn: Turn


class Registry:
    """The shares of each venue (as it is reached) and key; the first one who asks makes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._venues: dict[str, tuple[BudgetKeeper, ClockOffset, Shelf]] = {}
        self._keys: dict[tuple[str, str, Path | None], tuple[Nonce, Turn]] = {}

    def shares(
        self,
        probe: Any,
        table: Mapping[str, Any],
        api_key: str,
        home: Path | None,
        steady: Callable[[], float],
    ) -> Shares:
        """``probe`` is any ccxt object of the venue, ``table`` says how it is reached."""
        name: str = probe.id
        way = json.dumps([name, table], sort_keys=True, default=str)
        with self._lock:
            if way not in self._venues:
                self._venues[way] = BudgetKeeper(Tariff(probe), steady), ClockOffset(name, steady), Shelf()
            keeper, offset, markets = self._venues[way]
            key = (way, api_key, home)
            if key not in self._keys:
                self._keys[key] = Nonce(name, api_key, home), Turn()
            nonce, turn = self._keys[key]
        if home is not None:
            digest = hashlib.sha256(f"{way}\x1f{api_key}".encode()).hexdigest()[:16]
            keeper.remember(StandingFile(home / "limits" / f"{name}-{digest}"))
        return Shares(keeper, offset, markets, nonce, turn)

    def clear(self) -> None:
        """Links made from now on share nothing with earlier ones."""
        with self._lock:
            self._venues.clear()
            self._keys.clear()


PROGRAM = Registry()
"""This program's: a venue sees a program, not the objects in it."""
