"""Whose execution is whose: every amount agrees, what cannot be named yet waits, and nothing is told past it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from actors.venues.firi.attribution import attributed
from actors.venues.firi.book_keeping import PATIENCE, ExecutionMemory
from actors.venues.firi.executions import Execution
from actors.venues.firi.shapes import FiriOrder
from core.ids import Currency, Symbol
from core.intent import Side
from core.money import Money, Price, Quantity

NOON = datetime(2026, 5, 27, 12, tzinfo=UTC)
BTC = Symbol("BTC/NOK")


def execution(name: str, side: Side, quantity: str, price: str, second: int) -> Execution:
    return Execution(id=name, side=side, quantity=Decimal(quantity), cost=Decimal(quantity) * Decimal(price),
                     fee=Money(Decimal(0), Currency("NOK")), at=NOON + timedelta(seconds=second))  # fmt: skip


def stood(name: str, side: Side, price: str, matched: str, second: int) -> FiriOrder:
    return FiriOrder(id=name, market="BTCNOK", side=side, price=Price(price), amount=Quantity(9),
                     matched=Quantity(matched), cancelled=Decimal(0), remaining=Decimal(0),
                     created=NOON + timedelta(seconds=second))  # fmt: skip


def test_whose_execution_is_whose() -> None:
    orders = [
        stood("high", Side.BUY, "102", "1", 0),
        stood("low", Side.BUY, "100", "2", 0),
        stood("late", Side.BUY, "102", "1", 50),
        stood("ask", Side.SELL, "103", "1", 0),
    ]
    found = attributed(
        [
            execution("e1", Side.BUY, "1", "102", 10),  # above low's limit, before late was made
            execution("e2", Side.BUY, "1", "100", 20),  # high is full with e1
            execution("e3", Side.BUY, "1", "99", 60),  # low or late; late has the better price
            execution("e4", Side.BUY, "1", "100", 61),
            execution("e5", Side.SELL, "1", "104", 61),
            execution("e6", Side.SELL, "1", "90", 61),  # below our only ask: not ours by an order
            execution("e7", Side.BUY, "1", "100", 70),  # more than anyone has matched: not yet
        ],
        orders,
        {},
    )
    assert found == {"e1": "high", "e2": "low", "e3": "late", "e4": "low", "e5": "ask", "e6": "", "e7": None}


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 4), st.integers(0, 30)), min_size=1, max_size=8),
       st.data())  # fmt: skip
def test_every_execution_has_its_order_and_the_sums_agree(
    made: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    """A simulated past: makers that fill at their own prices; all of it is explained, none twice."""
    orders, executions = [], []
    for number, (price, parts, second) in enumerate(made):
        orders.append(stood(f"o{number}", Side.BUY, str(100 + price), str(parts), second))
        executions += [
            execution(f"o{number}e{part}", Side.BUY, "1", str(100 + price),
                      second + data.draw(st.integers(0, 20)))
            for part in range(parts)
        ]  # fmt: skip
    found = attributed(executions, orders, {})
    sums = {order.id: Decimal(0) for order in orders}
    for one in executions:
        sums[found[one.id] or "none"] += one.quantity
    assert sums == {order.id: order.matched for order in orders}
    half = {one: owner for one, owner in list(found.items())[::2] if owner}
    again = attributed(executions, orders, half)
    assert all(again.values())
    assert {one: again[one] for one in half} == half


def test_combinations_are_tried_until_all_amounts_agree() -> None:
    orders = [stood("a", Side.BUY, "101", "3", 0), stood("b", Side.BUY, "100", "2", 0)]
    executions = [
        execution("e1", Side.BUY, "2", "99", 1),  # the better price would take it, and leave e2 and e3 alone
        execution("e2", Side.BUY, "2", "99", 2),
        execution("e3", Side.BUY, "1", "101", 3),
    ]
    found = attributed(executions, orders, {})
    assert found["e3"] == "a"
    assert {found["e1"], found["e2"]} == {"a", "b"}
    tight = [stood("a", Side.BUY, "101", "1", 0), stood("b", Side.BUY, "100", "1", 0)]
    pair = [execution("f1", Side.BUY, "1", "99", 1), execution("f2", Side.BUY, "1", "100.5", 2)]
    assert attributed(pair, tight, {}) == {"f1": "b", "f2": "a"}


def test_what_waits_is_told_of_no_order_after_a_while() -> None:
    memory, order = ExecutionMemory(), stood("a", Side.BUY, "100", "0", 0)
    one = execution("e1", Side.BUY, "1", "100", 5)
    memory.extend(BTC, [one], {"a": order}, 10.0)
    assert memory.told(BTC, "e1") is None
    memory.extend(BTC, [one], {"a": order}, 10.0 + PATIENCE)
    assert memory.told(BTC, "e1") is None
    memory.extend(BTC, [one], {"a": order}, 10.1 + PATIENCE)
    told = memory.told(BTC, "e1")
    assert told is not None
    assert told.venue_id == ""
    late = execution("e2", Side.BUY, "1", "100", 6)
    memory.extend(BTC, [late], {"a": order}, 0.0)
    memory.extend(BTC, [late], {"a": stood("a", Side.BUY, "100", "1", 0)}, 1.0)
    told = memory.told(BTC, "e2")
    assert told is not None
    assert told.venue_id == "a"
