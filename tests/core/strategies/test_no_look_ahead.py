"""Every strategy on a made market: the future changes nothing, entries have stops, slots sell what they bought."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from core.ids import Identity
from core.intent import Intent, Side
from core.kernel.arena import Arena
from core.kernel.engine import run
from core.kernel.records import report_t
from core.limits import Limits
from core.market import Bar
from core.order import Fill
from core.plan import Costs, Plan
from core.strategies.library import NAMES, lay_out
from tests.fakes.kernel_bench import BTC, instrument, plan
from tests.fakes.kernel_candles import walk
from tests.fakes.line_bench import Line, bars

COUNT, NOW = 700, 450
STATE = ("account", "positions", "slots", "book", "state", "denials")
GIVEN: dict[str, dict[str, Any]] = {"grid": {"spacing": "2"}, "ema_cross": {"stop_atr": "2"}}


def one(name: str) -> Plan:
    return plan(
        instrument(BTC, "0.01", "0.00001"), instances=lay_out([(name, BTC, GIVEN.get(name, {}))]), costs=Costs(),
        limits=Limits(daily_loss_usd=Decimal(1000)),
    )  # fmt: skip


def until_now(arena: Arena, candles: Any) -> tuple[list[bytes], int]:
    """All decisions and fills up to ``NOW``, with the rest of ``candles`` in plain sight."""
    fills, equity = np.zeros(2000, report_t), np.zeros(COUNT)
    run(
        candles, np.zeros(COUNT, np.int64), 60_000, arena.roster, arena.slot_instance, arena.instance_symbol,
        arena.account, arena.positions, arena.markets, arena.limits, arena.slots, arena.book, arena.view, arena.state,
        arena.params, arena.wishes, arena.verdict, arena.reports, fills, equity, arena.denials, 0, NOW,
    )  # fmt: skip
    made = int(arena.account[0]["fills"])
    return [fills.tobytes(), *(getattr(arena, name).tobytes() for name in STATE)], made


@pytest.mark.parametrize("name", NAMES)
def test_the_future_changes_no_decision(name: str) -> None:
    plain = walk(COUNT, seed=4, volume=100)
    found = []
    for change in (None, 0.0, 3.0, float("nan")):
        candles = plain.copy()
        if change is not None:
            for column in ("open", "high", "low", "close", "volume"):
                candles[column][NOW:] *= change
        found.append(until_now(Arena(one(name), steps=True), candles))
    assert found[0][1] > 4  # it traded
    assert all(each == found[0] for each in found[1:])


class Seen(Line):
    """Keeps the intents that the strategy wished."""

    def __init__(self, of: Plan) -> None:
        super().__init__(of)
        self.intents: dict[Identity, tuple[Intent, Decimal]] = {}
        self.held: Counter[int] = Counter()

    def _wishes(self, symbol: Any, bar: Bar) -> Any:
        wishes = super()._wishes(symbol, bar)
        for wish in wishes:
            if isinstance(wish, Intent):
                held = self.risk.arena.slots[wish.identity.slot]["held"]
                self.intents[wish.identity] = (wish, Decimal(repr(float(held))))
        return wishes


@pytest.mark.parametrize("name", NAMES)
def test_entries_have_stops_and_slots_sell_what_they_bought(name: str) -> None:
    line = Seen(one(name))
    for bar in bars(walk(COUNT, seed=4, volume=2)):
        line.candle(BTC, bar)
    wished = list(line.intents.values())
    assert {intent.side for intent, _ in wished} == {Side.BUY, Side.SELL}
    for intent, held in wished:
        price = intent.price or intent.reference
        if intent.side is Side.BUY:
            assert held == 0
            assert intent.stop is not None
            assert 0 < intent.stop < price
        else:
            assert intent.quantity == held > 0
    check_slots(line.fills, line.plan)


def check_slots(fills: list[Fill], of: Plan) -> None:
    """Each slot's fills, protective stops with their entries, never go below zero."""
    held: Counter[int] = Counter()
    assert fills
    for fill in fills:
        slot = fill.identity.slot % of.instances[0].slots
        held[slot] += int(fill.side * fill.quantity * 10**5)
        assert held[slot] >= 0
