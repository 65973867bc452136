"""Our orders as the venue's news leave them: in any order, told twice or late, each execution counts once."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import instant
from core.errors import BadValue
from core.ids import ClientOrderId, Currency, Identity, InstanceId, Symbol
from core.instrument import Instrument
from core.intent import Kind, Side
from core.messages import OrderCancelled, OrderFilled, OrderPlaced, OrderRefused
from core.modes import Mode
from core.money import Money, Price, Quantity
from core.order import Order, OrderState, Role
from core.tracking import Tracker
from core.venue import VenueOrder, VenueStatus, VenueTrade

BTC, GRID = Symbol("BTC/USDT"), InstanceId("grid:BTC/USDT")
SLOT = (GRID, BTC, 0)
MARKET = Instrument(BTC, Decimal("0.01"), Decimal("0.01"))
S, V = OrderState, VenueStatus


def made(status: OrderState = S.INTENT, *, quantity: str = "1", side: Side = Side.BUY, role: Role = Role.DECLARED,
         slot: int = 0, sequence: int = 1) -> Order:  # fmt: skip
    return Order(
        client_order_id=ClientOrderId(f"bly{slot}x{sequence}"), identity=Identity(GRID, BTC, slot, sequence),
        side=side, kind=Kind.LIMIT, price=Price("100"), quantity=Quantity(quantity),
        stop=Price("90") if side is Side.BUY else None, mode=Mode.LIVE, time=instant(0), role=role, status=status,
    )  # fmt: skip


def news(order: Order, status: VenueStatus, filled: str = "0", *, by: str = "both") -> VenueOrder:
    return VenueOrder(
        venue_id=f"v{order.identity.sequence}" if by in ("both", "venue") else "",
        client_order_id=order.client_order_id if by in ("both", "ours") else "", symbol=BTC, side=order.side,
        kind=order.kind, price=order.price, quantity=order.quantity, filled=Quantity(filled), status=status,
        at=instant(0), reason="the venue's words" if status is V.REFUSED else "",
    )  # fmt: skip


def trade(order: Order, number: int, quantity: str, *, fee: str = "0", coin: str = "USDT", by: str = "both"
          ) -> VenueTrade:  # fmt: skip
    size = Quantity(quantity)
    return VenueTrade(
        trade_id=f"t{number}", venue_id=f"v{order.identity.sequence}" if by in ("both", "venue") else "",
        client_order_id=order.client_order_id if by in ("both", "ours") else "", symbol=BTC, side=order.side,
        price=Price("100.00"), quantity=size, cost=size * 100, fee=Money(Decimal(fee), Currency(coin)),
        is_maker=True, at=instant(number),
    )  # fmt: skip


def tracker(*orders: Order) -> Tracker:
    one = Tracker({GRID: 3}, {BTC: MARKET})
    for order in orders:
        one.put(order)
    return one


def test_acknowledged_filled_and_told_again() -> None:
    order = made()
    one = tracker(order)
    assert [type(fact) for fact in one.acknowledged(order, "v1")] == [OrderPlaced]
    assert one.told_order(news(order, V.OPEN)).facts == []
    (filled,) = one.told_trade(trade(order, 1, "0.4")).facts
    assert isinstance(filled, OrderFilled)
    assert filled.order.status is S.PART_FILLED
    assert one.told_trade(trade(order, 1, "0.4")).facts == []
    (last,) = one.told_trade(trade(order, 2, "0.6")).facts
    assert last.order.status is S.FILLED
    assert one.told_order(news(order, V.FILLED, "1")).facts == []
    assert one.held[SLOT] == 1
    assert one.stops[SLOT] == 90
    assert one.working() == ()


def test_an_end_waits_for_the_executions_it_counts() -> None:
    order = made()
    one = tracker(order)
    told = one.told_order(news(order, V.CANCELLED, "0.4"))
    assert told.facts == []
    assert told.lacks_trades
    assert one.unfinished == (one.get(order.client_order_id),)
    placed, filled, gone = one.told_trade(trade(order, 1, "0.4")).facts
    assert isinstance(placed, OrderPlaced)  # nobody had answered: the order is known by its execution
    assert isinstance(filled, OrderFilled)
    assert isinstance(gone, OrderCancelled)
    assert gone.order.filled == Decimal("0.4")
    assert one.unfinished == ()


def test_a_trade_that_comes_before_anybody_knows_whose_it_is() -> None:
    order = replace(made(S.UNKNOWN), client_order_id=ClientOrderId("blylost"))
    one = tracker(order)
    assert one.told_trade(replace(trade(order, 1, "1"), client_order_id="", venue_id="v1")).is_foreign
    placed, filled = one.told_order(replace(news(order, V.OPEN, "1"), venue_id="v1")).facts
    assert isinstance(placed, OrderPlaced)
    assert isinstance(filled, OrderFilled)
    assert filled.order.status is S.FILLED


def test_an_order_that_is_over_here_and_open_there_is_an_orphan() -> None:
    order = made(S.CANCELLED)
    told = tracker(order).told_order(news(order, V.OPEN))
    assert told.is_orphan
    assert told.facts == []


def test_foreign_orders_are_nobodys() -> None:
    stranger = replace(news(made(), V.OPEN), client_order_id="x-123", venue_id="77")
    assert tracker(made()).told_order(stranger).is_foreign


def test_refused_by_a_stream_before_the_answer() -> None:
    order = made()
    (fact,) = tracker(order).told_order(news(order, V.REFUSED)).facts
    assert isinstance(fact, OrderRefused)
    assert fact.order.reason == "the venue's words"


def test_a_late_execution_of_a_cancelled_order_counts() -> None:
    order = made(S.CANCELLED)
    one = tracker(order)
    (fact,) = one.told_trade(trade(order, 1, "0.4")).facts
    assert (fact.order.status, fact.order.filled) == (S.CANCELLED, Decimal("0.4"))
    assert one.held[SLOT] == Decimal("0.4")
    (fact,) = one.told_trade(trade(order, 2, "0.6")).facts
    assert fact.order.status is S.FILLED


def test_more_than_was_ordered_is_an_error() -> None:
    order = made()
    one = tracker(order)
    with pytest.raises(BadValue, match="filled of 1"):
        one.told_trade(trade(order, 1, "1.1"))
    with pytest.raises(BadValue, match="reports a sell"):
        one.told_trade(replace(trade(order, 2, "0.1"), side=Side.SELL))


def test_fees_in_coins_leave_dust_that_belongs_to_no_slot() -> None:
    buy, sell = made(), made(side=Side.SELL, slot=0, sequence=2, quantity="0.99")
    one = tracker(buy, sell)
    one.told_trade(trade(buy, 1, "1", fee="0.001", coin="BTC"))
    assert one.held[SLOT] == Decimal("0.999")
    one.told_trade(trade(sell, 2, "0.99"))
    assert SLOT not in one.held
    assert one.dust[SLOT] == Decimal("0.009")


def test_a_protective_sale_counts_for_the_slot_it_guards() -> None:
    buy = made()
    stop = made(S.OPEN, side=Side.SELL, role=Role.PROTECTIVE, slot=3)
    one = tracker(buy, stop)
    one.told_trade(trade(buy, 1, "1"))
    assert one.slot_of(stop) == SLOT
    one.told_trade(trade(stop, 2, "1"))
    assert SLOT in one.stopped
    assert one.held.get(SLOT, 0) == 0


@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=6),
    st.sampled_from([V.FILLED, V.CANCELLED]),
    st.integers(0, 2**32),
)
def test_any_order_of_news_told_any_number_of_times_ends_the_same(
    sizes: list[int], end: VenueStatus, seed: int
) -> None:
    """Open, part by part, the end and the answer, shuffled, doubled, half of it named by one id only."""
    rng = random.Random(seed)
    total = Decimal(sum(sizes)) / 100
    order = made(quantity=str(total if end is V.FILLED else total + 1))
    story: list[VenueOrder | VenueTrade | str] = [news(order, V.OPEN), "answer", news(order, end, str(total))]
    story += [
        trade(order, n, str(Decimal(size) / 100), by=rng.choice(["both", "ours", "venue"]))
        for n, size in enumerate(sizes)
    ]
    story += [rng.choice(story) for _ in range(4)]
    rng.shuffle(story)
    one = tracker(order)
    facts = []
    for told in story:
        if isinstance(told, VenueOrder):
            facts += one.told_order(told).facts
        elif isinstance(told, VenueTrade):
            facts += one.told_trade(told).facts
        else:
            facts += one.acknowledged(order, "v1")
    mine = one.get(order.client_order_id)
    assert mine is not None
    assert mine.status is (S.FILLED if end is V.FILLED else S.CANCELLED)
    assert mine.filled == total
    assert sum(isinstance(fact, OrderFilled) for fact in facts) == len(sizes)
    assert sum(isinstance(fact, OrderCancelled) for fact in facts) == (end is V.CANCELLED)
    assert one.held.get(SLOT, Decimal(0)) == total
    assert one.unfinished == ()
