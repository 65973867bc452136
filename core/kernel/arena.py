"""All flat records of one session, laid out from a plan; each owner (backtest, stage, venue) has its own."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.instrument import Instrument
from core.kernel.account import MINUTE_MS
from core.kernel.pointers import compile_step
from core.kernel.records import (
    NEVER,
    account_t,
    candle_t,
    limits_t,
    market_t,
    position_t,
    report_t,
    resting_t,
    roster_t,
    slot_t,
    verdict_t,
    view_t,
    wish_t,
)  # fmt: skip
from core.money import AMOUNT_PLACES
from core.plan import Plan
from core.strategies.library import load

ALIGN = 16
REASONS = 32


def fill_market(market: Any, instrument: Instrument, plan: Plan) -> None:
    """One ``market_t`` from exact values; the tick as whole units of its last decimal place."""
    price_scale = 10**instrument.price_places
    # Fees taken in coins leave rests finer than the step.
    places = (
        max(instrument.quantity_places, AMOUNT_PLACES) if plan.mode.is_real else instrument.quantity_places
    )
    quantity_scale = 10**places
    market["price_scale"] = price_scale
    market["tick_units"] = int(instrument.tick * price_scale)
    market["quantity_scale"] = quantity_scale
    market["step_units"] = int(instrument.step * quantity_scale)
    market["min_quantity"] = instrument.min_quantity
    market["min_notional"] = instrument.min_notional
    market["usd"] = 1.0 if instrument.quote in plan.limits.usd_like else np.nan
    market["allowed"] = instrument.symbol in plan.limits.allowed_symbols
    for name in ("maker", "taker", "spread", "slippage", "participation"):
        market[name] = getattr(plan.costs, name)
    market["seen_spread"], market["seen_slippage"] = (
        plan.costs.spread,
        plan.costs.spread / 2 + plan.costs.slippage,
    )
    market["hurt_at"] = NEVER


class Arena:
    """Arrays by the names that the kernel's functions use.  ``steps`` False leaves the strategies uncompiled."""

    def __init__(self, plan: Plan, *, steps: bool) -> None:
        self.plan = plan
        count, flats = len(plan.instances), plan.slot_count
        place = {symbol: at for at, symbol in enumerate(plan.symbols)}
        self.markets = np.zeros(len(plan.instruments), market_t)
        for at, instrument in enumerate(plan.instruments):
            fill_market(self.markets[at], instrument, plan)
        self.roster = np.zeros(count, roster_t)
        self.positions = np.zeros(count, position_t)
        self.instance_symbol = np.array([place[one.symbol] for one in plan.instances], np.int64)
        self.slot_instance = np.zeros(flats, np.int64)
        self.slots = np.zeros(flats, slot_t)
        self.book = np.zeros(2 * flats, resting_t)
        self.account = np.zeros(1, account_t)
        cash = plan.cash
        for name in ("cash", "equity", "start_equity", "peak_equity", "day_start_equity"):
            self.account[name] = cash
        self.account["day"] = -1
        self.limits = np.zeros(1, limits_t)
        self._fill_limits()
        self.view = np.zeros(1, view_t)
        self.wishes = np.zeros(max(flats, 1), wish_t)
        self.verdict = np.zeros(1, verdict_t)
        self.reports = np.zeros(8 * max(flats, 1) + 8, report_t)
        self.denials = np.zeros(REASONS, np.int64)
        self.candle = np.zeros(1, candle_t)
        self.entries: list[Any] = []  # compiled steps: their machine code lives as long as these
        self._lay_out(steps)

    def _fill_limits(self) -> None:
        limits, record = self.plan.limits, self.limits[0]
        record["mode_allowed"] = 1
        record["max_order"] = limits.max_order_usd
        record["risk_share"] = limits.risk_per_trade
        record["daily_entries"] = limits.daily_entries
        record["daily_loss_share"] = limits.daily_loss_pct
        record["daily_loss"] = limits.daily_loss_usd
        record["min_order"] = limits.min_order_usd
        record["price_band"] = limits.price_band
        record["max_spread"] = limits.max_spread
        record["max_slippage"] = limits.max_slippage
        record["symbol_share"] = limits.symbol_share
        record["max_position"] = limits.max_position_usd
        record["total_share"] = limits.total_share
        record["max_exposure"] = limits.max_exposure_usd
        record["cooldown"] = limits.cooldown_minutes * MINUTE_MS
        record["entry_rate"] = limits.entries_per_minute

    def _lay_out(self, steps: bool) -> None:
        state_at = params_at = 0
        modules = [load(one.strategy).module for one in self.plan.instances]
        for at, (one, module) in enumerate(zip(self.plan.instances, modules, strict=True)):
            self.slot_instance[one.first : one.first + one.slots] = at
            entry = self.roster[at]
            entry["symbol"], entry["first"], entry["slots"] = self.instance_symbol[at], one.first, one.slots
            entry["state"], entry["params"] = state_at, params_at
            state_at += -(-module.state_t.itemsize // ALIGN) * ALIGN
            params_at += -(-module.params_t.itemsize // ALIGN) * ALIGN
        self.state = np.zeros(max(state_at, ALIGN), np.uint8)
        self.params = np.zeros(max(params_at, ALIGN), np.uint8)
        for at, (one, module) in enumerate(zip(self.plan.instances, modules, strict=True)):
            record = self.params_of(at)
            for name, value in one.params:
                record[name] = value
            if steps:
                compiled = compile_step(module.step, module.state_t, module.params_t, one.slots)
                self.entries.append(compiled)
                self.roster[at]["address"] = compiled.address

    def _view(self, buffer: Any, start: int, dtype: Any) -> Any:
        return buffer[start : start + dtype.itemsize].view(dtype)[0]

    def state_of(self, at: int) -> Any:
        """The state record of instance ``at``, a view."""
        module = load(self.plan.instances[at].strategy).module
        return self._view(self.state, int(self.roster[at]["state"]), module.state_t)

    def params_of(self, at: int) -> Any:
        """The parameter record of instance ``at``, a view."""
        module = load(self.plan.instances[at].strategy).module
        return self._view(self.params, int(self.roster[at]["params"]), module.params_t)

    def slots_of(self, at: int) -> Any:
        """The slots of instance ``at``, a view."""
        one = self.plan.instances[at]
        return self.slots[one.first : one.first + one.slots]
