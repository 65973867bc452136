"""Halt evidence: the words of the proof, and re-arming only when everything holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from core.errors import Refused
from core.halt import REARM_PHRASE, HaltStep
from core.messages import HaltProgressed, HaltTripped
from core.modes import Mode
from gui.pages.halt_words import conditions, line_cells, steps, still_open, verdict
from tests.fakes import made
from tests.fakes.desk import FakeDesk
from tests.fakes.shown import Shown


def halted(qtbot, folder: Path, step: HaltStep = HaltStep.VERIFIED, desk: FakeDesk | None = None) -> Shown:
    shown = Shown(qtbot, folder, desk)
    proof = made.evidence(step)
    shown.desk.latch.trip(proof.record.cause, proof.record.reason, made.NOW)
    shown.say(HaltTripped(proof.record), HaltProgressed(proof), made.parts())
    return shown


def test_rearm_waits_for_every_condition_and_the_exact_sentence(qtbot, tmp_path: Path) -> None:
    shown = halted(qtbot, tmp_path)
    rearm = shown.halt.rearm
    assert not rearm.button.isEnabled()
    assert rearm.missing.text() == "1 of 3 is missing"
    shown.halt.keep_button.click()
    assert rearm.missing.text() == "the sentence is missing"
    qtbot.keyClicks(rearm.field, REARM_PHRASE[:-1])
    assert not rearm.button.isEnabled()
    qtbot.keyClick(rearm.field, Qt.Key.Key_Return)
    assert shown.desk.calls == []
    qtbot.keyClicks(rearm.field, REARM_PHRASE[-1])
    assert rearm.button.isEnabled()
    shown.say(made.parts(5, 6, ("risk",)))
    assert not rearm.button.isEnabled()
    shown.say(made.parts())
    qtbot.mouseClick(rearm.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.window.stack.currentWidget() is shown.window.pages[0])
    assert shown.desk.calls == [f"rearm {REARM_PHRASE}"]
    assert not shown.desk.latch.is_set()
    assert not shown.window.bar.kill_button.is_killed
    assert rearm.field.text() == ""


def test_a_refused_rearm_says_why_and_stays(qtbot, tmp_path: Path) -> None:
    desk = FakeDesk(rearm_fault=Refused("Not re-armed: one order is unknown at the venue."))
    shown = halted(qtbot, tmp_path, desk=desk)
    shown.halt.keep_button.click()
    shown.halt.rearm.field.setText(REARM_PHRASE)
    shown.halt.rearm.button.click()
    qtbot.waitUntil(lambda: "one order is unknown" in shown.halt.rearm.fault.text())
    assert shown.window.stack.currentWidget() is shown.halt


def test_unverified_is_loud_offers_the_way_by_hand_and_no_rearming(qtbot, tmp_path: Path) -> None:
    shown = halted(qtbot, tmp_path, HaltStep.UNVERIFIED, FakeDesk(Mode.LIVE, "Kraken"))
    page = shown.halt
    assert page.frame.property("alarm")
    assert page.verdict.text().startswith("Halted, but not verified.")
    assert page.by_hand.isVisible()
    assert not page.rearm.button.isVisible()
    page._copy_ids()
    assert QGuiApplication.clipboard().text().split() == [f"bly{n}" for n in range(6)]
    shown.say(HaltProgressed(made.evidence(HaltStep.VERIFIED)))
    assert not page.frame.property("alarm")
    assert page.rearm.button.isVisible()


def test_by_hand_is_offered_only_where_something_can_be_done(qtbot, tmp_path: Path) -> None:
    shown = halted(qtbot, tmp_path, HaltStep.UNVERIFIED, FakeDesk(Mode.PAPER, "Replay of may.parquet"))
    assert not shown.halt.by_hand.isVisible()


def test_a_read_names_what_is_kept() -> None:
    proof = made.evidence()
    words = (
        "Read at 22:20:32.398: 0 open but 1 kept stop. Read again at 22:20:33.402: 0 open but 1 kept stop."
    )
    assert steps(proof.record, proof)[2].words == words


def test_the_table_holds_every_order_with_both_reads(qtbot, tmp_path: Path) -> None:
    page = halted(qtbot, tmp_path).halt
    rows = page.grid.words()
    assert len(rows) == 6
    assert rows[1] == [
        "BTC/USDT",
        "Buy",
        "B1",
        "58,629.76",
        "0.00077",
        "22:20:31.276",
        "116 ms",
        "gone",
        "gone",
    ]
    assert rows[5][5:] == ["not sent", "", "kept", "kept"]
    assert "waited in the queue" in page._beside_words.text()


def test_the_evidence_is_exported_as_it_is(qtbot, tmp_path: Path) -> None:
    page = halted(qtbot, tmp_path).halt
    page.export_button.click()
    out = tmp_path / "exports" / "halt-20250508222031.json"
    qtbot.waitUntil(lambda: bool(page.exported.text()))
    assert json.loads(out.read_text())["step"] == "verified"


def test_a_new_kill_forgets_the_decision_on_the_old_holdings(qtbot, tmp_path: Path) -> None:
    shown = halted(qtbot, tmp_path)
    shown.halt.keep_button.click()
    record = replace(made.evidence().record, at="2025-05-09T00:00:00.000+00:00")
    shown.say(HaltTripped(record))
    shown.say(HaltProgressed(replace(made.evidence(), record=record)))
    assert shown.halt.rearm.missing.text() == "1 of 3 is missing"


@pytest.mark.parametrize(
    ("step", "states", "large"),
    [
        (HaltStep.TRIPPED, ["done", "going", "waiting"], "Halted. Nothing is sent any more."),
        (HaltStep.CANCELLING, ["done", "going", "waiting"], "Halted. Cancelling your orders."),
        (
            HaltStep.UNVERIFIED,
            ["done", "open", "open"],
            "Halted, but not verified. 6 orders may be open.",
        ),
    ],
)
def test_the_steps_before_the_proof(step: HaltStep, states: list[str], large: str) -> None:
    proof = made.evidence(step)
    assert [each.state for each in steps(proof.record, proof)] == states
    assert verdict(proof)[0] == large


def test_the_proof_without_any_order_left() -> None:
    proof = made.evidence()
    clean = replace(proof, lines=proof.lines[:-1], read_1_open=0, read_2_open=0, not_sent=())
    assert verdict(clean)[0] == "Halted. No order of yours is open."
    assert still_open(clean) == 0
    tripped, cancelling, proven = steps(clean.record, clean)
    assert tripped.words.endswith("The latch was set in 0.4 ms; nothing waited to be sent.")
    assert cancelling.words == "5 of 5 cancels answered by the venue."
    assert proven.words == "Read at 22:20:32.398: 0 open. Read again at 22:20:33.402: 0 open."
    assert proven.name == "VERIFIED"


def test_an_answer_that_never_came_is_said() -> None:
    line = made.evidence(HaltStep.UNVERIFIED).lines[4]
    assert [cell.text for cell in line_cells(line)][6:] == ["no answer", "not read", "not read"]


def test_conditions_before_anything_is_known_do_not_hold() -> None:
    assert [holds for holds, _ in conditions(None, None, True)] == [False, False, False]
    nothing_held = replace(made.evidence(), holdings=())
    assert all(holds for holds, _ in conditions(nothing_held, made.parts(), False))


def test_lines_of_the_venue_read_as_everywhere() -> None:
    line = replace(made.evidence().lines[4], slot="ema_cross:ETH/USDT 1.32", price="2991.5", quantity="0.015")
    words = [cell.text for cell in line_cells(line, made.INSTRUMENTS[1])]
    assert words[2:5] == ["Trend S1.32", "2,991.50", "0.0150"]


def test_a_halt_without_orders_and_a_quick_latch_are_said_plainly() -> None:
    bare = replace(made.evidence(), lines=(), latch_ms=0.004)
    said = steps(bare.record, bare)
    assert "in less than 0.1 ms" in said[0].words
    assert said[1].words == "No order had to be cancelled."
