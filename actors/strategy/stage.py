"""The strategy stage: one compiled step per instance and closed candle.  Owns the strategies' states and slots."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from time import monotonic
from typing import Any

from actors.stage import Stage
from core.clock import instant
from core.errors import HaltTrading
from core.figures import plural
from core.ids import Identity, Symbol
from core.intent import Intent, Kind, Side, Wish, Withdrawal
from core.kernel.exact import exact_price, exact_quantity
from core.kernel.fold import Fold
from core.kernel.records import PLACE
from core.kernel.steps import run_steps
from core.market import Bar
from core.messages import (
    Consider,
    DustLeft,
    Keep,
    Look,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderPlaced,
    OrderRefused,
    SignalRaised,
    StrategyNoted,
)  # fmt: skip
from core.plan import Instance, Plan
from core.ports import Hub, Mailbox
from core.records import Restart
from core.strategies.library import load

NOTE_EVERY = 0.25
"""Seconds between two rounds of notes to the window."""


def last_candles(restart: Restart) -> dict[Symbol, int]:
    """The open time (ms) of the last candle that each market's strategies have seen."""
    raw = restart.pieces.get("market")
    return {Symbol(symbol): int(ts) for symbol, ts in json.loads(raw).items()} if raw is not None else {}


class StrategyStage(Stage):
    """Steps first, then tells ``onward`` (risk) the wishes that changed, with its state after the step."""

    title = "strategy"

    def __init__(self, hub: Hub, plan: Plan, onward: Mailbox, restart: Restart) -> None:
        super().__init__(hub)
        self._plan, self._next, self._restart = plan, onward, restart
        self._noted = 0.0
        self._seen: dict[Symbol, int] = last_candles(restart)

    def begin(self) -> str:
        self._fold = Fold(self._plan, steps=True)
        self._modules = [load(one.strategy).module for one in self._plan.instances]
        raw = self._restart.pieces.get("strategy")
        if raw is None:
            return f"{plural(len(self._plan.instances), 'instance')}, new"
        state = self._fold.arena.state
        try:
            self._fold.load(raw[state.nbytes :])
        except ValueError as error:
            raise HaltTrading(
                "The strategies of this home were saved with other settings. Use another --home, or the same settings."
            ) from error
        state[:] = memoryview(raw[: state.nbytes])
        self._fold.catch_up(self._restart.filled)
        self._fold.settle(self._restart.newest)
        return (
            f"{plural(len(self._plan.instances), 'instance')}, restored after candle {self._restart.number}"
        )

    def receive(self, message: Any) -> None:
        match message:
            case Look():
                self._look(message)
            case OrderPlaced() | OrderAmended() | OrderRefused() | OrderCancelled() | OrderDenied():
                self._fold.take(message, 0)
            case DustLeft():
                self._fold.leave_dust(message)
            case OrderFilled():
                self._fold.take(message, message.fill.at_ms)
            case _:
                raise TypeError(f"the strategy stage does not know {type(message).__name__}")

    def _look(self, look: Look) -> None:
        """Step every instance of the symbol and pass its wishes on; nothing is decided here."""
        fold, arena = self._fold, self._fold.arena
        at = fold.mark(look.symbol, look.bar)
        arena.candle[0] = look.bar
        before = arena.slots.copy() if look.is_past else None
        count = run_steps(
            arena.candle, 0, at, arena.roster, arena.account[0], arena.positions, arena.markets, arena.slots,
            arena.view, arena.state, arena.params, arena.wishes,
        )  # fmt: skip
        if before is not None:  # the step has learnt from this candle; no order follows from it
            arena.slots[:], count = before, 0
        when = instant(look.bar.ts + self._plan.frame_ms)
        wishes = tuple(self._wish(arena.wishes[w], look.bar, when) for w in range(count))
        piece = Keep(look.number, "strategy", arena.state.tobytes() + fold.dump())
        for (
            wish
        ) in wishes:  # before the work goes on: what belongs to this event is out before the event ends
            if isinstance(wish, Intent):
                self.hub.publish(SignalRaised(wish.identity.instance, wish))
        self._seen[look.symbol] = look.bar.ts
        market = Keep(look.number, "market", json.dumps(self._seen).encode())
        self._next.tell(
            Consider(look.number, look.symbol, look.bar, when, wishes, (piece, market), look.is_past)
        )
        self._note(look.bar)

    def _wish(self, record: Any, bar: Bar, when: datetime) -> Wish:
        """A changed slot in exact values."""
        flat = int(record["flat"])
        instance = self._plan.instances[int(self._fold.arena.slot_instance[flat])]
        identity = Identity(instance.id, instance.symbol, flat - instance.first, int(record["sequence"]))
        if record["what"] != PLACE:
            return Withdrawal(identity=identity, at=when)
        return self._intent(instance, identity, self._fold.arena.slots[flat], bar, when)

    def _intent(self, instance: Instance, identity: Identity, slot: Any, bar: Bar, when: datetime) -> Intent:
        instrument = self._plan.instruments[self._fold.place[instance.symbol]]
        kind = Kind(int(slot["live_kind"]))

        return Intent(
            identity=identity,
            side=Side(int(slot["live_side"])),
            kind=kind,
            price=None if kind is Kind.MARKET else exact_price(slot["live_price"], instrument),
            quantity=exact_quantity(slot["live_quantity"], instrument),
            reference=instrument.price(Decimal(repr(bar.close))),
            stop=exact_price(slot["live_stop"], instrument) if slot["live_stop"] > 0 else None,
            at=when,
        )

    def _note(self, bar: Bar) -> None:
        """What each instance waits for, a few times a second at most."""
        now = monotonic()
        if now - self._noted < NOTE_EVERY:
            return
        self._noted = now
        arena = self._fold.arena
        for at, (one, module) in enumerate(zip(self._plan.instances, self._modules, strict=True)):
            state = arena.state_of(at)
            price = float(arena.markets[int(arena.instance_symbol[at])]["last"])
            text = module.note(state, arena.params_of(at), arena.slots_of(at), price)
            self.hub.publish(StrategyNoted(one.id, one.symbol, True, text, module.lines(state)))
