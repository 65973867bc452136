"""The limiter: never above a limit in any window, whatever the calls; the reserve is always there for urgent ones."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isinf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.budget import Bucket, Budget, Claim, Limit, Window

WEIGHT = Window("weight", 100, 60, "weight")
ORDERS = Window("orders", 10, 10, "orders")
COUNTER = Bucket("counter", 15, 0.5, "points")
ROUNDING = 1e-6


@dataclass(frozen=True)
class Step:
    """A pause, then a call that wants to go; it reaches the venue somewhere between its start and its end."""

    pause: float
    cost: float
    is_urgent: bool
    lasts: float
    arrives: float
    """Where in its time it arrives, as a share."""


STEPS = st.lists(
    st.builds(
        Step,
        pause=st.one_of(st.just(0.0), st.floats(0, 3), st.floats(0, 40)),
        cost=st.sampled_from([0.2, 1.0, 2.0, 5.0, 20.0, 40.0]),
        is_urgent=st.booleans(),
        lasts=st.one_of(st.just(0.0), st.floats(0, 1), st.floats(0, 30)),
        arrives=st.floats(0, 1),
    ),
    max_size=120,
)


def arrivals(limit: Limit, steps: list[Step]) -> tuple[list[tuple[float, float]], list[float]]:
    """When what reached the venue, and the room left for urgent calls after each ordinary one."""
    budget, now = Budget([limit]), 0.0
    flying: list[tuple[float, Claim]] = []
    came: list[tuple[float, float]] = []
    urgent_room: list[float] = []
    for step in steps:
        now += step.pause
        for end, claim in sorted(flying, key=lambda one: one[0]):
            if end <= now:
                budget.settle(claim, end)
        flying = [one for one in flying if one[0] > now]
        taken = budget.take({limit.name: step.cost}, now, is_urgent=step.is_urgent)
        if isinstance(taken, Claim):
            came.append((now + step.lasts * step.arrives, step.cost))
            flying.append((now + step.lasts, taken))
            if not step.is_urgent:
                urgent_room.append(limit.limit - budget.use(now)[0].amount)
    return sorted(came), urgent_room


@given(STEPS)
def test_no_window_ever_holds_more_than_the_limit(steps: list[Step]) -> None:
    came, room = arrivals(WEIGHT, steps)
    for at, _ in came:  # the fullest windows begin with a call
        held = sum(cost for time, cost in came if at <= time < at + WEIGHT.seconds)
        assert held <= WEIGHT.limit + ROUNDING
    assert all(left >= 0.2 * WEIGHT.limit - ROUNDING for left in room)


@given(STEPS)
def test_a_counter_at_the_venue_never_passes_its_limit(steps: list[Step]) -> None:
    came, room = arrivals(COUNTER, steps)
    level, before = 0.0, -inf
    for at, cost in came:
        level = max(0.0, level - COUNTER.decay * (at - before)) + cost
        before = at
        assert level <= COUNTER.limit + ROUNDING
    assert all(left >= 0.2 * COUNTER.limit - ROUNDING for left in room)


@given(STEPS)
def test_without_urgent_calls_an_urgent_one_may_go_at_once(steps: list[Step]) -> None:
    budget, now = Budget([WEIGHT, ORDERS]), 0.0
    for step in steps:
        now += step.pause
        claim = budget.take({"weight": step.cost, "orders": 1}, now)
        assert budget.wait({"weight": 20, "orders": 2}, now, is_urgent=True) == 0
        if isinstance(claim, Claim) and step.arrives > 0.5:
            budget.settle(claim, now)


@given(STEPS)
def test_who_waits_as_long_as_told_gets_in(steps: list[Step]) -> None:
    """Nothing waits for ever, and nobody is told to come again too early more than once."""
    budget, now = Budget([WEIGHT, COUNTER]), 0.0
    for step in steps:
        now += step.pause
        costs = {"weight": min(step.cost, 20), "counter": min(step.cost, 12)}
        for _ in range(200):
            found = budget.take(costs, now, is_urgent=step.is_urgent)
            if isinstance(found, Claim):
                budget.settle(found, now)
                break
            assert 0 < found <= 61
            now += found
        else:
            raise AssertionError("it never got in")


def test_ordinary_calls_stop_at_their_share_and_urgent_ones_at_the_limit() -> None:
    budget = Budget([WEIGHT])
    while isinstance(claim := budget.take({"weight": 1}, 0.0), Claim):
        budget.settle(claim, 0.0)
    assert budget.use(0.0)[0].amount == 80
    urgent = 0
    while isinstance(claim := budget.take({"weight": 1}, 0.0, is_urgent=True), Claim):
        budget.settle(claim, 0.0)
        urgent += 1
    assert urgent == 20
    assert budget.wait({"weight": 1}, 30.0, is_urgent=True) == pytest.approx(31, abs=1)


def test_a_limit_of_one_call_lets_one_call_pass() -> None:
    budget = Budget([Window("orders", 1, 1, "orders")])
    claim = budget.take({"orders": 1}, 0.0)
    assert isinstance(claim, Claim)
    budget.settle(claim, 0.0)
    assert budget.wait({"orders": 1}, 0.0) == pytest.approx(1, abs=0.1)


def test_all_limits_must_have_room_and_a_refused_call_takes_none() -> None:
    budget = Budget([WEIGHT, ORDERS])
    for _ in range(8):
        assert isinstance(budget.take({"weight": 1, "orders": 1}, 0.0), Claim)
    assert isinstance(budget.take({"weight": 1, "orders": 1}, 0.0), float)
    assert {one.limit.name: one.amount for one in budget.use(0.0)} == {"orders": 8, "weight": 8}
    assert isinstance(budget.take({"weight": 1}, 0.0), Claim), "a call without an order still goes"


def test_a_call_counts_as_long_as_it_is_under_way() -> None:
    budget = Budget([ORDERS])
    claims = [budget.take({"orders": 1}, 0.0) for _ in range(8)]
    assert isinstance(budget.take({"orders": 1}, 1000.0), float)
    assert isinstance(claims[0], Claim)
    budget.settle(claims[0], 1000.0)
    budget.settle(claims[0], 1000.0)  # twice is once
    assert budget.use(1005.0)[0].amount == 8
    assert budget.use(1012.0)[0].amount == 7


def test_a_call_that_was_not_made_gives_its_room_back() -> None:
    budget = Budget([ORDERS])
    claim = budget.take({"orders": 8}, 0.0)
    assert isinstance(claim, Claim)
    assert budget.release(claim)
    assert not budget.release(claim)
    budget.settle(claim, 0.0)
    assert budget.use(0.0)[0].amount == 0


def test_a_call_dearer_than_its_share_never_goes_but_a_bucket_may_owe() -> None:
    assert isinf(Budget([WEIGHT]).wait({"weight": 81}, 0.0))
    owing = Budget([Bucket("calls", 2, 1, "calls", may_owe=True)])
    claim = owing.take({"calls": 30}, 0.0)
    assert isinstance(claim, Claim)
    owing.settle(claim, 0.0)
    assert 27 < owing.wait({"calls": 1}, 1.0) < 30
    assert owing.wait({"calls": 1}, 29.5) == 0


def test_what_the_venue_counts_corrects_upward_only() -> None:
    budget = Budget([WEIGHT])
    budget.told("weight", 50, 0.0)
    assert budget.use(0.0)[0].amount == 50
    budget.told("weight", 10, 0.0)
    assert budget.use(0.0)[0].amount == 50
    budget.told("no such limit", 10, 0.0)
    assert isinstance(budget.take({"weight": 31}, 0.0), float)


def test_a_changed_limit_keeps_what_is_used() -> None:
    budget = Budget([WEIGHT])
    claim = budget.take({"weight": 40, "late": 3}, 0.0)
    assert isinstance(claim, Claim)
    budget.limit(Window("weight", 50, 60, "weight"), 1.0)
    assert isinstance(budget.take({"weight": 1}, 1.0), float)
    budget.limit(Window("late", 4, 60, "x"), 1.0)
    assert isinstance(budget.take({"late": 1}, 1.0), float), "what is under way counts in a new limit too"
    budget.settle(claim, 2.0)
    assert budget.use(2.0)[1].amount == 40
    budget.limit(Window("weight", 200, 60, "weight"), 3.0)
    assert budget.use(3.0)[1].amount == 40


def test_a_long_day_of_orders_stays_small_and_quick() -> None:
    """200,000 orders a day are remembered in pieces, not one by one."""
    budget = Budget([Window("day", 200_000, 86_400, "orders")])
    for number in range(50_000):
        claim = budget.take({"day": 1}, number * 0.5)
        assert isinstance(claim, Claim)
        budget.settle(claim, number * 0.5)
    gauge = budget._gauges["day"]
    assert len(gauge._pieces) <= 66  # type: ignore[attr-defined]
    assert budget.use(25_000.0)[0].amount == 50_000


@given(STEPS, st.floats(0, 60))
def test_over_a_restart_a_counter_at_the_venue_never_passes_its_limit(
    steps: list[Step], pause: float
) -> None:
    """What was used before it stands, less what the venue has forgotten meanwhile."""
    level, before, now, offset = 0.0, 0.0, 0.0, 0.0
    budget = Budget([COUNTER])
    for number, step in enumerate(steps):
        now += step.pause
        if number == len(steps) // 2:
            standing = budget.standing(now)
            now += pause
            budget = Budget([COUNTER])
            budget.resume(standing, pause, now + 1e5)  # the steady clock of another process
            offset = 1e5
        claim = budget.take({"counter": step.cost}, now + offset, is_urgent=step.is_urgent)
        if isinstance(claim, Claim):
            level = max(0.0, level - COUNTER.decay * (now - before)) + step.cost
            before = now
            assert level <= COUNTER.limit + ROUNDING
            budget.settle(claim, now + offset)
