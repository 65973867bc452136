"""Trend: buy when the fast EMA crosses above the slow one, sell when it crosses back, with a stop ATRs below."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kernel.compiled import inlined
from core.kernel.indicators import atr, atr_t, ema, ema_t
from core.strategies.contract import BUY, FILLED, MARKET, OPEN, PENDING, SELL, declare, is_free

TITLE = "Trend"
RETRY = 60
"""Candles until a denied exit is wished again."""

state_t = np.dtype(
    [("fast", ema_t), ("slow", ema_t), ("atr", atr_t), ("above", "i8"), ("denied_at", "i8")], align=True
)
params_t = np.dtype(
    [("fast", "i8"), ("slow", "i8"), ("atr", "i8"), ("stop_atr", "f8"), ("stake", "f8")], align=True
)  # fmt: skip
DEFAULTS: dict[str, int | str] = {"fast": 12, "slow": 26, "atr": 14, "stop_atr": "3", "stake": "45"}
"""``fast``, ``slow``, ``atr`` in candles; ``stop_atr`` in ATRs below the price; ``stake`` in quote currency."""


def slots(params: dict[str, Any]) -> int:
    """One order at a time."""
    return 1


def faults(params: dict[str, Any]) -> list[str]:
    """What is wrong with these parameters, one sentence each."""
    found = []
    if not 1 <= params["fast"] < params["slow"]:
        found.append("fast must be at least 1 and below slow")
    if params["atr"] < 1 or params["stop_atr"] <= 0 or params["stake"] <= 0:
        found.append("atr, stop_atr and stake must be above zero")
    return found


@inlined
def step(candle: Any, account: Any, state: Any, params: Any, orders: Any) -> None:
    """Enter on the cross only, leave whenever the fast EMA is below."""
    fast = ema(state.fast, candle.close, params.fast)
    slow = ema(state.slow, candle.close, params.slow)
    reach = atr(state.atr, candle, params.atr)
    above = 1 if fast > slow else 0
    crossed_up = above and not state.above
    state.above = above
    order = orders[0]
    if state.slow.count <= params.slow or not is_free(order):
        return
    if order.held == 0.0:
        if crossed_up:
            stop = candle.close - params.stop_atr * reach
            declare(order, BUY, MARKET, 0.0, params.stake / candle.close, stop)
    elif not above and (order.status == FILLED or state.slow.count - state.denied_at >= RETRY):
        state.denied_at = state.slow.count
        declare(order, SELL, MARKET, 0.0, order.held, 0.0)


def note(state: Any, params: Any, orders: Any, price: float) -> str:
    """What it waits for, in one sentence."""
    left = int(params["slow"]) - int(state["slow"]["count"])
    if left >= 0:
        return f"Warming up: {left + 1} more {'candle' if left == 0 else 'candles'}."
    if orders[0]["status"] in (OPEN, PENDING):
        return "An order is on its way."
    if orders[0]["held"] > 0:
        stop = float(orders[0]["guard_price"])
        return f"Holds; its stop rests at {stop:,.10g}. It sells when the fast EMA falls below."
    if state["above"]:
        return "The fast EMA is above the slow already. It buys at the next cross from below."
    gap = (state["slow"]["value"] / state["fast"]["value"] - 1) * 100
    return f"Waits for the fast EMA to cross above the slow, {gap:.2f} % higher."


def lines(state: Any) -> tuple[tuple[str, float], ...]:
    """Indicator values for the chart."""
    return (("EMA fast", float(state["fast"]["value"])), ("EMA slow", float(state["slow"]["value"])))
