"""The speed as a text, when events are due, and the alarm that rings for them."""

import threading
import time

import pytest

from actors.feed.alarm import Alarm
from actors.feed.pace import Metronome, Pace
from core.errors import BadSettings

MINUTE = 60_000


@pytest.mark.parametrize(
    ("told", "times", "text"),
    [
        ("max", None, "max"),
        (" MAX ", None, "max"),
        ("1", 1, "1x"),
        ("0.5", 0.5, "0.5x"),
        ("3600", 3600, "3600x"),
    ],
)
def test_a_speed(told: str, times: float | None, text: str) -> None:
    pace = Pace.parse(told)
    assert (pace.times, str(pace), pace.is_max) == (times, text, times is None)


@pytest.mark.parametrize("told", ["", "fast", "0", "-1", "nan", "inf", "1x"])
def test_no_speed_is_a_sentence(told: str) -> None:
    with pytest.raises(BadSettings, match="above zero, or max"):
        Pace.parse(told)


def test_at_full_speed_all_is_due() -> None:
    metronome = Metronome(Pace(), MINUTE)
    for at_ms in (0, MINUTE, 100 * MINUTE):
        assert metronome.due(at_ms, 5.0) == 5.0
        metronome.released(at_ms, 5.0)


def test_the_first_event_is_due_at_once_and_the_rest_by_their_distance() -> None:
    metronome = Metronome(Pace(60), MINUTE)
    assert metronome.due(7 * MINUTE, 100.0) == 100.0
    metronome.released(7 * MINUTE, 100.0)
    assert metronome.due(7 * MINUTE + 5_000, 100.0) == pytest.approx(100 + 5 / 60)
    assert metronome.due(8 * MINUTE, 100.0) == 101.0
    assert metronome.due(7 * MINUTE, 100.0) == 100.0


def test_small_delays_do_not_add_up() -> None:
    metronome = Metronome(Pace(60), MINUTE)
    now = 0.0
    for minute in range(100):
        now = max(now, metronome.due(minute * MINUTE, now)) + 0.01
        metronome.released(minute * MINUTE, now)
    assert now == pytest.approx(99.02, abs=0.02)


def test_a_hole_takes_no_longer_than_a_candle() -> None:
    metronome = Metronome(Pace(60), MINUTE)
    metronome.released(0, 0.0)
    assert metronome.due(1_000 * MINUTE, 0.0) == 1.0


def test_lost_time_is_not_made_up_for() -> None:
    metronome = Metronome(Pace(60), MINUTE)
    metronome.released(0, 0.0)
    metronome.released(MINUTE, 500.0)
    assert metronome.due(2 * MINUTE, 500.0) == 501.0


def test_a_time_that_goes_back_is_due_at_once() -> None:
    metronome = Metronome(Pace(1), MINUTE)
    metronome.released(5 * MINUTE, 10.0)
    assert metronome.due(4 * MINUTE, 10.0) == 10.0
    metronome.released(4 * MINUTE, 10.0)
    assert metronome.due(6 * MINUTE, 10.0) == 70.0


def test_the_alarm_rings_when_set_and_once_a_period() -> None:
    rings = threading.Semaphore(0)
    alarm = Alarm(rings.release, period=30.0)
    alarm.start()
    start = time.monotonic()
    alarm.set(30.0)
    alarm.set(0.02)
    assert rings.acquire(timeout=5)
    assert 0.02 <= time.monotonic() - start < 5
    assert not rings.acquire(timeout=0.1)
    alarm.stop()

    steady = Alarm(rings.release, period=0.01)
    steady.start()
    for _ in range(3):
        assert rings.acquire(timeout=5)
    steady.stop()
    while rings.acquire(blocking=False):
        pass
    assert not rings.acquire(timeout=0.05)


def test_an_alarm_that_never_rang_stops() -> None:
    Alarm(lambda: None).stop()
    alarm = Alarm(lambda: None, period=60.0)
    alarm.start()
    start = time.monotonic()
    alarm.stop()
    assert time.monotonic() - start < 5
