"""Orders at Firi whose answer was lost: found exactly once, or not at all, and never somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from actors.venues.firi.exchange import FiriExchange
from core.errors import GiveUpOrder, OutcomeUnknown, TryAgain
from core.intent import Side
from core.venue import VenueStatus
from tests.venue.faults import UNSEEN, Trouble
from tests.venue.firi import Firi
from tests.venue.firi_bench import BTC, exchange, fill, firi, order, place
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


@pytest.mark.parametrize("trouble", NOBODY_KNOWS)
def test_a_lost_answer_is_found_exactly_once(
    venue: VenueServer, account: FiriExchange, trouble: Trouble
) -> None:
    older = order(venue, Side.BUY, "800000", "0.01")
    older_id = place(account, older)  # looks the same, and is not it
    venue.plan.add(trouble, PLACE)
    wish = order(venue, Side.BUY, "800000", "0.01")
    with pytest.raises(OutcomeUnknown):
        place(account, wish)
    account.open_orders()  # somebody looks in between: that must not hide it
    found = account.find(wish)
    if trouble in UNSEEN:
        assert found is not None
        assert (found.venue_id, found.client_order_id) == ("1002", wish.client_order_id)
        assert found.status is VenueStatus.OPEN
        again = account.find(replace(older, venue_id=""))
        assert again is not None
        assert again.venue_id == older_id
    else:
        assert found is None
    assert len(firi(venue).audit.named(PLACE)) == 2
    assert len(venue.do(venue.api.core.open_orders)) == 1 + (trouble in UNSEEN)


def test_a_lost_answer_that_filled_or_was_cancelled_at_once(
    venue: VenueServer, account: FiriExchange
) -> None:
    for ending in ("fill", "cancel"):
        venue.plan.add(Trouble.RESET_AFTER, PLACE)
        wish = order(venue, Side.SELL, "950000", "0.01")
        with pytest.raises(OutcomeUnknown):
            place(account, wish)
        (open_order,) = venue.do(venue.api.core.open_orders)
        if ending == "fill":
            fill(venue, str(open_order.number))
        else:
            venue.do(venue.api.core.cancel, open_order)
        found = account.find(wish)
        assert found is not None
        assert found.venue_id == str(open_order.number)
        assert found.status is (VenueStatus.FILLED if ending == "fill" else VenueStatus.CANCELLED)


def test_a_lost_answer_is_found_by_the_next_run(venue: VenueServer, account: FiriExchange) -> None:
    old_id = place(account, order(venue, Side.SELL, "950000", "0.01"))
    fill(venue, old_id)
    for one in venue.api.core.orders.values():
        one.created -= 60_000  # an order of a minute ago with the same looks
    venue.plan.add(Trouble.RESET_AFTER, PLACE)
    wish = order(venue, Side.SELL, "950000", "0.01")
    with pytest.raises(OutcomeUnknown):
        place(account, wish)
    later = exchange(venue)
    later.open()
    found = later.find(wish)
    assert found is not None
    assert found.venue_id == "1002"


def test_two_that_fit_are_not_guessed(venue: VenueServer, account: FiriExchange) -> None:
    venue.plan.add(Trouble.RESET_AFTER, PLACE, times=2)
    first, second = (order(venue, Side.BUY, "800000", "0.01") for _ in range(2))
    for wish in (first, second):
        with pytest.raises(OutcomeUnknown):
            place(account, wish)
    for wish in (first, second):
        with pytest.raises(TryAgain, match="2 orders at Firi look like"):
            account.find(wish)
    venue.do(lambda: venue.api.core.cancel_all())
    with pytest.raises(TryAgain, match="1001, 1002"):
        account.find(first)


@pytest.mark.parametrize(
    ("side", "price", "quantity"),
    [(Side.SELL, "800000", "0.01"), (Side.BUY, "800000.01", "0.01"), (Side.BUY, "800000", "0.011")],
)
def test_only_what_looks_exactly_alike_is_taken_for_it(
    venue: VenueServer, account: FiriExchange, side: Side, price: str, quantity: str
) -> None:
    venue.plan.add(Trouble.RESET_BEFORE, PLACE)
    wish = order(venue, Side.BUY, "800000", "0.01")
    with pytest.raises(OutcomeUnknown):
        place(account, wish)
    other = exchange(venue)
    other.open()
    place(other, order(venue, side, price, quantity))
    assert account.find(wish) is None


@pytest.mark.parametrize("when", ["before the start", "seen since", "over since, and never seen"])
def test_an_order_of_others_with_the_same_looks_is_not_adopted(venue: VenueServer, when: str) -> None:
    account, other = exchange(venue, timeout=400), exchange(venue)
    other.open()
    if when == "before the start":
        place(other, order(venue, Side.BUY, "800000", "0.01"))
    account.open()
    if when == "seen since":
        place(other, order(venue, Side.BUY, "800000", "0.01"))
        account.open_orders()
    if when.startswith("over"):
        fill(venue, place(other, order(venue, Side.BUY, "800000", "0.01")))
        venue.api.core.orders[1001].created -= 10_000
        place(other, order(venue, Side.BUY, "800001", "0.01"))
        account.open_orders()
    venue.plan.add(Trouble.RESET_BEFORE, PLACE)
    wish = order(venue, Side.BUY, "800000", "0.01")
    with pytest.raises(OutcomeUnknown):
        place(account, wish)
    assert account.find(wish) is None


def test_a_lost_market_order_does_not_rest(venue: VenueServer, account: FiriExchange) -> None:
    venue.do(lambda: venue.api.core.wallet.deposit("NOK", Decimal(10_000_000)))
    offered = sum((size for _, size in venue.do(venue.api.core.tapes[BTC].book.asks)), Decimal(0))
    venue.plan.add(Trouble.RESET_AFTER, PLACE)
    wish = order(venue, Side.BUY, None, str(offered + 1))
    with pytest.raises(OutcomeUnknown):
        place(account, wish)
    found = account.find(wish)
    assert found is not None
    assert (found.status, found.filled) == (VenueStatus.CANCELLED, offered)


@pytest.mark.parametrize("seed", range(6))
def test_random_trouble_never_doubles_and_never_loses(venue: VenueServer, seed: int) -> None:
    account = exchange(venue, timeout=300)
    account.open()
    menu = [*NOT_TAKEN, *NOBODY_KNOWS]
    menu = [
        one for one in menu if one not in (Trouble.RATE_LIMITED, Trouble.BANNED)
    ]  # they pause for seconds
    venue.plan.chance(seed, 0.5, menu, PLACE)
    expected = 0
    for n in range(12):
        wish = order(venue, Side.BUY, f"{800000 + n // 3}", "0.001")  # three of each look
        try:
            expected += bool(place(account, wish))
        except OutcomeUnknown:
            expected += account.find(wish) is not None
        except (TryAgain, GiveUpOrder):
            pass
    venue.plan.clear()
    told = account.open_orders()
    assert len(told) == expected == len(venue.do(venue.api.core.open_orders))
    assert all(one.client_order_id for one in told)
    assert len({one.client_order_id for one in told}) == expected
