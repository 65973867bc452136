"""The last look: no order's bytes go out once the latch is set, nor once whoever sent it has given it up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import monotonic
from typing import Any

import pytest

from core.errors import LatchSet, OutcomeUnknown, TryAgain
from core.intent import Side
from core.money import Quantity
from tests.fakes.exchange_bench import AccountBench, account_on
from tests.fakes.link_bench import (
    BALANCE,
    CANCEL,
    ORDER,
    Opened,
    api_of,
    balance,
    link_to,
    names,
    opener,
    place,
    used,
    wait_until,
)
from tests.venue import firi_bench
from tests.venue.faults import Trouble
from tests.venue.firi import Firi
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer


@pytest.fixture(params=["binance", "kraken"])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    with VenueServer(api_of(request.param)) as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as start:
        yield start


# ---------------------------------------------------------------- the latch


def test_a_latch_that_is_set_while_an_order_waits_for_its_turn_stops_it(opened: Opened) -> None:
    """Kraken: a question hangs and holds the key's turn; the gate has read the latch already."""
    with VenueServer(Kraken()) as kraken:
        link = link_to(kraken, timeout=5.0)
        connections = [opened(link, "one"), opened(link, "two")]
        latch = threading.Event()
        kraken.plan.add(Trouble.TIMEOUT_BEFORE, BALANCE["kraken"])
        with ThreadPoolExecutor(2) as pool:
            hanging = pool.submit(connections[0].read, balance)
            wait_until(lambda: bool(kraken.api.audit.named("BalanceEx")))
            connections[1].make_ready(is_urgent=False)
            sending = pool.submit(connections[1].send, place, is_halted=latch.is_set)
            wait_until(lambda: bool(link.turn._waiting))
            latch.set()
            with pytest.raises(LatchSet) as stopped:
                sending.result(6)
            connections[0].close()
            with pytest.raises(TryAgain):
                hanging.result(6)
        assert str(stopped.value) == "Belay is halted: the order was not sent."
        assert not kraken.api.audit.named("AddOrder")
        assert not kraken.api.core.orders


def test_a_latch_that_is_set_while_the_connection_is_made_stops_it(
    venue: VenueServer, opened: Opened
) -> None:
    """A look-up of a name or a handshake may take seconds: the last look comes after them."""
    connection = opened(link_to(venue))
    looks: list[bool] = []

    def is_halted() -> bool:
        looks.append(bool(looks))
        return looks[-1]

    connection.make_ready(is_urgent=False)
    with pytest.raises(LatchSet):
        connection.send(place, is_halted=is_halted)
    assert looks == [False, True]
    assert ORDER[venue.api.ccxt_id] not in names(venue)
    assert connection.send(place, is_halted=lambda: False)["id"], "the connection is as good as before"


def test_what_was_stopped_has_used_nothing(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue))
    before = used(connection)
    for _ in range(5):
        connection.make_ready(is_urgent=False)
        with pytest.raises(LatchSet):
            connection.send(place, is_halted=lambda: True)
    after = used(connection)
    assert all(after[name] <= before.get(name, 0.0) for name in after)


def test_halted_after_the_first_of_two_requests_nobody_knows(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue))
    latch = threading.Event()

    async def two(exchange: Any) -> Any:
        await place(exchange)
        latch.set()
        return await place(exchange)

    with pytest.raises(OutcomeUnknown):
        connection.send(two, is_halted=latch.is_set)
    assert names(venue).count(ORDER[venue.api.ccxt_id]) == 1


@pytest.fixture(params=[("binance", "BTC/USDT"), ("kraken", "BTC/USD")], ids=["binance", "kraken"])
def bench(request: pytest.FixtureRequest) -> Iterator[AccountBench]:
    name, symbol = request.param
    with account_on(api_of(name), symbol) as made:
        yield made


def test_an_account_heeds_the_latch_and_still_cancels(bench: AccountBench) -> None:
    latch = threading.Event()
    bench.account.heed(latch.is_set)
    order = bench.order(Side.BUY, "0.01", "45000")
    order = replace(order, venue_id=bench.place(order))
    latch.set()
    with pytest.raises(LatchSet):
        bench.place(bench.order(Side.BUY, "0.01", "45000"))
    if bench.account.caps.can_amend:
        with pytest.raises(LatchSet):
            bench.account.amend(replace(order, quantity=Quantity("0.02")))
    assert bench.rests(order)
    bench.cancel(order)
    assert not bench.rests(order)
    name = bench.venue.api.ccxt_id
    assert bench.requests(ORDER[name]) == 1
    assert bench.requests(CANCEL[name]) == 1


def test_its_twin_heeds_the_same_latch(bench: AccountBench) -> None:
    twin = bench.account.twin()
    latch = threading.Event()
    bench.account.heed(latch.is_set)  # after the twin was made
    before = bench.requests(BALANCE[bench.venue.api.ccxt_id])
    twin.open()
    assert bench.requests(BALANCE[bench.venue.api.ccxt_id]) == before, "its keys are known to be good"
    try:
        latch.set()
        with pytest.raises(LatchSet):
            twin.place(bench.order(Side.BUY, "0.01", "45000"))
    finally:
        twin.close()
    assert not bench.requests(ORDER[bench.venue.api.ccxt_id])


def test_firi_heeds_it_too() -> None:
    with VenueServer(Firi()) as server:
        account = firi_bench.exchange(server)
        account.open()
        try:
            latch = threading.Event()
            account.heed(latch.is_set)
            wish = firi_bench.order(server, Side.BUY, "800000", "0.01")
            account.make_ready(is_urgent=False)
            latch.set()
            for hands in (account, account.twin()):
                with pytest.raises(LatchSet):
                    hands.place(wish)
                if hands is not account:
                    hands.close()
        finally:
            account.close()
        assert not [line for line in server.api.audit.lines if line.call.name == "POST /v2/orders"]


# ---------------------------------------------------------------- given up as not sent


def test_an_order_that_was_given_up_as_not_sent_is_never_sent(venue: VenueServer, opened: Opened) -> None:
    """The loop was stalled: the executor sends again, so the first one must not go out when it wakes."""
    connection = opened(link_to(venue))
    connection.read(balance)  # a connection stands: nothing is left to wait for
    stalled, awake = threading.Event(), threading.Event()

    async def stalls(exchange: Any) -> Any:
        stalled.set()
        awake.wait(5)
        return await place(exchange)

    connection.make_ready(is_urgent=False)
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(connection.send, stalls, timeout=0.2)
        assert stalled.wait(5)
        with pytest.raises(TryAgain, match="not sent"):
            sending.result(5)
    awake.set()
    assert connection.send(place)["id"]
    assert names(venue).count(ORDER[venue.api.ccxt_id]) == 1


def test_an_order_behind_a_hung_question_waits_a_second_at_most(opened: Opened) -> None:
    with VenueServer(Kraken()) as kraken:
        link = link_to(kraken, timeout=6.0)
        connections = [opened(link, "one"), opened(link, "two")]
        kraken.plan.add(Trouble.TIMEOUT_BEFORE, BALANCE["kraken"])
        with ThreadPoolExecutor(1) as pool:
            hanging = pool.submit(connections[0].read, balance)
            wait_until(lambda: bool(kraken.api.audit.named("BalanceEx")))
            begun = monotonic()
            assert connections[1].send(place)["id"]
            assert monotonic() - begun < 2
            connections[0].close()
            with pytest.raises(TryAgain):
                hanging.result(6)
