"""Order requests of a connection: exactly one try, and what is certain after each kind of trouble."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.errors import GiveUpOrder, OutcomeUnknown, TryAgain
from tests.fakes.link_bench import CANCEL, ORDER, Opened, api_of, link_to, names, opener, place, wait_until
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.server import VenueServer


@pytest.fixture(params=["binance", "kraken"])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    with VenueServer(api_of(request.param)) as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as start:
        yield start


def test_an_order_goes_out_once_and_at_once(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue))
    before = len(names(venue))
    connection.make_ready(is_urgent=False)
    assert connection.send(place)["id"]
    assert names(venue)[before:] == [ORDER[venue.api.ccxt_id]]
    assert len(venue.api.core.orders) == 1


@pytest.mark.parametrize(
    ("trouble", "expected", "taken"),
    [
        (Trouble.RESET_BEFORE, OutcomeUnknown, 0),
        (Trouble.RESET_AFTER, OutcomeUnknown, 1),
        (Trouble.TIMEOUT_BEFORE, OutcomeUnknown, 0),
        (Trouble.TIMEOUT_AFTER, OutcomeUnknown, 1),
        (Trouble.BAD_JSON, OutcomeUnknown, 1),
        (Trouble.HTML, OutcomeUnknown, 1),
        (Trouble.UNAVAILABLE, OutcomeUnknown, 0),
        (Trouble.GATEWAY, OutcomeUnknown, 0),
        (Trouble.RATE_LIMITED, TryAgain, 0),
        (Trouble.BANNED, TryAgain, 0),
        (Trouble.MAINTENANCE, TryAgain, 0),
        (Trouble.NONCE, TryAgain, 0),
        (Trouble.FUNDS, GiveUpOrder, 0),
    ],
)
def test_what_an_order_ends_with(
    venue: VenueServer, opened: Opened, trouble: Trouble, expected: type[Exception], taken: int
) -> None:
    connection = opened(link_to(venue, timeout=0.4))
    venue.plan.add(trouble, ORDER[venue.api.ccxt_id])
    connection.make_ready(is_urgent=False)
    with pytest.raises(expected):
        connection.send(place)
    assert names(venue).count(ORDER[venue.api.ccxt_id]) == 1, "never sent twice"
    assert len(venue.api.core.orders) == taken


def test_a_lost_answer_to_a_cancel_is_unknown_and_not_repeated(venue: VenueServer, opened: Opened) -> None:
    """aiohttp would send DELETE again, and the second answer would be "no such order"."""
    connection = opened(link_to(venue))
    order = connection.send(place)["id"]
    name = CANCEL[venue.api.ccxt_id]
    venue.plan.add(Trouble.RESET_AFTER, name)
    connection.make_ready(is_urgent=True)
    with pytest.raises(OutcomeUnknown):
        connection.send(lambda exchange: exchange.cancel_order(order, exchange.symbols[0]))
    assert names(venue).count(name) == 1


def test_an_order_that_cannot_be_sent_was_not_sent(opened: Opened) -> None:
    with VenueServer(Binance()) as gone:
        connection = opened(link_to(gone))
    with pytest.raises(TryAgain, match="nothing was sent"):
        connection.send(place)


def test_an_order_that_ccxt_itself_refuses_is_over(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue))
    before = len(names(venue))

    async def wrong(exchange: Any) -> Any:
        return await exchange.create_order("NO/SUCH", "limit", "buy", "0.001", "30000")

    async def broken(exchange: Any) -> Any:
        raise KeyError("id")

    for call in (wrong, broken):
        with pytest.raises(GiveUpOrder):
            connection.send(call)
    assert len(names(venue)) == before


def test_an_answer_that_trips_ccxt_leaves_the_order_unknown(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue))

    async def trips(exchange: Any) -> Any:
        await place(exchange)
        raise KeyError("id")

    with pytest.raises(OutcomeUnknown):
        connection.send(trips)


def test_who_closes_while_an_order_is_out_knows_nothing_of_it(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue, timeout=5.0))
    venue.plan.add(Trouble.TIMEOUT_AFTER, ORDER[venue.api.ccxt_id])
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(connection.send, place)
        wait_until(lambda: bool(venue.api.core.orders))
        connection.close()
        with pytest.raises(OutcomeUnknown):
            sending.result(5)
