"""Messages that go down, in the order in which they flow: work from stage to stage, records, a person's commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.ids import Symbol
from core.intent import Wish
from core.market import Bar
from core.order import Fill, Order
from core.risk.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Keep:
    """A piece of the state after event ``number``; the newest under each key is what a restart finds."""

    number: int
    key: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """What a venue says of one of our orders: ``order`` after it, and the execution if it was one.

    ``happening`` is ``placed``, ``amended``, ``cancelled`` or ``filled``.
    """

    happening: str
    order: Order
    fill: Fill | None = None


# ---------------------------------------------------------------- work: feed, strategy, risk, executor


@dataclass(frozen=True, slots=True)
class Look:
    """feed to strategy: a candle has closed and its fills are known; step every instance of this symbol.

    ``is_past``: the market has gone on since (warm-up, a filled gap), so no wish follows from this candle.
    """

    number: int
    symbol: Symbol
    bar: Bar
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Consider:
    """strategy to risk: the wishes that changed with this event, in order (possibly none), and its candle."""

    number: int
    symbol: Symbol
    bar: Bar
    at: datetime
    wishes: tuple[Wish, ...]
    pieces: tuple[Keep, ...] = ()
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Execute:
    """risk to executor: the verdicts on these wishes, in order (possibly none); ``resumed``: the rows exist already."""

    number: int
    at: datetime
    verdicts: tuple[Verdict, ...]
    pieces: tuple[Keep, ...] = ()
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """root to risk, once after a restart: orders whose rows were committed but whose sending was not.

    Cancels and orders go down again under the identities that they have.
    """

    number: int
    at: datetime
    intents: tuple[Order, ...]
    cancels: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class Reconcile:
    """asked of the executor on a real venue, at start and before a stop: compare with the venue now, put right what can
    be put right, protect what is held.  ``TryAgain`` when the venue cannot be read."""

    cause: str


@dataclass(frozen=True, slots=True)
class Outstanding:
    """asked of the executor: how many order requests have no answer yet?"""


@dataclass(frozen=True, slots=True)
class HandleForeign:
    """A person's word on an open order at the venue that Belay did not make: ``ignore``, ``close`` or ``adopt``."""

    venue_id: str
    action: str


@dataclass(frozen=True, slots=True)
class AcceptBalances:
    """A person says that the differences found are deposits, withdrawals or trades of their own."""


# ---------------------------------------------------------------- records: any stage to persistence


@dataclass(frozen=True, slots=True)
class WriteAhead:
    """executor asks, before anything is sent: commit all that was told so far, these orders as INTENT, these
    as CANCELLING, and these pieces.  The answer is None once it is on disk; ``RecordsLost`` otherwise.

    ``asked`` is the computer's time just before the latch was read (None: when the rows are written), so no
    order row bears a time behind the latch's.
    """

    number: int
    at: datetime
    orders: tuple[Order, ...]
    cancels: tuple[Order, ...]
    pieces: tuple[Keep, ...]
    asked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flush:
    """asked: commit everything now."""


# ---------------------------------------------------------------- commands of a person or the root


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you up?  Answered with the stage's name."""


@dataclass(frozen=True, slots=True)
class Begin:
    """feed: start releasing market events."""


@dataclass(frozen=True, slots=True)
class PauseEntries:
    """risk: REDUCING until resumed; ``why`` is the sentence shown."""

    why: str


@dataclass(frozen=True, slots=True)
class ResumeEntries:
    """risk: back to ACTIVE."""
