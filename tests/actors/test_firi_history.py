"""Firi's account history over the wire: pages, missing paths, and whose execution is whose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from actors.venues.firi.exchange import FiriExchange
from core.errors import TryAgain
from core.intent import Side
from core.venue import VenueStatus
from tests.venue.firi import Firi
from tests.venue.firi_bench import BTC, ETH, exchange, fill, firi, money, order, place
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


def test_history_since_and_over_months(venue: VenueServer, account: FiriExchange) -> None:
    clock = firi(venue).clock
    real = clock.now()
    ids = []
    for days in (400, 65, 1, 0):
        clock.fix(real - days * 86_400_000)
        account = exchange(venue)
        account.open()
        ids.append(place(account, order(venue, Side.BUY, "850000", "0.001")))
        fill(venue, ids[-1])
    assert [trade.venue_id for trade in account.trades({BTC: LONG_AGO})] == ids
    since = datetime.fromtimestamp(real / 1000, UTC) - timedelta(days=66)
    assert [trade.venue_id for trade in account.trades({BTC: since})] == ids[1:]
    assert [trade.venue_id for trade in account.trades({BTC: since + timedelta(days=65)})] == ids[2:]
    assert account.trades({ETH: LONG_AGO}) == ()


@pytest.mark.parametrize("newest_first", [True, False])
def test_long_lists_are_read_to_their_end(
    venue: VenueServer, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    monkeypatch.setattr("actors.venues.firi.book_keeping.PAGES", (5, 1000))
    firi(venue).newest_first = newest_first
    account = exchange(venue)
    account.open()
    wishes = [order(venue, Side.BUY, f"{850000 - n}", "0.001") for n in range(12)]
    ids = [place(account, wish) for wish in wishes]
    for venue_id in ids:
        fill(venue, venue_id)
    trades = account.trades({BTC: LONG_AGO})
    assert [trade.venue_id for trade in trades] == ids
    assert [trade.price for trade in trades] == [wish.price for wish in wishes]
    for wish, venue_id in zip(wishes, ids, strict=True):
        firi(venue).missing = {"GET /v2/order/*"}
        told = account.find(replace(wish, venue_id=venue_id))
        assert told is not None
        assert told.status is VenueStatus.FILLED


@pytest.mark.parametrize(
    "missing",
    [
        {"GET /v2/history/trades"},
        {"GET /v2/history/transactions/*"},
        {"GET /v2/history/transactions*"},
        {"GET /v2/orders/*/history", "GET /v2/orders"},
    ],
)
def test_history_where_paths_are_missing(venue: VenueServer, missing: set[str]) -> None:
    firi(venue).missing = missing
    account = exchange(venue)
    account.open()
    ids = [place(account, order(venue, Side.SELL, f"{950000 + n}.07", "0.0123")) for n in range(3)]
    for venue_id in ids:
        fill(venue, venue_id)
    trades = account.trades({BTC: LONG_AGO})
    assert [trade.venue_id for trade in trades] == ids
    assert [trade.price for trade in trades] == [money(f"{950000 + n}.07") for n in range(3)]
    costs = [money(f"{950000 + n}.07") * money("0.0123") for n in range(3)]
    assert [trade.cost for trade in trades] == costs
    if "GET /v2/history/transactions*" not in missing:
        fees = [(cost * money("0.007")).quantize(money("1e-8"), "ROUND_DOWN") for cost in costs]
        assert [trade.fee.amount for trade in trades] == fees


def test_no_history_at_all_is_said(venue: VenueServer, account: FiriExchange) -> None:
    firi(venue).missing = {"GET /v2/history/*"}
    with pytest.raises(TryAgain, match="neither transactions nor trades"):
        account.trades({BTC: LONG_AGO})


def test_executions_of_orders_that_look_alike_sum_up(venue: VenueServer, account: FiriExchange) -> None:
    ids = [place(account, order(venue, Side.BUY, "850000", "0.01")) for _ in range(3)]
    for venue_id, amount in zip(ids, ("0.01", "0.004", "0.003"), strict=True):
        fill(venue, venue_id, amount)
        account.trades({BTC: LONG_AGO})
    fill(venue, ids[1])
    sums = dict.fromkeys(ids, Decimal(0))
    for trade in account.trades({BTC: LONG_AGO}):
        sums[trade.venue_id] += trade.quantity
    assert sums == {ids[0]: money("0.01"), ids[1]: money("0.01"), ids[2]: money("0.003")}


@pytest.mark.parametrize("missing", [set(), {"GET /v2/history/trades"}])
def test_nothing_is_told_past_an_execution_that_has_no_order_yet(
    venue: VenueServer, account: FiriExchange, missing: set[str]
) -> None:
    firi(venue).missing = missing
    ids = [place(account, order(venue, Side.BUY, f"{850000 - n}", "0.01")) for n in range(3)]
    for venue_id in ids:
        fill(venue, venue_id)
        venue.do(firi(venue).clock.fix, firi(venue).clock.now() + 5)
    firi(venue).lagging = {int(ids[1])}
    assert [trade.venue_id for trade in account.trades({BTC: LONG_AGO})] == ids[:1]
    firi(venue).lagging = set()
    assert [trade.venue_id for trade in account.trades({BTC: LONG_AGO})] == ids
