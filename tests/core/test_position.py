"""Positions and round trips: sums of fills, to the last digit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadValue
from core.ids import Currency, InstanceId
from core.intent import Side
from core.money import Money
from core.order import Fill, Order, Role
from core.position import OpenTrip, Portfolio, Position, trip_after
from core.records import RoundTrip
from tests.fakes.record_bench import BTC, ETH, GRID, fill, moment, order

EMPTY = Position(instance=GRID, symbol=BTC)


def bought(quantity: str, price: str, fee: str = "0", currency: str = "USDT", sequence: int = 1) -> Fill:
    return fill(order(sequence, quantity=quantity, price=price), fee=Money(Decimal(fee), Currency(currency)))


def sold(quantity: str, price: str, fee: str = "0", currency: str = "USDT", sequence: int = 2) -> Fill:
    new = order(sequence, Side.SELL, quantity=quantity, price=price)
    return fill(new, fee=Money(Decimal(fee), Currency(currency)))


@pytest.mark.parametrize(
    ("fills", "quantity", "cost", "realised", "fees"),
    [
        ([bought("2", "100", "0.2")], "2", "200.2", "0", "0.2"),
        ([bought("2", "100", "0.2"), sold("2", "110", "0.22")], "0", "0", "19.58", "0.42"),
        ([bought("2", "100", "0.2"), sold("1", "110", "0.11")], "1", "100.1", "9.79", "0.31"),
        ([bought("1", "100"), bought("1", "200"), sold("1", "150")], "1", "150", "0", "0"),
        # a fee in base currency lessens what is held and counts at the fill's price
        ([bought("1", "100", "0.001", "BTC")], "0.999", "100", "0", "0.1"),
        ([bought("1", "100"), sold("0.9", "100", "0.1", "BTC")], "0", "0", "-10", "10"),
        # a fee in a third currency is the ledger's
        ([bought("1", "100", "0.5", "BNB")], "1", "100", "0", "0"),
        # a rebate is a fee below zero
        ([bought("1", "100", "-0.02")], "1", "99.98", "0", "-0.02"),
        # a third of the cost has no end: the last sale takes what the first left
        ([bought("3", "33.34"), sold("1", "40")], "2", "66.68", "6.66", "0"),
        ([bought("3", "33.33333333"), sold("1", "40"), sold("2", "40")], "0", "0", "20.00000001", "0"),
    ],
)
def test_after(fills: list[Fill], quantity: str, cost: str, realised: str, fees: str) -> None:
    position = EMPTY
    for each in fills:
        position = position.after(each)
    found = (position.quantity, position.cost, position.realised, position.fees)
    assert found == tuple(map(Decimal, (quantity, cost, realised, fees)))


def test_the_average_includes_buy_fees() -> None:
    assert EMPTY.average is None
    assert EMPTY.after(bought("2", "100", "0.2")).average == Decimal("100.1")


@pytest.mark.parametrize(
    "fills",
    [
        [sold("1", "100")],
        [bought("1", "100"), sold("1.00000001", "100")],
        [bought("1", "100", "0.001", "BTC"), sold("1", "100")],
        [bought("0.001", "100", "0.002", "BTC")],
    ],
)
def test_more_than_held_cannot_be_sold(fills: list[Fill]) -> None:
    position = EMPTY
    for each in fills[:-1]:
        position = position.after(each)
    with pytest.raises(BadValue, match="sells"):
        position.after(fills[-1])


def test_a_fill_of_another_is_refused() -> None:
    other = order(1, instance=InstanceId("trend:BTC/USDT"))
    with pytest.raises(BadValue, match="not a fill of"):
        EMPTY.after(fill(other))


def test_a_portfolio_keeps_instances_and_symbols_apart() -> None:
    other = InstanceId("trend:BTC/USDT")
    portfolio = Portfolio()
    for new in (
        order(1, quantity="1"), order(1, quantity="2", instance=other), order(1, quantity="4", symbol=ETH),
    ):  # fmt: skip
        portfolio = portfolio.after(fill(new))
    assert portfolio.of(GRID, BTC).quantity == 1
    assert portfolio.of(other, BTC).quantity == 2
    assert portfolio.held(BTC) == 3
    assert portfolio.held(ETH) == 4
    assert portfolio.of(other, ETH) == Position(instance=other, symbol=ETH)


def test_a_round_trip_from_flat_to_flat() -> None:
    entry, more = (
        order(1, quantity="2", price="100", stop="90"),
        order(2, quantity="1", price="106", stop="95"),
    )
    leave = order(9, Side.SELL, quantity="3", price="110")
    trip = trip_after(None, fill(entry), entry)
    assert isinstance(trip, OpenTrip)
    trip = trip_after(trip, fill(more), more)
    assert isinstance(trip, OpenTrip)
    trip = trip_after(trip, fill(leave, "1", part=1), leave)
    assert isinstance(trip, OpenTrip)
    assert trip.held == 2
    done = trip_after(trip, fill(leave, "2", part=2), leave)
    assert isinstance(done, RoundTrip)
    assert (done.opened, done.closed) == (moment(1), moment(9))
    assert (done.quantity, done.bought, done.sold) == (3, 102, 110)
    assert done.fees == Decimal("0.2") + Decimal("0.106") + Decimal("0.33")
    assert done.net == 330 - 306 - done.fees
    # (100 - 90) x 2 and (106 - 95) x 1, with 0.1 % at the entry and at the stop
    assert done.risked == Decimal("31") + Decimal("0.2") + Decimal("0.18") + Decimal("0.106") + Decimal(
        "0.095"
    )
    assert done.ended_by == "exit"
    assert done.result == "won"


@pytest.mark.parametrize(
    ("role", "stop", "ended_by", "has_risk"),
    [(Role.PROTECTIVE, "90", "stop", True), (Role.DECLARED, None, "exit", False)],
)
def test_how_a_trip_ended(role: Role, stop: str | None, ended_by: str, has_risk: bool) -> None:
    entry = order(1, price="100", stop=stop)
    leave = order(2, Side.SELL, price="90", role=role)
    opened = trip_after(None, fill(entry), entry)
    assert isinstance(opened, OpenTrip)
    done = trip_after(opened, fill(leave), leave)
    assert isinstance(done, RoundTrip)
    assert done.ended_by == ended_by
    assert (done.risked is not None) == has_risk
    assert done.result == "lost"


def test_a_trip_does_not_begin_with_a_sale() -> None:
    leave = order(1, Side.SELL)
    with pytest.raises(BadValue, match="sells"):
        trip_after(None, fill(leave), leave)


amounts = st.decimals("0.00000001", "1000000", places=8)
shares = st.integers(1, 100)


@st.composite
def walks(draw: st.DrawFn) -> list[tuple[Fill, Order]]:
    """Any sequence of fills that never sells more than is held; fees in quote, base, or a third currency."""
    held, found = Decimal(0), []
    for sequence in range(1, draw(st.integers(1, 12)) + 1):
        is_buy = held == 0 or draw(st.booleans())
        price = draw(amounts)
        if is_buy:
            quantity = draw(amounts)
            new = order(
                sequence, quantity=str(quantity), price=str(price), stop=draw(st.sampled_from([None, "1"]))
            )
        else:
            quantity = max(Decimal("1e-8"), (held * draw(shares) / 100).quantize(Decimal("1e-8")))
            new = order(sequence, Side.SELL, quantity=str(min(held, quantity)), price=str(price))
        fee = draw(st.decimals("-0.01", "0.01", places=8))
        currency = draw(st.sampled_from(["USDT", "BNB"]))
        found.append((fill(new, fee=Money(fee, Currency(currency))), new))
        held += new.side * new.quantity
    return found


@given(walks())
def test_the_sum_of_fills_is_the_position(walk: list[tuple[Fill, Order]]) -> None:
    position, open_trip, net = EMPTY, None, Decimal(0)
    for each, new in walk:
        position = position.after(each)
        trip = trip_after(open_trip, each, new)
        open_trip = trip if isinstance(trip, OpenTrip) else None
        net += trip.net if isinstance(trip, RoundTrip) else 0
    fills = [each for each, _ in walk]
    in_quote = [each.fee.amount if each.fee.currency == "USDT" else Decimal(0) for each in fills]
    money = sum(-each.side * each.cost - fee for each, fee in zip(fills, in_quote, strict=True))
    assert position.quantity == sum(each.side * each.quantity for each in fills)
    assert position.realised - position.cost == money  # no digit is lost, whatever was sold in parts
    assert position.fees == sum(in_quote)
    assert net + (open_trip.money if open_trip else 0) == money
    assert (open_trip.held if open_trip else 0) == position.quantity
    if not position.quantity:
        assert position.cost == 0
        assert position.realised == net
