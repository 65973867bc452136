"""The state bar, the tray icon and the status bar, one state after the other."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.halt import HaltStep
from core.market import Freshness
from core.messages import HaltProgressed, LimitUse
from core.modes import Mode, TradingState
from gui.bar import StateBar
from gui.dress import DRESSES
from gui.icons import ICON_FOLDER
from gui.standing import Look, Standing
from gui.statusbar import status_parts
from gui.tray import Tray, tray_icon_name
from gui.wording import bar_lines, kill_lines, meter_words
from tests.fakes import made
from tests.fakes.desk import FakeDesk
from tests.fakes.shown import Shown


def standing(mode: Mode = Mode.PAPER, venue: str = "Kraken") -> Standing:
    found = Standing()
    found.attach(FakeDesk(mode, venue))
    return found


def halted(step: HaltStep | None) -> Standing:
    found = standing()
    proof = made.evidence(step or HaltStep.VERIFIED)
    found.tripped(proof.record)
    if step is not None:
        found.on_fact(HaltProgressed(proof))
    return found


def reducing() -> Standing:
    found = standing(Mode.LIVE)
    found.on_fact(made.account(TradingState.REDUCING, "by you", Mode.LIVE))
    return found


@pytest.mark.parametrize(
    ("how", "look", "first", "kill"),
    [
        (Standing(), Look.STARTING, "Starting", "KILL"),
        (standing(), Look.PAPER, "Practice money, real prices", "KILL"),
        (standing(venue="Simulated market"), Look.PAPER, "Practice money, simulated prices", "KILL"),
        (standing(venue="Replay of may.parquet"), Look.PAPER, "Practice money, recorded prices", "KILL"),
        (standing(Mode.DRY_RUN), Look.DRY_RUN, "Live path, nothing is sent", "KILL"),
        (standing(Mode.LIVE), Look.LIVE, "Real money on Kraken", "KILL"),
        (reducing(), Look.LIVE, "Real money, reducing only", "KILL"),
        (halted(None), Look.HALTED, "Nothing is sent", "KILLED"),
        (halted(HaltStep.CANCELLING), Look.HALTED, "Cancelling, not verified yet", "KILLED"),
        (halted(HaltStep.VERIFIED), Look.HALTED, "1 stop kept, 0 other open", "KILLED"),
        (halted(HaltStep.UNVERIFIED), Look.UNVERIFIED, "NOT VERIFIED, try 4", "KILLED"),
    ],
)  # fmt: skip
def test_each_state_has_its_words(how: Standing, look: Look, first: str, kill: str) -> None:
    assert (how.look, bar_lines(how)[0], kill_lines(how)[0]) == (look, first, kill)


def test_the_words_of_kill_say_when_or_that_it_asks_again() -> None:
    assert kill_lines(halted(HaltStep.VERIFIED))[1] == "22:20:31 UTC"
    assert kill_lines(halted(HaltStep.UNVERIFIED))[1] == "asking again"


def test_the_shape_of_the_bar_tells_the_states_apart_without_colour() -> None:
    looks = (Look.PAPER, Look.DRY_RUN, Look.LIVE, Look.HALTED)
    assert len({(DRESSES[look].line, DRESSES[look].plate_icon) for look in looks}) == 4


def test_the_bar_shows_a_state_and_no_mode_shifts_the_text(qtbot) -> None:
    bar = StateBar()
    qtbot.addWidget(bar)
    bar.resize(1440, 56)
    bar.show()
    lefts = set()
    for mode in Mode:
        bar.show_standing(standing(mode))
        assert bar.plate.accessibleName() == f"Mode, {mode}"
        lefts.add(bar.first.x())
    assert len(lefts) == 1
    bar.show_standing(halted(HaltStep.VERIFIED))
    assert not bar.pause_button.isEnabled()
    assert bar.kill_button.accessibleName() == "Killed, 22:20:31 UTC"


def test_meters_say_value_limit_and_unit(qtbot) -> None:
    bar = StateBar()
    qtbot.addWidget(bar)
    found = standing()
    bar.show_standing(found)
    assert bar.meters[0].accessibleName() == "Loss today, not known"
    found.on_fact(made.account())
    bar.show_standing(found)
    names = [meter.accessibleName().replace("\u00a0", " ") for meter in bar.meters]
    assert names == ["Loss today, 0 of 20 USD", "Entries, 13 of 20", "Exposure, 229 of 300 USD"]


@pytest.mark.parametrize(
    ("used", "limit", "words"),
    [("0", "20", "0 of 20 USD"), ("0.19", "4.2", "0.19 of 4.20 USD"), ("20", "20", "reached 20"),
     ("0", "0", "reached 0")],
)  # fmt: skip
def test_a_reached_limit_says_reached(used: str, limit: str, words: str) -> None:
    found = meter_words(LimitUse(name="x", used=Decimal(used), limit=Decimal(limit), unit="USD"))
    assert found.replace("\u00a0", " ") == words


def test_the_tray_has_seven_shapes() -> None:
    stale = standing()
    stale.on_fact(made.progress(Freshness.STALE))
    paused = standing()
    paused.on_fact(made.account(TradingState.REDUCING))
    states = (standing(), standing(Mode.DRY_RUN), standing(Mode.LIVE), paused, stale,
              halted(HaltStep.VERIFIED), halted(HaltStep.UNVERIFIED))  # fmt: skip
    names = [tray_icon_name(each) for each in states]
    assert len(set(names)) == 7
    assert all((ICON_FOLDER / f"{name}.svg").is_file() for name in names)


def test_the_tray_menu_kills_pauses_shows_and_quits(qtbot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path)
    tray = shown.tray
    tray.pause_action.trigger()
    qtbot.waitUntil(lambda: tray.pause_action.text() == "Resume entries")
    tray.pause_action.trigger()
    qtbot.waitUntil(lambda: tray.pause_action.text() == "Pause entries")
    shown.window.hide()
    tray.show_action.trigger()
    assert shown.window.isVisible()
    with qtbot.waitSignal(shown.window.quit_asked):
        tray.quit_action.trigger()
    tray.kill_action.trigger()
    assert shown.desk.calls == ["pause", "resume", "kill by you, in the tray"]
    assert not tray.kill_action.isEnabled()
    assert not tray.pause_action.isEnabled()


def test_the_tray_menu_begins_with_kill_and_says_how_it_stands(qtbot) -> None:
    tray = Tray()
    found = standing()
    found.on_fact(made.account())
    tray.show_standing(found)
    assert tray.menu.actions()[0] is tray.kill_action
    assert "2 positions" in tray.account_action.text()
    assert tray.state_action.text().startswith("Practice money")
    tray.end()


def test_the_status_bar_is_honest_about_age_and_parts() -> None:
    found = standing(venue="Simulated market")
    assert [words for _, _, words in status_parts(found, made.NOW)] == [
        "No price yet",
        "Parts not checked yet",
    ]
    found.seen_at = made.NOW - timedelta(seconds=14)
    found.on_fact(made.progress(Freshness.STALE))
    found.on_fact(made.parts(5, 6, ("alerts",)))
    words = [words.replace("\u00a0", " ") for _, _, words in status_parts(found, made.NOW)]
    assert words[:2] == ["Simulated prices stale, silent for 14 s", "5 of 6 parts well, silent: alerts"]
    found.on_fact(made.progress())
    assert status_parts(found, made.NOW)[0][2].endswith("old")


def test_rearming_and_a_new_halt_forget_the_old_proof() -> None:
    found = halted(HaltStep.VERIFIED)
    assert found.is_verified
    found.tripped(made.HaltRecord("2025-05-09T00:00:00+00:00", "the guardian", "heartbeat lost"))
    assert not found.is_verified
    assert found.evidence is None


def test_a_unit_that_the_name_says_is_left_away() -> None:
    entries = LimitUse(name="Entries", used=Decimal(0), limit=Decimal(20), unit="entries")
    assert meter_words(entries, is_short=True) == "0 of 20"


def test_the_status_bar_names_the_kind_of_prices_and_ticks_none_while_halted() -> None:
    found = standing(venue="Replay of may.parquet")
    found.seen_at = made.NOW
    found.on_fact(made.progress())
    assert status_parts(found, made.NOW)[0] == ("check", "paper", "Recorded prices 0.0\u00a0s old")
    found.tripped(made.evidence().record)
    assert status_parts(found, made.NOW + timedelta(seconds=3))[0] == (
        "dash", "faint", "Recorded prices 3.0\u00a0s old",
    )  # fmt: skip
