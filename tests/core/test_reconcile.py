"""What a slot needs next at a real venue: a table of situations, and rules that hold in every one of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import instant
from core.ids import ClientOrderId, Identity, InstanceId, Symbol
from core.instrument import Instrument
from core.intent import Kind, Side
from core.modes import Mode
from core.money import Price, Quantity
from core.order import Order, OrderState, Role
from core.reconcile import (
    Protect,
    Release,
    Resize,
    Rules,
    SellNow,
    SlotView,
    Step,
    Withdraw,
    free_quantity,
    is_tradable,
    next_steps,
)
from core.venue import StopSupport

BTC = Symbol("BTC/USDT")
MARKET = Instrument(BTC, Decimal("0.01"), Decimal("0.001"), Decimal("0.001"), Decimal(5))
RULES = Rules(stops=StopSupport.MARKET, can_amend=False, patience=5.0, max_slippage=Decimal("0.03"))
AMENDS = replace(RULES, can_amend=True)
BOT = replace(RULES, stops=StopSupport.NONE)
S = OrderState


def made(number: int, side: Side, kind: Kind, price: str | None, quantity: str, status: OrderState = S.OPEN,
         role: Role = Role.DECLARED, filled: str = "0") -> Order:  # fmt: skip
    return Order(
        client_order_id=ClientOrderId(f"bly{number}"), identity=Identity(InstanceId("grid:BTC/USDT"), BTC, 0, number),
        side=side, kind=kind, price=Price(price) if price else None, quantity=Quantity(quantity), stop=None,
        mode=Mode.LIVE, time=instant(0), role=role, status=status, filled=Quantity(filled),
    )  # fmt: skip


def guard(
    number: int, quantity: str, status: OrderState = S.OPEN, filled: str = "0", kind: Kind = Kind.STOP
) -> Order:
    return made(number, Side.SELL, kind, "90", quantity, status, Role.PROTECTIVE, filled)


def entry(quantity: str, status: OrderState = S.OPEN, filled: str = "0") -> Order:
    return made(1, Side.BUY, Kind.LIMIT, "100", quantity, status, filled=filled)


def leaving(price: str | None = "110", quantity: str = "1", status: OrderState = S.WAITING) -> Order:
    kind = Kind.LIMIT if price else Kind.MARKET
    return made(2, Side.SELL, kind, price, quantity, status)


def view(held: str = "1", *, bid: str | None = "100", **more: object) -> SlotView:
    base = SlotView(instrument=MARKET, held=Decimal(held), stop=Price("90"), bid=Price(bid) if bid else None)
    return replace(base, **more)  # type: ignore[arg-type]  # each test names real fields


def protect(quantity: str) -> Protect:
    return Protect(Quantity(quantity), Price("90"))


OWN = guard(1, "1", kind=Kind.LIMIT)
AT_LIMIT = replace(OWN, price=Price("87.3"))
G, E, X = guard, entry, leaving
CASES: list[tuple[str, SlotView, Rules, list[Step]]] = [
    ("nothing held", view("0"), RULES, []),
    ("bare coins", view(), RULES, [protect("1")]),
    ("bare coins, price unknown", view(bid=None), RULES, [protect("1")]),
    ("fees leave dust under the step", view("0.9991"), RULES, [protect("0.999")]),
    ("all covered", view(guards=(G(1, "1"),)), RULES, []),
    ("the stop's request is on its way", view(guards=(G(1, "1", S.INTENT),)), RULES, []),
    ("its answer was lost", view(guards=(G(1, "1", S.UNKNOWN),)), RULES, []),
    ("the entry brought more", view("1.5", guards=(G(1, "1"),)), RULES, [protect("0.5")]),
    ("it brought more, the stop can grow", view("1.5", guards=(G(1, "1"),)), AMENDS,
     [Resize(G(1, "1"), Quantity("1.5"))]),
    ("it brought more, the stop is being changed", view("1.5", guards=(G(1, "1", S.CANCELLING),)), AMENDS, []),
    ("a little more, still buying", view("1.01", guards=(G(1, "1"),), entry=E("2", S.PART_FILLED)), RULES, []),
    ("a little more, bought all", view("1.01", guards=(G(1, "1"),)), RULES,
     [Withdraw(G(1, "1"), "a larger stop takes its place")]),
    ("too small for any order", view("0.01"), RULES, []),
    ("less is held than guarded", view("0.4", guards=(G(1, "1"),)), RULES, [Withdraw(G(1, "1"), "more than is held")]),
    ("less is held, the stop can shrink", view("0.4", guards=(G(1, "1"),)), AMENDS,
     [Resize(G(1, "1"), Quantity("0.4"))]),
    ("the exit waits for its price", view(guards=(G(1, "1"),), exit=X()), RULES, []),
    ("its price is there: first the coins", view(guards=(G(1, "1"),), exit=X(), bid="110"), RULES,
     [Withdraw(G(1, "1"), "its exit is due")]),
    ("the stop is being cancelled", view(guards=(G(1, "1", S.CANCELLING),), exit=X(), bid="110"), RULES, []),
    ("the coins are free", view(exit=X(), bid="110"), RULES, [Release(X(), Quantity(1))]),
    ("the price went away meanwhile", view(exit=X(), bid="109"), RULES, [protect("1")]),
    ("a market exit is always due", view(guards=(G(1, "1"),), exit=X(None)), RULES,
     [Withdraw(G(1, "1"), "its exit is due")]),
    ("an exit of a part", view("2", exit=X(quantity="0.5"), bid="110"), RULES,
     [Release(X(quantity="0.5"), Quantity("0.5"))]),
    ("an exit of more than is left", view("0.3", exit=X(), bid="110"), RULES, [Release(X(), Quantity("0.3"))]),
    ("an exit of dust", view("0.01", exit=X(), bid="110"), RULES,
     [Withdraw(X(), "what is left is below the venue's minimum")]),
    ("the exit rests, a rest is bare", view("2", exit=X(status=S.OPEN), resting=1.0), RULES, [protect("1")]),
    ("the exit rests too long", view(exit=X(status=S.OPEN), resting=6.0), RULES,
     [Withdraw(X(status=S.OPEN), "not filled in time; the stop comes back")]),
    ("the exit rests, the stop is reached", view(exit=X(status=S.OPEN), bid="89"), RULES,
     [Withdraw(X(status=S.OPEN), "the stop's price is reached")]),
    ("the stop is reached, nothing guards", view(bid="89"), RULES, [SellNow(Quantity(1), Price("88.56"))]),
    ("reached, third try", view(bid="89", tries=2), RULES, [SellNow(Quantity(1), Price("87.3"))]),
    ("reached, never below the limit", view(bid="50"), RULES, [SellNow(Quantity(1), Price("87.3"))]),
    ("reached, the stop works on it", view(bid="89", guards=(G(1, "1"),), reached=1.0), RULES, []),
    ("reached, the stop does not fill", view(bid="89", guards=(G(1, "1"),), reached=6.0), RULES,
     [Withdraw(G(1, "1"), "triggered and not filled")]),
    ("our own sale does not fill", view(bid="89", guards=(OWN,), reached=9.0, resting=6.0), RULES,
     [Withdraw(OWN, "triggered and not filled")]),
    ("Belay is stopping, what rests is all there will be", view(bid="89", guards=(OWN,), reached=9.0, resting=6.0,
     is_stopping=True), RULES, []),
    ("our own sale is young", view(bid="89", guards=(OWN,), reached=9.0, resting=1.0), RULES, []),
    ("our own sale waits at the limit", view(bid="80", reached=9.0, resting=99.0, guards=(AT_LIMIT,)), RULES, []),
    ("a stop traded, the entry still buys", view("0", entry=E("2"), has_stopped=True), RULES,
     [Withdraw(E("2"), "its stop has traded")]),
    ("refused a moment ago", view(is_paced=True), RULES, []),
    ("no stops there: we watch", view(), BOT, []),
    ("no stops there: the exit rests at the venue", view(exit=X()), BOT, [Release(X(), Quantity(1))]),
    ("no stops there: it may rest", view(exit=X(status=S.OPEN), resting=600.0), BOT, []),
    ("no stops there: reached", view(exit=X(status=S.OPEN), bid="89"), BOT,
     [Withdraw(X(status=S.OPEN), "the stop's price is reached")]),
    ("no stops there: coins free", view(bid="89"), BOT, [SellNow(Quantity(1), Price("88.56"))]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("seen", "rules", "steps"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_what_follows(seen: SlotView, rules: Rules, steps: list[Step]) -> None:
    assert list(next_steps(seen, rules)) == steps


amounts = st.integers(0, 3000).map(lambda n: Decimal(n) / 1000)
states = st.sampled_from([S.INTENT, S.OPEN, S.PART_FILLED, S.CANCELLING, S.UNKNOWN])
guards = st.lists(
    st.tuples(st.integers(1, 2000), states, st.sampled_from([Kind.STOP, Kind.LIMIT])), max_size=3
)
exits = st.none() | st.tuples(st.integers(1, 3000), states | st.just(S.WAITING), st.booleans())


@st.composite
def views(draw: st.DrawFn) -> SlotView:
    found = draw(exits)
    return view(
        str(draw(amounts)),
        bid=draw(st.sampled_from([None, "80", "89", "90", "100", "110", "120"])),
        guards=tuple(
            guard(n, str(Decimal(size) / 1000), state, kind=kind)
            for n, (size, state, kind) in enumerate(draw(guards))
        ),
        exit=None if found is None else leaving("110" if found[2] else None, str(Decimal(found[0]) / 1000), found[1]),
        entry=draw(st.none() | states.map(lambda state: entry("1", state))),
        resting=draw(st.sampled_from([0.0, 4.0, 6.0])), reached=draw(st.sampled_from([0.0, 4.0, 6.0])),
        tries=draw(st.integers(0, 9)), has_stopped=draw(st.booleans()), is_paced=draw(st.booleans()),
    )  # fmt: skip


rules = st.builds(Rules, stops=st.sampled_from(StopSupport), can_amend=st.booleans(), patience=st.just(5.0),
                  max_slippage=st.just(Decimal("0.03")))  # fmt: skip


@given(views(), rules)
def test_no_step_ever_sells_more_than_is_free(seen: SlotView, how: Rules) -> None:
    for step in next_steps(seen, how):
        match step:
            case Protect(quantity, price) | SellNow(quantity, price):
                assert 0 < quantity <= free_quantity(seen)
                assert is_tradable(quantity, price, seen.instrument)
                assert price >= Decimal(90) * (1 - how.max_slippage)
            case Release(order, quantity):
                assert quantity <= min(free_quantity(seen), order.quantity)
                assert not seen.guards
            case Resize(order, quantity):
                others = sum((one.remaining for one in seen.guards if one is not order), Decimal(0))
                assert quantity - order.filled + others <= seen.held
            case Withdraw(order):
                assert order.status in (S.OPEN, S.PART_FILLED, S.WAITING)


@given(views(), rules)
def test_nothing_in_doubt_is_touched(seen: SlotView, how: Rules) -> None:
    for step in next_steps(seen, how):
        if isinstance(step, Withdraw | Resize | Release):
            assert step.order.status not in (S.INTENT, S.UNKNOWN, S.CANCELLING)


@given(views(), rules)
def test_coins_are_never_left_bare_without_a_reason(seen: SlotView, how: Rules) -> None:
    """Free coins that an order could guard get one at once, unless the price is unknown to us, or a pause holds."""
    free = free_quantity(seen)
    is_due = seen.exit is not None and seen.exit.status is S.WAITING
    can = is_tradable(free, Price("90"), seen.instrument) and not seen.is_paced
    is_changing = how.can_amend and any(one.status not in (S.OPEN, S.PART_FILLED) for one in seen.guards)
    if (
        not can
        or is_due
        or is_changing
        or how.stops is StopSupport.NONE
        or free <= 0
        or (seen.bid is not None and seen.bid <= 90)
    ):
        return
    if seen.exit is not None and seen.exit.status in (S.OPEN, S.PART_FILLED) and seen.resting > how.patience:
        return
    assert any(isinstance(step, Protect | Resize | Withdraw) for step in next_steps(seen, how))
