"""The strategy stage: it steps, says what changed, and after a restart goes on with the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from actors.executor.orders import OrderTable
from actors.hub import FactHub
from actors.strategy.stage import StrategyStage
from actors.venues.replay import ReplaySource
from core.errors import HaltTrading
from core.intent import Intent
from core.messages import Consider, Look, OrderDenied, OrderPlaced, SignalRaised, StrategyNoted
from core.order import Happening
from core.records import Restart
from tests.fakes.made_candles import write_candles
from tests.fakes.order_bench import BOOK, BTC, nothing, plan_of


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    source = ReplaySource([write_candles(tmp_path_factory.mktemp("c") / "c.csv", 1_200, seed=3)], [BTC])
    return [event.bar for event in iter(source.pull, None)]


class Bench:
    name = "risk"

    def __init__(self, restart: Restart | None = None, *names: str) -> None:
        self.plan = plan_of(*(names or ("ema_cross", "grid")))
        self.heard, self.told = list[Any](), list[Consider]()
        hub = FactHub()
        hub.subscribe(self.heard.append)
        self.stage = StrategyStage(hub, self.plan, self, restart or nothing())  # type: ignore[arg-type]
        self.note = self.stage.begin()

    def tell(self, message: object) -> None:
        assert isinstance(message, Consider)
        self.told.append(message)

    def look(self, bars: list[Any], first: int = 1) -> list[Consider]:
        """Each wish is placed at once, as a venue without fills would."""
        from actors.executor.orders import OrderTable

        table, begin = OrderTable(BOOK, self.plan.mode), len(self.told)
        for number, bar in enumerate(bars, first):
            self.stage.receive(Look(number, BTC, bar))
            for wish in self.told[-1].wishes:
                order = table.new(wish) if isinstance(wish, Intent) else None
                if order is not None:
                    self.stage.receive(OrderPlaced(order.after(Happening.ACKNOWLEDGED)))
        return self.told[begin:]

    def wishes(self) -> list[Any]:
        return [wish for message in self.told for wish in message.wishes]


def test_each_candle_is_one_message_with_its_number(bars: list[Any]) -> None:
    bench = Bench()
    messages = bench.look(bars)
    assert [message.number for message in messages] == list(range(1, len(bars) + 1))
    assert [message.bar for message in messages] == bars
    assert {message.symbol for message in messages} == {BTC}
    assert all(message.pieces[0].key == "strategy" for message in messages)
    intents = [wish for wish in bench.wishes() if isinstance(wish, Intent)]
    assert len(intents) > 3
    assert [fact.wish for fact in bench.heard if isinstance(fact, SignalRaised)] == intents
    assert {fact.instance for fact in bench.heard if isinstance(fact, StrategyNoted)} == {
        "ema_cross:BTC/USDT",
        "grid:BTC/USDT",
    }


def test_wishes_are_on_the_tick_and_the_step(bars: list[Any]) -> None:
    bench = Bench()
    bench.look(bars)
    instrument = bench.plan.instruments[0]
    for wish in bench.wishes():
        if isinstance(wish, Intent):
            assert wish.quantity % instrument.step == 0
            assert wish.price is None or wish.price % instrument.tick == 0
            assert wish.stop is None or wish.stop % instrument.tick == 0


def test_after_a_restart_the_same_bits(bars: list[Any]) -> None:
    whole = Bench()
    whole.look(bars)
    first = Bench()
    half = first.look(bars[:600])
    working = [fact.wish for fact in first.heard if isinstance(fact, SignalRaised)]
    assert working
    pieces = {"strategy": half[-1].pieces[0].value}
    table = OrderTable(BOOK, plan_of("grid").mode)
    rows = tuple(row for wish in working if isinstance(wish, Intent) and (row := table.new(wish)) is not None)
    # drained below number: what the orders became is told, their rows still stand in INTENT
    second = Bench(nothing(pieces=pieces, number=600, drained=599, newest=rows))
    assert "restored after candle 600" in second.note
    rest = second.look(bars[600:], 601)
    assert [message.pieces[0].value for message in rest] == [
        message.pieces[0].value for message in whole.told[600:]
    ]
    assert [message.wishes for message in rest] == [message.wishes for message in whole.told[600:]]


def test_a_denied_wish_comes_again_under_a_new_sequence(bars: list[Any]) -> None:
    from core.risk.verdict import halted

    bench, table = Bench(None, "grid"), OrderTable(BOOK, plan_of("grid").mode)
    for number, bar in enumerate(bars, 1):
        bench.stage.receive(Look(number, BTC, bar))
        for wish in bench.told[-1].wishes:
            if isinstance(wish, Intent):
                denied = halted(wish)
                bench.stage.receive(OrderDenied(table.denied(denied), denied))
    slots: dict[int, list[int]] = {}
    for wish in bench.wishes():
        slots.setdefault(wish.identity.slot, []).append(wish.identity.sequence)
    assert any(len(sequences) > 1 for sequences in slots.values())
    assert all(sequences == sorted(set(sequences)) for sequences in slots.values())


def test_a_state_of_other_settings_is_refused(bars: list[Any]) -> None:
    piece = Bench(None, "grid").look(bars[:1])[0].pieces[0]
    with pytest.raises(HaltTrading, match="saved with other settings"):
        Bench(nothing(pieces={"strategy": piece.value}, number=1, drained=1))


def test_an_unknown_message_is_an_error() -> None:
    with pytest.raises(TypeError, match="does not know str"):
        Bench().stage.receive("hello")


def test_candle_files_are_what_they_were(bars: list[Any], tmp_path: Path) -> None:
    """The same seed makes the same candles, or none of the figures here would mean anything."""
    again = ReplaySource([write_candles(tmp_path / "c.csv", 1_200, seed=3)], [BTC])
    assert [event.bar for event in iter(again.pull, None)] == bars
