"""Entries wait while the market that they would trade in is wide, far or old; exits never do."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from actors.hub import FactHub
from actors.risk.stage import RiskStage
from core.clock import SystemClock
from core.halt import Latch
from core.market import Bar, Freshness, Quote
from core.messages import Consider, QuoteSeen, SymbolAged
from core.money import Price
from core.risk.verdict import Approved, Denied, Reason
from tests.fakes.order_bench import AT, BTC, Judged, nothing


class Bench:
    """A risk stage on a real market's prices; ``name`` and ``tell`` make this the executor behind it."""

    name = "executor"

    def __init__(self, *, sees_market: bool = True) -> None:
        self.judged, self.hub, self.told = Judged(), FactHub(), list[Any]()
        self.stage = RiskStage(
            self.hub, self.judged.plan, self, Latch(None), SystemClock(), nothing(),  # type: ignore[arg-type]
            sees_market=sees_market,
        )  # fmt: skip
        self.stage.begin()

    def tell(self, message: object) -> None:
        self.told.append(message)

    def answer(self, slot: int = 0) -> Any:
        bar = Bar(0, 50_000.0, 50_000.0, 50_000.0, 50_000.0, 100.0)
        self.stage.receive(Consider(slot + 1, BTC, bar, AT, (self.judged.intent(slot),)))
        return self.told[-1].verdicts[0]

    def quote(self, bid: str, ask: str) -> None:
        self.hub.publish(QuoteSeen(Quote(BTC, Price(bid), Price(ask), Price(bid), AT)))

    def aged(self, freshness: Freshness) -> None:
        self.hub.publish(SymbolAged(symbol=BTC, freshness=freshness, age=99.0, way="stream"))


@pytest.mark.parametrize(
    ("bid", "ask", "reason", "asked"),
    [
        ("49900", "50000", None, None),
        ("49700", "50000", Reason.SPREAD, Decimal("0.6")),
        ("50500", "50600", Reason.SLIPPAGE, Decimal("1.2")),
        ("48900", "49000", None, None),  # cheaper than the last price is no loss
    ],
)
def test_bid_and_ask_decide(bid: str, ask: str, reason: Reason | None, asked: Decimal | None) -> None:
    bench = Bench()
    bench.quote(bid, ask)
    verdict = bench.answer()
    if reason is None:
        assert isinstance(verdict, Approved)
    else:
        assert isinstance(verdict, Denied)
        assert (verdict.reason, verdict.asked) == (reason, asked)


def test_an_old_price_holds_entries_until_a_fresh_one() -> None:
    bench = Bench()
    bench.aged(Freshness.STALE)
    assert bench.answer().reason is Reason.STALE_PRICE
    bench.aged(Freshness.FRESH)
    assert isinstance(bench.answer(1), Approved)


def test_what_was_never_told_is_no_reason() -> None:
    bench = Bench()
    bench.aged(Freshness.UNKNOWN)
    assert isinstance(bench.answer(), Approved)


def test_on_paper_candles_only_the_plan_counts() -> None:
    bench = Bench(sees_market=False)
    bench.quote("40000", "50000")
    bench.aged(Freshness.STALE)
    assert isinstance(bench.answer(), Approved)
