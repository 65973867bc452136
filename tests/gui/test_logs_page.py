"""The logs page: mode on every line, filters, following, and lines said twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from core.records import LogLine
from gui.pages.logs import EMPTY, LogsPage, rows
from tests.fakes import made
from tests.fakes.desk import FakeBooks
from tests.fakes.pages import PageBench

Bench = Callable[..., PageBench[LogsPage]]


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return lambda books=None: PageBench(qtbot, LogsPage(), books)


def shown(bench: PageBench[LogsPage]) -> list[LogLine]:
    model = bench.page.table.model
    return [model.row_at(row).line for row in range(model.rowCount())]


def test_every_line_has_its_mode_newest_first(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    qtbot.waitUntil(lambda: len(shown(one)) == 40)
    assert [line.at for line in shown(one)] == sorted((line.at for line in made.log_lines()), reverse=True)
    mode, level = one.page.table.model.columns[1:3]
    row = one.page.table.model.row_at(1)
    assert (mode.text(row), mode.sign(row)) == ("Paper", "sheet")
    assert (level.text(row), level.sign(row), level.ink(row)) == ("Warning", "warning", "warn")


@pytest.mark.parametrize(("at", "levels"), [(1, {"info"}), (2, {"warning"}), (3, {"error", "critical"})])
def test_a_level_is_shown_alone(bench: Bench, qtbot: QtBot, at: int, levels: set[str]) -> None:
    books = FakeBooks.filled()
    books.kept_log[0] = replace(books.kept_log[0], level="critical")
    one = bench(books)
    qtbot.waitUntil(lambda: len(shown(one)) == 40)
    one.page.panel.filters.choose(at)
    qtbot.waitUntil(lambda: {line.level for line in shown(one)} == levels)


def test_words_are_found(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    qtbot.waitUntil(lambda: len(shown(one)) == 40)
    one.page.panel.finder.setText("Silent")
    qtbot.waitUntil(lambda: len(shown(one)) == 10)
    one.page.panel.finder.setText("never said")
    qtbot.waitUntil(one.page.table.empty.isVisible)
    assert one.page.table.empty.sentence.text().startswith("No line fits")


def test_following_brings_new_lines_and_stops_when_asked(bench: Bench, qtbot: QtBot) -> None:
    books = FakeBooks.filled()
    one = bench(books)
    qtbot.waitUntil(lambda: len(shown(one)) == 40)
    newest = replace(books.kept_log[0], at=made.NOW + timedelta(seconds=1), text="Just now")
    books.kept_log.insert(0, newest)
    qtbot.waitUntil(lambda: newest in shown(one))
    assert shown(one)[0] == newest
    one.page.follow.click()
    assert one.page.follow.text() == "Follow"
    assert not one.page._every.isActive()
    one.page.follow.click()
    assert one.page._every.isActive()


def test_it_asks_for_nothing_while_it_is_not_seen(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    assert one.page._every.isActive()
    one.page.hide()
    assert not one.page._every.isActive()


def test_the_same_words_twice_are_two_lines() -> None:
    line = made.log_lines()[0]
    other = replace(line, text="Other")
    found = rows([line, other, line])
    assert [(each.line.text, each.nth) for each in found] == [(line.text, 1), ("Other", 1), (line.text, 2)]
    again = rows([line, line, other, line])
    assert set(found) < set(again)


def test_the_chosen_line_is_read_in_full(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    qtbot.waitUntil(lambda: len(shown(one)) == 40)
    one.page.table.view.setCurrentIndex(one.page.table.model.index(2, 0))
    assert one.page.whole.text() == shown(one)[2].text
    assert "number=398" in one.page.about.text()


def test_an_empty_log_says_so(bench: Bench, qtbot: QtBot) -> None:
    one = bench(FakeBooks())
    qtbot.waitUntil(one.page.table.empty.isVisible)
    assert one.page.table.empty.sentence.text() == EMPTY


def test_export_writes_the_log(bench: Bench, qtbot: QtBot, tmp_path: Path) -> None:
    one = bench()
    one.page.panel.export.write(tmp_path / "log.jsonl")
    qtbot.waitUntil(lambda: "40 rows are in" in one.page.panel.foot.text())
