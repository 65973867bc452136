"""Key rights are read out of each venue's own words, and what cannot be read is never taken for harmless."""

from __future__ import annotations

from typing import Any

import pytest

from actors.venues.exchange.permissions import UNVERIFIED, endpoint, rights_from
from core.ids import VenueName

BINANCE = {
    "ipRestrict": True,
    "enableWithdrawals": False,
    "enableReading": True,
    "enableSpotAndMarginTrading": True,
}
KRAKEN = {
    "error": [],
    "result": {"permissions": ["query-funds", "modify-trades"], "ipAllowlist": ["10.0.0.1"]},
}
BYBIT = {
    "result": {"readOnly": 0, "ips": ["*"], "permissions": {"Spot": ["SpotTrade"], "Wallet": ["Withdraw"]}}
}
OKX = {"code": "0", "data": [{"perm": "read_only,trade", "ip": ""}]}
KUCOIN = {"data": {"permission": "General,Trade", "ipWhitelist": "10.0.0.1"}}
COINBASE = {"can_view": True, "can_trade": True, "can_transfer": True, "portfolio_uuid": "p"}


@pytest.mark.parametrize(
    ("venue", "answer", "rights"),
    [
        ("binance", BINANCE, (True, False, True)),
        ("binance", BINANCE | {"enableWithdrawals": True, "ipRestrict": False}, (True, True, False)),
        ("binance", BINANCE | {"enableWithdrawals": "true"}, (True, True, True)),
        ("kraken", KRAKEN, (True, False, True)),
        ("kraken", {"result": {"permissions": ["query-funds", "withdraw-funds"]}}, (False, True, None)),
        ("kraken", {"result": {"permissions": [], "ipAllowlist": []}}, (False, False, False)),
        ("bybit", BYBIT, (True, True, False)),
        ("bybit", {"result": BYBIT["result"] | {"readOnly": 1}}, (False, False, False)),
        ("okx", OKX, (True, False, False)),
        ("okx", {"data": [{"perm": "read_only,withdraw"}]}, (False, True, None)),
        ("kucoin", KUCOIN, (True, False, True)),
        ("kucoin", {"data": {"permission": "General,Withdraw"}}, (False, True, None)),
        ("coinbase", COINBASE, (True, True, None)),
    ],
)
def test_rights_in_each_venues_words(
    venue: str, answer: Any, rights: tuple[bool | None, bool | None, bool | None]
) -> None:
    found = rights_from(VenueName(venue), answer)
    assert (found.may_trade, found.may_withdraw, found.is_ip_bound) == rights
    assert (UNVERIFIED in found.detail) is (None in rights)
    assert endpoint(VenueName(venue))


@pytest.mark.parametrize("venue", ["binance", "kraken", "bybit", "okx", "kucoin", "coinbase"])
@pytest.mark.parametrize(
    "answer", [None, "<html>", [], {}, {"result": None}, {"data": []}, {"result": {"permissions": "all"}}]
)
def test_an_answer_that_is_not_as_documented_verifies_nothing(venue: str, answer: Any) -> None:
    found = rights_from(VenueName(venue), answer)
    assert (found.may_trade, found.may_withdraw, found.is_ip_bound) == (None, None, None)
    assert found.detail.startswith(UNVERIFIED)


@pytest.mark.parametrize("value", [None, 0.5, "maybe"])
def test_a_right_that_is_neither_yes_nor_no_is_unknown(value: Any) -> None:
    found = rights_from(VenueName("binance"), BINANCE | {"enableWithdrawals": value})
    assert found.may_withdraw is None
    assert f"withdrawing: {UNVERIFIED}" in found.detail


def test_a_venue_that_does_not_tell() -> None:
    assert endpoint(VenueName("gate")) is None
    assert (
        rights_from(VenueName("gate"), {"anything": True}).detail == f"{UNVERIFIED}: the venue does not tell"
    )
