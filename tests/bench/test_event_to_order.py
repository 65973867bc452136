"""Event to order through the actors at 1,000 closed candles a second, headless and with the real window open."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import perf_counter, sleep

import numpy as np
import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from actors.bot import Bot
from actors.feed.pace import Pace
from actors.venues.sim import SimSource
from core.halt import Latch
from core.messages import Drained, Fact, FeedEnded, OrderPlaced
from core.ports import Desk, MarketEvent, Subscriber
from core.settings import Alerts, Settings
from gui.app import run
from gui.window import BelayWindow

pytestmark = pytest.mark.bench
A_SECOND = 1_000
EVENTS = 20_000
FIRST = 1_000  # not counted: caches fill
MOST = 0.05  # seconds: what p99 of an order must stay below, on a busy machine too


class PacedSource(SimSource):
    """The simulated market's closed candles, one each millisecond, with the moment at which each came."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.sim.seed, settings.venue.symbols, quotes=False)
        self.came: list[float] = []
        self._next = 0.0

    def pull(self) -> MarketEvent | None:  # type: ignore[override]  # the simulated market never ends, this one does
        if len(self.came) == EVENTS:
            return None
        event = super().pull()
        self._next = max(self._next + 1 / A_SECOND, perf_counter() - 0.1)
        while (left := self._next - perf_counter()) > 0:
            sleep(left)  # the world outside: nothing could wake it
        self.came.append(perf_counter())
        return event


class Stopwatch:
    """From the newest event to the order that the venue took, and to the end of the event's work."""

    def __init__(self, source: PacedSource) -> None:
        self._source = source
        self.orders: list[float] = []
        self.events: list[float] = []
        self.over = threading.Event()

    def hear(self, fact: Fact) -> None:
        if isinstance(fact, FeedEnded):
            self.over.set()
        elif len(self._source.came) > FIRST:
            spent = perf_counter() - self._source.came[-1]
            (self.orders if isinstance(fact, OrderPlaced) else self.events).append(spent)

    def say(self, where: str) -> None:
        def told(seconds: list[float]) -> str:
            middle, high = np.percentile(seconds, (50, 99)) * 1000
            return f"p50 {middle:.2f} ms, p99 {high:.2f} ms ({len(seconds):,})"

        came = self._source.came
        rate = (len(came) - FIRST) / (came[-1] - came[FIRST])
        print(
            f"\nevent to order, {where}, {rate:.0f} candles/s: to the order, its row written ahead, "
            f"{told(self.orders)}; every candle to the end of its work {told(self.events)}"
        )
        assert len(self.orders) > 100
        assert np.percentile(self.orders, 99) < MOST


@pytest.fixture
def switch_interval() -> Iterator[None]:
    """A bot shortens it for the whole process."""
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def paced_bot(home: Path, latch: Latch) -> tuple[Bot, Stopwatch]:
    settings = Settings(alerts=Alerts(console="off"))
    bot = Bot(home, settings, None, latch)
    source = PacedSource(settings)
    watch = Stopwatch(source)
    bot.session = replace(bot.open(), source=source, pace=Pace(None))
    bot.hub.subscribe(watch.hear, OrderPlaced, Drained, FeedEnded)
    return bot, watch


def test_headless(home: Path, switch_interval: None) -> None:
    bot, watch = paced_bot(home, Latch(home))
    bot.start()
    assert watch.over.wait(90)
    bot.stop()
    watch.say("headless")


@pytest.mark.qt_log_ignore(".*")
def test_with_the_window_open(qapp: QApplication, home: Path, switch_interval: None) -> None:
    latch, made = Latch(home), list[Stopwatch]()

    def factory(show: Subscriber) -> Desk:
        bot, watch = paced_bot(home, latch)
        made.append(watch)
        bot.subscribe(show)
        bot.start()
        return bot

    def look() -> None:
        if made and made[0].over.is_set():
            for each in QApplication.topLevelWidgets():
                if isinstance(each, BelayWindow):
                    each.hide()  # a hidden window does not wait for its last sentence to be read
                    each.quit_asked.emit()

    timer = QTimer()
    timer.timeout.connect(look)
    timer.start(200)
    assert run(factory, home=home, latch=latch) == 0
    made[0].say("window open")
