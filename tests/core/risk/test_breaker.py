"""The failure breaker: what opens it, how long it rests, and what closes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.risk.breaker import FAILURES, FIRST_REST, LONGEST_REST, Breaker, BreakerState, Source

AT = datetime(2026, 3, 1, tzinfo=UTC)
CLOSED, OPEN, HALF = BreakerState


def opened(source: Source = Source.API) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker = breaker.failed(source, AT)
    return breaker


@pytest.mark.parametrize("source", Source)
def test_the_fifth_failure_in_a_row_opens_it(source: Source) -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker = breaker.failed(source, AT)
    assert (breaker.state, breaker.lets_enter, breaker.why) == (CLOSED, True, "")
    breaker = breaker.failed(source, AT)
    assert (breaker.state, breaker.lets_enter) == (OPEN, False)
    assert breaker.why == f"after 5 {source} in a row, for 5 minutes"


def test_a_success_in_between_counts_anew_and_kinds_do_not_add_up() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker = breaker.failed(Source.ORDER, AT).failed(Source.API, AT)
    breaker = breaker.worked(Source.ORDER).failed(Source.ORDER, AT)
    assert breaker.state is CLOSED
    assert breaker.failed(Source.API, AT).state is OPEN


def test_nothing_but_time_ends_the_rest() -> None:
    breaker = opened()
    for source in Source:
        breaker = breaker.worked(source)
    assert breaker.state is OPEN
    assert breaker.at(AT + FIRST_REST - timedelta(seconds=1)).state is OPEN
    assert breaker.at(AT - timedelta(days=1)).state is OPEN  # a clock set back
    half = breaker.at(AT + FIRST_REST)
    assert (half.state, half.lets_enter) == (HALF, True)
    assert half.why.endswith("one entry may try now")


def test_one_entry_tries_and_closes_it_when_it_is_placed() -> None:
    half = opened().at(AT + FIRST_REST)
    assert half.worked(Source.ORDER).state is HALF  # an exit that went well, before any entry
    trying = half.probed()
    assert not trying.lets_enter
    assert trying.not_probed().lets_enter
    assert trying.worked(Source.API).state is HALF
    assert trying.worked(Source.ORDER) == Breaker()


@pytest.mark.parametrize("again", [Source.API, Source.ORDER])
def test_a_failure_while_half_open_rests_twice_as_long(again: Source) -> None:
    later = AT + FIRST_REST
    breaker = opened(Source.API).at(later).probed().failed(again, later)
    assert (breaker.state, breaker.source, breaker.rest) == (OPEN, again, 2 * FIRST_REST)
    assert breaker.at(later + FIRST_REST).state is OPEN
    assert breaker.at(later + 2 * FIRST_REST).lets_enter


def test_another_kind_of_failure_does_not_end_the_try() -> None:
    half = opened(Source.API).at(AT + FIRST_REST)
    assert half.failed(Source.PRICE, AT).state is HALF


def test_the_rest_has_an_end() -> None:
    breaker, now = opened(), AT
    for _ in range(40):
        now += LONGEST_REST
        breaker = breaker.at(now).failed(Source.API, now)
    assert breaker.rest == LONGEST_REST


def test_only_a_half_open_one_counts_tries() -> None:
    assert Breaker().probed() == Breaker()
    assert opened().probed() == opened()
    assert Breaker().not_probed() == Breaker()


happenings = st.lists(
    st.tuples(st.sampled_from(["failed", "worked", "probed", "not_probed", "time"]), st.sampled_from(Source)),
    max_size=60,
)


@given(happenings)
def test_it_is_never_left_without_a_way_back(story: list[tuple[str, Source]]) -> None:
    breaker, now = Breaker(), AT
    for what, source in story:
        match what:
            case "failed":
                breaker = breaker.failed(source, now)
            case "worked":
                breaker = breaker.worked(source)
            case "time":
                now += timedelta(minutes=7)
                breaker = breaker.at(now)
            case _:
                breaker = breaker.probed() if what == "probed" else breaker.not_probed()
        assert Breaker.from_json(breaker.as_json()) == breaker
        assert bool(breaker.why) is (breaker.state is not CLOSED)
    later = breaker.at(now + LONGEST_REST).not_probed()
    assert later.lets_enter
    assert later.probed().worked(Source.ORDER).state is CLOSED


@pytest.mark.parametrize("text", ["", "{}", '{"state": "ajar"}', "[]"])
def test_what_is_no_breaker_is_refused(text: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError)):
        Breaker.from_json(text)
