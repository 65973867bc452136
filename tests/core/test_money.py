"""Exact amounts: what is let in, what is turned away, and how it is written."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadValue
from core.ids import Currency
from core.money import Money, Price, Quantity, exact, from_units, text

USDT, BTC = Currency("USDT"), Currency("BTC")
STRANGE = [
    0.1, 1.0, float("nan"), True, False, None, b"1", [1], complex(1), "", "one", "1,5", "0x10", "nan", "NaN", "sNaN",
    "Infinity", "-inf", Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity"),
]  # fmt: skip


@pytest.mark.parametrize("value", STRANGE, ids=repr)
@pytest.mark.parametrize("kind", [exact, Price, Quantity, lambda value: Money(value, USDT)])
def test_what_is_no_exact_number_is_refused(kind: Any, value: object) -> None:
    with pytest.raises(BadValue):
        kind(value)


@pytest.mark.parametrize("value", ["1.5", " 1.5 ", "15e-1", Decimal("1.5"), Price("1.5"), Quantity("1.50")])
def test_one_and_a_half(value: Any) -> None:
    assert exact(value) == Price(value) == Quantity(value) == Money(value, USDT).amount == Decimal("1.5")
    assert type(exact(value)) is Decimal


@pytest.mark.parametrize(("kind", "value"), [(Price, 0), (Price, "-0"), (Price, -1), (Quantity, "-1e-30")])
def test_a_price_is_above_zero_and_a_quantity_not_below(kind: Any, value: Any) -> None:
    with pytest.raises(BadValue, match=r"must (be above zero|not be negative)"):
        kind(value)


def test_a_quantity_may_be_nothing() -> None:
    assert Quantity(0) == 0
    assert not Quantity("0.000")


def test_the_message_names_what_and_which() -> None:
    with pytest.raises(BadValue, match=r"stake must be a Decimal, an int or a decimal text, not float 0\.1"):
        exact(0.1, "stake")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="fee 'x' is not a number"):
        exact("x", "fee")
    with pytest.raises(BadValue, match="amount 'inf' is not finite"):
        exact("inf")


@pytest.mark.parametrize("kind", [Price, Quantity])
def test_arithmetic_leaves_the_kind(kind: Any) -> None:
    one = kind("1.5")
    for result in (one + one, one - kind("0.5"), one * 2, -one):
        assert type(result) is Decimal
    with pytest.raises(TypeError):
        one + 0.5


@pytest.mark.parametrize("value", [Price("1.50"), Quantity("0"), Money(Decimal("-1.5"), USDT)])
def test_copies_are_equal_and_of_the_same_kind(value: Any) -> None:
    for clone in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert clone == value
        assert type(clone) is type(value)


@pytest.mark.parametrize(
    ("number", "written"),
    [("0", "0"), ("-0", "0"), ("0.000", "0"), ("-0.00", "0"), ("1.50", "1.5"), ("100", "100"), ("1E+3", "1000"),
     ("1e-8", "0.00000001"), ("-1.10", "-1.1"), ("0.10", "0.1"), ("1000.000", "1000"), ("1e20", "1" + 20 * "0")],
)  # fmt: skip
def test_text(number: str, written: str) -> None:
    assert text(Decimal(number)) == written


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=8))
def test_text_round_trips_and_is_one_form(number: Decimal) -> None:
    assert Decimal(text(number)) == number
    assert text(number.normalize()) == text(number)
    assert "E" not in text(number)


@given(st.integers(-(10**18), 10**18), st.integers(0, 10))
def test_whole_units_and_back(units: int, places: int) -> None:
    assert from_units(units, places) * 10**places == units


@given(st.decimals("-1e12", "1e12", places=8), st.decimals("-1e12", "1e12", places=8))
def test_money_adds_up_to_the_last_digit(a: Decimal, b: Decimal) -> None:
    one, two = Money(a, USDT), Money(b, USDT)
    assert (one + two).amount == a + b
    assert one + two - two == one
    assert one + -one == one - one
    assert (one - one).amount == 0


@pytest.mark.parametrize("other", [Money(Decimal(1), BTC), 1, Decimal(1), "1 USDT", None])
def test_currencies_do_not_mix(other: Any) -> None:
    one = Money(Decimal(1), USDT)
    with pytest.raises(BadValue, match="cannot combine 1 USDT with"):
        one + other
    with pytest.raises(BadValue, match="cannot combine"):
        one - other


def test_money_prints_itself() -> None:
    assert str(Money(Decimal("1.50"), USDT)) == "1.5 USDT"
