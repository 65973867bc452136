"""Grid: buys resting ATR-spaced below the middle, each sold one line higher, all stopped below the range.

The middle trails the price upwards while nothing is held.  Buys rest only while EMA 20 is above EMA 50, and while the
ATR is not far above its own usual height (A23): a market that has just become wild runs through a grid.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kernel.compiled import compiled
from core.kernel.indicators import atr, atr_t, ema, ema_t
from core.strategies.contract import (
    BUY,
    CANCELLED,
    DENIED,
    LIMIT,
    OPEN,
    POST_ONLY,
    REFUSED,
    SELL,
    declare,
    is_free,
    is_working,
    retract,
)  # fmt: skip

TITLE = "Grid"
FAST, SLOW = 20, 50
USUAL = 100
"""Candles over which the ATR's usual height is averaged."""
CALM = 0.5
"""Buys come back when the ATR is only this part of ``spike`` above its usual height."""
MOST_LEVELS = 50
PATIENCE_MS = 4 * 3_600_000
"""How long a line asks for nothing after a wish that was denied, refused or taken away."""

state_t = np.dtype(
    [("fast", ema_t), ("slow", ema_t), ("atr", atr_t), ("usual", ema_t), ("is_wild", "i8"), ("middle", "f8"),
     ("gap", "f8"), ("asked", "i8", (MOST_LEVELS,))],
    align=True,
)  # fmt: skip
"""``asked`` is the candle time of each line's last wish, so that a denied one waits."""
params_t = np.dtype(
    [("levels", "i8"), ("spacing", "f8"), ("geometric", "i8"), ("trail", "f8"), ("stop_gaps", "f8"), ("atr", "i8"),
     ("stake", "f8"), ("spike", "f8")],
    align=True,
)  # fmt: skip
DEFAULTS: dict[str, int | str] = {
    "levels": 5, "spacing": "4", "geometric": 0, "trail": "2", "stop_gaps": "2", "atr": 14, "stake": "45",
    "spike": "0.3",
}  # fmt: skip
"""``spacing`` in ATRs between lines; ``geometric`` 1 keeps equal ratios instead of equal distances; ``trail`` lines
above the middle before it follows; ``stop_gaps`` lines below the lowest buy; ``stake`` per buy in quote currency;
``spike`` is the share by which the ATR may be above its usual height before buys wait (0: they never do)."""


def slots(params: dict[str, Any]) -> int:
    """One per line."""
    return int(params["levels"])


def faults(params: dict[str, Any]) -> list[str]:
    """What is wrong with these parameters, one sentence each."""
    found = []
    if not 1 <= params["levels"] <= MOST_LEVELS:
        found.append(f"levels must be from 1 to {MOST_LEVELS}")
    if params["geometric"] not in (0, 1):
        found.append("geometric must be 0 or 1")
    if min(params["spacing"], params["trail"], params["stop_gaps"], params["stake"], params["atr"]) <= 0:
        found.append("spacing, trail, stop_gaps, atr and stake must be above zero")
    if params["spike"] < 0:
        found.append("spike must be zero or more")
    return found


@compiled
def line(state: Any, params: Any, below: float) -> float:
    """The price ``below`` lines under the middle."""
    if params.geometric:
        return state.middle * (1.0 - state.gap / state.middle) ** below
    return state.middle - state.gap * below


@compiled
def _recentre(candle: Any, state: Any, params: Any, reach: float, orders: Any) -> bool:
    """Put the middle at the price when nothing is held and the price has left the range; true if it moved."""
    for k in range(orders.shape[0]):
        if orders[k].held > 0.0:
            return False
    if state.middle > 0.0:
        left_above = candle.close > state.middle + state.gap * params.trail
        left_below = candle.close < line(state, params, params.levels + params.stop_gaps)
        if not left_above and not left_below:
            return False
    gap = params.spacing * reach
    if not 0.0 < gap * (params.levels + params.stop_gaps) < 0.9 * candle.close:
        return False
    state.middle = candle.close
    state.gap = gap
    return True


@compiled
def _may_ask(order: Any, state: Any, k: int, ts: int) -> bool:
    """The line is free, and a wish that came to nothing lies long enough back."""
    failed = order.active and order.status in (DENIED, REFUSED, CANCELLED)
    return is_free(order) and (not failed or ts - state.asked[k] >= PATIENCE_MS)


@compiled
def _wish_buy(candle: Any, state: Any, params: Any, order: Any, k: int, is_up: bool) -> None:
    if is_working(order):
        if not is_up:
            retract(order)
        return
    price = line(state, params, k + 1.0)
    if is_up and 0.0 < price < candle.close and _may_ask(order, state, k, candle.ts):
        stop = line(state, params, params.levels + params.stop_gaps)
        state.asked[k] = candle.ts
        declare(order, BUY, POST_ONLY, price, params.stake / price, stop)


@compiled
def _is_wild(state: Any, params: Any, reach: float) -> bool:
    """Whether the ATR is too far above its usual height; once it was, until it is nearly back."""
    usual = ema(state.usual, reach, USUAL)
    above = params.spike * CALM if state.is_wild else params.spike
    state.is_wild = params.spike > 0.0 and state.usual.count > SLOW and reach > usual * (1.0 + above)
    return state.is_wild != 0


@compiled
def step(candle: Any, account: Any, state: Any, params: Any, orders: Any) -> None:
    """Keep one buy per free line and one sell per line that holds."""
    fast = ema(state.fast, candle.close, FAST)
    slow = ema(state.slow, candle.close, SLOW)
    reach = atr(state.atr, candle, params.atr)
    is_wild = _is_wild(state, params, reach)
    if state.slow.count <= SLOW:
        return
    moved = _recentre(candle, state, params, reach, orders)
    for k in range(orders.shape[0]):
        order = orders[k]
        if order.held > 0.0:
            # while the rest of a buy is still filling, its sell waits
            if _may_ask(order, state, k, candle.ts):
                state.asked[k] = candle.ts
                declare(order, SELL, LIMIT, line(state, params, float(k)), order.held, 0.0)
        elif moved:
            retract(order)
        else:
            _wish_buy(candle, state, params, order, k, fast > slow and not is_wild)


def note(state: Any, params: Any, orders: Any, price: float) -> str:
    """What it waits for, in one sentence."""
    left = SLOW - int(state["slow"]["count"])
    if left >= 0:
        return f"Warming up: {left + 1} more {'candle' if left == 0 else 'candles'}."
    held = sum(1 for order in orders if order["held"] > 0)
    resting = [float(o["live_price"]) for o in orders if o["status"] == OPEN and o["live_side"] == BUY]
    if resting and price > 0:
        best = max(resting)
        hold = "1 line holds" if held == 1 else f"{held} lines hold" if held else "no line holds"
        return f"Next buy at {best:,.10g}, {(1 - best / price) * 100:.2f} % below the price; {hold}."
    if held:
        return f"{held} of {len(orders)} lines hold and wait for their sells."
    if state["is_wild"]:
        above = (state["atr"]["value"] / state["usual"]["value"] - 1) * 100
        return f"The ATR is {above:.0f} % above its usual height: no buys until it calms down."
    if state["fast"]["value"] <= state["slow"]["value"]:
        return "EMA 20 is below EMA 50: no buys until it is above."
    if any(order["status"] == DENIED for order in orders):
        return "Its buys were denied; it asks again 4 h after each."
    return "Sets its lines anew at the next candle."


def lines(state: Any) -> tuple[tuple[str, float], ...]:
    """Indicator values for the chart."""
    return (("EMA 20", float(state["fast"]["value"])), ("EMA 50", float(state["slow"]["value"])))
