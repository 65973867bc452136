"""An order's life: every state with everything that can happen, and no fill ever lost."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadValue
from core.ids import Currency
from core.money import Money, Quantity
from core.order import NEXT, WORKING, Fill, Happening, OrderState
from tests.fakes.record_bench import fill, order

S, H = OrderState, Happening
OVER = {S.DENIED, S.FILLED, S.CANCELLED, S.REFUSED}

# rows: the state; columns in the order of HAPPENINGS; "-" is what cannot follow
HAPPENINGS = [H.ACKNOWLEDGED, H.REFUSED, H.FILLED_PART, H.FILLED_ALL, H.CANCEL_ASKED, H.CANCELLED, H.NOT_SENT,
              H.ANSWER_LOST, H.NOT_FOUND, H.KEPT_BACK, H.RELEASED, H.SENT_AGAIN, H.STILL_OPEN]  # fmt: skip
TABLE = {
    S.DENIED: "- - - - - - - - - - - - -",
    S.INTENT: "open refused part-filled filled - cancelled cancelled unknown - waiting - - -",
    S.WAITING: "- - - - - - cancelled - - - intent - -",
    S.OPEN: "- - part-filled filled cancelling cancelled - - - - - - -",
    S.PART_FILLED: "part-filled - part-filled filled cancelling cancelled - - - - - - -",
    S.FILLED: "filled - - - - - - - - - - - -",
    S.CANCELLING: "- - cancelling filled - cancelled - - - - - - open",
    S.CANCELLED: "- - cancelled filled - - - - - - - - -",
    S.REFUSED: "- - - - - - - - - - - - -",
    S.UNKNOWN: "open refused part-filled filled - cancelled - - cancelled - - intent -",
}
PAIRS = [
    (state, happening, None if after == "-" else OrderState(after))
    for state, row in TABLE.items()
    for happening, after in zip(HAPPENINGS, row.split(), strict=True)
]


def test_the_table_above_is_whole() -> None:
    assert {(state, happening) for state, happening, _ in PAIRS} == {(s, h) for s in S for h in H}
    assert set(NEXT) == {(state, happening) for state, happening, after in PAIRS if after is not None}


@pytest.mark.parametrize(("state", "happening", "after"), PAIRS, ids=str)
def test_what_follows(state: OrderState, happening: Happening, after: OrderState | None) -> None:
    one = replace(order(1), status=state, reason="before")
    if after is None:
        with pytest.raises(BadValue, match=f"is {state}: {happening} cannot follow"):
            one.after(happening)
        return
    assert one.after(happening) == replace(one, status=after)
    assert one.after(happening, reason="because") == replace(one, status=after, reason="because")


def test_over_is_over() -> None:
    assert set(S) - WORKING == OVER
    for state in S:
        assert replace(order(1), status=state).is_working == (state not in OVER)
    assert not any(after in WORKING for (state, _), after in NEXT.items() if state in OVER)


NOT_THERE = {S.DENIED, S.REFUSED, S.WAITING}
"""What the venue has not got: never taken, or kept back here."""
MAY_TRADE = sorted(set(S) - {*NOT_THERE, S.FILLED})


@pytest.mark.parametrize("state", MAY_TRADE)
def test_whatever_was_sent_may_trade(state: OrderState) -> None:
    """Even behind a cancel, a lost answer or before the acknowledgement: the execution counts."""
    one = replace(order(1, quantity="2", price="100"), status=state)
    part = one.with_fill(fill(one, "0.5", part=1))
    assert (part.filled, part.cost, part.fee) == (Decimal("0.5"), 50, Decimal("0.05"))
    assert part.status is NEXT[state, H.FILLED_PART]
    assert (part.remaining, part.average) == (Decimal("1.5"), 100)
    whole = part.with_fill(fill(one, "1.5", part=2, price="102"))
    assert (whole.status, whole.filled, whole.cost, whole.remaining) == (S.FILLED, 2, 203, 0)
    assert whole.average == Decimal("101.5")
    assert (one.filled, one.status) == (0, state)  # values do not change


@pytest.mark.parametrize("state", sorted({*NOT_THERE, S.FILLED}))
def test_what_never_traded_or_is_done_does_not(state: OrderState) -> None:
    one = replace(order(1, quantity="2"), status=state)
    with pytest.raises(BadValue, match="cannot follow"):
        one.with_fill(fill(one, "1"))


def test_more_than_was_asked_is_an_error() -> None:
    one = order(1, quantity="2")
    with pytest.raises(BadValue, match=r"order bly\w+: 2\.00000001 filled of 2"):
        one.with_fill(fill(one, "2.00000001"))
    filled = one.with_fill(fill(one))
    with pytest.raises(BadValue, match=r"2\.1 filled of 2"):
        filled.with_fill(fill(one, "0.1"))


def test_an_order_without_fills_has_no_average() -> None:
    assert order(1).average is None
    assert fill(order(3)).at_ms == 1_746_662_580_000


steps = st.lists(st.one_of(st.sampled_from(H), st.integers(1, 40)), max_size=12)


@given(steps)
def test_no_fill_is_lost_on_any_way(way: list[Happening | int]) -> None:
    """Any happenings with executions between them: what was counted is the sum of those that could be."""
    one, counted = order(1, quantity="0.1", price="100"), list[Fill]()
    for number, step in enumerate(way):
        try:
            if isinstance(step, int):
                execution = fill(one, Decimal(step) / 1000, part=number)
                one = one.with_fill(execution)
                counted.append(execution)
            elif step not in (H.FILLED_PART, H.FILLED_ALL):
                one = one.after(step)
        except BadValue:
            if isinstance(step, int):  # refused for one of two reasons only
                is_over = one.status in (OVER | NOT_THERE) - {S.CANCELLED}
                assert is_over or one.filled + Decimal(step) / 1000 > one.quantity
    assert one.filled == sum(each.quantity for each in counted)
    assert one.cost == sum(each.cost for each in counted)
    assert one.fee == sum(each.fee.amount for each in counted)
    assert (one.status is S.FILLED) == (one.filled == one.quantity)


def test_the_fee_is_counted_whatever_its_sign() -> None:
    one = order(1, quantity="1", price="100")
    rebate = fill(one, fee=Money(Decimal("-0.02"), Currency("USDT")))
    assert one.with_fill(rebate).fee == Decimal("-0.02")
    assert one.with_fill(replace(rebate, quantity=Quantity("0.5"))).status is S.PART_FILLED
