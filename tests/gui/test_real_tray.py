"""The tray's real icon and menu, by real clicks: kill with its proof, the desktop's note, quitting in good order."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.fakes.real_belay import SETTINGS, RealBelay
from tests.fakes.screen import Screen, need_tools, until

QUIT_S = 5.0


@pytest.fixture
def screen() -> Iterator[Screen]:
    need_tools()
    with Screen(tray=True) as made:
        yield made


def test_kill_in_the_tray_menu_is_proved_and_said_on_the_desktop(
    screen: Screen, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RealBelay(screen, home, watched=True) as belay:
        belay.wait_for_orders()
        screen.click(screen.tray_icon(), 3)
        at = belay.find("Kill: stop everything")
        screen.do("mousemove", *at)
        pressed = datetime.now(UTC)
        screen.do("click", 1)
        halt = until(belay.halt, "halt.json")
        took = (datetime.fromisoformat(halt["at"]) - pressed).total_seconds()
        assert halt["cause"] == "you, in the tray"
        until(lambda: belay.evidence().get("step") == "verified", "VERIFIED")
        assert "Nothing is sent until you re-arm." in belay.read("Halted by you, in the tray")
        belay.read("Halted. No")
    with capsys.disabled():
        print(
            f"\n  click on Kill in the tray's menu to the latch {took * 1000:.0f} ms (the start of xdotool included)"
        )


@pytest.mark.parametrize("is_open", [True, False])
def test_quitting_from_the_tray_stops_in_good_order_and_says_what_stays(
    screen: Screen, home: Path, is_open: bool
) -> None:
    with RealBelay(screen, home, watched=True) as belay:
        belay.wait_for_orders()
        if not is_open:
            screen.close(belay.window)
        screen.click(screen.tray_icon(), 3)
        belay.click("Quit")
        pressed = time.monotonic()
        said = belay.read("at the next start")
        assert time.monotonic() - pressed < QUIT_S
        assert not (home / "status.json").exists()
        assert said.endswith("at the next start.")
        if is_open:
            belay.click("Close")
        assert belay.process.wait(10) == 0


def test_the_desktop_says_only_what_the_settings_let_through(screen: Screen, home: Path) -> None:
    (home / "settings.toml").write_text(f'{SETTINGS}[alerts]\ndesktop = "off"\n', encoding="utf-8")
    with RealBelay(screen, home, watched=True) as belay:
        belay.wait_for_orders()
        until(screen.tray_icon, "the tray's icon")
        assert belay.command("kill").returncode == 0
        belay.read("Halted. No")
        assert belay.ask("text Halted by you, on the command line") is None
