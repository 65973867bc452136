"""The window: Kill before any repaint, every page by keyboard, closing that keeps trading."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QLabel

from core.halt import HaltStep
from core.messages import AccountMarked, HaltProgressed, HaltTripped, Rearmed, StageStarted
from gui.icons import ICON_FOLDER
from gui.pages.catalogue import PAGES
from gui.preferences import Preferences
from gui.theme import ThemeChoice
from tests.fakes import made
from tests.fakes.desk import FakeDesk
from tests.fakes.shown import ENTRIES, PlainPage, Shown


@pytest.fixture
def shown(qtbot, tmp_path: Path) -> Shown:
    return Shown(qtbot, tmp_path)


class Paints(QObject):
    """Writes each repaint of a widget into the desk's list of calls."""

    def __init__(self, calls: list[str]) -> None:
        super().__init__()
        self._calls = calls

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Paint:
            self._calls.append("paint")
        return False


@pytest.mark.parametrize("way", ["mouse", "space", "return", "shortcut", "screen reader"])
def test_kill_trips_the_latch_before_anything_is_repainted(shown: Shown, qtbot, way: str) -> None:
    window, kill = shown.window, shown.window.bar.kill_button
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QApplication.processEvents()  # what the activation paints is not what the press paints
    paints = Paints(shown.desk.calls)
    for widget in (window.bar, kill):
        widget.installEventFilter(paints)
    if way == "mouse":
        qtbot.mouseClick(kill, Qt.MouseButton.LeftButton)
    elif way == "shortcut":
        qtbot.keyClick(
            window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        )
    elif way == "screen reader":
        kill.click()
    else:
        qtbot.keyClick(kill, Qt.Key.Key_Space if way == "space" else Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "paint" in shown.desk.calls)
    assert shown.desk.calls[0] == "kill by you, in the window"
    assert shown.desk.latch.is_set()
    assert window.stack.currentWidget() is shown.halt


def test_kill_works_before_the_pipeline_is_up(qtbot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path, is_filled=False)
    qtbot.mouseClick(shown.window.bar.kill_button, Qt.MouseButton.LeftButton)
    assert shown.desk.calls == []
    assert shown.desk.latch.is_set()
    assert shown.window.bar.kill_button.is_killed


def test_kill_stays_pressed_and_never_asks_again(shown: Shown, qtbot) -> None:
    for _ in range(3):
        qtbot.mouseClick(shown.window.bar.kill_button, Qt.MouseButton.LeftButton)
    assert shown.desk.calls == ["kill by you, in the window"]
    assert "Killed" in shown.window.bar.kill_button.accessibleName()


def test_the_hit_area_of_kill_runs_into_the_corner(shown: Shown, qtbot) -> None:
    bar = shown.window.bar
    corner = bar.rect().topRight()
    assert bar.childAt(corner) is bar.kill_button
    plate = bar.kill_button.plate()
    assert (plate.width(), plate.height()) == (136, 40)
    assert bar.kill_button.width() - plate.right() == 16


def test_a_halt_from_elsewhere_opens_the_evidence_and_rearming_leads_back(shown: Shown) -> None:
    proof = made.evidence()
    shown.say(HaltTripped(proof.record), HaltProgressed(proof))
    assert shown.window.stack.currentWidget() is shown.halt
    shown.window.open(1)
    assert shown.window.stack.currentWidget() is shown.window.pages[1]
    shown.window.bar.chosen.emit()
    assert shown.window.stack.currentWidget() is shown.halt
    shown.say(Rearmed(made.NOW))
    assert shown.window.stack.currentWidget() is shown.window.pages[0]


def test_a_latch_set_by_another_process_is_seen_without_any_fact(shown: Shown, qtbot) -> None:
    shown.desk.latch.trip("the command line", "test", made.NOW)
    qtbot.waitUntil(lambda: shown.window.bar.kill_button.is_killed, timeout=3000)
    assert shown.window.stack.currentWidget() is shown.halt


def test_every_page_is_reached_by_its_key_and_by_arrows(shown: Shown, qtbot) -> None:
    window = shown.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for at, key in enumerate((Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3)):
        qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.stack.currentWidget() is window.pages[at]
    first = window.navigation.entries[0]
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert window.stack.currentWidget() is window.pages[1]
    assert window.navigation.entries[1].hasFocus()


def test_tab_reaches_kill_first_and_shows_the_ring(shown: Shown, qtbot) -> None:
    window = shown.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.bar.pause_button.setEnabled(True)
    window.bar.kill_button.setFocus()
    assert window.ring.isHidden()
    qtbot.keyClick(window.bar.kill_button, Qt.Key.Key_Tab)
    assert window.bar.pause_button.hasFocus()
    assert window.ring.isVisible()


def test_pages_get_only_the_facts_they_want(shown: Shown) -> None:
    note = made.notes()[0]
    shown.say(note, made.account(), made.parts())
    assert all(page.seen == [note] for page in shown.window.pages)


def test_pause_and_resume_go_to_the_desk(shown: Shown, qtbot) -> None:
    shown.window.bar.pause_button.click()
    qtbot.waitUntil(lambda: shown.window.standing.is_reducing)
    assert shown.window.bar.pause_button.text() == "Resume"
    shown.window.bar.pause_button.click()
    qtbot.waitUntil(lambda: not shown.window.standing.is_reducing)
    assert shown.desk.calls == ["pause", "resume"]


def test_closing_keeps_trading_and_says_so_once(shown: Shown) -> None:
    window, said = shown.window, shown.window.notice
    window.close()
    assert window.isMinimized() or window.isHidden()
    assert "goes on trading" in said.words.text()
    assert shown.desk.calls == []
    said.hide()
    window.bring_up()
    assert window.isVisible()
    window.close()
    assert said.isHidden()


def test_with_a_tray_closing_hides_and_its_loss_brings_the_window_back(shown: Shown) -> None:
    shown.tray.is_there = True
    shown.window.close()
    assert shown.window.isHidden()
    shown.tray.is_there = False
    shown.tray.came_and_went.emit(False)
    assert not shown.window.isHidden()


def test_steps_of_the_start_are_listed(qtbot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path, is_filled=False)
    shown.say(StageStarted("records", "13 orders"), StageStarted("risk"), StageStarted("risk"))
    assert shown.window.start.steps() == ["records", "risk"]
    assert not shown.window.start.going()
    shown.say(StageStarted("engine", "Preparing", is_up=False))
    assert shown.window.start.going() == ["engine"]
    shown.say(StageStarted("engine", "prepared"))
    assert not shown.window.start.going()
    assert shown.window.start.steps() == ["records", "risk", "engine"]
    assert not shown.window.navigation.isEnabled()


def test_a_start_into_a_halt_shows_the_evidence(qtbot, tmp_path: Path) -> None:
    desk = FakeDesk()
    desk.kept_evidence = made.evidence(HaltStep.VERIFIED)
    desk.latch.trip("you, in the tray", "Kill pressed", made.NOW)
    shown = Shown(qtbot, tmp_path, desk)
    assert shown.window.stack.currentWidget() is shown.halt
    qtbot.waitUntil(lambda: "but 1 protective stop" in shown.halt.verdict.text())


def test_page_and_theme_are_remembered(shown: Shown, qtbot, tmp_path: Path) -> None:
    shown.window.open(2)
    before = shown.theme.choice
    shown.window.navigation.theme.click()
    assert shown.theme.choice is not before
    shown.window.remember()
    again = Shown(qtbot, tmp_path)
    assert again.window.stack.currentWidget() is again.window.pages[2]
    assert again.preferences.theme is shown.theme.choice


@pytest.mark.parametrize(("width", "nav"), [(1120, 56), (1440, 200)])
def test_a_narrow_window_keeps_kill_and_the_meters(shown: Shown, qtbot, width: int, nav: int) -> None:
    window = shown.window
    window.resize(width, 700)
    qtbot.waitUntil(lambda: window.navigation.width() == nav)
    QApplication.processEvents()
    for part in (window.bar.kill_button, window.bar.plate, *window.bar.meters):
        assert part.isVisible()
        assert window.bar.rect().contains(part.geometry())


def test_the_navigation_lists_only_pages_that_exist() -> None:
    for entry in PAGES:
        assert (ICON_FOLDER / f"{entry.icon}.svg").is_file()
    titles = [entry.title for entry in PAGES]
    assert titles == ["Dashboard", "Market", "Orders", "Trades", "Logs", "Connection", "Keys"]


def test_what_was_known_before_the_pages_reaches_them(qtbot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path, is_filled=False)
    shown.say(made.account(), made.parts())
    page = PlainPage()
    page.facts = lambda: (AccountMarked,)  # type: ignore[method-assign]
    rest = [entry.make() for entry in ENTRIES[1:]]
    shown.window.fill(shown.desk, [page, *rest], shown.halt)
    assert page.seen == [made.account()]


def test_a_page_puts_its_number_into_the_navigation(shown: Shown) -> None:
    shown.window.pages[1].counted.emit(7)
    assert shown.window.navigation.entries[1].accessibleName() == "Orders, 7"


def test_the_theme_of_the_settings_counts_until_one_was_chosen(tmp_path: Path) -> None:
    assert Preferences(tmp_path).theme is ThemeChoice.SYSTEM
    first = Preferences(tmp_path, "light")
    assert first.theme is ThemeChoice.LIGHT
    first.theme = ThemeChoice.DARK
    first.save()
    assert Preferences(tmp_path, "light").theme is ThemeChoice.DARK


def test_the_end_does_not_show_what_the_start_found(qtbot, tmp_path: Path) -> None:
    shown = Shown(qtbot, tmp_path, is_filled=False)
    shown.say(StageStarted("records", "0 orders"))
    note = next(each for each in shown.window.start.findChildren(QLabel) if each.text() == "0 orders")
    qtbot.waitUntil(note.isVisible)
    shown.window.end()
    shown.window.stopped("3 paper orders rest.")
    assert not note.isVisible()
    assert shown.window.start.fault.isVisible()
