"""The failure breaker (A24): five failures in a row of one kind stop entries until one order shows that all is well.

``closed`` lets entries pass.  ``open`` stops them, for a rest that doubles each time; then ``half open`` lets one entry
try: placed, it closes the breaker, failed, it opens it again.  A person may close it at any time.  Pure values: every
method gives the breaker that follows, and time is what the caller says.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

FAILURES = 5
FIRST_REST, LONGEST_REST = timedelta(minutes=5), timedelta(hours=4)


class Source(StrEnum):
    """What fails; each kind is counted for itself."""

    API = "failed questions to the exchange"
    SOCKET = "dropped connections"
    ORDER = "failed orders"
    PRICE = "price jumps"
    BALANCE = "comparisons with unexplained balances"


class BreakerState(StrEnum):
    """Whether entries pass: all, none, or one."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """``counts`` are failures in a row; ``source`` opened it at ``opened_at``, for the ``rests``-th time in a row."""

    state: BreakerState = BreakerState.CLOSED
    counts: dict[Source, int] = field(default_factory=dict)
    source: Source | None = None
    opened_at: datetime | None = None
    rests: int = 0
    is_probing: bool = False
    """The one entry of the half-open breaker is on its way."""

    @property
    def lets_enter(self) -> bool:
        return self.state is BreakerState.CLOSED or (
            self.state is BreakerState.HALF_OPEN and not self.is_probing
        )

    @property
    def rest(self) -> timedelta:
        """How long it stays open before it lets one entry try."""
        return min(FIRST_REST * int(2 ** min(max(self.rests - 1, 0), 20)), LONGEST_REST)

    def failed(self, source: Source, at: datetime) -> Breaker:
        """One more failure: the fifth in a row opens it, and any of its own kind while it is half open."""
        counted = replace(self, counts={**self.counts, source: self.counts.get(source, 0) + 1})
        match self.state:
            case BreakerState.CLOSED if counted.counts[source] >= FAILURES:
                return counted._opened(source, at)
            case BreakerState.HALF_OPEN if source in (self.source, Source.ORDER):
                return counted._opened(source, at)
        return counted

    def worked(self, source: Source) -> Breaker:
        """Something of this kind went well; an order that does is the proof that a half-open one waits for."""
        if self.state is BreakerState.HALF_OPEN and self.is_probing and source is Source.ORDER:
            return Breaker()
        return replace(self, counts={**self.counts, source: 0}) if self.counts.get(source) else self

    def at(self, now: datetime) -> Breaker:
        """Open long enough: half open."""
        is_over = (
            self.state is BreakerState.OPEN
            and self.opened_at is not None
            and now - self.opened_at >= self.rest
        )
        return replace(self, state=BreakerState.HALF_OPEN, is_probing=False) if is_over else self

    def probed(self) -> Breaker:
        """An entry was approved: in a half-open breaker it is the only one."""
        return replace(self, is_probing=True) if self.state is BreakerState.HALF_OPEN else self

    def not_probed(self) -> Breaker:
        """The entry that was to try was never sent, or ended untried: another one may."""
        return replace(self, is_probing=False) if self.is_probing else self

    def _opened(self, source: Source, at: datetime) -> Breaker:
        return replace(
            self, state=BreakerState.OPEN, source=source, opened_at=at, rests=self.rests + 1, is_probing=False
        )

    @property
    def why(self) -> str:
        """As it follows "paused": what happened and when entries try again; empty while closed."""
        if self.source is None or self.opened_at is None:
            return ""
        minutes = int(self.rest.total_seconds() // 60)
        until = "one entry may try now" if self.state is BreakerState.HALF_OPEN else f"for {minutes} minutes"
        return f"after {max(self.counts.get(self.source, 0), 1)} {self.source} in a row, {until}"

    def as_json(self) -> str:
        """For the records: a restart goes on from here."""
        return json.dumps(asdict(self), default=lambda value: value.isoformat())

    @classmethod
    def from_json(cls, text: str) -> Self:
        """What ``as_json`` gave; ``ValueError`` or ``LookupError`` for anything else."""
        raw = json.loads(text)
        return cls(
            state=BreakerState(raw["state"]),
            counts={Source(name): int(count) for name, count in raw["counts"].items()},
            source=Source(raw["source"]) if raw["source"] else None,
            opened_at=datetime.fromisoformat(raw["opened_at"]) if raw["opened_at"] else None,
            rests=int(raw["rests"]),
            is_probing=bool(raw["is_probing"]),
        )
