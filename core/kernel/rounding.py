"""Float64 on the decimal grid: every result is the double nearest to an exact decimal, so it names one Decimal.

A whole number divided by a power of ten is correctly rounded (IEEE 754), hence equal to ``float(Decimal)`` of the
same decimal; that is what lets the kernel and the Decimal books agree to the last digit.
"""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
from numba import njit

AMOUNT_SCALE = 1e8  # ten to the power of core.money.AMOUNT_PLACES
MAX_AMOUNT = 9e7  # beyond this a double no longer tells neighbouring amounts of eight places apart


@njit(cache=True)
def on_amount(x: float) -> float:
    """``x`` to eight places, half to even: cash, cost, fee."""
    return np.rint(x * AMOUNT_SCALE) / AMOUNT_SCALE


@njit(cache=True)
def on_tick(price: float, market: Any) -> float:
    """``price`` on the nearest tick of ``market`` (a ``market_t``)."""
    ticks = np.rint(price * market.price_scale / market.tick_units)
    return ticks * market.tick_units / market.price_scale


@njit(cache=True)
def on_step(quantity: float, market: Any) -> float:
    """``quantity`` on the step below; the tiny push keeps a quantity that is already on its step."""
    steps = floor(quantity * market.quantity_scale / market.step_units + 1e-6)
    return steps * market.step_units / market.quantity_scale


@njit(cache=True)
def quantity_sum(a: float, b: float, market: Any) -> float:
    """``a + b`` of two quantities on the step, on the step again."""
    return np.rint((a + b) * market.quantity_scale) / market.quantity_scale
