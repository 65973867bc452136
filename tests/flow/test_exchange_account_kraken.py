"""The account on Kraken's wire: our ids in ``cl_ord_id``, each fault's certainty, amends that keep the order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.errors import GiveUpOrder, OutcomeUnknown, TryAgain
from core.intent import Kind, Side
from core.money import Price, Quantity
from core.venue import VenueStatus
from tests.fakes.exchange_bench import AccountBench, account_on, odd_answers
from tests.venue.faults import UNSEEN, Trouble
from tests.venue.kraken import Kraken

BTC = "BTC/USD"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def bench() -> Iterator[AccountBench]:
    with account_on(Kraken(), BTC) as made:
        yield made


def forget(bench: AccountBench) -> None:
    """As after a restart: only our own records know our orders."""
    bench.account._ids._by_venue_id.clear()


# ---- placing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "side", "price", "told"),
    [
        (Kind.LIMIT, Side.BUY, "49000.1", {"ordertype": "limit", "price": "49000.1"}),
        (Kind.POST_ONLY, Side.SELL, "51000", {"ordertype": "limit", "price": "51000", "oflags": "post"}),
        (Kind.MARKET, Side.BUY, None, {"ordertype": "market"}),
        (Kind.STOP, Side.SELL, "45000", {"ordertype": "stop-loss", "price": "45000"}),
    ],
)
def test_every_kind_goes_out_once_under_our_own_id(
    bench: AccountBench, kind: Kind, side: Side, price: str | None, told: dict[str, str]
) -> None:
    order = bench.order(side, "0.01234567", price, kind)
    venue_id = bench.place(order)
    (line,) = bench.venue.api.audit.named("AddOrder")
    sent = line.call.params
    assert {name: sent[name] for name in told} == told
    assert (sent["cl_ord_id"], sent["volume"]) == (order.client_order_id, "0.01234567")
    assert "viqc" not in sent.get("oflags", "")
    forget(bench)
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
    Trouble.MAINTENANCE: TryAgain,
    Trouble.NONCE: TryAgain,
    Trouble.FUNDS: GiveUpOrder,
}


@pytest.mark.parametrize("trouble", list(CERTAIN))
@pytest.mark.parametrize("price", ["49000", None])
def test_what_placing_ends_with_in_each_trouble_and_what_find_says_then(
    trouble: Trouble, price: str | None
) -> None:
    """A resting order is found among the open ones, a filled one among the closed."""
    with account_on(Kraken(), BTC, timeout=0.4) as bench:
        order = bench.order(Side.BUY, "0.01", price)
        bench.venue.plan.add(trouble, "AddOrder")
        assert bench.outcome(bench.place, order) is CERTAIN[trouble]
        assert bench.requests("AddOrder") == 1
        was_taken = bench.core.find(client_id=order.client_order_id) is not None
        assert was_taken is (trouble in UNSEEN)
        if trouble not in (Trouble.BANNED, Trouble.RATE_LIMITED):  # the whole venue pauses then
            found = bench.account.find(order)
            assert (found is not None) is was_taken
            if found is not None:
                assert found.client_order_id == order.client_order_id
                assert found.status is (VenueStatus.OPEN if price else VenueStatus.FILLED)


@pytest.mark.parametrize(
    ("side", "quantity", "price", "kind"),
    [
        (Side.BUY, "0.01", "50000.1", Kind.POST_ONLY),
        (Side.BUY, "0.3", "49000", None),
        (Side.BUY, "0.00001", "49000", None),
    ],
)
def test_what_the_venue_will_not_have_is_given_up(
    bench: AccountBench, side: Side, quantity: str, price: str, kind: Kind | None
) -> None:
    order = bench.order(side, quantity, price, kind)
    assert bench.outcome(bench.place, order) is GiveUpOrder
    assert bench.account.find(order) is None


@pytest.mark.parametrize("answer", ['{"error":[],"result":{}}', '{"error":[]}', "{}", "[]", "null", "", "7"])
def test_an_answer_without_an_id_leaves_the_outcome_unknown(bench: AccountBench, answer: str) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    with odd_answers(bench, answer, "AddOrder"):
        assert bench.outcome(bench.place, order) is OutcomeUnknown
    found = bench.account.find(order)
    assert found is not None
    with odd_answers(bench, answer, "CancelOrder"):
        assert bench.outcome(bench.cancel, order) is (
            None if answer.startswith("{") and len(answer) > 2 else OutcomeUnknown
        )


# ---- cancelling and amending -----------------------------------------------------------------------------


@pytest.mark.parametrize("is_known", [True, False])
def test_a_cancel_by_the_venues_id_or_by_ours(bench: AccountBench, is_known: bool) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    venue_id = bench.place(order)
    forget(bench)
    bench.cancel(replace(order, venue_id=venue_id) if is_known else order)
    (line,) = bench.venue.api.audit.named("CancelOrder")
    assert line.call.params.get("txid" if is_known else "cl_ord_id") == (
        venue_id if is_known else order.client_order_id
    )
    found = bench.account.find(order)
    assert found is not None
    assert (found.status, found.reason) == (VenueStatus.CANCELLED, "User requested")
    assert bench.outcome(bench.cancel, order) is GiveUpOrder


def test_a_cancel_that_counts_nothing_found_nothing(bench: AccountBench) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    bench.place(order)
    with odd_answers(bench, '{"error":[],"result":{"count":0}}', "CancelOrder"):
        assert bench.outcome(bench.cancel, order) is GiveUpOrder


@pytest.mark.parametrize("is_known", [True, False])
def test_an_amended_stop_stays_the_same_order(bench: AccountBench, is_known: bool) -> None:
    order = bench.order(Side.SELL, "0.01", "45000", Kind.STOP)
    venue_id = bench.place(order)
    if not is_known:
        forget(bench)
    bench.account.make_ready(is_urgent=True)
    bench.account.amend(replace(order, quantity=Quantity("0.00412345"), price=Price("46000.5")))
    (line,) = bench.venue.api.audit.named("AmendOrder")
    sent = line.call.params
    assert (sent["cl_ord_id"], sent["order_qty"]) == (order.client_order_id, "0.00412345")
    assert (sent["trigger_price"], "limit_price" in sent) == ("46000.5", False)
    (found,) = bench.account.open_orders()
    assert (found.venue_id, found.client_order_id, found.kind) == (venue_id, order.client_order_id, Kind.STOP)
    assert (found.quantity, found.price) == (Decimal("0.00412345"), Decimal("46000.5"))


@pytest.mark.parametrize("kind", [Kind.LIMIT, Kind.POST_ONLY])
def test_an_amended_limit(bench: AccountBench, kind: Kind) -> None:
    order = bench.order(Side.BUY, "0.01", "49000", kind)
    bench.place(order)
    bench.fill(order, "0.002")
    bench.account.make_ready(is_urgent=False)
    bench.account.amend(replace(order, price=Price("48000")))
    found = bench.account.find(order)
    assert found is not None
    assert (found.price, found.quantity, found.filled, found.kind) == (
        48000,
        Decimal("0.01"),
        Decimal("0.002"),
        kind,
    )


def test_amending_what_is_over_is_given_up(bench: AccountBench) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    bench.place(order)
    bench.cancel(order)
    assert bench.outcome(bench.account.amend, replace(order, price=Price("48000"))) is GiveUpOrder


@pytest.mark.parametrize("trouble", [Trouble.RESET_AFTER, Trouble.HTML, Trouble.TIMEOUT_BEFORE])
def test_a_lost_amend_is_unknown(trouble: Trouble) -> None:
    with account_on(Kraken(), BTC, timeout=0.4) as bench:
        order = bench.order(Side.BUY, "0.01", "49000")
        bench.place(order)
        bench.venue.plan.add(trouble, "AmendOrder")
        assert bench.outcome(bench.account.amend, replace(order, price=Price("48000"))) is OutcomeUnknown
        found = bench.account.find(order)
        assert found is not None
        assert found.price == (49000 if trouble is Trouble.TIMEOUT_BEFORE else 48000)
