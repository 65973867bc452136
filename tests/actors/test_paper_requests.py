"""The paper venue's answers to requests: what it takes, refuses, shows and keeps across a restart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.venues.paper import PaperVenue
from core.errors import GiveUpOrder
from core.ids import Identity, InstanceId
from core.intent import Intent, Kind, Side
from core.market import Bar
from core.money import Price, Quantity
from core.order import Order, OrderState, Role
from core.strategies.library import lay_out
from tests.fakes.judge_bench import intent, order_of
from tests.fakes.kernel_bench import BTC, DEAR, instrument, plan

PLAN = plan(instrument(), instances=lay_out([("grid", BTC, {"levels": 2})]), costs=DEAR)
CALM = Bar(0, 100.0, 101.0, 99.5, 100.0, 1000.0)


def venue() -> PaperVenue:
    made = PaperVenue(PLAN)
    made.advance(1, BTC, CALM)
    return made


def order(of: Intent | None = None) -> Order:
    return order_of(of or intent())


def test_an_order_rests_once() -> None:
    made = venue()
    made.place(order())
    (resting,) = made.open_orders()
    assert resting == replace(order(), status=OrderState.OPEN)
    for again in (order(), order(intent(sequence=2))):
        with pytest.raises(GiveUpOrder, match="already has an order"):
            made.place(again)
    made.cancel(resting)
    assert made.open_orders() == ()
    with pytest.raises(GiveUpOrder, match="has no open order bly"):
        made.cancel(resting)


@pytest.mark.parametrize("slot", [-1, 4, 99])
def test_a_slot_of_nobody_is_refused(slot: int) -> None:
    strange = replace(order(), identity=Identity(InstanceId("grid:BTC/USDT"), BTC, slot, 1))
    with pytest.raises(GiveUpOrder, match="knows no slot"):
        venue().place(strange)
    with pytest.raises(GiveUpOrder, match="no open order"):
        venue().cancel(strange)


def test_a_post_only_that_would_trade_is_refused_and_rests_nowhere() -> None:
    made = venue()
    crossing = order(replace(intent(), kind=Kind.POST_ONLY, price=Price("100.1")))
    with pytest.raises(GiveUpOrder, match=r"post-only and would trade at once at 100\.10\."):
        made.place(crossing)
    assert made.open_orders() == ()
    assert made.advance(2, BTC, CALM) == []


def test_another_order_of_the_slot_is_not_cancelled_by_mistake() -> None:
    made = venue()
    made.place(order())
    with pytest.raises(GiveUpOrder, match="no open order"):
        made.cancel(order_of(intent(sequence=2)))
    assert len(made.open_orders()) == 1


def filled(made: PaperVenue) -> list[str]:
    made.place(order())
    reports = made.advance(2, BTC, Bar(60_000, 100.0, 101.0, 98.0, 100.0, 0.4))
    return [report.happening for report in reports]


def test_what_happened_in_exact_values() -> None:
    made = venue()
    assert filled(made) == ["filled", "placed"]
    entry, stop = made.open_orders()
    assert (entry.status, entry.filled, entry.cost, entry.fee) == (
        OrderState.PART_FILLED, Quantity("0.2"), Quantity("19.8"), Quantity("0.0198"),
    )  # fmt: skip
    assert (stop.role, stop.side, stop.kind, stop.price, stop.quantity, stop.identity.slot) == (
        Role.PROTECTIVE, Side.SELL, Kind.STOP, Price(90), Quantity("0.2"), 2,
    )  # fmt: skip
    reports = made.advance(3, BTC, Bar(120_000, 90.0, 91.0, 80.0, 85.0, 0.2))
    assert [report.happening for report in reports] == ["filled", "cancelled"]
    assert reports[0].fill is not None
    assert (reports[0].fill.execution_id, reports[0].fill.price) == ("3.0", Price("89.82"))
    assert [one.identity.slot for one in made.open_orders()] == [2]


def test_it_comes_back_as_it_was() -> None:
    made, later = venue(), PaperVenue(PLAN)
    filled(made)
    later.restore(made.snapshot(), made.open_orders())
    assert later.open_orders() == made.open_orders()
    assert later.snapshot() == made.snapshot()
    storm = Bar(120_000, 95.0, 95.0, 80.0, 85.0, 1000.0)
    assert later.advance(3, BTC, storm) == made.advance(3, BTC, storm)


def test_an_order_that_the_records_call_over_rests_no_more() -> None:
    made, later = venue(), PaperVenue(PLAN)
    filled(made)
    later.restore(made.snapshot(), ())
    assert later.open_orders() == ()
    assert later.advance(3, BTC, Bar(120_000, 95.0, 95.0, 80.0, 85.0, 1000.0)) == []


@pytest.mark.parametrize("raw", [b"", b"x", b"x" * 10_000])
def test_a_book_of_another_plan_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="another plan"):
        PaperVenue(PLAN).restore(raw, ())
