"""Facts of the account, of safety and of the parts: past tense, for whoever subscribed at the hub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from core.halt import HaltEvidence, HaltRecord
from core.ids import InstanceId, Symbol
from core.modes import Mode, TradingState
from core.money import Price, Quantity

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
    """ACTIVE, REDUCING or HALTED, with the cause as it follows "paused" or "resumed": ``by you`` (A36)."""

    state: TradingState
    cause: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A part is up; ``note`` says what it loaded.  Without ``is_up`` it is still at work, and ``note`` says on what."""

    stage: str
    note: str = ""
    is_up: bool = True


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


@dataclass(frozen=True, slots=True)
class AlertDue:
    """An alert that the desktop's channel lets through: the window shows it now."""

    alert: AlertRaised
