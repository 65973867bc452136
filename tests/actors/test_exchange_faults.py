"""ccxt's errors as ours: for orders exact about refused, not taken and unknown; the venue's words without keys."""

from __future__ import annotations

import asyncio
import binascii
import json
from typing import Any

import aiohttp
import pytest

from actors.venues.exchange.fault_words import LONGEST, words
from actors.venues.exchange.faults import is_passing, order_fault, read_fault, unsent_fault
from actors.venues.exchange.loading import exchange_class
from core.errors import BadData, BelayError, GiveUpOrder, KeysRefused, OutcomeUnknown, TryAgain

SIGNED = "https://api.binance.com/api/v3/order?timestamp=1&signature=deadbeef0123456789"


def exchange(venue: str) -> Any:
    found: Any = exchange_class(venue)
    return found({"enableRateLimit": False, "number": str})


def from_venue(venue: str, body: str, status: int = 200, *, has_signed_in: bool = False) -> Exception:
    """The error that unmodified ccxt makes of an answer."""
    from ccxt.base.errors import BaseError

    made = exchange(venue)
    made.options["hasAlreadyAuthenticatedSuccessfully"] = has_signed_in
    url = SIGNED if venue == "binance" else f"https://api.{venue}.com/private"
    try:
        answer = json.loads(body) if body.startswith(("{", "[")) else None
    except ValueError:
        answer = None
    try:
        made.handle_errors(status, "reason", url, "POST", {}, body, answer, {}, "")
        made.handle_http_status_code(status, "reason", url, "POST", body)
    except BaseError as error:
        fault: Any = error
        fault.http_status = status  # as the metered class does
        return fault  # type: ignore[no-any-return]
    raise AssertionError(f"{venue} takes that for a good answer: {body}")


def binance(code: int, text: str, status: int = 400, **more: Any) -> Exception:
    return from_venue(
        "binance", json.dumps({"code": code, "msg": text}, separators=(",", ":")), status, **more
    )


def kraken(text: str) -> Exception:
    return from_venue("kraken", json.dumps({"error": [text]}))


def made(name: str, text: str = "", cause: Exception | None = None, status: int = 0) -> Exception:
    from ccxt.base import errors

    error: Any = getattr(errors, name)(text)
    error.__cause__ = cause
    error.http_status = status
    return error  # type: ignore[no-any-return]


ORDERS = [
    # ---- Binance: refused for sure
    ("binance", lambda: binance(-2010, "Account has insufficient balance for requested action."), GiveUpOrder),
    ("binance", lambda: binance(-1013, "Filter failure: LOT_SIZE"), GiveUpOrder),
    ("binance", lambda: binance(-1013, "Filter failure: PRICE_FILTER"), GiveUpOrder),
    ("binance", lambda: binance(-1013, "Filter failure: NOTIONAL"), GiveUpOrder),
    ("binance", lambda: binance(-1013, "Filter failure: PERCENT_PRICE_BY_SIDE"), GiveUpOrder),
    ("binance", lambda: binance(-1111, "Precision is over the maximum defined for this asset."), GiveUpOrder),
    ("binance", lambda: binance(-2010, "Order would immediately match and take."), GiveUpOrder),
    ("binance", lambda: binance(-2010, "Order would trigger immediately."), GiveUpOrder),
    ("binance", lambda: binance(-2010, "Market is closed."), GiveUpOrder),
    ("binance", lambda: binance(-1121, "Invalid symbol."), GiveUpOrder),
    ("binance", lambda: binance(-1102, "Mandatory parameter 'price' was not sent."), GiveUpOrder),
    ("binance", lambda: binance(-2011, "Unknown order sent."), GiveUpOrder),
    ("binance", lambda: binance(-2013, "Order does not exist."), GiveUpOrder),
    # ---- Binance: certainly not taken
    ("binance", lambda: binance(-1003, "Too much request weight used.", 429), TryAgain),
    ("binance", lambda: binance(-1003, "Way too much request weight used; IP banned until 1.", 418), TryAgain),
    ("binance", lambda: binance(-1015, "Too many new orders; current limit is 100.", 429), TryAgain),
    ("binance", lambda: binance(-1008, "Server is currently overloaded with other requests.", 503), TryAgain),
    ("binance", lambda: binance(1, "System is under maintenance.", 503), TryAgain),
    ("binance", lambda: binance(-1021, "Timestamp for this request is outside of the recvWindow."), TryAgain),
    # ---- Binance: nobody knows
    ("binance", lambda: binance(-2010, "Duplicate order sent."), OutcomeUnknown),
    ("binance", lambda: binance(-1006, "Unexpected response; execution status unknown."), OutcomeUnknown),
    ("binance", lambda: binance(-1007, "Timeout; execution status unknown."), OutcomeUnknown),
    ("binance", lambda: binance(-1000, "An unknown error occurred while processing the request."), OutcomeUnknown),
    ("binance", lambda: binance(-1001, "Internal error; unable to process your request."), OutcomeUnknown),
    ("binance", lambda: binance(-9999, "Something new happened.", 500), OutcomeUnknown),
    ("binance", lambda: from_venue("binance", "Service Unavailable.", 503), OutcomeUnknown),
    ("binance", lambda: from_venue("binance", "<html><title>502 Bad Gateway</title></html>", 502), OutcomeUnknown),
    ("binance", lambda: from_venue("binance", "", 504), OutcomeUnknown),
    # ---- Binance: the keys
    ("binance", lambda: binance(-2015, "Invalid API-key, IP, or permissions for action.", 401), KeysRefused),
    ("binance", lambda: binance(-2015, "Invalid API-key, IP, or permissions.", 401, has_signed_in=True), KeysRefused),
    ("binance", lambda: binance(-2014, "API-key format invalid.", 401), KeysRefused),
    ("binance", lambda: binance(-1022, "Signature for this request is not valid."), KeysRefused),
    ("binance", lambda: from_venue("binance", "", 401), KeysRefused),
    # ---- Kraken
    ("kraken", lambda: kraken("EOrder:Insufficient funds"), GiveUpOrder),
    ("kraken", lambda: kraken("EOrder:Post only order"), GiveUpOrder),
    ("kraken", lambda: kraken("EOrder:Order minimum not met"), GiveUpOrder),
    ("kraken", lambda: kraken("EOrder:Cost minimum not met"), GiveUpOrder),
    ("kraken", lambda: kraken("EOrder:Tick size check failed"), GiveUpOrder),
    ("kraken", lambda: kraken("EGeneral:Invalid arguments:volume"), GiveUpOrder),
    ("kraken", lambda: kraken("EQuery:Unknown asset pair"), GiveUpOrder),
    ("kraken", lambda: kraken("EOrder:Unknown order"), GiveUpOrder),
    ("kraken", lambda: kraken("EAPI:Rate limit exceeded"), TryAgain),
    ("kraken", lambda: kraken("EOrder:Rate limit exceeded"), TryAgain),
    ("kraken", lambda: kraken("EGeneral:Temporary lockout"), TryAgain),
    ("kraken", lambda: kraken("EAPI:Invalid nonce"), TryAgain),
    ("kraken", lambda: kraken("EService:Unavailable"), TryAgain),
    ("kraken", lambda: kraken("EService:Busy"), TryAgain),
    ("kraken", lambda: kraken("EService:Market in cancel_only mode"), TryAgain),
    ("kraken", lambda: kraken("EService:Deadline elapsed"), TryAgain),
    ("kraken", lambda: kraken("EGeneral:Internal error"), OutcomeUnknown),
    ("kraken", lambda: kraken("EGeneral:Unknown error"), OutcomeUnknown),
    ("kraken", lambda: kraken("EGeneral:Invalid arguments:cl_ord_id"), OutcomeUnknown),
    ("kraken", lambda: from_venue("kraken", "Service Unavailable", 503), OutcomeUnknown),
    ("kraken", lambda: from_venue("kraken", "", 520), OutcomeUnknown),
    ("kraken", lambda: kraken("EAPI:Invalid key"), KeysRefused),
    ("kraken", lambda: kraken("EAPI:Invalid signature"), KeysRefused),
    ("kraken", lambda: kraken("EGeneral:Permission denied"), KeysRefused),
    ("kraken", binascii.Error, KeysRefused),
    # ---- anywhere
    ("okx", lambda: made("RequestTimeout", "okx POST https://x"), OutcomeUnknown),
    ("okx", lambda: made("ExchangeNotAvailable", "okx", aiohttp.ServerDisconnectedError()), OutcomeUnknown),
    ("okx", lambda: made("ExchangeNotAvailable", "okx", connect_error()), TryAgain),
    ("okx", lambda: made("ExchangeNotAvailable", "okx", status=403), TryAgain),
    ("okx", lambda: made("BadResponse", "okx answered with something that is no JSON"), OutcomeUnknown),
    ("okx", lambda: made("NullResponse"), OutcomeUnknown),
    ("okx", lambda: made("OperationFailed", "okx something"), OutcomeUnknown),
    ("okx", lambda: made("CancelPending"), OutcomeUnknown),
    ("okx", lambda: made("DuplicateOrderId", "okx id used"), OutcomeUnknown),
    ("okx", lambda: made("ExchangeError", 'okx {"msg":"Request timed out"}'), OutcomeUnknown),
    ("okx", lambda: made("ExchangeError", 'okx {"msg":"Order amount exceeds limit"}'), GiveUpOrder),
    ("okx", lambda: made("OrderImmediatelyFillable"), GiveUpOrder),
    ("okx", lambda: made("RestrictedLocation"), KeysRefused),
    ("okx", lambda: made("AccountSuspended"), KeysRefused),
    ("okx", lambda: made("OnMaintenance"), TryAgain),
    ("okx", lambda: KeyError("id"), OutcomeUnknown),
    ("okx", lambda: TypeError("NoneType"), OutcomeUnknown),
    ("okx", asyncio.TimeoutError, OutcomeUnknown),
    ("okx", lambda: OutcomeUnknown("ours"), OutcomeUnknown),
]  # fmt: skip


def connect_error() -> Exception:
    class Key:
        host, port, ssl, is_ssl = "x", 1, True, True

    return aiohttp.ClientConnectorError(Key(), OSError("refused"))  # type: ignore[arg-type]  # all it reads of it


@pytest.mark.parametrize(("venue", "make", "expected"), ORDERS)
def test_an_order_knows_what_is_certain(venue: str, make: Any, expected: type[BelayError]) -> None:
    fault = order_fault(make(), venue)
    assert type(fault) is expected, str(fault)
    assert "signature=" not in str(fault)
    assert "http" not in str(fault)


@pytest.mark.parametrize(("venue", "make", "expected"), ORDERS)
def test_what_never_left_is_never_unknown(venue: str, make: Any, expected: type[BelayError]) -> None:
    if expected is not OutcomeUnknown:
        assert type(unsent_fault(make(), venue)) is expected
    elif not isinstance(make(), BelayError):
        assert type(unsent_fault(make(), venue)) in (TryAgain, GiveUpOrder)


READS = [
    ("binance", lambda: binance(-1003, "Too much request weight used.", 429), TryAgain, True),
    ("binance", lambda: binance(-1021, "Timestamp for this request is outside of the recvWindow."), TryAgain, True),
    ("binance", lambda: from_venue("binance", "Service Unavailable.", 503), TryAgain, True),
    ("binance", lambda: binance(-1000, "An unknown error occurred.", 500), TryAgain, True),
    ("binance", lambda: binance(-1121, "Invalid symbol."), BadData, False),
    ("binance", lambda: binance(-1, "no such endpoint on this venue", 404), BadData, False),
    ("binance", lambda: from_venue("binance", "Not Found", 404), BadData, False),
    ("binance", lambda: binance(-2015, "Invalid API-key.", 401), KeysRefused, False),
    ("binance", lambda: binance(-2015, "Invalid API-key.", 401, has_signed_in=True), KeysRefused, False),
    ("kraken", lambda: kraken("EAPI:Invalid nonce"), TryAgain, True),
    ("kraken", lambda: kraken("EAPI:Rate limit exceeded"), TryAgain, True),
    ("kraken", lambda: kraken("EService:Unavailable"), TryAgain, True),
    ("kraken", lambda: kraken("EAPI:Invalid signature"), KeysRefused, False),
    ("kraken", lambda: kraken("EGeneral:Unknown method"), BadData, False),
    ("okx", lambda: made("RequestTimeout"), TryAgain, True),
    ("okx", lambda: made("BadResponse"), TryAgain, True),
    ("okx", lambda: made("ExchangeNotAvailable", "okx", connect_error()), TryAgain, True),
    ("okx", lambda: made("OrderNotFound"), BadData, False),
    ("okx", lambda: made("NotSupported"), BadData, False),
    ("okx", lambda: KeyError("data"), BadData, True),
    ("okx", lambda: OSError("reset"), TryAgain, True),
    ("okx", lambda: TryAgain("ours"), TryAgain, True),
    ("okx", lambda: GiveUpOrder("ours"), GiveUpOrder, False),
]  # fmt: skip


@pytest.mark.parametrize(("venue", "make", "expected", "passes"), READS)
def test_a_question_knows_whether_to_ask_again(
    venue: str, make: Any, expected: type[BelayError], passes: bool
) -> None:
    error = make()
    assert is_passing(error) is passes
    fault = read_fault(error, venue)
    assert type(fault) is expected, str(fault)


def test_the_venues_own_words_are_in_the_sentence() -> None:
    fault = order_fault(binance(-2010, "Account has insufficient balance for requested action."), "binance")
    assert str(fault).startswith("Binance says the funds do not suffice")
    assert "Account has insufficient balance for requested action" in str(fault)
    filters = order_fault(binance(-1013, "Filter failure: NOTIONAL"), "binance")
    assert "Filter failure: NOTIONAL (-1013)" in str(filters)
    assert "EOrder:Post only order" in str(order_fault(kraken("EOrder:Post only order"), "kraken"))


def test_every_fault_is_a_short_sentence() -> None:
    for venue, make, _ in ORDERS:
        error = make()
        if isinstance(error, BelayError):
            continue
        for fault in (order_fault(error, venue), read_fault(error, venue), unsent_fault(error, venue)):
            text = str(fault)
            assert text[0].isupper(), text
            assert text.endswith("."), text
            assert "\n" not in text
            assert len(text) < 400, text


def test_addresses_markup_and_secrets_are_no_words() -> None:
    page = made("ExchangeNotAvailable", f"binance POST {SIGNED} 502 Bad Gateway <html><b>Oops</b></html>")
    said = words(page, "binance")
    assert "Oops" in said
    assert not {"http", "signature", "deadbeef", "<"} & set(said.split())
    assert "deadbeef" not in said
    leak = made("ExchangeError", 'okx {"msg":"bad apiKey=abcdefgh12345678 given"}')
    assert "abcdefgh12345678" not in words(leak, "okx")
    assert len(words(made("ExchangeError", "x" * 5000), "okx")) == LONGEST


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('bybit {"retCode":10001,"retMsg":"params error","result":{}}', "params error"),
        ('okx {"code":"1","data":[{"sCode":"51008","sMsg":"Order failed. Insufficient balance"}],"msg":""}',
         "Order failed. Insufficient balance"),
        ('coinbase {"success":false,"error_response":{"error":"INSUFFICIENT_FUND","message":"no funds left"}}',
         "no funds left"),
        ("kraken {\"error\":[\"EOrder:A\",\"EOrder:B\"]}", "EOrder:A; EOrder:B"),
        ("gate cut off {", "gate cut off {"),
        ("", ""),
    ],
)  # fmt: skip
def test_words_are_found_in_every_dialect(text: str, said: str) -> None:
    assert words(made("ExchangeError", text), text.split(" ")[0] if "cut" not in text else "x") == said
