"""Amounts in sentences: grouped, with the places of their market, and never two alike that differ."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.figures import apart, day, money, plural, price, quantity
from core.ids import Symbol
from core.instrument import Instrument

BTC = Instrument(Symbol("BTC/USDT"), Decimal("0.01"), Decimal("0.00001"))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("20.13372911", "20.13"), ("1234567.5", "1,234,567.50"), ("-12.5", "\u221212.50"), ("0", "0.00"),
        ("-0.00000001", "\u22120.00000001"), ("0.00012000", "0.00012"),
    ],
)  # fmt: skip
def test_money_has_two_places_but_never_hides_what_is_there(value: str, said: str) -> None:
    assert money(Decimal(value)) == said


def test_a_sign_is_said_where_it_is_asked_for() -> None:
    assert [money(Decimal(value), signed=True) for value in (3, -3, 0)] == ["+3.00", "\u22123.00", "0.00"]


def test_prices_and_quantities_have_the_places_of_their_market() -> None:
    assert (price(Decimal("58629.7"), BTC), quantity(Decimal("0.0118"), BTC)) == ("58,629.70", "0.01180")
    assert (price(Decimal("58629.70")), quantity(Decimal("0.0118"))) == ("58,629.70", "0.0118")
    assert price(Decimal("1E+3")) == "1,000"


@pytest.mark.parametrize(
    ("one", "other", "places", "said"),
    [
        ("50", "59.4", 2, ("50.00", "59.40")),
        ("50", "50.004", 2, ("50.000", "50.004")),
        ("20", "20", 2, ("20.00", "20.00")),
        ("1", "1.000000001", 2, ("1.00000000", "1.00000000")),
        ("20", "21", 0, ("20", "21")),
    ],
)
def test_what_differs_is_shown_to_differ(one: str, other: str, places: int, said: tuple[str, str]) -> None:
    assert apart(Decimal(one), Decimal(other), places) == said


def test_counts_and_days() -> None:
    assert [plural(1, "try", "tries"), plural(3, "try", "tries"), plural(1200, "row")] == [
        "1 try", "3 tries", "1,200 rows",
    ]  # fmt: skip
    assert day(datetime(2021, 4, 1, 23, 59, tzinfo=UTC)) == "1 Apr"
