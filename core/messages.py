"""The one catalogue of messages, in the order in which they flow: commands imperative, facts past tense.

Work goes down by ``tell`` (feed, strategy, risk, executor); facts go to whoever subscribed at the hub.
``number`` counts market events of a session from 1; the pipeline has drained event *n* when ``Drained(n)`` is
published, and only then does the feed release *n* + 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.halt import HaltEvidence, HaltRecord
from core.ids import InstanceId, Symbol
from core.intent import Wish
from core.market import Bar, Candle, Freshness, Quote
from core.modes import Mode, TradingState
from core.money import Price, Quantity
from core.order import Fill, Order
from core.risk.verdict import Denied, Verdict

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
    """feed to strategy: a candle has closed and its fills are known; step every instance of this symbol."""

    number: int
    symbol: Symbol
    bar: Bar


@dataclass(frozen=True, slots=True)
class Consider:
    """strategy to risk: the wishes that changed with this event, in order (possibly none), and its candle."""

    number: int
    symbol: Symbol
    bar: Bar
    at: datetime
    wishes: tuple[Wish, ...]
    pieces: tuple[Keep, ...] = ()


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


# ---------------------------------------------------------------- records: any stage to persistence


@dataclass(frozen=True, slots=True)
class WriteAhead:
    """executor asks, before anything is sent: commit all that was told so far, these orders as INTENT, these
    as CANCELLING, and these pieces.  The answer is None once it is on disk; ``RecordsLost`` otherwise."""

    number: int
    at: datetime
    orders: tuple[Order, ...]
    cancels: tuple[Order, ...]
    pieces: tuple[Keep, ...]


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


# ---------------------------------------------------------------- facts: market


@dataclass(frozen=True, slots=True)
class QuoteSeen:
    """A newer best bid and ask; newest wins."""

    quote: Quote


@dataclass(frozen=True, slots=True)
class CandleSeen:
    """A candle, closed or still forming; forming ones are newest-wins."""

    number: int
    candle: Candle


@dataclass(frozen=True, slots=True)
class BarsSeen:
    """History for charts and warm-up: candles in front of the first event, oldest first."""

    symbol: Symbol
    timeframe: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class CandleDropped:
    """A candle that could not be used, with the reason (D12)."""

    symbol: Symbol
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class CandlesClosed:
    """Closed candles of one symbol in a bundle, oldest first: what charts need at full speed."""

    symbol: Symbol
    timeframe: str
    bars: tuple[Bar, ...]
    last_number: int


@dataclass(frozen=True, slots=True)
class VenueReported:
    """What the venue said of our orders with this event, in order."""

    number: int
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class ReportsApplied:
    """The executor has booked these reports and published their facts."""

    number: int


@dataclass(frozen=True, slots=True)
class FeedProgressed:
    """How far the market has come: events released, out of ``total`` (None: endless), and the age of the prices."""

    number: int
    total: int | None
    at: datetime
    freshness: Freshness
    speed: str


@dataclass(frozen=True, slots=True)
class FeedEnded:
    """The source has no more events."""

    number: int


@dataclass(frozen=True, slots=True)
class Drained:
    """Event ``number`` has gone through the whole pipeline."""

    number: int


@dataclass(frozen=True, slots=True)
class UnitClosed:
    """All facts up to event ``number`` are out, and these pieces of state belong to it: worth keeping together.

    Events in which nothing happened to an order share a unit: what is lost of them in a crash is found again.
    """

    number: int
    pieces: tuple[Keep, ...]


# ---------------------------------------------------------------- facts: orders (never merged, never dropped)


@dataclass(frozen=True, slots=True)
class SignalRaised:
    """A strategy wished a new order."""

    instance: InstanceId
    wish: Wish


@dataclass(frozen=True, slots=True)
class OrderDenied:
    """Belay said no; ``order.reason`` is the sentence, ``why`` the typed verdict."""

    order: Order
    why: Denied


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """The venue took the order."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """The venue said no."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderAmended:
    """An open order has a new quantity or trigger (a protective stop follows its position)."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order is gone without (further) fills."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """One execution, and the order after it."""

    order: Order
    fill: Fill


@dataclass(frozen=True, slots=True)
class OrderLost:
    """The answer was lost: UNKNOWN until found."""

    order: Order


# ---------------------------------------------------------------- facts: account


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """What one instance holds of one symbol; money in quote currency.  ``average`` includes buy fees."""

    instance: InstanceId
    symbol: Symbol
    quantity: Quantity
    average: Decimal
    price: Price
    open_profit: Decimal
    realised: Decimal
    stop: Price | None
    loss_at_stop: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """One limit: how much of it is used, both in ``unit``."""

    name: str
    used: Decimal
    limit: Decimal
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMarked:
    """The account at fresh prices (newest wins); amounts in ``currency``."""

    at: datetime
    mode: Mode
    state: TradingState
    state_why: str
    currency: str
    equity: Decimal
    cash: Decimal
    start_equity: Decimal
    day_start_equity: Decimal
    peak_equity: Decimal
    realised_today: Decimal
    fees_today: Decimal
    fees: Decimal
    profit: Decimal
    won_today: int
    lost_today: int
    even_today: int
    limits: tuple[LimitUse, ...]
    holdings: tuple[Holding, ...]


@dataclass(frozen=True, slots=True)
class EquitySampled:
    """Equity at the full hour of the market's time: the points of the equity line, the same in every run."""

    number: int
    at: datetime
    equity: Decimal


@dataclass(frozen=True, slots=True)
class StrategyNoted:
    """What an instance waits for, in one sentence (newest wins)."""

    instance: InstanceId
    symbol: Symbol
    is_running: bool
    note: str
    lines: tuple[tuple[str, float], ...] = ()
    """Named indicator values of the last candle, for the chart."""


# ---------------------------------------------------------------- facts: safety and the parts


@dataclass(frozen=True, slots=True)
class HaltTripped:
    """The latch is set: nothing more is sent."""

    record: HaltRecord


@dataclass(frozen=True, slots=True)
class HaltProgressed:
    """Cancelling, then VERIFIED or UNVERIFIED: the evidence so far."""

    evidence: HaltEvidence


@dataclass(frozen=True, slots=True)
class Rearmed:
    """The latch was lifted by the typed phrase."""

    at: datetime


@dataclass(frozen=True, slots=True)
class StateChanged:
    """ACTIVE, REDUCING or HALTED, with the cause (A36)."""

    state: TradingState
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A part is up; ``note`` says what it loaded (G7)."""

    stage: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class StageFailed:
    """A part crashed; the watchdog decides what follows."""

    stage: str
    why: str
    error: BaseException | None = None


@dataclass(frozen=True, slots=True)
class StageRestarted:
    """The watchdog brought a part back."""

    stage: str


@dataclass(frozen=True, slots=True)
class PartsChecked:
    """Every second: how many parts answered in time, and when the database last took a row (newest wins)."""

    well: int
    total: int
    silent: tuple[str, ...]
    saved_at: datetime | None


class Severity(StrEnum):
    """How loud an alert is (I2)."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class AlertRaised:
    """Something a person should know; ``kind`` is one of I1's types (execution, system, connection, ...)."""

    at: datetime
    severity: Severity
    kind: str
    text: str
    mode: Mode


MarketFact = (
    QuoteSeen | CandleSeen | CandlesClosed | BarsSeen | CandleDropped | FeedProgressed | FeedEnded | Drained
    | UnitClosed | VenueReported | ReportsApplied
)  # fmt: skip
OrderFact = (
    SignalRaised | OrderDenied | OrderPlaced | OrderRefused | OrderAmended | OrderCancelled | OrderFilled | OrderLost
)
AccountFact = AccountMarked | EquitySampled | StrategyNoted
SafetyFact = (
    HaltTripped | HaltProgressed | Rearmed | StateChanged | StageStarted | StageFailed | StageRestarted | PartsChecked
    | AlertRaised
)  # fmt: skip
Fact = MarketFact | OrderFact | AccountFact | SafetyFact
Command = Look | Consider | Execute | Resume | Keep | WriteAhead | Flush | Ping | Begin | PauseEntries | ResumeEntries
