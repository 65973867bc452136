"""Candles and quotes that check themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from core.candles import CANDLE, sound
from core.errors import BadValue
from core.ids import Identity, InstanceId, Symbol
from core.intent import Intent, Kind, Side, Withdrawal
from core.market import TIMEFRAME_MS, Bar, Candle, Quote, bar_fault
from core.money import Price, Quantity

BTC = Symbol("BTC/USDT")
AT = datetime(2025, 5, 8, tzinfo=UTC)
NAIVE = datetime(2025, 5, 8)  # noqa: DTZ001  # the very mistake under test
GOOD = Bar(60_000, 10.0, 12.0, 9.0, 11.0, 5.0)
FAULTS = [
    *(({name: value}, "missing or not finite")
      for name in ("open", "high", "low", "close", "volume")
      for value in (float("nan"), float("inf"), -float("inf"))),
    *(({name: value}, "zero or negative") for name in ("open", "low", "close") for value in (0.0, -1.0)),
    ({"volume": -0.1}, "volume is negative"),
    ({"high": 10.9}, "do not enclose"),
    ({"low": 10.1}, "do not enclose"),
    ({"open": 12.1}, "do not enclose"),
    ({"close": 8.9}, "do not enclose"),
    ({"high": 8.0}, "do not enclose"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "fault"), FAULTS)
def test_a_bar_that_cannot_be_used(change: dict[str, float], fault: str) -> None:
    bar = GOOD._replace(**change)
    assert fault in (bar_fault(bar) or "")
    assert not sound(np.array([tuple(bar)], CANDLE))[0]  # the rule for whole arrays is the same


@pytest.mark.parametrize("bar", [GOOD, GOOD._replace(volume=0.0), Bar(0, 1.0, 1.0, 1.0, 1.0, 0.0)])
def test_a_bar_that_can(bar: Bar) -> None:
    assert bar_fault(bar) is None
    assert sound(np.array([tuple(bar)], CANDLE))[0]


def test_time_goes_forward() -> None:
    assert bar_fault(GOOD, 59_999) is None
    for before in (60_000, 60_001):
        assert bar_fault(GOOD, before) == "the time does not go forward"


def test_time_frames_are_in_order_of_length() -> None:
    assert list(TIMEFRAME_MS.values()) == sorted(TIMEFRAME_MS.values())
    assert TIMEFRAME_MS["1m"] * 1440 == TIMEFRAME_MS["1d"]


def test_a_quote_has_its_sides_in_order_and_a_zone() -> None:
    Quote(BTC, Price(10), Price(10), Price(12), AT)
    with pytest.raises(BadValue, match="bid 11 is above ask 10"):
        Quote(BTC, Price(11), Price(10), Price(10), AT)
    with pytest.raises(BadValue, match="no time zone"):
        Quote(BTC, Price(10), Price(11), Price(10), NAIVE)


def candle(**change: Any) -> Candle:
    facts = {"symbol": BTC, "timeframe": "1m", "at": AT, "open": Price(10), "high": Price(12), "low": Price(9),
             "close": Price(11), "volume": Quantity(1)}  # fmt: skip
    return Candle(**{**facts, **change})


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"at": NAIVE}, "no time zone"),
        ({"timeframe": "7m"}, "no time frame '7m'; one of 1m, 3m"),
        ({"high": Price("10.9")}, "do not enclose"),
        ({"low": Price("10.1")}, "do not enclose"),
    ],
)
def test_a_candle_checks_itself(change: dict[str, Any], fault: str) -> None:
    assert candle().closed
    with pytest.raises(BadValue, match=fault):
        candle(**change)


def intent(**change: Any) -> Intent:
    facts: dict[str, Any] = {
        "identity": Identity(InstanceId("grid:BTC/USDT"), BTC, 0, 1), "side": Side.BUY, "kind": Kind.LIMIT,
        "price": Price(1), "quantity": Quantity(1), "reference": Price(1), "at": AT,
    }  # fmt: skip
    return Intent(**{**facts, **change})


@pytest.mark.parametrize("kind", Kind)
def test_only_a_market_order_has_no_price(kind: Kind) -> None:
    price = None if kind is Kind.MARKET else Price(1)
    assert intent(kind=kind, price=price).price == price
    with pytest.raises(BadValue, match="a market order has no price, every other order has one"):
        intent(kind=kind, price=Price(1) if price is None else None)


def test_an_intent_has_a_zone_and_its_words() -> None:
    with pytest.raises(BadValue, match="no time zone"):
        intent(at=NAIVE)
    assert [str(side) for side in Side] == ["buy", "sell"]
    assert [str(kind) for kind in Kind] == ["market", "limit", "post-only", "stop"]
    assert Withdrawal(identity=intent().identity, at=AT).identity.sequence == 1
