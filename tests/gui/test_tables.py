"""The one table: order, coalescing, pinned rows, filters, the chosen row, columns, copying, empty state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from random import Random

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gui.panels import button
from gui.table_column import Column
from gui.tables import Table
from gui.text import number
from gui.theme import Theme, ThemeChoice
from tests.fakes.pages import MemoryStore


@dataclass(frozen=True)
class Item:
    key: int
    price: Decimal | None
    word: str = "open"


COLUMNS = [
    Column[Item](key="key", head="Key", text=lambda r: str(r.key), order=lambda r: r.key),
    Column[Item](key="price", head="Price", is_number=True, order=lambda r: r.price,
                 text=lambda r: "not known" if r.price is None else number(r.price),
                 plain=lambda r: "" if r.price is None else str(r.price)),
    Column[Item](key="word", head="Status", stretches=True, order=lambda r: r.word, text=lambda r: r.word,
                 sign=lambda _: "ring", share=lambda _: 0.5),
]  # fmt: skip


def item(key: int, price: str | None = None, word: str = "open") -> Item:
    return Item(key, None if price is None else Decimal(price), word)


@pytest.fixture
def table(qtbot: QtBot, qapp) -> Table[Item]:
    Theme(qapp, ThemeChoice.DARK)
    made = Table(COLUMNS, lambda r: r.key, name="Items", empty="No items yet.", action=button("Make one"),
                 is_pinned=lambda r: r.word == "unknown")  # fmt: skip
    qtbot.addWidget(made)
    made.resize(500, 320)
    made.show()
    qtbot.waitExposed(made)
    return made


def keys(table: Table[Item]) -> list[int]:
    return [table.model.row_at(row).key for row in range(table.model.rowCount())]


def test_rows_come_in_order_whatever_the_order_of_coming(table: Table[Item]) -> None:
    table.put(item(n) for n in (3, 1, 5, 2, 4))
    table.model.flush()
    assert keys(table) == [5, 4, 3, 2, 1]
    table.model.order_by(0, False)
    assert keys(table) == [1, 2, 3, 4, 5]


def test_random_changes_keep_the_model_whole(table: Table[Item]) -> None:
    tester = QAbstractItemModelTester(table.model, QAbstractItemModelTester.FailureReportingMode.Fatal, table)
    assert isinstance(tester.model(), QAbstractItemModel)
    random, known = Random(4), {}
    for n in range(120):
        table.model.order_by(random.randrange(3), random.random() < 0.5) if n % 10 == 0 else None
        for _ in range(random.randrange(1, 9)):
            row = item(random.randrange(60), random.choice(["1.5", "20", "3", None]), random.choice("ab"))
            known[row.key] = row
            table.put([row])
        table.model.flush()
        assert sorted(keys(table)) == sorted(known)
        assert {key: table.model.row_of(key) for key in known} == known
        for place in range(table.model.rowCount()):
            assert table.model.place_of(table.model.key_at(place)) == place
    column = table.model.columns[table.model.sort_column]
    values = [column.order(table.model.row_at(row)) for row in range(len(known))]
    present = [value for value in values if value is not None]
    assert present == sorted(present, reverse=table.model.is_descending)
    assert values[len(present) :] == [None] * (len(values) - len(present))  # not known stands last


def test_many_changes_between_two_flushes_repaint_once(table: Table[Item], qtbot: QtBot) -> None:
    table.put(item(n, "1") for n in range(50))
    table.model.flush()
    changes: list[object] = []
    table.model.dataChanged.connect(lambda *where: changes.append(where))
    for n in range(1000):
        table.put([item(n % 50, str(n))])
    assert not changes
    qtbot.waitUntil(lambda: bool(changes))
    assert len(changes) == 1
    assert table.model.row_at(0).price == 999


def test_new_rows_at_one_end_are_one_insertion(table: Table[Item]) -> None:
    table.put(item(n) for n in range(20))
    table.model.flush()
    inserted: list[tuple[int, int]] = []
    table.model.rowsInserted.connect(lambda _, first, last: inserted.append((first, last)))
    table.put(item(n) for n in range(20, 27))
    table.model.flush()
    assert inserted == [(0, 6)]


def test_pinned_rows_stay_on_top_in_both_directions(table: Table[Item]) -> None:
    table.put([item(1), item(2, word="unknown"), item(3)])
    table.model.flush()
    assert keys(table) == [2, 3, 1]
    table.model.order_by(0, False)
    assert keys(table) == [2, 1, 3]
    table.put([item(2)])
    table.model.flush()
    assert keys(table) == [1, 2, 3]


def test_a_filter_shows_some_and_follows_changes(table: Table[Item]) -> None:
    table.put([item(1), item(2, word="filled"), item(3)])
    table.model.flush()
    table.show_only(lambda r: r.word == "open")
    assert keys(table) == [3, 1]
    table.put([item(1, word="filled"), item(4)])
    table.model.flush()
    assert keys(table) == [4, 3]
    table.show_only(None)
    assert keys(table) == [4, 3, 2, 1]


def test_the_empty_state_has_a_sentence_and_a_button_and_goes(table: Table[Item]) -> None:
    assert table.empty.isVisible()
    assert table.empty.sentence.text() == "No items yet."
    table.put([item(1)])
    table.model.flush()
    assert table.empty.isHidden()
    table.set_empty("No item fits.")
    table.show_only(lambda _: False)
    assert table.empty.isVisible()
    assert table.empty.sentence.text() == "No item fits."


def test_the_chosen_row_stays_the_chosen_row(table: Table[Item]) -> None:
    told: list[Item | None] = []
    table.chosen.connect(told.append)
    table.put(item(n, str(n)) for n in range(30))
    table.choose(7)
    assert told[-1] == item(7, "7")
    table.put([item(40)])
    table.model.flush()
    table.model.order_by(1, False)
    table.show_only(lambda r: r.key in (7, 40, 3))
    chosen = table.chosen_row()
    assert chosen is not None
    assert chosen.key == 7


def test_what_is_read_does_not_move_when_rows_come_in_above(table: Table[Item], qtbot: QtBot) -> None:
    table.put(item(n) for n in range(100))
    table.model.flush()
    bar = table.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 620)
    bar.setValue(620)
    top = table.model.key_at(table.view.rowAt(5))
    table.put(item(n) for n in range(100, 104))
    table.model.flush()
    assert table.model.key_at(table.view.rowAt(5)) == top
    bar.setValue(0)
    table.put([item(200)])
    table.model.flush()
    assert bar.value() == 0


def test_more_is_asked_for_near_the_end(table: Table[Item], qtbot: QtBot) -> None:
    table.put(item(n) for n in range(100))
    table.model.flush()
    bar = table.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)
    with qtbot.waitSignal(table.wanted_more):
        bar.setValue(bar.maximum())


def test_rows_are_bounded_and_the_oldest_go(qtbot: QtBot, qapp) -> None:
    table = Table(COLUMNS, lambda r: r.key, name="Items", empty="None.", limit=100)
    qtbot.addWidget(table)
    for first in range(0, 500, 50):
        table.put(item(n) for n in range(first, first + 50))
        table.model.flush()
    assert table.model.rowCount() <= 105
    assert keys(table)[0] == 499
    assert min(keys(table)) >= 395


def test_copying_gives_plain_decimal_text_in_the_order_shown(table: Table[Item], qtbot: QtBot) -> None:
    table.put([item(1, "12345.670"), item(2, None)])
    table.model.flush()
    table.view.head.moveSection(0, 2)
    assert table.model.data(table.model.index(1, 1)) == "12,345.67"
    table.activateWindow()
    qtbot.waitUntil(table.isActiveWindow)
    table.view.selectAll()
    qtbot.keyClick(table.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "\topen\t2\n12345.670\topen\t1"


def test_a_click_on_a_head_sorts_and_another_turns_it(table: Table[Item], qtbot: QtBot) -> None:
    table.put([item(1, "5"), item(2, "9"), item(3, "7")])
    table.model.flush()
    head = table.view.head
    for expected in ([2, 3, 1], [1, 3, 2]):
        where = head.viewport().rect().topLeft()
        where.setX(head.sectionViewportPosition(1) + 20)
        where.setY(10)
        qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert keys(table) == expected


def test_columns_are_remembered(table: Table[Item], qtbot: QtBot) -> None:
    store = MemoryStore()
    table.remember(store, "items")
    table.view.head.resizeSection(1, 133)
    table.view.head.moveSection(1, 0)
    table.model.order_by(1, False)
    table.view.head.sectionClicked.emit(1)
    other = Table(COLUMNS, lambda r: r.key, name="Items", empty="None.")
    qtbot.addWidget(other)
    other.remember(store, "items")
    assert other.view.head.sectionSize(1) == 133
    assert json.loads(str(store.kept["columns/items"]))["widths"] == {"price": 133}
    assert other.view.head.visualIndex(1) == 0
    assert (other.model.sort_column, other.model.is_descending) == (1, True)


@pytest.mark.parametrize("kept", [None, 7, "", "no json", '["a"]', '{"sort": 3}', '{"widths": {"gone": 9}}'])
def test_a_foreign_memory_is_the_default(table: Table[Item], kept: object) -> None:
    store = MemoryStore()
    store.kept["columns/items"] = kept
    table.remember(store, "items")
    assert [table.view.head.visualIndex(k) for k in range(3)] == [0, 1, 2]
    assert table.model.sort_column == 0


def test_a_number_is_never_cut_its_column_grows(table: Table[Item], qtbot: QtBot) -> None:
    table.view.head.resizeSection(1, 60)
    table.put([item(1, "123456789012345.67")])
    table.model.flush()
    qtbot.waitUntil(lambda: table.view.head.sectionSize(1) > 120)
