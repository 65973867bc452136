"""Doubles that name one decimal: the kernel's rounding against Decimal, to the last bit."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.arena import fill_market
from core.kernel.records import market_t
from core.kernel.rounding import MAX_AMOUNT, on_amount, on_step, on_tick, on_worse_tick, quantity_sum
from core.plan import MOST_CASH
from tests.fakes.kernel_bench import BTC, instrument, plan

PLACE = Decimal("1e-8")
NEAR = Decimal("3e-6")
"""Ticks by which a price counts as on its tick, and of large numbers the share."""
SHARE = Decimal("2e-15")
grids = st.builds(
    lambda units, places: Decimal(units).scaleb(-places),
    st.sampled_from([1, 2, 5, 10, 25, 50]),
    st.integers(0, 8),
)
"""Ticks and steps up to eight places: 1, 0.5, 0.05, 0.25, 1e-8 ..."""


def market(tick: Decimal = Decimal(1), step: Decimal = Decimal(1)) -> Any:
    record = np.zeros(1, market_t)[0]
    fill_market(record, instrument(BTC, str(tick), str(step)), plan())
    return record


amounts = st.integers(-(10**15), 10**15).map(lambda units: Decimal(units).scaleb(-8))


@given(amounts, amounts)
def test_a_sum_of_amounts_is_exact(a: Decimal, b: Decimal) -> None:
    assert on_amount(float(a) + float(b)) == float(a + b)


@given(st.integers(int(MOST_CASH - 1) * 10**8, int(MOST_CASH) * 10**8), st.integers(0, 10**10))
def test_the_largest_account_is_exact(cash: int, spent: int) -> None:
    assert on_amount(cash / 1e8 - spent / 1e8) == (cash - spent) / 1e8
    assert MOST_CASH < MAX_AMOUNT


@given(grids, st.integers(1, 10**12), st.floats(-0.49, 0.49))
def test_a_price_is_on_its_nearest_tick(tick: Decimal, count: int, off: float) -> None:
    found = on_tick(float(tick * count) + float(tick) * off, market(tick))
    assert found == float(tick * count)


@given(grids, st.decimals("1e-8", "1e7", places=10), st.sampled_from([1, -1]))
def test_a_taker_has_the_worse_tick(tick: Decimal, price: Decimal, side: int) -> None:
    ticks = price / tick
    found = on_worse_tick(float(price), side, market(tick))
    worse = ticks.quantize(Decimal(1), ROUND_CEILING if side > 0 else ROUND_FLOOR)
    nearest = ticks.quantize(Decimal(1), ROUND_HALF_EVEN)
    allowed = {worse}
    if abs(ticks - nearest) <= NEAR + ticks * SHARE:  # a double cannot tell it from the tick
        allowed.add(nearest)
    assert found in {float(max(each, Decimal(side < 0)) * tick) for each in allowed}


@given(grids, st.integers(1, 10**12), st.sampled_from([1, -1]))
def test_a_taker_on_the_tick_stays(tick: Decimal, count: int, side: int) -> None:
    assert on_worse_tick(float(tick * count), side, market(tick)) == float(tick * count)


@given(grids, st.integers(1, 10**14))
def test_a_quantity_on_its_step_stays(step: Decimal, count: int) -> None:
    quantity = float(step * count)
    assert on_step(quantity, market(step=step)) == quantity


@pytest.mark.parametrize("quantity", ["450.12345678", "4512.87654321", "4500000.00000001", "71.00000003"])
def test_a_large_holding_leaves_no_dust(quantity: str) -> None:
    """Units of a cheap coin in steps of 1e-8 (Kraken has them for all coins)."""
    for last_places in range(1000):
        units = Decimal(quantity) + PLACE * last_places
        assert on_step(float(units), market(step=PLACE)) == float(units)


@given(grids, st.decimals("0", "1e6", places=10))
def test_a_quantity_goes_to_the_step_below(step: Decimal, quantity: Decimal) -> None:
    steps = quantity / step
    found = on_step(float(quantity), market(step=step))
    below = steps.quantize(Decimal(1), ROUND_DOWN)
    if below + 1 - steps <= NEAR + steps * SHARE:  # as good as on the step above
        assert found in (float(below * step), float((below + 1) * step))
    else:
        assert found == float(below * step)


@given(grids, st.integers(0, 10**14), st.integers(-(10**14), 10**14))
def test_a_sum_of_quantities_is_exact(step: Decimal, a: int, b: int) -> None:
    found = quantity_sum(float(step * a), float(step * b), market(step=step))
    assert found == float(step * (a + b))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_stays_none(value: float) -> None:
    for found in (on_amount(value), on_tick(value, market()), on_step(value, market())):
        assert not np.isfinite(found)
