"""A market's fixed facts and its rounding, against the kernel's."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadValue
from core.ids import Symbol
from core.instrument import Instrument, split_symbol
from core.kernel.arena import fill_market
from core.kernel.records import market_t
from core.kernel.rounding import on_step, on_tick
from tests.fakes.kernel_bench import plan

BTC = Symbol("BTC/USDT")


def test_base_and_quote() -> None:
    assert split_symbol("BTC/USDT") == ("BTC", "USDT")
    market = Instrument(BTC, Decimal("0.01"), Decimal("0.001"))
    assert (market.base, market.quote) == ("BTC", "USDT")


@pytest.mark.parametrize("symbol", ["BTC/USDT:USDT", "BTC/USD:BTC-250627", ":"])
def test_derivatives_are_refused(symbol: str) -> None:
    with pytest.raises(BadValue, match="is a derivative; Belay trades spot markets only"):
        split_symbol(symbol)


@pytest.mark.parametrize("symbol", ["", "BTC", "BTC/", "/USDT", "/", "BTC/USDT/X", "BTCUSDT"])
def test_what_is_no_market(symbol: str) -> None:
    with pytest.raises(BadValue, match="is not a market; write BASE/QUOTE"):
        split_symbol(symbol)


@pytest.mark.parametrize("name", ["tick", "step", "min_quantity", "min_notional"])
@pytest.mark.parametrize("value", [Decimal(-1), Decimal("NaN"), Decimal("Infinity"), 0.01, None, True])
def test_what_no_market_has(name: str, value: Any) -> None:
    facts = {"tick": Decimal("0.01"), "step": Decimal("0.01"), name: value}
    with pytest.raises(BadValue, match=f"BTC/USDT: {name}"):
        Instrument(BTC, **facts)


def test_a_tick_is_above_zero_but_a_minimum_may_be_none() -> None:
    for name in ("tick", "step"):
        with pytest.raises(BadValue, match=f"{name} must be above zero"):
            Instrument(BTC, **{"tick": Decimal(1), "step": Decimal(1), name: Decimal(0)})
    assert Instrument(BTC, Decimal(1), Decimal(1), Decimal(0), Decimal(0)).min_notional == 0


@pytest.mark.parametrize(
    ("unit", "places"),
    [("1", 0), ("10", 0), ("1E+2", 0), ("0.5", 1), ("0.05", 2), ("0.25", 2), ("0.010", 2), ("1e-8", 8)],
)
def test_places(unit: str, places: int) -> None:
    market = Instrument(BTC, Decimal(unit), Decimal(unit))
    assert (market.price_places, market.quantity_places) == (places, places)


@pytest.mark.parametrize(
    ("tick", "value", "price"),
    [("0.01", "1.005", "1"), ("0.01", "1.015", "1.02"), ("0.05", "1.07", "1.05"), ("0.25", "1.125", "1"),
     ("0.25", "1.375", "1.5"), ("10", "14.99", "10"), ("10", "25", "20"), ("0.01", "0.006", "0.01")],
)  # fmt: skip
def test_a_price_is_on_the_nearest_tick(tick: str, value: str, price: str) -> None:
    assert Instrument(BTC, Decimal(tick), Decimal(1)).price(Decimal(value)) == Decimal(price)


def test_a_price_of_no_tick_is_none() -> None:
    with pytest.raises(BadValue, match="above zero"):
        Instrument(BTC, Decimal(1), Decimal(1)).price(Decimal("0.5"))


@pytest.mark.parametrize(
    ("step", "value", "quantity"),
    [("0.001", "1.0019", "1.001"), ("0.05", "0.0999", "0.05"), ("10", "19", "10"), ("0.001", "0.0009", "0")],
)
def test_a_quantity_is_on_the_step_below(step: str, value: str, quantity: str) -> None:
    assert Instrument(BTC, Decimal(1), Decimal(step)).quantity(Decimal(value)) == Decimal(quantity)


grids = st.builds(lambda n, p: Decimal(n).scaleb(-p), st.sampled_from([1, 2, 5, 25]), st.integers(0, 8))


@given(grids, st.integers(1, 10**9), st.decimals("0.01", "0.49", places=2))
def test_the_kernel_rounds_as_the_instrument_does(unit: Decimal, count: int, off: Decimal) -> None:
    market, record = Instrument(BTC, unit, unit), np.zeros(1, market_t)[0]
    fill_market(record, market, plan())
    for value in (unit * count, unit * (count + off), unit * (count + 1 - off)):
        assert on_tick(float(value), record) == float(market.price(value))
        assert on_step(float(value), record) == float(market.quantity(value))
