"""The risk stage: one pure judgement per wish.  Owns the account, the positions and the trading state."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from struct import Struct
from time import monotonic
from typing import Any

import structlog

from actors.risk.breaking import PIECE, Breaking, Heard
from actors.risk.marks import day_loss, marked
from actors.risk.seen import SeenMarkets
from actors.stage import Stage
from core.clock import Clock, instant
from core.errors import HaltTrading, Refused
from core.explain import in_words
from core.figures import money
from core.halt import Latch
from core.intent import Intent, Wish
from core.kernel.exact import exact_amount
from core.kernel.fold import Fold
from core.messages import (
    Consider,
    DustLeft,
    EquitySampled,
    Execute,
    HaltTripped,
    Keep,
    LinkNoted,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    PauseEntries,
    QuoteSeen,
    Reconciled,
    Resume,
    ResumeEntries,
    StateChanged,
    SymbolAged,
)  # fmt: skip
from core.modes import Mode, TradingState
from core.plan import Plan
from core.ports import Hub, Mailbox
from core.records import Restart
from core.risk.judge import approve_again, judge
from core.risk.layers import ACTIVE_STATE, HALTED_STATE, REDUCING_STATE
from core.risk.verdict import Verdict

log = structlog.get_logger("risk")
MARK_EVERY = 0.2
"""Seconds between two account marks to the window."""
HOUR_MS = 3_600_000
HEAD = Struct("<q?")
"""In front of the account's records: the last sampled hour, and whether entries are paused."""


class RiskStage(Stage):
    """Judges with the latch, the trading state and the account; tells ``onward`` (executor) the verdicts.

    With ``sees_market`` (a real venue's prices) also with the spread, slippage and age that the market shows.  With
    ``halts_itself`` the day's loss halts live trading; where the venue holds no stops a halt would end all protection,
    so there entries are paused.
    """

    title = "risk"

    def __init__(
        self, hub: Hub, plan: Plan, onward: Mailbox, latch: Latch, clock: Clock, restart: Restart, *,
        sees_market: bool = False, halts_itself: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(hub)
        self._seen = SeenMarkets() if sees_market else None
        self._halts_itself, self._ended_day = halts_itself, -1
        self._plan, self._next = plan, onward
        self._latch, self._clock, self._restart = latch, clock, restart
        self._state, self._why = TradingState.ACTIVE, ""
        self._breaking = Breaking(restart.pieces.get(PIECE))
        self._told = self._breaking.breaker.state
        self._marked = 0.0
        self._hour = -1
        self._at: datetime | None = None

    def begin(self) -> str:
        self._fold = Fold(self._plan)
        if self._seen is not None:
            self.hub.subscribe(self._seen.hear, QuoteSeen, SymbolAged)
        raw = self._restart.pieces.get("risk")
        if raw is None:
            return "a new account"
        try:
            self._fold.load(raw[HEAD.size :])
        except ValueError as error:
            raise HaltTrading(
                "The account of this home was saved with other settings. Use another --home, or the same settings."
            ) from error
        self._hour, is_paused = HEAD.unpack(raw[: HEAD.size])
        if is_paused:
            self._state, self._why = TradingState.REDUCING, "before the restart"
        self._fold.catch_up(self._restart.filled)
        self._fold.settle(self._restart.newest)
        # The window and the halt's evidence know the account from the start, also when nothing moves any more.
        self._mark(max((order.time for order in self._restart.newest), default=instant(self._hour * HOUR_MS)))
        return f"equity {money(exact_amount(self._fold.arena.account[0]['equity']))}"

    def receive(self, message: Any) -> Any:
        match message:
            case Consider():
                self._consider(message)
            case OrderPlaced() | OrderRefused() | OrderCancelled() | OrderDenied():
                self._fold.take(message, 0)
                self._count(message)
                self._mark_halted()
            case OrderAmended():
                self._fold.take(message, 0)
                self._mark_halted()
            case OrderLost() | LinkNoted():
                self._count(message)
            case DustLeft():
                self._fold.leave_dust(message)
            case OrderFilled():
                self._fold.take(message, message.fill.at_ms)
                self._count(message)
                self._mark_halted()
            case HaltTripped():
                self._mark_halted()
            case Reconciled():
                self._count(message)
                if message.differences:
                    self._enter(TradingState.REDUCING, f"balances differ: {in_words(message.differences)}")
            case PauseEntries():
                self._enter(TradingState.REDUCING, message.why)
            case ResumeEntries():
                if not self._breaking.breaker.lets_enter:
                    self._why = ""  # told even if a person had resumed before
                self._breaking.reset()
                self._told = self._breaking.breaker.state
                self._enter(TradingState.ACTIVE, "by you")
            case Resume():
                self._resume(message)
            case _:
                raise TypeError(f"the risk stage does not know {type(message).__name__}")

    def _consider(self, message: Consider) -> None:
        fold = self._fold
        fold.mark(message.symbol, message.bar)
        if not message.is_past:
            self._switch_off()
        if self._seen is not None:
            self._seen.show(message.symbol, fold.arena.markets[fold.place[message.symbol]])
            self._breaking.candle(message.symbol, message.bar.close, message.at, is_past=message.is_past)
        verdicts = tuple(self._judged(wish) for wish in message.wishes)
        self._tell_breaker()
        self._sample(message)
        self._next.tell(
            Execute(message.number, message.at, verdicts, (*message.pieces, *self._pieces(message.number)))
        )
        self._mark(message.at)

    def _switch_off(self) -> None:
        """Live trading that lost what a day may lose ends itself, once a day: whoever re-arms it has looked (A4)."""
        if self._plan.mode is not Mode.LIVE:  # a replay at full speed pays nothing for it
            return
        lost, allowed = day_loss(self._fold)
        day = int(self._fold.arena.account[0]["day"])
        if day == self._ended_day or not 0 < lost >= allowed:
            return
        self._ended_day = day
        why = f"{money(lost)} {self._plan.instruments[0].quote} lost since 00:00 UTC, the limit is {money(allowed)}"
        if self._halts_itself:
            self._latch.trip("the day's loss", why, self._clock.now())
        else:
            self._enter(TradingState.REDUCING, f"by the day's loss: {why}")

    def _judged(self, wish: Wish) -> Verdict:
        if not isinstance(wish, Intent):
            return wish
        self._read_state()
        verdict = judge(wish, self._fold)
        self._breaking.approved(wish, verdict)
        return verdict

    def _pieces(self, number: int) -> Iterator[Keep]:
        """What a restart goes on from."""
        is_paused = self._state is not TradingState.ACTIVE
        yield Keep(number, "risk", HEAD.pack(self._hour, is_paused) + self._fold.dump())
        if (raw := self._breaking.piece()) is not None:
            yield Keep(number, PIECE, raw)

    def _count(self, fact: Heard) -> None:
        """On the simulated market nothing fails but by rule, and a backtest knows no breaker."""
        if self._seen is None:
            return
        self._breaking.hear(fact, self._at or self._clock.now())
        self._tell_breaker()

    def _tell_breaker(self) -> None:
        """Each step of the breaker is told; what a person paused stays paused."""
        breaker = self._breaking.breaker
        if breaker.state is self._told:
            return
        self._told = breaker.state
        why = self._why if self._state is TradingState.REDUCING else ""
        cause = breaker.why or why or "by a new order that went well"
        self._marked = 0.0
        self.hub.publish(StateChanged(self._effective(), cause, self._clock.now()))

    def _effective(self) -> TradingState:
        """The pause and the breaker together; the latch outranks both."""
        if self._state is TradingState.ACTIVE and not self._breaking.breaker.lets_enter:
            return TradingState.REDUCING
        return self._state

    def _read_state(self) -> None:
        """The latch outranks the trading state; both reach the judge as one number."""
        state = {TradingState.ACTIVE: ACTIVE_STATE, TradingState.REDUCING: REDUCING_STATE}.get(
            self._effective(), HALTED_STATE
        )
        self._fold.arena.limits[0]["state"] = HALTED_STATE if self._latch.is_set() else state

    def _sample(self, message: Consider) -> None:
        """Equity at each full hour of the market's time."""
        hour = message.bar.ts // HOUR_MS
        if hour > self._hour:
            self._hour = hour
            equity = exact_amount(self._fold.arena.account[0]["equity"])
            self.hub.publish(EquitySampled(message.number, instant(message.bar.ts), equity))

    def _mark_halted(self) -> None:
        """Once halted no candle comes that would bring the next mark: each change is told at once."""
        if self._at is not None and self._latch.is_set():
            self._marked = 0.0
            self._mark(self._at)

    def _mark(self, at: datetime) -> None:
        now, self._at = monotonic(), at
        if now - self._marked >= MARK_EVERY:
            self._marked = now
            halted = self._latch.is_set()
            record = self._latch.read() if halted else None
            state = TradingState.HALTED if halted else self._effective()
            own = self._why if self._state is not TradingState.ACTIVE else self._breaking.breaker.why
            why = record.reason if record is not None else own
            self.hub.publish(marked(self._fold, at, state, why))

    def _enter(self, state: TradingState, why: str) -> None:
        if state is not self._state or why != self._why:
            self._state, self._why = state, why
            self._marked = 0.0
            self.hub.publish(StateChanged(state, why, self._clock.now()))

    def _resume(self, message: Resume) -> None:
        """Approvals that were on disk before the program ended go down once more."""
        verdicts: list[Verdict] = []
        for order in message.intents:
            try:
                verdicts.append(approve_again(order, self._fold))
            except Refused as error:
                log.error("not resumed", order=order.client_order_id, why=str(error))
        self._next.tell(Execute(message.number, message.at, tuple(verdicts), resumed=True))
