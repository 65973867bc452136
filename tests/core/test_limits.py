"""The ceilings hold against everything that could raise them (A1, A2, A3, A4)."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields, replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadSettings
from core.limits import (
    MAX_DAILY_LOSS_PCT,
    MAX_DAILY_TRADES,
    MAX_PORTFOLIO_RISK_PCT,
    MAX_TRADE_USD,
    USD_LIKE,
    Limits,
)
from core.settings import Risk

CEILINGS = {
    "max_order_usd": MAX_TRADE_USD,
    "risk_per_trade": MAX_PORTFOLIO_RISK_PCT,
    "daily_entries": MAX_DAILY_TRADES,
    "daily_loss_pct": MAX_DAILY_LOSS_PCT,
}


def test_the_ceilings_are_these() -> None:
    assert Decimal(50) == MAX_TRADE_USD
    assert Decimal("0.01") == MAX_PORTFOLIO_RISK_PCT
    assert MAX_DAILY_TRADES == 20
    assert Decimal("0.05") == MAX_DAILY_LOSS_PCT


def test_the_defaults() -> None:
    limits = Limits()
    assert (limits.max_order_usd, limits.risk_per_trade) == (50, Decimal("0.01"))
    assert (limits.daily_entries, limits.daily_loss_pct, limits.daily_loss_usd) == (20, Decimal("0.05"), 20)
    assert (limits.min_order_usd, limits.price_band) == (10, Decimal("0.05"))
    assert limits.allowed_symbols == ("BTC/USDT", "ETH/USDT")
    assert set(limits.usd_like) == {"USD", "USDT", "USDC", "FDUSD"}


@pytest.mark.parametrize("name", CEILINGS)
def test_nothing_is_built_above_a_ceiling(name: str) -> None:
    step = 1 if name == "daily_entries" else Decimal("0.000001")
    with pytest.raises(BadSettings, match=rf"risk\.{name} is .*above the ceiling of {CEILINGS[name]}"):
        Limits(**{name: CEILINGS[name] + step})
    with pytest.raises(BadSettings, match="ceiling"):
        replace(Limits(), **{name: CEILINGS[name] + step})
    assert getattr(Limits(**{name: CEILINGS[name]}), name) == CEILINGS[name]


def test_a_limit_does_not_change_afterwards() -> None:
    with pytest.raises(FrozenInstanceError):
        Limits().max_order_usd = Decimal(51)  # type: ignore[misc]


@given(st.decimals(min_value="0.00000001", max_value=10_000, places=8), st.integers(-5, 100))
def test_what_is_built_is_under_every_ceiling(amount: Decimal, entries: int) -> None:
    try:
        limits = Limits(max_order_usd=amount, min_order_usd=Decimal("0.00000001"), daily_entries=entries)
    except BadSettings:
        assert amount > MAX_TRADE_USD or not 0 <= entries <= MAX_DAILY_TRADES
    else:
        assert limits.max_order_usd <= MAX_TRADE_USD
        assert 0 <= limits.daily_entries <= MAX_DAILY_TRADES


class Sly(Decimal):
    """A number that claims to be below everything."""

    def __gt__(self, other: object) -> bool:
        return False

    def __le__(self, other: object) -> bool:
        return True


def test_a_number_that_lies_does_not_pass() -> None:
    with pytest.raises(BadSettings, match="ceiling of 50"):
        Limits(max_order_usd=Sly(1000))


@pytest.mark.parametrize(
    ("given_", "fault"),
    [
        ({"max_order_usd": 20.0}, "max_order_usd cannot be used"),
        ({"max_order_usd": Decimal("NaN")}, "not finite"),
        ({"risk_per_trade": Decimal(0)}, "above zero"),
        ({"daily_loss_usd": Decimal(-1)}, "above zero"),
        ({"daily_entries": -1}, "0 or more"),
        ({"daily_entries": True}, "whole number"),
        ({"daily_entries": 3.0}, "whole number"),
        ({"price_band": Decimal(1)}, "below 1"),
        ({"min_order_usd": Decimal(60)}, "no order would fit"),
        ({"max_order_usd": Decimal(5)}, "no order would fit"),
        ({"allowed_symbols": ()}, "allowed_symbols is empty"),
        ({"allowed_symbols": ("BTC/USDT:USDT",)}, "derivative"),
        ({"usd_like": ()}, "usd_like is empty"),
    ],
)
def test_what_cannot_be_a_limit(given_: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadSettings, match=fault):
        Limits(**given_)


def test_no_currency_becomes_a_dollar_by_setting() -> None:
    with pytest.raises(BadSettings, match="BTC, which is not worth one USD"):
        Limits(usd_like=("BTC", "USDT"))  # type: ignore[arg-type]  # fifty BTC would pass as fifty USD
    assert Limits(usd_like=("USD",)).usd_like == ("USD",)  # type: ignore[arg-type]
    assert isinstance(USD_LIKE, frozenset)


def test_every_fault_is_named() -> None:
    with pytest.raises(BadSettings) as caught:
        Limits(max_order_usd=Decimal(60), daily_entries=21, price_band=Decimal(2))
    assert len(caught.value.faults) == 3


def test_settings_have_exactly_these_limits() -> None:
    assert set(Risk.model_fields) == {field.name for field in fields(Limits)}
