"""The ledger: every entry sums to zero, and the venue's accounts are what the fills moved."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadValue
from core.ids import Currency
from core.intent import Side
from core.ledger import CAPITAL, FEES, Ledger, deposit_postings, fill_postings, trading_account, venue_account
from core.money import Money
from core.order import Fill
from tests.fakes.record_bench import BTC, CASH, ETH, START, USDT, fill, order


def money(amount: str, currency: str = "USDT") -> Money:
    return Money(Decimal(amount), Currency(currency))


def lines(each: Fill) -> list[tuple[int, str, str, str]]:
    return [(p.entry, p.account, p.currency, str(p.amount)) for p in fill_postings(each, 7)]


@pytest.mark.parametrize(
    ("side", "fee", "expected"),
    [
        (Side.BUY, money("0.2"), [
            (7, "venue:BTC", "BTC", "2"), (7, "trading:BTC/USDT", "BTC", "-2"),
            (8, "venue:USDT", "USDT", "-200.2"), (8, "trading:BTC/USDT", "USDT", "200"),
            (8, "fees", "USDT", "0.2"),
        ]),
        (Side.SELL, money("0.001", "BTC"), [
            (7, "venue:BTC", "BTC", "-2.001"), (7, "trading:BTC/USDT", "BTC", "2"),
            (7, "fees", "BTC", "0.001"),
            (8, "venue:USDT", "USDT", "200"), (8, "trading:BTC/USDT", "USDT", "-200"),
        ]),
        (Side.BUY, money("0.5", "BNB"), [
            (7, "venue:BTC", "BTC", "2"), (7, "trading:BTC/USDT", "BTC", "-2"),
            (8, "venue:USDT", "USDT", "-200"), (8, "trading:BTC/USDT", "USDT", "200"),
            (9, "venue:BNB", "BNB", "-0.5"), (9, "fees", "BNB", "0.5"),
        ]),
        (Side.BUY, money("0"), [
            (7, "venue:BTC", "BTC", "2"), (7, "trading:BTC/USDT", "BTC", "-2"),
            (8, "venue:USDT", "USDT", "-200"), (8, "trading:BTC/USDT", "USDT", "200"),
        ]),
    ],
)  # fmt: skip
def test_the_entries_of_a_fill(side: Side, fee: Money, expected: list[tuple[int, str, str, str]]) -> None:
    each = replace(fill(order(1, side, quantity="2", price="100"), fee=fee), cost=Decimal(200))
    assert lines(each) == expected


def test_a_deposit_and_a_withdrawal() -> None:
    ledger = Ledger(deposit_postings(CASH, START, 1))
    ledger.add(deposit_postings(money("-400"), START, 2))
    ledger.check()
    assert ledger.balance(venue_account("USDT"), "USDT") == 9600
    assert ledger.balance(CAPITAL, "USDT") == -9600
    assert ledger.balance("venue:BTC", "BTC") == 0
    assert ledger.last_entry == 2


def test_an_uneven_entry_is_named() -> None:
    good, bad = deposit_postings(CASH, START, 1), deposit_postings(CASH, START, 2)
    wrong = replace(bad[1], amount=bad[1].amount + Decimal("0.00000001"))
    with pytest.raises(BadValue, match=r"entry 2 does not balance: 0\.00000001 USDT is left over"):
        Ledger((*good, bad[0], wrong)).check()


def test_two_currencies_do_not_balance_each_other() -> None:
    into, out = deposit_postings(CASH, START, 1)
    with pytest.raises(BadValue, match="entry 1"):
        Ledger((into, replace(out, currency="USDC"))).check()


def test_two_wrongs_in_two_entries_do_not_make_a_right() -> None:
    one, two = deposit_postings(CASH, START, 1), deposit_postings(CASH, START, 2)
    with pytest.raises(BadValue, match="entry 1"):
        Ledger((one[0], two[1])).check()


amounts = st.decimals("0.00000001", "1000000000", places=8)


@st.composite
def fills(draw: st.DrawFn) -> list[Fill]:
    found = []
    for sequence in range(1, draw(st.integers(1, 15)) + 1):
        new = order(
            sequence, draw(st.sampled_from(Side)), symbol=draw(st.sampled_from([BTC, ETH])),
            quantity=str(draw(amounts)), price=str(draw(amounts)),
        )  # fmt: skip
        currency = draw(st.sampled_from(["USDT", "BTC", "BNB"]))
        found.append(fill(new, fee=money(str(draw(st.decimals("-1", "1", places=8))), currency)))
    return found


@given(fills())
def test_it_balances_to_the_last_digit(made: list[Fill]) -> None:
    ledger, entry = Ledger(deposit_postings(CASH, START, 1)), 2
    for each in made:
        postings = fill_postings(each, entry)
        ledger.add(postings)
        entry = postings[-1].entry + 1
    ledger.check()

    def moved(currency: str) -> Decimal:
        fees = sum((each.fee.amount for each in made if each.fee.currency == currency), Decimal(0))
        base = [each for each in made if each.identity.symbol.startswith(currency)]
        units = sum((each.side * each.quantity for each in base), Decimal(0))
        costs = sum((-each.side * each.cost for each in made), Decimal(0)) if currency == USDT else Decimal(0)
        return units + costs - fees

    assert ledger.balance("venue:BTC", "BTC") == moved("BTC")
    assert ledger.balance("venue:ETH", "ETH") == moved("ETH")
    assert ledger.balance("venue:BNB", "BNB") == moved("BNB")
    assert ledger.balance("venue:USDT", "USDT") == CASH.amount + moved("USDT")
    everything = [amount for _, currency, amount in ledger.balances() if currency == "USDT"]
    assert sum(everything) == 0
    assert ledger.balance(FEES, "BNB") == -ledger.balance("venue:BNB", "BNB")
    assert ledger.balance(trading_account(BTC), "BTC") == -sum(
        each.side * each.quantity for each in made if each.identity.symbol == BTC
    )
