"""The account on Binance's wire: each kind of order, the certainty of each fault, keys and twins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from actors.venues.exchange.account import ExchangeAccount
from actors.venues.exchange.account_requests import Requests
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.link import Access, Link
from core.clock import SystemClock
from core.errors import GiveUpOrder, KeysRefused, OutcomeUnknown, TryAgain
from core.ids import Symbol, VenueName
from core.intent import Kind, Side
from core.venue import StopSupport, VenueStatus
from tests.fakes.exchange_bench import AccountBench, account_on
from tests.venue.binance import Binance
from tests.venue.faults import UNSEEN, Trouble

BTC = "BTC/USDT"
PLACE, CANCEL, LOOK = "POST /api/v3/order", "DELETE /api/v3/order", "GET /api/v3/order"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def bench() -> Iterator[AccountBench]:
    with account_on(Binance(), BTC) as made:
        yield made


# ---- placing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "side", "price", "told"),
    [
        (Kind.LIMIT, Side.BUY, "49000", {"type": "LIMIT", "price": "49000", "timeInForce": "GTC"}),
        (Kind.POST_ONLY, Side.SELL, "51000.01", {"type": "LIMIT_MAKER", "price": "51000.01"}),
        (Kind.MARKET, Side.BUY, None, {"type": "MARKET"}),
        (Kind.MARKET, Side.SELL, None, {"type": "MARKET"}),
        (Kind.STOP, Side.SELL, "45000", {"type": "STOP_LOSS", "stopPrice": "45000"}),
    ],
)
def test_every_kind_goes_out_once_under_our_own_id(
    bench: AccountBench, kind: Kind, side: Side, price: str | None, told: dict[str, str]
) -> None:
    order = bench.order(side, "0.01234", price, kind)
    venue_id = bench.place(order)
    (line,) = bench.venue.api.audit.named(PLACE)
    sent = line.call.params
    assert {name: sent[name] for name in told} == told
    assert (sent["newClientOrderId"], sent["quantity"], sent["symbol"]) == (
        order.client_order_id,
        "0.01234",
        "BTCUSDT",
    )
    assert "quoteOrderQty" not in sent
    assert ("price" in sent) is (kind in (Kind.LIMIT, Kind.POST_ONLY))
    found = bench.account.find(order)
    assert found is not None
    assert (found.venue_id, found.client_order_id, found.kind, found.side) == (
        venue_id,
        order.client_order_id,
        kind,
        side,
    )
    assert (found.price, found.quantity, found.symbol) == (order.price, order.quantity, BTC)
    assert found.status is (VenueStatus.FILLED if kind is Kind.MARKET else VenueStatus.OPEN)
    assert found.at.tzinfo is UTC


def test_a_stop_with_a_limit_lies_the_slippage_below_its_trigger(bench: AccountBench) -> None:
    requests = Requests(ClientIds(VenueName("binance")), StopSupport.LIMIT, Decimal("0.03"))
    order = bench.order(Side.SELL, "0.01", "45000.01", Kind.STOP)

    async def sent(exchange: Any) -> str:
        return await requests.place(exchange, order)

    bench.account.make_ready(is_urgent=True)
    bench.account._connection.send(sent)
    (line,) = bench.venue.api.audit.named(PLACE)
    assert (line.call.params["type"], line.call.params["stopPrice"]) == ("STOP_LOSS_LIMIT", "45000.01")
    assert line.call.params["price"] == "43650"  # 43650.0097, on the tick below
    found = bench.account.find(order)
    assert found is not None
    assert (found.kind, found.price) == (Kind.STOP, Decimal("45000.01"))


@pytest.mark.parametrize(
    ("quantity", "price"),
    [("0.012345", "49000"), ("0.01", "49000.001"), ("0.000001", "49000"), ("0", "49000")],
)
def test_an_order_off_the_grid_is_not_sent(bench: AccountBench, quantity: str, price: str) -> None:
    assert bench.outcome(bench.place, bench.order(Side.BUY, quantity, price)) is GiveUpOrder
    assert bench.requests(PLACE) == 0


@pytest.mark.parametrize("stops", [StopSupport.NONE])
def test_a_venue_without_stops_is_sent_none(bench: AccountBench, stops: StopSupport) -> None:
    requests = Requests(ClientIds(VenueName("binance")), stops, Decimal("0.03"))
    with pytest.raises(GiveUpOrder, match="no stop orders"):
        requests.wire(bench.account._connection.exchange, bench.order(Side.SELL, "0.01", "45000", Kind.STOP))


def test_a_market_buy_is_a_limit_where_the_amount_would_be_money(bench: AccountBench) -> None:
    requests = Requests(ClientIds(VenueName("binance")), StopSupport.MARKET, Decimal("0.01"))
    exchange, order = bench.account._connection.exchange, bench.order(Side.BUY, "0.01")
    exchange.options["createMarketBuyOrderRequiresPrice"] = True
    wire = requests.wire(exchange, order, ask=Decimal("50000.01"))
    assert (wire.kind, wire.amount, wire.price, wire.params["timeInForce"]) == (
        "limit",
        "0.01",
        "50500.02",
        "IOC",
    )
    with pytest.raises(GiveUpOrder, match="no fresh price"):
        requests.wire(exchange, order)
    assert requests.wire(exchange, bench.order(Side.SELL, "0.01")).kind == "market"


CERTAIN = {
    Trouble.RESET_BEFORE: OutcomeUnknown,
    Trouble.RESET_AFTER: OutcomeUnknown,
    Trouble.TIMEOUT_BEFORE: OutcomeUnknown,
    Trouble.TIMEOUT_AFTER: OutcomeUnknown,
    Trouble.UNAVAILABLE: OutcomeUnknown,
    Trouble.GATEWAY: OutcomeUnknown,
    Trouble.BAD_JSON: OutcomeUnknown,
    Trouble.HTML: OutcomeUnknown,
    Trouble.RATE_LIMITED: TryAgain,
    Trouble.BANNED: TryAgain,
    Trouble.NONCE: TryAgain,
    Trouble.FUNDS: GiveUpOrder,
}


@pytest.mark.parametrize("trouble", list(CERTAIN))
def test_what_placing_ends_with_in_each_trouble_and_what_find_says_then(trouble: Trouble) -> None:
    with account_on(Binance(), BTC, timeout=0.4) as bench:
        order = bench.order(Side.BUY, "0.01", "49000")
        bench.venue.plan.add(trouble, PLACE)
        assert bench.outcome(bench.place, order) is CERTAIN[trouble]
        assert bench.requests(PLACE) == 1
        assert bench.rests(order) is (trouble in UNSEEN)
        if trouble is not Trouble.BANNED:  # nobody may ask anything then
            found = bench.account.find(order)
            assert (found is not None) is bench.rests(order)
            assert found is None or found.client_order_id == order.client_order_id


@pytest.mark.parametrize(
    ("side", "quantity", "price", "kind"),
    [
        (Side.BUY, "0.01", "50000.01", Kind.POST_ONLY),  # would match
        (Side.BUY, "0.3", "49000", None),  # funds
        (Side.SELL, "0.01", "51000", Kind.STOP),  # would trigger at once
        (Side.BUY, "0.00001", "49000", None),  # below the minimum notional
    ],
)
def test_what_the_venue_will_not_have_is_given_up(
    bench: AccountBench, side: Side, quantity: str, price: str, kind: Kind | None
) -> None:
    order = bench.order(side, quantity, price, kind)
    assert bench.outcome(bench.place, order) is GiveUpOrder
    assert bench.requests(PLACE) == 1
    assert bench.account.find(order) is None


def test_the_same_id_again_is_looked_up_and_not_doubled(bench: AccountBench) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    bench.place(order)
    assert bench.outcome(bench.place, order) is OutcomeUnknown
    assert len(bench.venue.do(bench.core.open_orders)) == 1


# ---- cancelling ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_known", [True, False])
def test_a_cancel_by_the_venues_id_or_by_ours(bench: AccountBench, is_known: bool) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    venue_id = bench.place(order)
    if not is_known:
        bench.account._ids._by_venue_id.clear()
    bench.cancel(replace(order, venue_id=venue_id) if is_known else order)
    (line,) = bench.venue.api.audit.named(CANCEL)
    assert ("orderId" in line.call.params) is is_known
    found = bench.account.find(order)
    assert found is not None
    assert (found.status, found.client_order_id) == (VenueStatus.CANCELLED, order.client_order_id)
    assert bench.outcome(bench.cancel, order) is GiveUpOrder  # nothing like it is open now


@pytest.mark.parametrize(
    "trouble",
    [Trouble.RESET_AFTER, Trouble.RESET_BEFORE, Trouble.TIMEOUT_AFTER, Trouble.BAD_JSON, Trouble.HTML],
)
def test_a_lost_cancel_is_never_taken_for_done_nor_for_refused(trouble: Trouble) -> None:
    with account_on(Binance(), BTC, timeout=0.4) as bench:
        order = bench.order(Side.BUY, "0.01", "49000")
        bench.place(order)
        bench.venue.plan.add(trouble, CANCEL)
        assert bench.outcome(bench.cancel, order) in (OutcomeUnknown, GiveUpOrder)
        found = bench.account.find(order)
        assert found is not None
        assert (found.status is VenueStatus.OPEN) is bench.rests(order)


def test_binance_orders_are_not_amended(bench: AccountBench) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    bench.place(order)
    assert not bench.account.caps.can_amend
    assert bench.outcome(bench.account.amend, order) is GiveUpOrder


# ---- keys and connections --------------------------------------------------------------------------------


def test_key_rights_and_a_missing_endpoint(bench: AccountBench) -> None:
    rights = bench.account.key_rights()
    assert (rights.may_trade, rights.may_withdraw, rights.is_ip_bound) == (True, False, True)
    bench.venue.api.can_withdraw = True  # type: ignore[attr-defined]
    assert bench.account.key_rights().may_withdraw is True
    del bench.venue.api._handlers["GET /sapi/v1/account/apiRestrictions"]  # type: ignore[attr-defined]
    rights = bench.account.key_rights()
    assert (rights.may_trade, rights.may_withdraw) == (None, None)
    assert rights.detail.startswith("could not verify")


def test_wrong_keys_and_none_are_refused_at_once() -> None:
    api = Binance()
    with account_on_wrong_key(api) as bench, pytest.raises(KeysRefused):
        bench.account.balances()
    link = Link(Access(VenueName("binance")), SystemClock())
    with pytest.raises(KeysRefused, match=r"main\.py keys set binance"):
        ExchangeAccount(link, (Symbol(BTC),)).open()


def account_on_wrong_key(api: Binance) -> Any:
    opened = account_on(api, BTC)
    api.secret, wrong = "w" * 64, api.secret
    assert wrong != api.secret
    handle = api.verify_key

    def other(params: Any, payload: str, key: str) -> None:
        api.secret = wrong
        handle(params, payload, key)

    api.verify_key = other  # type: ignore[method-assign]
    return opened


def test_a_twin_does_the_same_on_a_connection_of_its_own(bench: AccountBench) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    bench.place(order)
    twin = bench.account.twin()
    twin.open()
    try:
        assert [found.client_order_id for found in twin.open_orders()] == [order.client_order_id]
        twin.make_ready(is_urgent=True)
        twin.cancel(order)
        assert bench.account.open_orders() == ()
        assert twin.statistics() == bench.account.statistics()
    finally:
        twin.close()


def test_a_closed_account_says_so(bench: AccountBench) -> None:
    bench.account.close()
    bench.account.close()
    with pytest.raises(TryAgain):
        bench.account.balances()
