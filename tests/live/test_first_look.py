"""The look at a start: a strange answer or two do not keep Belay down, a venue that cannot be read at all does."""

from __future__ import annotations

import pytest

from actors.executor import looking
from core.errors import BadData, BelayError, TryAgain
from tests.fakes.live_bench import LiveBench


def failing(bench: LiveBench, monkeypatch: pytest.MonkeyPatch, *faults: BelayError) -> list[BelayError]:
    """The next questions for open orders end so; what is left of that."""
    left, plain = list(faults), bench.exchange.open_orders

    def asked(*, is_urgent: bool = False) -> object:
        if left:
            raise left.pop(0)
        return plain(is_urgent=is_urgent)

    monkeypatch.setattr(bench.exchange, "open_orders", asked)
    monkeypatch.setattr(looking, "PAUSES", (0.0, 0.0))
    return left


@pytest.mark.parametrize("fault", [TryAgain("No answer."), BadData("Account has insufficient balance.")])
def test_it_is_tried_again(bench: LiveBench, monkeypatch: pytest.MonkeyPatch, fault: BelayError) -> None:
    bench.die()
    left = failing(bench, monkeypatch, fault, fault)
    bench.rise()
    assert left == []


def test_it_ends_with_the_venues_own_words(bench: LiveBench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.die()
    failing(bench, monkeypatch, *(TryAgain(f"No answer {n}.") for n in range(3)))
    with pytest.raises(TryAgain, match="No answer 2"):
        bench.rise()
