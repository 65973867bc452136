"""The one table of the window: typed columns, an empty state, a chosen row, columns that are remembered.

The window's thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Generic

from PySide6.QtCore import QModelIndex, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from gui.panels import EmptyState
from gui.table_column import Column, Row, Store
from gui.table_model import LIMIT, TableModel
from gui.table_view import ROW, TableView

NEAR_END = 8
"""Rows from the end at which more are asked for."""


class Table(QWidget, Generic[Row]):
    """Rows by key, newest values in place.  The first column is the one sorted by at first, descending.

    ``chosen`` carries the chosen row or None; ``wanted_more`` fires when the end of the rows comes near.
    """

    chosen = Signal(object)
    wanted_more = Signal()

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        *,
        name: str,
        empty: str,
        action: QPushButton | None = None,
        is_pinned: Callable[[Row], bool] | None = None,
        limit: int = LIMIT,
        row_height: int = ROW,
    ) -> None:
        super().__init__()
        self.model = TableModel(columns, key, is_pinned=is_pinned, limit=limit, parent=self)
        self.view = TableView(self.model, name, row_height)
        self.empty = EmptyState(empty, action)
        self.view.set_overlay(self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self.view)
        for signal in (self.model.modelReset, self.model.rowsInserted):
            signal.connect(self._show_empty)
        self.view.selectionModel().currentRowChanged.connect(self._say_chosen)
        self.view.verticalScrollBar().valueChanged.connect(self._near_end)
        self._show_empty()

    # ---- rows

    def put(self, rows: Iterable[Row]) -> None:
        """Add or replace rows; shown within 33 ms."""
        self.model.put(rows)

    def clear(self) -> None:
        """Forget every row."""
        self.model.clear()

    def show_only(self, shows: Callable[[Row], bool] | None) -> None:
        """Show the rows for which ``shows`` is true; None shows all."""
        self.model.show_only(shows)
        self._show_empty()

    def set_empty(self, sentence: str) -> None:
        """Why there is no row to show."""
        self.empty.set_sentence(sentence)

    def chosen_row(self) -> Row | None:
        """The row that the person chose."""
        index = self.view.currentIndex()
        return self.model.row_at(index.row()) if index.isValid() else None

    def choose(self, key: Hashable) -> None:
        """Choose the row with this key, if it is shown."""
        self.model.flush()
        self.view.choose(key)

    # ---- columns

    def remember(self, store: Store, name: str) -> None:
        """Take widths, order and sorting from ``store``, and keep them there from now on."""
        key = f"columns/{name}"
        self._recall(store.value(key))

        def keep(*_: object) -> None:
            store.setValue(key, json.dumps(self._columns()))

        for signal in (self.view.head.sectionResized, self.view.head.sectionMoved):
            signal.connect(keep)
        self.view.head.sectionClicked.connect(keep)

    def _columns(self) -> dict[str, Any]:
        keys = [column.key for column in self.model.columns]
        sizes = [(column, self.view.head.sectionSize(k)) for k, column in enumerate(self.model.columns)]
        shown = sorted(range(len(keys)), key=self.view.head.visualIndex)
        return {
            "order": [keys[k] for k in shown],
            # only what the person changed, so that better widths of a later version come through
            "widths": {each.key: size for each, size in sizes if size != each.width and not each.stretches},
            "sort": [keys[self.model.sort_column], self.model.is_descending],
        }

    def _recall(self, kept: object) -> None:
        if not isinstance(kept, str):
            return
        try:
            columns = json.loads(kept)
            sort, descending = columns.get("sort", ("", True))
            order, widths = list(columns.get("order", [])), dict(columns.get("widths", {}))
        except (ValueError, TypeError, AttributeError):
            return  # foreign or damaged: the columns as they come
        places = {column.key: k for k, column in enumerate(self.model.columns)}
        head = self.view.head
        for place, key in enumerate(key for key in order if key in places):
            head.moveSection(head.visualIndex(places[key]), place)
        for key, width in widths.items():
            k = places.get(key)
            if k is not None and not self.model.columns[k].stretches:
                head.resizeSection(k, max(40, min(800, int(width))))
        if sort in places:
            self.model.order_by(places[sort], bool(descending))

    # ---- signals

    def _say_chosen(self, now: QModelIndex, _before: QModelIndex) -> None:
        self.chosen.emit(self.model.row_at(now.row()) if now.isValid() else None)

    def _near_end(self, value: int) -> None:
        bar = self.view.verticalScrollBar()
        if value and bar.maximum() - value < NEAR_END * self.view.verticalHeader().defaultSectionSize():
            self.wanted_more.emit()

    def _show_empty(self, *_: object) -> None:
        self.empty.setVisible(self.model.rowCount() == 0)
