"""The fact lane: who hears what, and that one subscriber's fault is its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from actors.hub import FactHub
from core.messages import Drained, Fact, FeedEnded, Rearmed, StageFailed

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def test_by_type_in_the_order_of_subscription_then_those_who_hear_all() -> None:
    hub, heard = FactHub(), list[str]()

    def ear(name: str) -> Callable[[Fact], None]:
        return lambda fact: heard.append(f"{name} {type(fact).__name__}")

    hub.subscribe(ear("all"))
    hub.subscribe(ear("first"), Drained, FeedEnded)
    hub.subscribe(ear("second"), Drained)
    hub.publish(Drained(1))
    hub.publish(FeedEnded(1))
    hub.publish(Rearmed(NOW))
    assert heard == [
        "first Drained",
        "second Drained",
        "all Drained",
        "first FeedEnded",
        "all FeedEnded",
        "all Rearmed",
    ]


def test_a_failing_subscriber_stops_no_other_and_is_a_fact() -> None:
    hub, heard, failures = FactHub(), list[Fact](), list[StageFailed]()

    def broken(fact: Fact) -> None:
        raise KeyError("mine")

    hub.subscribe(broken, Drained)
    hub.subscribe(heard.append, Drained)
    hub.subscribe(failures.append, StageFailed)
    hub.publish(Drained(1))
    assert heard == [Drained(1)]
    assert [(one.stage, one.why) for one in failures] == [("a subscriber of facts", "KeyError: 'mine'")]


def test_a_subscriber_that_fails_on_failures_ends_the_matter() -> None:
    hub, count = FactHub(), list[int]()

    def broken(fact: Fact) -> None:
        count.append(1)
        raise ValueError("again")

    hub.subscribe(broken, StageFailed)
    hub.publish(StageFailed("feed", "gone"))
    assert len(count) == 1
