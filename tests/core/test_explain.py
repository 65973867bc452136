"""Balances: what the ledger explains, and what it does not."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from core.explain import Explained, in_words, opening_from_json
from core.ids import Currency
from core.messages import Difference
from core.money import Money, Quantity
from core.venue import Balance
from tests.fakes.record_bench import fill, order

USDT, BTC, BNB = Currency("USDT"), Currency("BTC"), Currency("BNB")


def there(**amounts: str) -> dict[Currency, Balance]:
    return {Currency(name): Balance(Currency(name), Decimal(x), None) for name, x in amounts.items()}


def test_fills_and_fees_in_any_currency_explain_the_balances() -> None:
    known = Explained()
    known.begin(there(USDT="1000", BTC="0.5", BNB="1"))
    bought = order(1, quantity="2", price="100")
    known.add(replace(fill(bought, "2", price="100"), fee=Money(Decimal("0.002"), BTC)))
    known.add(replace(fill(bought, "1", price="100"), fee=Money(Decimal("0.01"), BNB)))
    now = there(USDT="700", BTC="3.498", BNB="0.99")
    assert known.compare(now) == ()
    assert known.compare(now) == ()
    assert known.expected(BTC) == Decimal("3.498")


def test_a_difference_counts_once_it_was_seen_twice_without_a_fill_between() -> None:
    known = Explained({USDT: Decimal(1000)})
    less = there(USDT="990")
    assert known.compare(less) == ()
    assert known.compare(less) == (Difference(currency=USDT, venue=Decimal(990), ours=Decimal(1000)),)
    known.add(fill(order(1, quantity="1", price="10"), "1", price="10", fee=Money(Decimal(0), USDT)))
    assert known.compare(less | there(BTC="1")) == ()  # it was a fill on its way
    assert known.compare(there(USDT="980", BTC="1")) == ()


def test_a_person_accepts_a_deposit() -> None:
    known = Explained({USDT: Decimal(1000)})
    more = there(USDT="1500")
    known.compare(more)
    known.accept(known.compare(more))
    assert known.compare(more) == known.compare(more) == ()
    again = Explained(opening_from_json(known.as_json()))
    assert again.expected(USDT) == 1500


def test_coins_that_belay_never_touched_are_the_owners_own() -> None:
    known = Explained({USDT: Decimal(1000)})
    assert known.compare(there(USDT="1000", DOGE="7")) == known.compare(there(USDT="1000", DOGE="8")) == ()


def test_a_currency_that_vanished_is_a_difference() -> None:
    known = Explained({USDT: Decimal(1000), BTC: Decimal(1)})
    known.compare(there(USDT="1000"))
    found = known.compare(there(USDT="1000"))
    assert in_words(found) == "BTC: 0 there, 1 in the books"


@given(st.lists(st.tuples(st.integers(1, 999), st.integers(1, 99999), st.integers(0, 99)), max_size=20))
def test_the_sum_is_exact(trades: list[tuple[int, int, int]]) -> None:
    known = Explained({USDT: Decimal(10**9), BTC: Decimal(0)})
    usdt, btc = Decimal(10**9), Decimal(0)
    for size, price, fee in trades:
        quantity, cost = Decimal(size) / 10**8, Decimal(size) / 10**8 * Decimal(price) / 100
        one = fill(order(1, quantity="1"), "1")
        one = replace(one, quantity=Quantity(quantity), cost=cost, fee=Money(Decimal(fee) / 10**9, BTC))
        known.add(one)
        usdt, btc = usdt - cost, btc + quantity - Decimal(fee) / 10**9
    assert (known.expected(USDT), known.expected(BTC)) == (usdt, btc)
