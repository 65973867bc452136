"""Firi's account over the wire: markets, balances, an order's life, history, refusals, signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from actors.venues.firi.exchange import FiriExchange
from core.errors import BadSettings, GiveUpOrder, TryAgain
from core.ids import Currency, Symbol
from core.intent import Kind, Side
from core.money import Money
from core.venue import AccountStream, Exchange, News, StopSupport, VenueStatus
from tests.venue.faults import Trouble
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


def test_it_is_the_port_and_says_what_it_cannot(account: FiriExchange) -> None:
    port: Exchange = account
    assert port.caps.stops is StopSupport.NONE
    assert not port.caps.can_find
    assert not any(port.caps.streams.values())
    told: list[News] = []
    port.listen(told.append)
    assert [type(one) for one in told] == [AccountStream]
    assert told == [AccountStream(False, "Firi has no streams; Belay asks instead.")]
    assert port.key_rights().may_withdraw is None


def test_markets(account: FiriExchange) -> None:
    found = account.instruments((BTC, Symbol("BTC/DKK")))
    assert [one.symbol for one in found] == ["BTC/NOK", "BTC/DKK"]
    assert found[0].tick == money("0.01")
    with pytest.raises(BadSettings, match="no market XRP/NOK; it has 3 markets: BTC/DKK, BTC/NOK, ETH/NOK"):
        account.instruments((Symbol("XRP/NOK"),))


def test_balances_are_exact(venue: VenueServer, account: FiriExchange) -> None:
    place(account, order(venue, Side.BUY, "800000.01", "0.012345"))
    nok = account.balances()[Currency("NOK")]
    held = Decimal("800000.01") * Decimal("0.012345") * Decimal("1.007")
    assert nok.total == 100_000
    assert nok.total - (nok.free or 0) == held.quantize(Decimal("1e-8"), "ROUND_UP")


def test_the_life_of_a_limit_order(venue: VenueServer, account: FiriExchange) -> None:
    wish = order(venue, Side.BUY, "850000.50", "0.01")
    venue_id = place(account, wish)
    assert venue_id == "1001"
    (told,) = account.open_orders()
    assert (told.venue_id, told.client_order_id, told.symbol) == ("1001", wish.client_order_id, BTC)
    assert (told.side, told.price, told.quantity, told.filled) == (
        Side.BUY, money("850000.5"), money("0.01"), 0,
    )  # fmt: skip
    assert told.status is VenueStatus.OPEN

    fill(venue, venue_id, "0.004")
    part = account.find(replace(wish, venue_id=venue_id))
    assert part is not None
    assert (part.status, part.filled) == (VenueStatus.OPEN, money("0.004"))
    fill(venue, venue_id)
    whole = account.find(replace(wish, venue_id=venue_id))
    assert whole is not None
    assert (whole.status, whole.filled) == (VenueStatus.FILLED, money("0.01"))
    assert account.open_orders() == ()

    trades = account.trades({BTC: LONG_AGO})
    assert [trade.quantity for trade in trades] == [money("0.004"), money("0.006")]
    assert {trade.venue_id for trade in trades} == {venue_id}
    assert {trade.client_order_id for trade in trades} == {wish.client_order_id}
    assert [trade.cost for trade in trades] == [money("3400.002"), money("5100.003")]
    assert trades[0].fee == Money(money("3400.002") * money("0.007"), Currency("NOK"))
    assert all(trade.price == money("850000.50") and trade.is_maker for trade in trades)


def test_cancel(venue: VenueServer, account: FiriExchange) -> None:
    wish = order(venue, Side.SELL, "990000", "0.02")
    venue_id = place(account, wish)
    fill(venue, venue_id, "0.005")
    account.make_ready(is_urgent=True)
    account.cancel(replace(wish, venue_id=venue_id))
    told = account.find(replace(wish, venue_id=venue_id))
    assert told is not None
    assert (told.status, told.filled) == (VenueStatus.CANCELLED, money("0.005"))
    with pytest.raises(GiveUpOrder, match="no open order 1001"):
        account.cancel(replace(wish, venue_id=venue_id))


def test_cancel_where_only_the_older_path_exists(venue: VenueServer, account: FiriExchange) -> None:
    firi(venue).missing = {"DELETE */detailed"}
    wish = order(venue, Side.SELL, "990000", "0.02")
    venue_id = place(account, wish)
    account.cancel(replace(wish, venue_id=venue_id))
    assert account.open_orders() == ()


def test_cancel_without_an_id_finds_the_order_first(venue: VenueServer, account: FiriExchange) -> None:
    wish = order(venue, Side.SELL, "990000", "0.02")
    place(account, wish)
    account.cancel(wish)
    assert account.open_orders() == ()


@pytest.mark.parametrize(
    ("price", "quantity", "word"),
    [("900000", "5", "InsufficientFunds"), ("900000", "0.000001", "AmountTooLow")],
)
def test_refused_orders(
    venue: VenueServer, account: FiriExchange, price: str, quantity: str, word: str
) -> None:
    with pytest.raises(GiveUpOrder, match=word):
        place(account, order(venue, Side.BUY, price, quantity))
    assert account.open_orders() == ()


def test_what_firi_has_not(venue: VenueServer, account: FiriExchange) -> None:
    wish = order(venue, Side.SELL, "800000", "0.01", kind=Kind.STOP)
    with pytest.raises(GiveUpOrder, match="no stop orders"):
        place(account, wish)
    with pytest.raises(GiveUpOrder, match="cannot change"):
        account.amend(wish)
    with pytest.raises(GiveUpOrder, match="would match at once"):
        place(account, order(venue, Side.BUY, "900000.01", "0.01", kind=Kind.POST_ONLY))
    assert place(account, order(venue, Side.BUY, "899000", "0.01", kind=Kind.POST_ONLY)) == "1001"


def test_a_market_order_fills_within_the_slippage(venue: VenueServer, account: FiriExchange) -> None:
    wish = order(venue, Side.BUY, None, "0.03")
    venue_id = place(account, wish)
    told = account.find(replace(wish, venue_id=venue_id))
    assert told is not None
    assert told.status is VenueStatus.FILLED
    assert told.price == money("909000.01")  # one per cent above the ask, 900000.01, rounded down
    trades = account.trades({BTC: LONG_AGO})
    assert sum(trade.quantity for trade in trades) == money("0.03")
    assert not any(trade.is_maker for trade in trades)


def test_the_rest_of_a_market_order_never_rests(venue: VenueServer, account: FiriExchange) -> None:
    book = venue.api.core.tapes[BTC].book
    offered = sum((size for _, size in venue.do(book.asks)), Decimal(0))
    venue.do(lambda: venue.api.core.wallet.deposit("NOK", Decimal(10_000_000)))
    wish = order(venue, Side.BUY, None, str(offered + 1))
    venue_id = place(account, wish)
    told = account.find(replace(wish, venue_id=venue_id))
    assert told is not None
    assert (told.status, told.filled) == (VenueStatus.CANCELLED, offered)
    assert account.open_orders() == ()


def test_a_market_order_waits_for_fresh_prices(venue: VenueServer, account: FiriExchange) -> None:
    firi(venue).missing = {"GET /v2/markets/*"}
    with pytest.raises(TryAgain, match="no fresh prices"):
        place(account, order(venue, Side.BUY, None, "0.03"))
    assert place(account, order(venue, Side.BUY, "800000", "0.03")) == "1001"


@pytest.mark.parametrize("missing", ["GET /v2/markets/tickers", "GET /v2/markets/*tick*"])
def test_prices_without_the_list_of_tickers(venue: VenueServer, account: FiriExchange, missing: str) -> None:
    firi(venue).missing = {missing}
    assert place(account, order(venue, Side.SELL, None, "0.001", symbol=ETH)) == "1001"


def test_the_twin_has_its_own_connection(venue: VenueServer, account: FiriExchange) -> None:
    wish = order(venue, Side.BUY, "800000", "0.01")
    place(account, wish)
    twin = account.twin()
    account.close()
    twin.make_ready(is_urgent=True)
    twin.cancel(wish)
    assert twin.open_orders() == ()
    assert twin.statistics().requests == account.statistics().requests > 5
    with pytest.raises(TryAgain, match="closed"):
        account.balances()


def test_the_market_is_read_while_orders_of_others_stand(venue: VenueServer, account: FiriExchange) -> None:
    other = exchange(venue)
    other.open()
    place(other, order(venue, Side.SELL, "31000.5", "0.1", symbol=ETH))
    (told,) = account.open_orders()
    assert (told.client_order_id, told.symbol) == ("", ETH)


def test_maintenance_takes_no_orders(venue: VenueServer, account: FiriExchange) -> None:
    venue.plan.add(Trouble.MAINTENANCE, "POST /v2/orders")
    with pytest.raises(TryAgain, match="maintenance"):
        place(account, order(venue, Side.BUY, "800000", "0.01"))
