"""How things stand: the newest facts that the bar, the tray and the status bar show; window's thread."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from core.halt import HaltEvidence, HaltRecord, HaltStep
from core.ids import Symbol
from core.market import Freshness
from core.messages import (
    AccountMarked,
    Fact,
    FeedProgressed,
    ForeignSeen,
    HaltProgressed,
    HaltTripped,
    LimitUse,
    LinkNoted,
    PartsChecked,
    Rearmed,
    Reconciled,
    StateChanged,
)
from core.modes import Mode, TradingState
from core.ports import Desk


class Look(StrEnum):
    """What the bar and the tray show; each has its own shape."""

    STARTING = "starting"
    STOPPED = "stopped"
    PAPER = "paper"
    DRY_RUN = "dry-run"
    LIVE = "live"
    HALTED = "halted"
    UNVERIFIED = "unverified"


KEPT = (LinkNoted, Reconciled, ForeignSeen)
"""Facts of which the newest is all that a page coming later needs."""
WANTED = (
    AccountMarked, FeedProgressed, HaltProgressed, HaltTripped, PartsChecked, Rearmed, StateChanged, *KEPT,
)  # fmt: skip
METERS = (("Loss today", "loss"), ("Entries", "entr"), ("Exposure", "exposure"))
"""The three limits of the bar: their words, and what the name of the limit holds."""


def is_simulated(venue: str) -> bool:
    """Whether a venue's label says that its prices are made up."""
    return "simulat" in venue.lower()


class Standing:
    """Before ``attach`` everything is unknown and nothing is shown as 0."""

    def __init__(self) -> None:
        self.mode: Mode | None = None
        self.venue = ""
        self.symbols: tuple[Symbol, ...] = ()
        self.timeframe = ""
        self.state = TradingState.ACTIVE
        self.why = ""
        self.record: HaltRecord | None = None
        self.evidence: HaltEvidence | None = None
        self.account: AccountMarked | None = None
        self.progress: FeedProgressed | None = None
        self.parts: PartsChecked | None = None
        self.seen_at: datetime | None = None
        self._kept: dict[type, Fact] = {}
        self.has_ended = False

    def attach(self, desk: Desk) -> None:
        self.mode, self.venue = desk.mode, desk.venue_label
        self.symbols, self.timeframe = desk.symbols, desk.timeframe
        if desk.latch.is_set():
            self.record = desk.latch.read()

    def on_fact(self, fact: Fact) -> None:
        match fact:
            case AccountMarked():
                self.account, self.mode = fact, fact.mode
                self.state, self.why = fact.state, fact.state_why
            case FeedProgressed():
                self.progress = fact
            case PartsChecked():
                self.parts = fact
            case StateChanged():
                self.state, self.why = fact.state, fact.cause
            case HaltTripped(record=record):
                self.tripped(record)
            case HaltProgressed(evidence=evidence):
                self.record, self.evidence = evidence.record, evidence
            case Rearmed():
                self.record = self.evidence = None
            case LinkNoted() | Reconciled() | ForeignSeen():
                self._kept[type(fact)] = fact
            case _:
                pass

    def tripped(self, record: HaltRecord | None) -> None:
        """The latch is set; evidence of an older halt no longer counts."""
        if self.evidence is not None and record != self.evidence.record:
            self.evidence = None
        self.record = record or HaltRecord("", "unknown", "")

    @property
    def is_halted(self) -> bool:
        return self.record is not None

    @property
    def is_verified(self) -> bool:
        return self.evidence is not None and self.evidence.step is HaltStep.VERIFIED

    @property
    def is_reducing(self) -> bool:
        return self.state is TradingState.REDUCING

    @property
    def can_pause(self) -> bool:
        return self.mode is not None and not self.is_halted and not self.has_ended

    @property
    def has_prices(self) -> bool:
        return self.progress is None or self.progress.freshness is Freshness.FRESH

    @property
    def look(self) -> Look:
        if self.is_halted:
            is_open = self.evidence is not None and self.evidence.step is HaltStep.UNVERIFIED
            return Look.UNVERIFIED if is_open else Look.HALTED
        if self.has_ended:
            return Look.STOPPED
        if self.mode is None:
            return Look.STARTING
        return Look(self.mode.value)

    @property
    def is_simulated(self) -> bool:
        return is_simulated(self.venue)

    @property
    def prices(self) -> str:
        """What kind of prices these are: ``simulated``, ``recorded`` or ``real``."""
        if self.is_simulated:
            return "simulated"
        return "recorded" if "replay" in self.venue.lower() else "real"

    def newest(self) -> tuple[Fact, ...]:
        """What is known, for a page that comes later than the facts."""
        known = (self.account, self.progress, self.parts, *self._kept.values())
        return tuple(fact for fact in known if fact is not None)

    def meter(self, holds: str) -> LimitUse | None:
        """The limit whose name holds this word, None while it is not known."""
        limits = self.account.limits if self.account is not None else ()
        return next((limit for limit in limits if holds in limit.name.lower()), None)
