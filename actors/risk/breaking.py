"""What happens to orders, connection, prices and balances, counted by the failure breaker; the risk stage's thread."""

from __future__ import annotations

from datetime import datetime

import structlog

from core.ids import Identity, Symbol
from core.intent import Intent, Kind, Side
from core.messages import (
    LinkNoted,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    Reconciled,
)
from core.order import OrderState
from core.risk.breaker import Breaker, BreakerState, Source
from core.risk.verdict import Approved, Verdict
from core.venue import LinkStatistics

log = structlog.get_logger("risk")
JUMP = 0.1
"""A price that moves more than this share within one candle is a jump."""
PIECE = "breaker"

Heard = (
    OrderPlaced
    | OrderFilled
    | OrderRefused
    | OrderLost
    | OrderCancelled
    | OrderDenied
    | LinkNoted
    | Reconciled
)


class Breaking:
    """Holds the breaker.  ``raw`` is the piece that a session before kept; one that cannot be read counts as none."""

    def __init__(self, raw: bytes | None) -> None:
        self.breaker = Breaker()
        if raw is not None:
            try:
                self.breaker = Breaker.from_json(raw.decode()).not_probed()
            except (ValueError, LookupError, TypeError) as error:
                log.error("the breaker's record cannot be read", error=str(error))
        self._kept = self.breaker
        self._try: Identity | None = None
        """The entry that tries, while the breaker is half open."""
        self._link: LinkStatistics | None = None
        self._last: dict[Symbol, float] = {}

    def hear(self, fact: Heard, at: datetime) -> None:
        """``at`` is the market's time."""
        match fact:
            case OrderPlaced(order=order) | OrderFilled(order=order):
                is_try = order.identity == self._try or not self.breaker.is_probing
                if order.status is not OrderState.WAITING and is_try:  # one that is kept back was never sent
                    self._count(Source.ORDER, at, is_failure=False)
            # one for post-only would have taken, which is no fault
            case OrderRefused(order=order) if order.kind is not Kind.POST_ONLY:
                self._count(Source.ORDER, at, is_failure=True)
            case OrderLost():
                self._count(Source.ORDER, at, is_failure=True)
            case OrderRefused(order=order) | OrderCancelled(order=order) | OrderDenied(order=order):
                if order.identity == self._try and not order.filled:
                    self.breaker = self.breaker.not_probed()
            case Reconciled():
                self._count(Source.BALANCE, at, is_failure=bool(fact.differences))
            case LinkNoted():
                if fact.public:  # the feed's: the executor tells the same counters in between
                    self._note(fact.statistics, at)

    def candle(self, symbol: Symbol, close: float, at: datetime, *, is_past: bool = False) -> None:
        """A price, and the time by which an open breaker has rested long enough."""
        last = self._last.get(symbol, 0.0)
        self._last[symbol] = close
        if last > 0 and not is_past:
            self._count(Source.PRICE, at, is_failure=abs(close / last - 1) > JUMP)
        self.breaker = self.breaker.at(at)

    def approved(self, wish: Intent, verdict: Verdict) -> None:
        """An entry that the judge let pass: in a half-open breaker it is the one that tries."""
        if isinstance(verdict, Approved) and wish.side is Side.BUY:
            self._try = wish.identity if self.breaker.state is BreakerState.HALF_OPEN else None
            self.breaker = self.breaker.probed()

    def reset(self) -> None:
        """A person has looked."""
        self.breaker = Breaker()

    def piece(self) -> bytes | None:
        """The breaker for the records, where it is another one than they hold."""
        if self.breaker == self._kept:
            return None
        self._kept = self.breaker
        return self.breaker.as_json().encode()

    def _note(self, now: LinkStatistics, at: datetime) -> None:
        before, self._link = self._link, now
        if before is not None:
            is_failure = now.reconnects > before.reconnects
            if is_failure or now.stream_messages > before.stream_messages:
                self._count(Source.SOCKET, at, is_failure=is_failure)
            is_failure = now.retries + now.rate_limited > before.retries + before.rate_limited
            if is_failure or now.requests > before.requests:
                self._count(Source.API, at, is_failure=is_failure)

    def _count(self, source: Source, at: datetime, *, is_failure: bool) -> None:
        self.breaker = self.breaker.failed(source, at) if is_failure else self.breaker.worked(source)
