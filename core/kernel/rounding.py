"""Float64 on the decimal grid: every result is the double nearest to an exact decimal, so it names one Decimal.

A whole number divided by a power of ten is correctly rounded (IEEE 754), hence equal to ``float(Decimal)`` of the
same decimal; that is what lets the kernel and the Decimal books agree to the last digit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kernel.compiled import inlined

AMOUNT_SCALE = 1e8  # ten to the power of core.money.AMOUNT_PLACES
MAX_AMOUNT = 2.0**24  # beyond this the errors of a sum of two doubles reach half of an amount's last place
NOISE = 1e-6  # steps that a number may be off after some arithmetic, and, of large numbers, their share
NOISE_SHARE = 4e-16


@inlined
def on_amount(x: float) -> float:
    """``x`` to eight places, half to even: cash, cost, fee."""
    return np.rint(x * AMOUNT_SCALE) / AMOUNT_SCALE


@inlined
def on_tick(price: float, market: Any) -> float:
    """``price`` on the nearest tick of ``market`` (a ``market_t``)."""
    ticks = np.rint(price * market.price_scale / market.tick_units)
    return ticks * market.tick_units / market.price_scale


@inlined
def on_worse_tick(price: float, side: int, market: Any) -> float:
    """``price`` on the tick that costs us: the one above for a buy, the one below (but above zero) for a sale."""
    ticks = price * market.price_scale / market.tick_units
    noise = NOISE + NOISE_SHARE * ticks
    whole = np.ceil(ticks - noise) if side > 0 else max(1.0, np.floor(ticks + noise))
    return whole * market.tick_units / market.price_scale


@inlined
def on_step(quantity: float, market: Any) -> float:
    """``quantity`` on the step below; the tiny push keeps a quantity that is already on its step."""
    steps = quantity * market.quantity_scale / market.step_units
    return np.floor(steps + NOISE + NOISE_SHARE * steps) * market.step_units / market.quantity_scale


@inlined
def quantity_sum(a: float, b: float, market: Any) -> float:
    """``a + b`` of two quantities on the step, on the step again."""
    return np.rint((a + b) * market.quantity_scale) / market.quantity_scale
