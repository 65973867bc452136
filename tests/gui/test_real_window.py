"""The real window on the real bot, by real clicks and keys: start, kill, proof, re-arming, pausing, closing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.halt import REARM_PHRASE
from gui.pages.catalogue import PAGES
from tests.fakes.real_belay import RealBelay
from tests.fakes.screen import Screen, need_tools, until

FIRST_PAINT_S = 4.0
"""Twice what is asked for: the machine that runs the tests has other work."""
KILL_S = 1.0
"""From the start of xdotool to the moment in the record; a few ms without other work."""


@pytest.fixture
def screen() -> Iterator[Screen]:
    need_tools()
    with Screen() as made:
        yield made


def kill_plate(belay: RealBelay) -> tuple[int, int]:
    """The plate is 136 x 40 and 16 px from the window's right edge."""
    left, top, width, _ = belay.screen.place(belay.window)
    return left + width - 16 - 68, top + 28


def test_the_window_is_up_soon_and_the_kill_plate_stops_everything(
    screen: Screen, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RealBelay(screen, home) as belay:
        belay.wait_for_orders()
        at = kill_plate(belay)
        screen.do("mousemove", *at)
        pressed = datetime.now(UTC)
        screen.do("click", 1)
        halt = until(belay.halt, "halt.json")
        took = (datetime.fromisoformat(halt["at"]) - pressed).total_seconds()
        proof = until(
            lambda: belay.evidence() if belay.evidence().get("step") == "verified" else None, "VERIFIED"
        )
        assert halt["cause"] == "you, in the window"
        assert proof["record"] == halt
        assert proof["lines"]
        assert {line["read_2"] for line in proof["lines"]} <= {"gone", "kept"}
        until(lambda: belay.status().get("halted"), "the heartbeat says halted")
        assert -0.002 < took < KILL_S
        screen.do("key", "ctrl+q")
        until(lambda: not belay.status(), "the bot has stopped")

        def press() -> bool:  # the button below the last sentence has the focus
            screen.do("key", "Return")
            return belay.process.poll() is not None

        until(press, "the window is closed")
        assert belay.process.returncode == 0
        assert belay.halt() == halt  # a quit is no way out of a halt
    assert belay.opened_s < FIRST_PAINT_S
    with capsys.disabled():
        print(f"\n  first paint {belay.opened_s:.2f} s after the start of the process, "
              f"click on Kill to the latch {took * 1000:.0f} ms (the start of xdotool included)")  # fmt: skip


def test_a_halt_is_shown_after_a_restart_and_lifted_by_typing_the_sentence(
    screen: Screen, home: Path
) -> None:
    with RealBelay(screen, home, watched=True) as belay:
        belay.wait_for_orders()
        assert belay.command("kill").returncode == 0
        belay.read("Halted. No")
    with RealBelay(screen, home, watched=True) as belay:
        belay.read("By you, on the command line")
        asked = f"Type the sentence: {REARM_PHRASE}"
        if belay.evidence()["holdings"]:
            belay.click("Keep them")
        belay.read("the sentence is missing")
        belay.click(asked)
        screen.do("type", "--delay", "5", REARM_PHRASE[:-1])
        belay.read("the sentence is missing")
        screen.do("key", "Return")
        screen.do("type", REARM_PHRASE[-1])
        until(lambda: belay.ask("text the sentence is missing") is None, "the sentence is complete")
        assert belay.halt()
        belay.click("Re-arm")
        until(lambda: not (home / "halt.json").exists(), "the latch is lifted")
        before = belay.market_time()
        until(lambda: belay.market_time() > before, "the market goes on")
        belay.find("Mode, paper")


def test_every_page_by_keyboard_and_pause_and_resume_by_click(screen: Screen, home: Path) -> None:
    with RealBelay(screen, home, watched=True) as belay:
        belay.wait_for_orders()
        screen.do("windowfocus", "--sync", belay.window)
        for at, entry in reversed(list(enumerate(PAGES, 1))):
            screen.do("key", f"ctrl+{at}")
            title = {"Logs": "Every line, with its mode", "Trades": "Round trips: what was bought, sold and kept",
                     "Orders": "Every order from the wish to the last fill",
                     "Market": "The price, your orders in it, and why",
                     "Connection": "What the venue can do, and how the line to it is",
                     "Keys": "Where they are kept, and what they may do",
                     "Dashboard": "What you have, what happened today, what comes next"}[entry.title]  # fmt: skip
            belay.read(title)
        belay.click("Pause entries")
        until(lambda: belay.status().get("state") == "reducing", "entries are paused")
        belay.read("Practice money, reducing only")
        belay.click("Resume")
        until(lambda: belay.status().get("state") == "active", "entries are allowed again")
        belay.read("Practice money, simulated prices")


def test_closing_keeps_trading_and_a_second_start_brings_the_window_back(screen: Screen, home: Path) -> None:
    with RealBelay(screen, home) as belay:
        belay.wait_for_orders()
        screen.close(belay.window)
        before = belay.market_time()
        until(lambda: belay.market_time() > before, "candles go on")
        assert belay.process.poll() is None
        assert belay.command().returncode == 0
        until(screen.windows, "the window is back")


def test_a_frozen_window_does_not_stop_a_kill_from_outside(screen: Screen, home: Path) -> None:
    with RealBelay(screen, home, watched=True) as belay:
        belay.wait_for_orders()
        assert belay.ask("freeze 8") == "frozen"
        begin = time.monotonic()
        done = belay.command("kill")
        took = time.monotonic() - begin
        assert done.returncode == 0, done.stderr
        assert belay.evidence()["step"] == "verified"
        assert took < 7, "the kill came only after the window had thawed"
        assert belay.told() == "thawed"
        belay.read("Halted. No")
