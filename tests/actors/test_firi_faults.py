"""Firi in trouble: what was certainly not taken, lost cancels, reads that are tried again, pauses, closing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from actors.venues.firi.access import access_from
from actors.venues.firi.exchange import FiriExchange
from actors.venues.firi.link import FiriLink
from core.clock import SystemClock
from core.errors import BelayError, GiveUpOrder, OutcomeUnknown, TryAgain
from core.ids import Currency
from core.intent import Side
from core.venue import VenueStatus
from tests.venue.faults import UNSEEN, Trouble
from tests.venue.firi import Firi
from tests.venue.firi_bench import BTC, exchange, firi, keys, link, order, place
from tests.venue.server import VenueServer

PLACE, CANCEL = "POST /v2/orders", "DELETE /v2/orders/*"
NOT_TAKEN = {
    Trouble.RATE_LIMITED: TryAgain,
    Trouble.BANNED: TryAgain,
    Trouble.MAINTENANCE: TryAgain,
    Trouble.NONCE: TryAgain,
    Trouble.FUNDS: GiveUpOrder,
}
NOBODY_KNOWS = (
    *sorted(UNSEEN),
    Trouble.RESET_BEFORE,
    Trouble.TIMEOUT_BEFORE,
    Trouble.UNAVAILABLE,
    Trouble.GATEWAY,
)
PASSING = (
    Trouble.RESET_BEFORE,
    Trouble.TIMEOUT_BEFORE,
    Trouble.RATE_LIMITED,
    Trouble.UNAVAILABLE,
    Trouble.GATEWAY,
    Trouble.BAD_JSON,
    Trouble.HTML,
    Trouble.NONCE,
)


@pytest.fixture
def venue() -> Iterator[VenueServer]:
    with VenueServer(Firi()) as server:
        yield server
        server.do(server.api.core.check)


@pytest.fixture
def account(venue: VenueServer) -> Iterator[FiriExchange]:
    made = exchange(venue, timeout=400)
    made.open()
    yield made
    made.close()


@pytest.mark.parametrize("trouble", list(NOT_TAKEN))
def test_an_order_that_was_certainly_not_taken(
    venue: VenueServer, account: FiriExchange, trouble: Trouble
) -> None:
    venue.plan.add(trouble, PLACE)
    with pytest.raises(BelayError) as caught:
        place(account, order(venue, Side.BUY, "800000", "0.01"))
    assert isinstance(caught.value, NOT_TAKEN[trouble])
    assert venue.do(venue.api.core.open_orders) == []
    assert venue.plan.count(trouble) == 1


@pytest.mark.parametrize("trouble", sorted(UNSEEN))
def test_a_lost_cancel_is_unknown_and_then_over(
    venue: VenueServer, account: FiriExchange, trouble: Trouble
) -> None:
    wish = order(venue, Side.BUY, "800000", "0.01")
    wish = replace(wish, venue_id=place(account, wish))
    venue.plan.add(trouble, CANCEL)
    with pytest.raises(OutcomeUnknown):
        account.cancel(wish)
    found = account.find(wish)
    assert found is not None
    assert found.status is VenueStatus.CANCELLED
    with pytest.raises(GiveUpOrder):
        account.cancel(wish)


@pytest.mark.parametrize("trouble", PASSING)
def test_reads_are_tried_again(venue: VenueServer, account: FiriExchange, trouble: Trouble) -> None:
    before = account.statistics()
    venue.plan.add(trouble, "GET /v2/balances", times=2)
    assert account.balances()[Currency("BTC")].total == 1
    after = account.statistics()
    assert after.retries - before.retries == 2
    assert after.rate_limited - before.rate_limited == (2 if trouble is Trouble.RATE_LIMITED else 0)


def test_reads_give_up_after_three(venue: VenueServer, account: FiriExchange) -> None:
    venue.plan.add(Trouble.UNAVAILABLE, "GET /v2/balances", times=3)
    with pytest.raises(TryAgain, match="503"):
        account.balances()
    assert len(firi(venue).audit.named("GET /v2/balances")) == 3


def test_busy_means_a_pause_for_everyone_but_cancels(venue: VenueServer, account: FiriExchange) -> None:
    wish = order(venue, Side.BUY, "800000", "0.01")
    wish = replace(wish, venue_id=place(account, wish))
    venue.plan.add(Trouble.RATE_LIMITED, PLACE, seconds="2")
    with pytest.raises(TryAgain):
        place(account, order(venue, Side.BUY, "800000", "0.01"))
    start = time.monotonic()
    account.make_ready(is_urgent=True)
    account.cancel(wish)
    assert time.monotonic() - start < 1
    account.twin().balances()
    assert 1.5 < time.monotonic() - start < 4


def test_a_refused_connection_certainly_sent_nothing(venue: VenueServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
    access = access_from({"urls": {"api": base}, "timeout": 500, "rateLimit": 1}, keys(venue))
    account = FiriExchange(FiriLink(access, SystemClock()), (BTC,))
    with pytest.raises(TryAgain, match="cannot be reached"):
        account.place(order(venue, Side.BUY, "800000", "0.01"))
    with pytest.raises(TryAgain, match="cannot be reached"):
        account.open()


def test_closing_ends_a_read_that_hangs(venue: VenueServer) -> None:
    waiting = link(venue, timeout=20_000)
    venue.plan.add(Trouble.TIMEOUT_BEFORE, "GET /v2/markets", times=3)
    caught: list[BelayError] = []

    def read() -> None:
        try:
            waiting.read("/v2/markets")
        except TryAgain as error:
            caught.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    while not venue.plan.fired:
        time.sleep(0.01)
    start = time.monotonic()
    waiting.close()
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - start < 2
    assert len(caught) == 1
