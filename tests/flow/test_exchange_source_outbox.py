"""The venue's pace, what a raw frame says, and what waits for the feed."""

from __future__ import annotations

from typing import Any

import pytest

from actors.venues.exchange.candles_pace import VenuePace
from actors.venues.exchange.source_outbox import Outbox
from actors.venues.exchange.streams_flags import reader_of
from core.clock import instant
from core.ids import Symbol
from core.market import Bar, Freshness
from core.messages import CandleDropped, SymbolAged
from core.ports import MarketEvent

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
SPAN = 60_000
START = 1_600_000_020_000


def at(n: int) -> int:
    return START + n * SPAN


def bar(n: int, close: float = 10.0, volume: float = 5.0) -> Bar:
    return Bar(at(n), 10.0, 11.0, 9.0, close, volume)


@pytest.mark.parametrize(
    ("venue", "frame", "closed_ones"),
    [
        ("binance", {"e": "kline", "k": {"s": "BTCUSDT", "t": 60_000, "x": True}}, [("BTCUSDT", 60_000)]),
        ("binance", {"e": "kline", "k": {"s": "BTCUSDT", "t": 60_000, "x": False}}, []),
        ("binance", {"result": None, "id": 1}, []),
        (
            "bybit",
            {
                "topic": "kline.1.BTCUSDT",
                "data": [{"start": 60_000, "confirm": True}, {"start": 120_000, "confirm": False}],
            },
            [("BTCUSDT", 60_000)],
        ),
        (
            "okx",
            {
                "arg": {"channel": "candle1m", "instId": "BTC-USDT"},
                "data": [["60000", *"1234567", "1"], ["120000", *"1234567", "0"]],
            },
            [("BTC-USDT", 60_000)],
        ),
    ],
)
def test_a_raw_frame_says_which_candles_are_over(venue: str, frame: Any, closed_ones: list[Any]) -> None:
    reader = reader_of(venue)
    assert reader is not None
    assert reader(frame) == closed_ones


def test_krakens_frames_do_not_say_it() -> None:
    assert reader_of("kraken") is None


# ---------------------------------------------------------------- the venue's pace


def test_the_pace_is_learned_from_arrivals() -> None:
    pace = VenuePace(SPAN)
    pace.saw(at(0), 100.0)
    assert (pace.interval, pace.begins(at(0)), pace.begins(at(1))) == (None, 100.0, None)
    for n in range(1, 6):
        pace.saw(at(n), 100.3 + n * 0.5)
    assert pace.interval == pytest.approx(0.5)
    assert pace.begins(at(8)) == pytest.approx(100.3 + 8 * 0.5)
    assert pace.begins(at(3)) == pytest.approx(101.8)


def test_a_market_in_real_time_has_its_true_length_however_its_news_trickles() -> None:
    pace = VenuePace(SPAN)
    for n, lag in enumerate([30, 3, 0.4, 5, 2, 0.2, 4]):
        pace.saw(at(n), 1000 + n * 60 + lag)
    assert pace.interval == 60
    assert pace.begins(at(7)) == pytest.approx(1000 + 7 * 60 + 0.2)


# ---------------------------------------------------------------- what waits for the feed


def pulled(box: Outbox) -> list[MarketEvent]:
    found = []
    while (event := box.pull()) is not None:
        found.append(event)
    return found


def test_the_newest_forming_candle_and_age_win_and_candles_never_do() -> None:
    box = Outbox()
    for n in range(3):
        box.put_candle(BTC, bar(n), is_past=n < 2)
        box.put_news(ETH, None, bar(n))
        box.put_fact(BTC, SymbolAged(symbol=BTC, freshness=Freshness.FRESH, age=float(n), way="stream"))
    events = pulled(box)
    assert [event.bar for event in events if event.bar] == [bar(0), bar(1), bar(2)]
    assert [event.is_past for event in events if event.bar] == [True, True, False]
    assert [event.forming for event in events if event.forming] == [bar(2)]
    (aged,) = [event.fact for event in events if event.fact]
    assert isinstance(aged, SymbolAged)
    assert aged.age == 2.0


def test_a_forming_candle_never_comes_behind_its_own_end() -> None:
    box = Outbox()
    box.put_news(BTC, None, bar(0))
    box.put_candle(BTC, bar(0), is_past=False)
    box.put_news(BTC, None, bar(1))
    assert [(event.bar, event.forming) for event in pulled(box)] == [(bar(0), None), (None, bar(1))]


def test_one_wake_for_all_that_comes_while_nobody_looks() -> None:
    box, wakes = Outbox(), []
    box.start(lambda: wakes.append(1))
    for n in range(50):
        box.put_candle(BTC, bar(n), is_past=False)
    assert len(wakes) == 1
    pulled(box)
    box.put_dropped(CandleDropped(BTC, instant(0), "why"))
    assert len(wakes) == 2


def test_full_until_half_is_read() -> None:
    box = Outbox(full=10)
    for n in range(10):
        assert not box.is_full
        box.put_candle(BTC, bar(n), is_past=False)
    assert box.is_full
    for _ in range(5):
        box.pull()
        assert box.is_full
    box.pull()
    assert not box.is_full
