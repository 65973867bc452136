"""Kraken's list of own trades, which is one for all markets: a reading serves each of them once; any thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actors.venues.exchange import account_raw as raw
from actors.venues.exchange.account_reads import listed
from actors.venues.exchange.account_trades import PAGES, Rows, endless, keyed, of_market
from actors.venues.exchange.account_values import exact_of
from actors.venues.exchange.client_ids import ClientIds
from core.clock import millis
from core.ids import Symbol
from core.venue import VenueTrade

FRESH = 1.0
"""Seconds for which the other markets are served from the same reading."""
PAGE = 50


@dataclass(slots=True)
class Reading:
    """All trades from ``since`` (ms) on, as they stood at ``at``; ``served`` are the markets that have had theirs."""

    rows: Rows
    since: int
    at: float
    served: set[Symbol] = field(default_factory=set)


class History:
    """``read`` runs a call on the connection; ``forget`` is called when something may have been traded since."""

    def __init__(self, read: Callable[[Callable[[Any], Any]], Rows], steady: Callable[[], float]) -> None:
        self._read = read
        self._steady = steady
        self._reading: Reading | None = None
        self._asked: dict[Symbol, int] = {}
        self._news = 0

    def forget(self) -> None:
        """The next question is put to the venue."""
        self._news += 1
        self._reading = None

    def trades(self, symbol: Symbol, since: datetime, ids: ClientIds) -> tuple[VenueTrade, ...]:
        """Of one market from ``since`` on, oldest first.

        A market that asks again wants news, and is not served twice.
        """
        wanted, reading = millis(since), self._reading
        self._asked[symbol] = wanted
        if (
            reading is None
            or symbol in reading.served
            or wanted < reading.since
            or self._steady() - reading.at > FRESH
        ):
            news, first = self._news, min(self._asked.values())  # the other markets will ask in a moment
            rows = self._read(lambda exchange: _pages(exchange, first))
            reading = Reading(rows, first, self._steady())
            self._reading = reading if news == self._news else None
        reading.served.add(symbol)
        return of_market(reading.rows, symbol, since, ids)


async def _pages(exchange: Any, since: int) -> Rows:
    """By offset; ``start`` excludes its own second, and new trades push old ones down, never away."""
    found: Rows = {}
    for _ in range(PAGES):
        # One whole second earlier; what is too old is left out at the end.
        asked = {"start": str(max(0, since // 1000 - 1)), "ofs": str(len(found))}
        rows = await listed(raw.kraken_trades(exchange, asked))
        before, found = len(found), found | keyed(rows)
        if len(rows) < PAGE or len(found) == before or _goes_back_to(rows, since):
            return found
    raise endless(exchange)


def _goes_back_to(rows: Sequence[Mapping[str, Any]], since: int) -> bool:
    """Whether a list, newest first, has come to what is too old: not every venue heeds ``start``."""
    newest, oldest = (exact_of(rows[at].get("timestamp")) for at in (0, -1))
    return newest is not None and oldest is not None and oldest <= newest and oldest < since
