"""The pure parts of the Firi adapter: signature, settings table, shapes, refusals, budget, whose execution is whose."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.venue_keys import VenueKeys
from actors.venues.firi.access import BASE, access_from
from actors.venues.firi.executions import from_trades, from_transactions
from actors.venues.firi.faults import content, order_fault, read_fault
from actors.venues.firi.limiter import BURST, RESERVE, Limiter
from actors.venues.firi.shapes import (
    best_of_book,
    bid_and_ask,
    epoch_ms,
    market_of,
    moment,
    order_of,
    rows,
    symbol_of,
)
from actors.venues.firi.signing import credentials
from actors.venues.firi.wire import Reply
from core.errors import BadData, BadSettings, GiveUpOrder, KeysRefused, OutcomeUnknown, TryAgain
from core.ids import Currency, Symbol
from core.intent import Side
from core.money import Money
from core.venue import VenueStatus

NOON = datetime(2026, 5, 27, 12, tzinfo=UTC)
KEYS = VenueKeys("the-key", "belay-test-secret", "the-client")


def test_the_signature_is_the_one_that_openssl_makes() -> None:
    plain = credentials(KEYS, 1_700_000_000)
    assert plain.headers["firi-user-signature"] == (
        "8e86a543390ed09c90ae8d9b8ba904f4859a7926d473af8fa27c8ac7db1d45c3"
    )
    body = {"market": "BTCNOK", "type": "bid", "price": "900000.5", "amount": "0.01"}
    with_body = credentials(KEYS, 1_700_000_000, body)
    assert with_body.headers["miraiex-user-signature"] == (
        "13901131de62d10921cd67c3701c137076e929dfd809c9d87f0b94266d3e6f7c"
    )
    assert with_body.query == {"timestamp": "1700000000", "validity": "5000"}
    assert "the-key" not in str(with_body)


def test_the_settings_table() -> None:
    assert access_from({}, None).base == BASE
    assert access_from({"hostname": "example.no"}, None).base == "https://example.no"
    urls = {"api": {"private": "http://127.0.0.1:1/x/v2/"}}
    access = access_from(
        {"urls": urls, "timeout": 2500, "rateLimit": 250, "options": {"slippage": "0.005"}}, KEYS
    )
    assert (access.base, access.timeout, access.per_second) == ("http://127.0.0.1:1/x", 2.5, 4.0)
    assert access.slippage == Decimal("0.005")
    assert "secret" not in repr(access)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"secret": "x", "apiKey": "y"}, "ccxt.apiKey does not belong in a settings file"),
        ({"urls": {"api": "ftp://x"}}, "write an address such as https://api.firi.com"),
        ({"timeout": 0}, "timeout is 0; write a number above 0"),
        ({"options": {"slippage": 2}}, "slippage is a share"),
        ({"rateLimit": "soon"}, "rateLimit is 'soon'"),
    ],
)
def test_a_wrong_settings_table(table: dict[str, Any], words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        access_from(table, None)


def test_names_of_markets() -> None:
    assert market_of(Symbol("BTC/NOK")) == "BTCNOK"
    assert symbol_of("USDCDKK") == "USDC/DKK"
    assert symbol_of("btcnok") == "BTC/NOK"
    assert symbol_of("NOK") is None
    assert symbol_of("BTCUSDT") is None


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, VenueStatus.OPEN),
        ({"matched": "0.02"}, VenueStatus.OPEN),
        ({"matched": "0.05", "remaining": "0"}, VenueStatus.FILLED),
        ({"matched": "0.02", "remaining": "0", "cancelled": "0.03"}, VenueStatus.CANCELLED),
        ({"matched": "0", "cancelled": True}, VenueStatus.CANCELLED),
        ({"matched": "0", "remaining": "0.0000"}, VenueStatus.CANCELLED),
    ],
)
def test_an_order(more: dict[str, Any], status: VenueStatus) -> None:
    row = {"id": 17, "market": "BTCNOK", "type": "Bid", "price": "900000.1000000000000000",
           "amount": "0.0500000000000000", "created_at": "2021-07-21T20:39:04.609Z"}  # fmt: skip
    order = order_of(row | more)
    assert (order.id, order.side, order.price, order.amount) == (
        "17", Side.BUY, Decimal("900000.1"), Decimal("0.05"),
    )  # fmt: skip
    assert order.created == datetime(2021, 7, 21, 20, 39, 4, 609_000, UTC)
    assert order.status is status
    told = order.told(Symbol("BTC/NOK"), "bly1", is_over=True)
    assert told.status is (VenueStatus.CANCELLED if status is VenueStatus.OPEN else status)


@pytest.mark.parametrize(
    "more", [{"type": "swap"}, {"price": 0}, {"price": "NaN"}, {"amount": None}, {"created_at": "today"}]
)
def test_an_order_that_makes_no_sense(more: dict[str, Any]) -> None:
    row = {"id": 17, "type": "bid", "price": "9", "amount": "1", "created_at": "2021-07-21T20:39:04Z"}
    with pytest.raises(BadData, match=r"^Firi's order"):
        order_of(row | more)


def test_small_shapes() -> None:
    assert rows({"orders": [{"id": 1}]}, "x") == [{"id": 1}]
    assert rows({"id": 1}, "x") == [{"id": 1}]
    with pytest.raises(BadData, match="Firi's x is not a list"):
        rows([1], "x")
    assert epoch_ms({"time": 1_700_000_000}) == epoch_ms(1_700_000_000_000) == 1_700_000_000_000
    assert moment({"at": "2021-07-21T22:39:04+02:00"}, "at", "x") == datetime(
        2021, 7, 21, 20, 39, 4, tzinfo=UTC
    )
    assert bid_and_ask({"bid": "1.5", "ask": "1.6"}) == (Decimal("1.5"), Decimal("1.6"))
    assert bid_and_ask({"bid": "1.7", "ask": "1.6"}) is None
    assert bid_and_ask({"bid": None, "ask": "1.6"}) is None
    book = {"bids": [["1", "5"], ["1.2", "1"]], "asks": [["1.4", "1"], ["1.3", "1"]]}
    assert best_of_book(book) == (Decimal("1.2"), Decimal("1.3"))
    assert best_of_book({"bids": [], "asks": [["1", "1"]]}) is None
    assert content(Reply(200, {}, '{"a": 0.10000000000000000001}')) == {
        "a": Decimal("0.10000000000000000001")
    }


@pytest.mark.parametrize(
    ("status", "text", "for_read", "for_order"),
    [
        (401, '{"name": "ApiKeyNotFound"}', KeysRefused, KeysRefused),
        (403, '{"name": "SecurityLevelTooLow"}', KeysRefused, KeysRefused),
        (401, '{"name": "Expired Signature"}', TryAgain, TryAgain),
        (400, '{"name": "ValidationError", "message": "no"}', TryAgain, GiveUpOrder),
        (422, '{"message": "no"}', TryAgain, GiveUpOrder),
        (403, "<html>Attention</html>", TryAgain, TryAgain),
        (429, "{}", TryAgain, TryAgain),
        (301, "", TryAgain, TryAgain),
        (500, '{"name": "Internal"}', TryAgain, OutcomeUnknown),
        (504, "", TryAgain, OutcomeUnknown),
        (503, '{"name": "MaintenanceMode"}', TryAgain, TryAgain),
    ],
)
def test_what_an_answer_means(
    status: int, text: str, for_read: type[Exception], for_order: type[Exception]
) -> None:
    reply = Reply(status, {}, text)
    assert isinstance(read_fault(reply), for_read)
    assert isinstance(order_fault(reply), for_order)


# ---- the budget -------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 3), st.booleans()), max_size=60))
def test_the_budget_keeps_its_reserve(steps: list[tuple[float, bool]]) -> None:
    now, taken, ordinary = 0.0, 0, 0
    limiter = Limiter(2.0, monotonic=lambda: now)
    for wait, is_urgent in steps:
        now += wait
        used = limiter.use().used
        try:
            limiter.take(is_urgent=is_urgent, timeout=0)
        except TryAgain:
            assert used > (BURST - 1 if is_urgent else BURST - RESERVE - 1) - 1e-6
        else:
            taken += 1
            ordinary += not is_urgent
            assert used <= (BURST - 1 if is_urgent else BURST - RESERVE - 1) + 1e-6
        assert taken <= BURST + 2 * now + 1e-6
        assert ordinary <= BURST - RESERVE + 2 * now + 1e-6


# ---- executions -------------------------------------------------------------------------------------


def entry(kind: str, amount: str, currency: str, match: str | None, at: str = "2026-05-27T12:00:00Z") -> Any:
    details = {"match_id": match} if match else {}
    return {"id": f"{kind}{amount}", "type": kind, "amount": amount, "currency": currency, "date": at,
            "details": details}  # fmt: skip


def test_executions_from_transactions() -> None:
    entries = [
        entry("Deposit", "1000", "NOK", None),
        entry("Match", "0.01", "BTC", "m1"), entry("Match", "-9000.5", "NOK", "m1"),
        entry("MatchFee", "-63.01", "NOK", "m1"),
        entry("Match", "-0.02", "BTC", "m2"), entry("Match", "18000", "NOK", "m2"),
        entry("MatchFee", "-0.000001", "BTC", "m2"),
        entry("Match", "0.01", "ETH", "m3"), entry("Match", "-300", "NOK", "m3"),
        entry("Match", "0.01", "BTC", "m4"),
    ]  # fmt: skip
    bought, sold = from_transactions(entries, Currency("BTC"), Currency("NOK"))
    assert (bought.side, bought.quantity, bought.cost) == (Side.BUY, Decimal("0.01"), Decimal("9000.5"))
    assert bought.fee == Money(Decimal("63.01"), Currency("NOK"))
    assert (sold.side, sold.fee) == (Side.SELL, Money(Decimal("0.000001"), Currency("BTC")))


def test_a_fee_without_a_match_id_goes_by_its_moment() -> None:
    entries = [
        entry("Match", "0.01", "BTC", "m1"), entry("Match", "-9000", "NOK", "m1"),
        entry("MatchFee", "-63", "NOK", None),
    ]  # fmt: skip
    (one,) = from_transactions(entries, Currency("BTC"), Currency("NOK"))
    assert one.fee == Money(Decimal(63), Currency("NOK"))
    later = entry("MatchFee", "-63", "NOK", None, "2026-05-27T12:00:01Z")
    with pytest.raises(BadData, match="names no match"):
        from_transactions([*entries[:2], later], Currency("BTC"), Currency("NOK"))


def test_executions_from_trades() -> None:
    row = {"id": "a", "market": "BTCNOK", "price": "900000", "amount": "0.001", "side": "ask",
           "isMaker": False, "date": "2026-05-27T12:00:00Z"}  # fmt: skip
    other = row | {"market": "ETHNOK"}
    (one,) = from_trades([row, other], "BTCNOK", Currency("NOK"), Decimal("0.007"))
    assert (one.cost, one.fee.amount, one.is_maker) == (Decimal(900), Decimal("6.30"), False)
