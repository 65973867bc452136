"""What all connections to one venue share: limits, nonce, clock offset, markets, counters; any thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from actors.redaction import Redactor
from actors.venue_keys import VenueKeys
from actors.venues.exchange.call import Call
from actors.venues.exchange.faults import banned_until, is_flood, is_kind, is_order_flood
from actors.venues.exchange.limits import retry_after
from actors.venues.exchange.make import make_config, plain_class, probe_of, title_of
from actors.venues.exchange.metered import metered
from actors.venues.exchange.shares import PROGRAM, Registry
from core.budget import Claim, Costs, Limit
from core.clock import Clock
from core.ids import VenueName
from core.venue import LinkStatistics

if TYPE_CHECKING:
    from actors.venues.exchange.connection import Connection

BACKOFF_S = 0.4
"""Before the second try of a question; doubled for the third, and spread by chance."""
BAN_S = 60.0
"""A ban of which the venue does not say how long it lasts."""
LONGEST_BAN_S = 3 * 86_400.0
LARGEST_SHIFT_MS = 3_600_000
"""A nonce never follows a clock that is off by more: it could not come back."""

__all__ = ["PROGRAM", "Access", "Link"]


@dataclass(frozen=True, slots=True)
class Access:
    """How one venue is reached; ``ccxt`` is the settings' free table, ``home`` keeps the last nonce."""

    venue: VenueName
    ccxt: Mapping[str, Any] = field(default_factory=dict)
    keys: VenueKeys | None = None
    timeout: float = 10.0
    """Seconds for one request."""
    home: Path | None = None
    limits: tuple[Limit, ...] = ()
    """Limits to use in place of the venue's usual ones, by their names."""


class Link:
    """One venue under one key, for every connection to it; ``BadSettings`` for an unknown venue or a bad table.

    With ``registry`` it shares limits, nonces, clock and fresh markets with every link that was made with the same.
    """

    def __init__(
        self,
        access: Access,
        clock: Clock,
        *,
        steady: Callable[[], float] = time.monotonic,
        chance: random.Random | None = None,
        registry: Registry | None = None,
    ) -> None:
        plain = plain_class(access.venue)
        probe = probe_of(plain, access.keys)
        self.access = access
        self.clock = clock
        self.steady = steady
        self.chance = chance or random.Random()
        self.name = VenueName(probe.id)
        self.title = title_of(probe)
        self.redactor = Redactor(*(access.keys.secrets() if access.keys else ()))
        self._config = make_config(plain, access.ccxt, access.keys, access.timeout)
        self.timeout: float = self._config()["timeout"] / 1000
        """Seconds for one request, the settings' own word included."""
        self.backoff = BACKOFF_S
        self._class = metered(plain, self)
        self.needs_turn = "incrementing_nonce" in plain.sign.__code__.co_names
        shares = (registry or Registry()).shares(
            probe, access.ccxt, access.keys.api_key if access.keys else "", access.home, steady
        )
        self.keeper, self.offset, self.tariff = shares.keeper, shares.offset, shares.keeper.tariff
        self.nonce, self.turn = shares.nonce, shares.turn
        self._earlier = self.keeper.counters()
        for limit in access.limits:
            self.keeper.change(limit)
        self.loading = threading.Lock()
        """Held by the connection that loads the markets for all."""
        self._lock = threading.Lock()
        self._shelf = shares.markets
        self._markets: Any = self._shelf.fresh(steady())
        self._connections: WeakSet[Connection] = WeakSet()
        self._requests = self._retries = self._reconnects = self._messages = 0

    # ---- for connections ----------------------------------------------------------------------------

    def make(self) -> Any:
        """A new ccxt object, with the markets if they are known; call it on the loop that will use it."""
        exchange = self._class(self._config())
        self.give_markets(exchange)
        return exchange

    @property
    def has_markets(self) -> bool:
        return self._markets is not None

    def give_markets(self, exchange: Any) -> None:
        """The shared markets for one object."""
        if self._markets is not None and exchange is not self._markets:
            exchange.set_markets_from_exchange(self._markets)

    def join(self, connection: Connection) -> None:
        """A connection that wants new markets, as long as it lives."""
        with self._lock:
            self._connections.add(connection)

    def share_markets(self) -> None:
        """New markets for the objects of every connection."""
        with self._lock:
            connections = tuple(self._connections)
        for connection in connections:
            connection.share_markets()

    def take_markets(self, exchange: Any) -> None:
        """From now on the markets of this object are everyone's (closing it does them no harm)."""
        keeper = self._class(self._config())
        keeper.set_markets_from_exchange(exchange)
        self._markets = keeper
        self._shelf.put(keeper, self.steady())

    @property
    def shift(self) -> int:
        """Milliseconds added to our clock in signed requests."""
        shift = self.offset.applied
        return 0 if self.needs_turn and abs(shift) > LARGEST_SHIFT_MS else shift

    # ---- for requests -------------------------------------------------------------------------------

    async def claim(self, costs: Costs, call: Call) -> Claim:
        """Room for one request: waited for, but for an order, which goes now or not at all (``TryAgain``)."""
        with self._lock:
            self._requests += 1
        if not call.is_order:
            return await self.keeper.wait(costs, is_urgent=call.is_urgent, longest=call.longest)
        paid, call.paid = call.paid, None
        is_urgent = call.is_urgent or call.sent  # what has begun is brought to its end
        return self.keeper.now_or_never(costs, is_urgent=is_urgent, instead_of=paid)

    def note_fault(self, error: Exception, call: Call, claim: Claim | None = None) -> None:
        """What a fault means for later requests: a pause after one too many, another nonce or time after a bad one.

        Keys that are refused may read as a flood: no pause helps those.
        """
        text = str(error)
        if is_order_flood(error):
            self.keeper.note_order_refusal(claim)
        elif is_flood(error):
            is_ban = call.status == 418 or "lockout" in text.lower() or "banned" in text.lower()
            told = retry_after(call.headers)
            if told is None and call.status == 418:
                told = self._ban_left(error)
            self.keeper.note_refusal(told, is_ban=is_ban, claim=claim)
        elif is_kind(error, "InvalidNonce"):
            self.nonce.refused() if self.needs_turn else self.offset.refused()

    def _ban_left(self, error: Exception) -> float:
        """Seconds until a ban ends, from its words; a usual one's without."""
        until = banned_until(error)
        left = (until - time.time_ns() // 1_000_000 - (self.offset.ms or 0)) / 1000 if until else 0.0
        return left if 0 < left <= LONGEST_BAN_S else BAN_S

    def note_retry(self) -> None:
        with self._lock:
            self._retries += 1

    # ---- counters -----------------------------------------------------------------------------------

    def note_stream_message(self, n: int = 1) -> None:
        with self._lock:
            self._messages += n

    def note_reconnect(self) -> None:
        with self._lock:
            self._reconnects += 1

    def statistics(self) -> LinkStatistics:
        """All counters since the start."""
        budgets = self.keeper.use()
        waits, wait_seconds, rate_limited = (
            now - then for now, then in zip(self.keeper.counters(), self._earlier, strict=True)
        )
        with self._lock:
            return LinkStatistics(
                requests=self._requests,
                retries=self._retries,
                waits=int(waits),
                wait_seconds=round(wait_seconds, 3),
                rate_limited=int(rate_limited),
                reconnects=self._reconnects,
                stream_messages=self._messages,
                offset_ms=self.offset.ms,
                budgets=budgets,
            )
