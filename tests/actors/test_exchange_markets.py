"""ccxt's market tables as instruments, to the last digit, and what each venue can do; offline."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from actors.venues.exchange.capabilities import STREAMS, capabilities_of
from actors.venues.exchange.loading import exchange_class, venue_ids
from actors.venues.exchange.markets import instrument_of, instruments_of
from core.errors import BadSettings
from core.ids import Symbol, VenueName
from core.venue import StopSupport

ROOT = Path(__file__).resolve().parents[2]
BINANCE = VenueName("binance")


def market(symbol: str = "BTC/USDT", **more: Any) -> dict[str, Any]:
    """A market as ccxt gives it, with the venue's own digits."""
    facts: dict[str, Any] = {
        "symbol": symbol, "spot": True, "active": True,
        "precision": {"price": "0.01000000", "amount": "0.00001000"},
        "limits": {"amount": {"min": "0.00001000", "max": None}, "cost": {"min": "5.00000000"}},
    }  # fmt: skip
    return facts | more


def stand_in(*markets: dict[str, Any], mode: int = 4) -> Any:
    return SimpleNamespace(id="binance", precisionMode=mode, markets={one["symbol"]: one for one in markets})


# ---------------------------------------------------------------- instruments


def test_an_instrument_is_exact() -> None:
    found = instrument_of(market(), stand_in())
    assert (found.tick, found.step) == (Decimal("0.01"), Decimal("0.00001"))
    assert (found.min_quantity, found.min_notional) == (Decimal("0.00001"), Decimal(5))


@pytest.mark.parametrize(
    ("mode", "precision", "tick", "step"),
    [
        (4, {"price": "0.5", "amount": "1"}, "0.5", "1"),
        (4, {"price": 1e-08, "amount": 0.1}, "0.00000001", "0.1"),
        (2, {"price": "2", "amount": 8}, "0.01", "0.00000001"),
        (2, {"price": "0", "amount": "-1"}, "1", "10"),
    ],
)
def test_every_way_to_tell_a_grid(mode: int, precision: dict[str, Any], tick: str, step: str) -> None:
    found = instrument_of(market(precision=precision), stand_in(mode=mode))
    assert (found.tick, found.step) == (Decimal(tick), Decimal(step))


@pytest.mark.parametrize(
    ("mode", "precision"),
    [
        (3, {"price": "5", "amount": "8"}),
        (2, {"price": "2.5", "amount": "8"}),
        (4, {"price": None, "amount": "1"}),
        (4, {"price": "0", "amount": "1"}),
        (4, {"price": "much", "amount": "1"}),
        (4, {}),
    ],
)
def test_a_grid_that_cannot_be_kept_exactly_is_refused(mode: int, precision: dict[str, Any]) -> None:
    with pytest.raises(BadSettings, match=r"Binance.*grid of BTC/USDT"):
        instrument_of(market(precision=precision), stand_in(mode=mode))


def test_minima_that_are_not_told_are_zero() -> None:
    found = instrument_of(market(limits={"amount": {"min": None}}), stand_in())
    assert found.min_quantity == found.min_notional == Decimal(0)


def test_each_market_that_cannot_be_traded_has_its_sentence() -> None:
    exchange = stand_in(
        market(), market("ETH/USDT", active=False), market("BTC/USDT:USDT", spot=False), market("SOL/USDT")
    )
    wanted = ("BTC/USDT", "ETH/USDT", "BTC/USDT:USDT", "BTC/USD", "SOL/EUR", "QQQ/ZZZ")
    with pytest.raises(BadSettings) as caught:
        instruments_of(exchange, tuple(Symbol(one) for one in wanted), BINANCE)
    faults = caught.value.faults
    assert len(faults) == 5
    assert "halted or delisted" in faults[0]
    assert "no spot market" in faults[1]
    assert "did you mean BTC/USDT" in faults[2]
    assert "did you mean SOL/USDT" in faults[3]
    assert faults[4].endswith("has no market QQQ/ZZZ.")
    assert len(instruments_of(exchange, (Symbol("BTC/USDT"), Symbol("SOL/USDT")), BINANCE)) == 2


# ---------------------------------------------------------------- capabilities


def probe(venue: str) -> Any:
    found: Any = exchange_class(venue)
    return found({"enableRateLimit": False, "number": str})


@pytest.mark.parametrize(
    ("venue", "stops", "can_amend", "can_find", "cancels_all", "dead_man", "has_sandbox", "rank"),
    [
        ("binance", StopSupport.LIMIT, False, True, True, False, True, "first class"),
        ("kraken", StopSupport.MARKET, True, True, True, True, False, "first class"),
        ("coinbase", StopSupport.LIMIT, False, False, False, False, False, "first class"),
        ("okx", StopSupport.MARKET, False, True, False, True, True, "checked"),
        ("bybit", StopSupport.MARKET, False, False, True, False, True, "checked"),
    ],
)
def test_the_table_of_the_five(
    venue: str, stops: StopSupport, can_amend: bool, can_find: bool, cancels_all: bool, dead_man: bool,
    has_sandbox: bool, rank: str,
) -> None:  # fmt: skip
    caps = capabilities_of(probe(venue))
    assert (caps.stops, caps.can_amend, caps.can_find) == (stops, can_amend, can_find)
    assert (caps.cancels_all, caps.dead_man, caps.has_sandbox) == (cancels_all, dead_man, has_sandbox)
    assert caps.rank == rank
    assert caps.has_post_only
    assert caps.tells_key_rights
    assert caps.streams["candles"] is (venue != "coinbase")
    assert caps.streams["orders"] is True
    assert 0 < caps.maker <= caps.taker < Decimal("0.02")


@pytest.mark.parametrize(
    ("venue", "window", "seconds"),
    [("binance", 3000, 4.0), ("binance", 10_000, 11.0), ("binance", None, 15.0), ("kraken", 3000, 5.0),
     ("okx", 3000, 15.0)],
)  # fmt: skip
def test_a_request_is_settled_when_the_venue_would_refuse_it(
    venue: str, window: int | None, seconds: float
) -> None:
    exchange = probe(venue)
    exchange.options["recvWindow"] = window
    assert capabilities_of(exchange).settle_seconds == seconds


@pytest.mark.parametrize(
    ("kinds", "stops"),
    [
        ([["LIMIT", "STOP_LOSS", "STOP_LOSS_LIMIT"]], StopSupport.MARKET),
        ([["LIMIT", "STOP_LOSS", "STOP_LOSS_LIMIT"], ["LIMIT", "STOP_LOSS_LIMIT"]], StopSupport.LIMIT),
        ([["LIMIT", "MARKET"]], StopSupport.NONE),
    ],
)
def test_binances_stops_are_what_its_markets_take(kinds: list[list[str]], stops: StopSupport) -> None:
    exchange = probe("binance")
    exchange.markets = {
        f"A{n}/B": market(f"A{n}/B", info={"orderTypes": each}) for n, each in enumerate(kinds)
    }
    assert capabilities_of(exchange).stops is stops


def test_only_the_sessions_markets_count_when_they_are_named() -> None:
    exchange = probe("binance")
    exchange.markets = {
        "A/B": market("A/B", info={"orderTypes": ["STOP_LOSS", "STOP_LOSS_LIMIT"]}, maker="0.001", taker="0.002"),
        "C/D": market("C/D", info={"orderTypes": ["STOP_LOSS_LIMIT"]}, maker="0", taker="0.1"),
    }  # fmt: skip
    caps = capabilities_of(exchange, [Symbol("A/B")])
    assert caps.stops is StopSupport.MARKET
    assert (caps.maker, caps.taker) == (Decimal("0.001"), Decimal("0.002"))


@pytest.mark.parametrize(
    ("venue", "note"),
    [
        ("kraken", "in all markets"),
        ("kraken", "protective stops included"),
        ("coinbase", "one by one"),
        ("coinbase", "builds them from trades"),
        ("bybit", "lost connection"),
        ("binance", "below its trigger"),
        ("bitso", "Nobody has tried"),
        ("bitso", "not streamed"),
        ("bitso", "cannot be verified"),
    ],
)
def test_honest_limits_are_sentences(venue: str, note: str) -> None:
    notes = capabilities_of(probe(venue)).notes
    assert any(note in one for one in notes), notes
    assert all(one.endswith(".") for one in notes)


def test_every_spot_class_of_ccxt_has_a_page() -> None:
    seen = 0
    for venue in venue_ids():
        exchange = probe(venue)
        if not exchange.has.get("spot"):
            continue
        seen += 1
        caps = capabilities_of(exchange)
        assert caps.venue == venue
        assert caps.title
        assert set(caps.streams) == set(STREAMS)
        assert caps.maker.is_finite()
        assert caps.taker >= 0
        assert caps.stops is not StopSupport.NONE or any("no stop orders" in one for one in caps.notes)
    assert seen > 80
