"""Who asks Firi: signatures, wrong keys, another clock; the fake checks them by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from actors.venues.firi.exchange import FiriExchange
from core.errors import KeysRefused, TryAgain
from core.ids import Currency
from core.intent import Side
from tests.venue.firi import Firi
from tests.venue.firi_bench import exchange, firi, keys, order, place
from tests.venue.server import VenueServer

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def venue() -> Iterator[VenueServer]:
    with VenueServer(Firi()) as server:
        yield server
        server.do(server.api.core.check)


@pytest.fixture
def account(venue: VenueServer) -> Iterator[FiriExchange]:
    made = exchange(venue)
    made.open()
    yield made
    made.close()


def headers(venue: VenueServer, name: str) -> list[dict[str, str]]:
    return [
        {key.lower(): value for key, value in line.call.headers.items()}
        for line in firi(venue).audit.named(name)
    ]


def test_signed_requests_never_carry_the_api_key(venue: VenueServer, account: FiriExchange) -> None:
    place(account, order(venue, Side.BUY, "800000", "0.01"))
    account.cancel(order(venue, Side.BUY, "1", "1", venue_id="1001"))
    for line in firi(venue).audit.lines:
        seen = f"{line.call.headers} {line.call.query} {line.call.body}"
        assert firi(venue).key not in seen
        assert firi(venue).secret not in seen
    (sent,) = headers(venue, "POST /v2/orders")
    assert sent["firi-user-clientid"] == sent["miraiex-user-clientid"] == firi(venue).client_id


def test_without_a_client_id_the_api_key_is_sent(venue: VenueServer) -> None:
    account = exchange(venue, keys(venue, password=""))
    account.open()
    assert place(account, order(venue, Side.BUY, "800000", "0.01")) == "1001"
    (sent,) = headers(venue, "POST /v2/orders")
    assert sent["firi-access-key"] == firi(venue).key
    assert "weaker" in account.key_rights().detail


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"secret": "another"}, "Invalid Signature"),
        ({"password": "another"}, "ApiKeyNotFound"),
        ({"password": "", "api_key": "another"}, "ApiKeyNotFound"),
    ],
)
def test_wrong_keys_are_refused(venue: VenueServer, wrong: dict[str, str], word: str) -> None:
    with pytest.raises(KeysRefused, match=word):
        exchange(venue, keys(venue, **wrong)).open()


def test_a_key_that_may_not_trade(venue: VenueServer, account: FiriExchange) -> None:
    firi(venue).level_too_low = True
    with pytest.raises(KeysRefused, match="SecurityLevelTooLow"):
        place(account, order(venue, Side.BUY, "800000", "0.01"))


def test_another_clock_is_measured(venue: VenueServer) -> None:
    firi(venue).clock.skew = -3_600_000
    account = exchange(venue)
    account.open()
    assert account.balances()[Currency("BTC")].total == 1
    assert abs((account.statistics().offset_ms or 0) + 3_600_000) < 3000


def test_an_expired_signature_is_no_wrong_key(venue: VenueServer, account: FiriExchange) -> None:
    firi(venue).clock.skew = 60_000  # since it was measured
    wish = order(venue, Side.BUY, "800000", "0.01")
    with pytest.raises(TryAgain, match="Expired Signature"):
        place(account, wish)
    assert venue.do(venue.api.core.open_orders) == []
    assert place(account, wish) == "1001"
    firi(venue).clock.skew = 0
    assert len(account.open_orders()) == 1  # a read compares the clocks and asks again
