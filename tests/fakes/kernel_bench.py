"""One simulated market without a judge: orders go in, candles pass, and what happened comes back in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from core.ids import BookId, Symbol
from core.instrument import Instrument
from core.kernel.account import apply, approve, mark
from core.kernel.arena import Arena
from core.kernel.matching import accept, match_symbol, remove
from core.kernel.records import (
    AMENDED,
    CANCELLING,
    GONE,
    LIMIT,
    MARKET,
    OPEN,
    PLACED,
    POST_ONLY,
    STOP,
    TRADED,
    TURNED_DOWN,
    candle_t,
)
from core.limits import Limits
from core.modes import Mode
from core.money import text
from core.plan import Costs, Instance, Plan
from core.strategies.library import lay_out

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
MINUTE = 60_000
KINDS = {"market": MARKET, "limit": LIMIT, "post-only": POST_ONLY, "stop": STOP}
WORDS = {PLACED: "placed", AMENDED: "amended", GONE: "gone", TURNED_DOWN: "turned down"}
DEAR = Costs(
    maker=Decimal("0.001"), taker=Decimal("0.002"), spread=Decimal("0.002"), slippage=Decimal("0.001"),
    participation=Decimal("0.5"),
)  # fmt: skip
"""A taker buys 0.2 % above and sells 0.2 % below; half of each candle's volume is ours."""
FREE = Costs(
    maker=Decimal(0), taker=Decimal(0), spread=Decimal(0), slippage=Decimal(0), participation=Decimal(1)
)


def instrument(symbol: Symbol = BTC, tick: str = "0.01", step: str = "0.001", least: str = "0") -> Instrument:
    return Instrument(symbol, Decimal(tick), Decimal(step), Decimal(least))


def plan(
    *instruments: Instrument, instances: tuple[Instance, ...] | None = None, costs: Costs = DEAR,
    limits: Limits | None = None, cash: str = "10000", timeframe: str = "1m",
) -> Plan:  # fmt: skip
    """A grid of four lines and a trend on BTC unless said; four slots, then one."""
    if instances is None:
        instances = lay_out([("grid", BTC, {"levels": 4}), ("ema_cross", BTC, {})])
    return Plan(
        book=BookId("paper:test"), mode=Mode.PAPER, timeframe=timeframe, instruments=instruments or (instrument(),),
        instances=instances, costs=costs, limits=limits or Limits(), cash=Decimal(cash),
    )  # fmt: skip


def exact(value: float, places: int = 8) -> Decimal:
    return Decimal(round(value * 10**places)).scaleb(-places)


class Bench:
    """An account, its slots and the venue's book of the plan's first symbol; ``heard`` keeps all reports."""

    def __init__(self, of: Plan | None = None, last: float = 100.0) -> None:
        self.plan = of or plan()
        self.arena = Arena(self.plan, steps=False)
        self.account, self.market = self.arena.account[0], self.arena.markets[0]
        self.slots, self.book, self.positions = self.arena.slots, self.arena.book, self.arena.positions
        self.market["last"] = last
        self.ts = 0
        self.heard: list[Any] = []

    def _take(self, count: int) -> list[str]:
        arena = self.arena
        new = [arena.reports[k].copy() for k in range(count)]
        for report in new:
            apply(
                self.account, self.positions, self.slots, arena.slot_instance, arena.instance_symbol, arena.markets,
                report,
            )  # fmt: skip
            self.heard.append(report)
            self.check(report)
        return [self.words(report) for report in new]

    def check(self, report: Any) -> None:
        """For tests that look after every single report."""

    def order(
        self, slot: int, side: str, kind: str, price: float, quantity: float, stop: float = 0.0
    ) -> list[str]:
        """An approved order reaches the venue."""
        record = self.slots[slot]
        record["sequence"] += 1
        record["live_sequence"], record["live_side"] = record["sequence"], 1 if side == "buy" else -1
        record["live_kind"], record["live_price"], record["live_quantity"] = KINDS[kind], price, quantity
        record["live_stop"] = stop
        record["filled"] = record["paid"] = record["reserved"] = 0.0
        approve(self.account, self.market, record)
        count = accept(
            self.book, slot, self.ts, 0, record["live_sequence"], record["live_side"], KINDS[kind], price, quantity,
            stop, self.market, self.arena.reports, 0,
        )  # fmt: skip
        return self._take(count)

    def cancel(self, slot: int) -> list[str]:
        self.slots[slot]["status"] = CANCELLING
        return self._take(remove(self.book, slot, self.ts, self.arena.reports, 0))

    def candle(self, prices: str, volume: float = 1000.0) -> list[str]:
        """``prices`` are open, high, low and close."""
        candle = np.zeros(1, candle_t)
        candle[0] = (self.ts, *map(float, prices.split()), volume)
        arena = self.arena
        count = match_symbol(candle[0], 0, arena.roster, self.book, self.market, arena.reports)
        said = self._take(count)
        mark(
            self.account,
            self.positions,
            arena.instance_symbol,
            arena.markets,
            0,
            self.ts,
            MINUTE,
            candle[0]["close"],
        )
        self.ts += MINUTE
        return said

    def words(self, report: Any) -> str:
        count = len(self.slots)
        flat = int(report["flat"])
        name = f"stop {flat - count}" if flat >= count else str(flat)
        quantity, price = text(exact(float(report["quantity"]))), text(exact(float(report["price"])))
        if report["happening"] != TRADED:
            return f"{name} {WORDS[int(report['happening'])]} {quantity} at {price}"
        verb = "buys" if report["side"] > 0 else "sells"
        role = "maker" if report["maker"] else "taker"
        return (
            f"{name} {verb} {quantity} at {price} as {role}{'' if report['complete'] else ', more to come'}"
        )

    def is_open(self, slot: int) -> bool:
        return bool(self.slots[slot]["status"] == OPEN)
