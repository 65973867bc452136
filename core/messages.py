"""The one catalogue of messages, in the order in which they flow: commands imperative, facts past tense.

Work goes down by ``tell`` (feed, strategy, risk, executor); facts go to whoever subscribed at the hub.
``number`` counts market events of a session from 1; the pipeline has drained event *n* when ``Drained(n)`` is
published, and only then does the feed release *n* + 1.
"""

from __future__ import annotations

from core.facts_standing import (
    AccountMarked,
    AlertDue,
    AlertRaised,
    EquitySampled,
    HaltProgressed,
    HaltTripped,
    Holding,
    LimitUse,
    PartsChecked,
    Rearmed,
    Severity,
    StageFailed,
    StageRestarted,
    StageStarted,
    StateChanged,
    StrategyNoted,
)
from core.facts_trading import (
    BarsSeen,
    CandleDropped,
    CandlesClosed,
    CandleSeen,
    Difference,
    Drained,
    DustLeft,
    FeedEnded,
    FeedProgressed,
    ForeignSeen,
    LinkNoted,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    QuoteSeen,
    Reconciled,
    ReportsApplied,
    SignalRaised,
    SymbolAged,
    UnitClosed,
    VenueReported,
)
from core.work import (
    AcceptBalances,
    Begin,
    Consider,
    Execute,
    Flush,
    HandleForeign,
    Keep,
    Look,
    Outstanding,
    PauseEntries,
    Ping,
    Reconcile,
    Report,
    Resume,
    ResumeEntries,
    WriteAhead,
)

MarketFact = (
    QuoteSeen | CandleSeen | CandlesClosed | BarsSeen | CandleDropped | FeedProgressed | FeedEnded | Drained
    | UnitClosed | VenueReported | ReportsApplied | SymbolAged | LinkNoted | ForeignSeen | Reconciled
)  # fmt: skip
OrderFact = (
    SignalRaised
    | OrderDenied
    | OrderPlaced
    | OrderRefused
    | OrderAmended
    | OrderCancelled
    | OrderFilled
    | OrderLost
)
AccountFact = DustLeft | AccountMarked | EquitySampled | StrategyNoted
SafetyFact = (
    HaltTripped | HaltProgressed | Rearmed | StateChanged | StageStarted | StageFailed | StageRestarted | PartsChecked
    | AlertRaised | AlertDue
)  # fmt: skip
Fact = MarketFact | OrderFact | AccountFact | SafetyFact
Command = (
    Look
    | Consider
    | Execute
    | Resume
    | Keep
    | WriteAhead
    | Flush
    | Ping
    | Begin
    | PauseEntries
    | ResumeEntries
    | Reconcile
    | Outstanding
    | HandleForeign
    | AcceptBalances
)

__all__ = [
    "AcceptBalances",
    "AccountFact",
    "AccountMarked",
    "AlertDue",
    "AlertRaised",
    "BarsSeen",
    "Begin",
    "CandleDropped",
    "CandleSeen",
    "CandlesClosed",
    "Command",
    "Consider",
    "Difference",
    "Drained",
    "DustLeft",
    "EquitySampled",
    "Execute",
    "Fact",
    "FeedEnded",
    "FeedProgressed",
    "Flush",
    "ForeignSeen",
    "HaltProgressed",
    "HaltTripped",
    "HandleForeign",
    "Holding",
    "Keep",
    "LimitUse",
    "LinkNoted",
    "Look",
    "MarketFact",
    "OrderAmended",
    "OrderCancelled",
    "OrderDenied",
    "OrderFact",
    "OrderFilled",
    "OrderLost",
    "OrderPlaced",
    "OrderRefused",
    "Outstanding",
    "PartsChecked",
    "PauseEntries",
    "Ping",
    "QuoteSeen",
    "Rearmed",
    "Reconcile",
    "Reconciled",
    "Report",
    "ReportsApplied",
    "Resume",
    "ResumeEntries",
    "SafetyFact",
    "Severity",
    "SignalRaised",
    "StageFailed",
    "StageRestarted",
    "StageStarted",
    "StateChanged",
    "StrategyNoted",
    "SymbolAged",
    "UnitClosed",
    "VenueReported",
    "WriteAhead",
]
