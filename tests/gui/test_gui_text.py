"""Words and numbers as a person reads them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from gui import text
from tests.fakes import made


def plain(words: str) -> str:
    return words.replace("\u00a0", " ")


@pytest.fixture
def norwegian():
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.NorwegianBokmal))
    yield
    QLocale.setDefault(before)


@pytest.mark.parametrize(
    ("value", "signed", "words"),
    [("1008.47", False, "1,008.47 USD"), ("0", True, "0.00 USD"), ("8.47", True, "+8.47 USD"),
     ("-0.881", True, "\u22120.88 USD"), ("-0.001", True, "0.00 USD"), ("-3", False, "\u22123.00 USD")],
)  # fmt: skip
def test_money(value: str, signed: bool, words: str) -> None:
    assert plain(text.money(Decimal(value), "USD", signed=signed)) == words


def test_what_is_not_known_is_never_zero() -> None:
    assert text.money(None, "USD") == text.price(None) == text.percent(None) == text.age(None) == "not known"


def test_norwegian_reads_norwegian(norwegian) -> None:
    assert plain(text.money(Decimal("1008.47"), "USD")) == "1 008,47 USD"


def test_prices_follow_the_tick_and_quantities_the_step() -> None:
    btc = made.INSTRUMENTS[0]
    assert text.price(Decimal("59043"), btc) == "59,043.00"
    assert text.quantity(Decimal("0.00076"), btc) == "0.00076"
    assert text.quantity(Decimal("0.1"), btc) == "0.10000"
    assert text.price(Decimal("0.6035")) == "0.6035"


def test_percent_has_a_space_and_two_digits() -> None:
    assert plain(text.percent(Decimal("0.0085"), signed=True)) == "+0.85 %"


@pytest.mark.parametrize(
    ("used", "limit", "short", "words"),
    [("13", "20", False, "13 of 20"), ("228.6", "300", False, "228.60 of 300.00"),
     ("228.6", "300", True, "229 of 300"), ("0.19", "4.2", True, "0.19 of 4.20"),
     ("17.4", "20", True, "17.40 of 20")],
)  # fmt: skip
def test_used_of(used: str, limit: str, short: bool, words: str) -> None:
    assert text.used_of(Decimal(used), Decimal(limit), is_short=short) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.3, "0.3 s"), (14, "14 s"), (252, "4 min 12 s"), (5940, "1 h 39 min"), (3600, "1 h"),
     (183_600, "2 d 3 h")],
)  # fmt: skip
def test_durations(seconds: float, words: str) -> None:
    assert plain(text.duration(timedelta(seconds=seconds))) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.31, "0.3 s old"), (-2, "0.0 s old"), (14.4, "14 s old"), (252, "4 min 12 s old")],
)
def test_ages(seconds: float, words: str) -> None:
    assert plain(text.age(timedelta(seconds=seconds))) == words


def test_times_are_utc_and_days_have_a_name() -> None:
    at = datetime(2025, 5, 8, 0, 20, 31, 204_000, tzinfo=UTC).astimezone(tz=None)
    assert text.clock(at) == "00:20:31"
    assert text.clock_ms(at) == "00:20:31.204"
    assert plain(text.moment(at)) == "8 May 00:20:31"
    assert text.clock(None) == "not known"


@pytest.mark.parametrize("iso", ["", "soon", "2025-13-01"])
def test_an_unreadable_time_is_none(iso: str) -> None:
    assert text.moment_of(iso) is None


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=6), st.integers(0, 8))
def test_a_number_reads_back_as_its_rounding(value: Decimal, places: int) -> None:
    words = text.number(value, places).replace(",", "").replace("\u2212", "-")
    assert abs(Decimal(words) - value) <= Decimal(1).scaleb(-places) / 2
