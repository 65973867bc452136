"""The limiter's pauses after refusals: doubled, once for each burst, remembered over a restart."""

from __future__ import annotations

import pytest

from core.budget import Bucket, Budget, Claim, Window

WEIGHT = Window("weight", 100, 60, "weight")
COUNTER = Bucket("counter", 15, 0.5, "points")


def test_a_refusal_pauses_ordinary_calls_twice_as_long_each_time() -> None:
    budget, pauses, now = Budget([WEIGHT]), [], 0.0
    for _ in range(4):
        pauses.append(budget.refused(now, None, is_ban=False, is_urgent=False))
        assert budget.wait({"weight": 1}, now) == pytest.approx(pauses[-1])
        assert budget.wait({"weight": 1}, now, is_urgent=True) == 0
        now += pauses[-1]
        assert budget.wait({"weight": 1}, now) == 0
    assert pauses == [1, 2, 4, 8]
    assert budget.refused(now + 1000, None, is_ban=False, is_urgent=False) == 1, "a calm minute ends it"
    assert budget.refused(now + 1001, 30.0, is_ban=False, is_urgent=False) == 30, "the venue's own word wins"


@pytest.mark.parametrize(("is_ban", "is_urgent"), [(True, False), (False, True)])
def test_a_ban_or_an_urgent_refusal_stops_urgent_calls_too(is_ban: bool, is_urgent: bool) -> None:
    budget = Budget([WEIGHT])
    budget.refused(0.0, 120.0, is_ban=is_ban, is_urgent=is_urgent)
    assert budget.wait({"weight": 1}, 1.0, is_urgent=True) == 119
    assert budget.wait({}, 1.0) == 119, "what costs nothing is stopped too"
    budget.refused(1.0, None, is_ban=False, is_urgent=False)
    assert budget.wait({"weight": 1}, 1.0, is_urgent=True) == 119, "a shorter pause shortens nothing"


@pytest.mark.parametrize(("is_ban", "longest"), [(False, 16), (True, 300)])
def test_pauses_end_somewhere(is_ban: bool, longest: float) -> None:
    budget, now = Budget([WEIGHT]), 0.0
    for _ in range(2000):
        now += budget.refused(now, None, is_ban=is_ban, is_urgent=False)
    assert budget.refused(now, None, is_ban=is_ban, is_urgent=False) == longest


def test_the_refusals_of_one_burst_count_once() -> None:
    """Five calls under way at once are all refused: that is one pause, not sixteen seconds."""
    budget = Budget([WEIGHT])
    claims = [budget.take({"weight": 1}, 0.0) for _ in range(5)]
    for number, claim in enumerate(claims):
        assert isinstance(claim, Claim)
        budget.refused(1.0 + number / 10, None, is_ban=False, is_urgent=False, claim=claim)
        budget.settle(claim, 1.0 + number / 10)
    assert budget.wait({"weight": 1}, 1.4) == pytest.approx(0.6)
    late = budget.take({"weight": 1}, 2.1)
    assert isinstance(late, Claim)
    assert budget.refused(2.2, None, is_ban=False, is_urgent=False, claim=late) == 2, "a new one counts"


def test_a_late_refusal_of_a_burst_pauses_nothing_again_but_its_own_word_counts() -> None:
    budget = Budget([WEIGHT])
    claims = [budget.take({"weight": 1}, 0.0) for _ in range(3)]
    assert all(isinstance(claim, Claim) for claim in claims)
    first, second, third = (claim for claim in claims if isinstance(claim, Claim))
    budget.refused(1.0, None, is_ban=False, is_urgent=False, claim=first)
    assert budget.refused(9.0, None, is_ban=False, is_urgent=False, claim=second) == 0
    assert budget.wait({"weight": 1}, 9.0) == 0
    assert budget.refused(9.5, 30.0, is_ban=True, is_urgent=False, claim=third) == 30
    assert budget.wait({"weight": 1}, 9.5, is_urgent=True) == 30


def test_a_second_refusal_in_a_row_means_that_the_counter_is_full() -> None:
    budget, now = Budget([COUNTER]), 0.0
    for expected in (0, 12):
        claim = budget.take({"counter": 1}, now)
        assert isinstance(claim, Claim)
        seconds = budget.refused(now, None, is_ban=False, is_urgent=False, claim=claim)
        budget.release(claim)
        assert budget.use(now)[0].amount == pytest.approx(expected, abs=1)
        assert budget.wait({"counter": 1}, now, is_urgent=True) == 0, "the reserve stays for the urgent"
        now += seconds


def test_pauses_and_counters_that_come_later_stand_over_a_restart_too() -> None:
    budget = Budget([COUNTER, WEIGHT])
    pair = Bucket("orders of X", 60, 1, "points")
    budget.limit(pair, 0.0)
    budget.told("orders of X", 50, 0.0)
    budget.refused(0.0, 40.0, is_ban=False, is_urgent=False)
    standing = budget.standing(10.0)
    assert standing.levels == {"counter": 0, "orders of X": 40}
    later = Budget([COUNTER, WEIGHT])
    later.resume(standing, 5.0, 100.0)
    assert later.wait({"weight": 1}, 100.0) == 25
    assert later.wait({"weight": 1}, 100.0, is_urgent=True) == 0
    later.limit(pair, 103.0)
    assert {one.limit.name: one.amount for one in later.use(103.0)}["orders of X"] == 32
