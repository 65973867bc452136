"""A backtest: the plan's arena, the compiled loop over all candles, exact fills out; any thread, holds no lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from core.clock import instant
from core.ids import ExecutionId, Identity, client_order_id
from core.intent import Side
from core.kernel.arena import Arena
from core.kernel.engine import run
from core.kernel.exact import exact_amount, exact_price, exact_quantity
from core.kernel.records import report_t
from core.money import Money
from core.order import Fill
from core.plan import Plan
from core.risk.verdict import Reason

CHUNK = 250_000
"""Candles between two looks at ``progress``: a fraction of a second."""
FIRST_ROOM = 4_096


@dataclass(frozen=True, slots=True)
class Result:
    """What a backtest leaves: exact ``fills`` in order, ``equity`` per candle (float64), the final arena."""

    plan: Plan
    fills: tuple[Fill, ...]
    equity: Any
    arena: Arena

    @property
    def denials(self) -> dict[str, int]:
        """Count per reason."""
        counted = self.arena.denials
        return {str(reason): int(counted[reason]) for reason in Reason if counted[reason]}

    @property
    def final_equity(self) -> Decimal:
        return exact_amount(self.arena.account[0]["equity"])

    @property
    def drawdown(self) -> Decimal:
        """Largest fall below the highest equity, as a share of it."""
        return exact_amount(self.arena.account[0]["drawdown"])


def run_backtest(
    plan: Plan, candles: Any, symbols: Any, *, progress: Callable[[int], bool] | None = None
) -> Result:
    """Run ``candles`` (``candle_t``, in order of time) with the index of each one's symbol in ``symbols`` (int64).

    ``progress`` is told the candles done and answers whether to go on; stopped early, the result ends there.
    """
    arena, count = Arena(plan, steps=True), len(candles)
    fills = np.zeros(max(FIRST_ROOM, len(arena.reports)), report_t)
    equity = np.zeros(count)
    done = 0
    while done < count:
        done = run(
            candles, symbols, plan.frame_ms, arena.roster, arena.slot_instance, arena.instance_symbol, arena.account,
            arena.positions, arena.markets, arena.limits, arena.slots, arena.book, arena.view, arena.state,
            arena.params, arena.wishes, arena.verdict, arena.reports, fills, equity, arena.denials, done,
            min(done + CHUNK, count),
        )  # fmt: skip
        if int(arena.account[0]["fills"]) + len(arena.reports) > len(fills):
            fills = np.concatenate([fills, np.zeros(len(fills), report_t)])
        if progress is not None and not progress(done):
            break
    made = int(arena.account[0]["fills"])
    return Result(plan, tuple(_fill(plan, arena, fills[k]) for k in range(made)), equity[:done], arena)


def _fill(plan: Plan, arena: Arena, report: Any) -> Fill:
    """One TRADED report in exact values."""
    flats, flat = plan.slot_count, int(report["flat"])
    at = int(arena.slot_instance[flat % flats])
    instance, instrument = plan.instances[at], plan.instruments[int(arena.instance_symbol[at])]
    slot = flat % flats - instance.first + (instance.slots if flat >= flats else 0)
    identity = Identity(instance.id, instance.symbol, slot, int(report["sequence"]))

    return Fill(
        execution_id=ExecutionId(f"{int(report['event'])}.{int(report['place'])}"),
        client_order_id=client_order_id(identity, plan.book),
        identity=identity,
        side=Side(int(report["side"])),
        price=exact_price(report["price"], instrument),
        quantity=exact_quantity(report["quantity"], instrument),
        cost=exact_amount(report["cost"]),
        fee=Money(exact_amount(report["fee"]), instrument.quote),
        is_maker=bool(report["maker"]),
        at=instant(int(report["ts"])),
    )
