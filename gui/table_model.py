"""The rows behind every table: kept in order without a sorting proxy; the window's thread.

Changes are gathered and applied at most 30 times a second.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any, Generic

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer

from gui.table_column import Column, Row

FLUSH_MS = 33
LIMIT = 10_000
"""Rows kept; beyond it the last in the first column's order go."""
MANY = 400
"""From so many changed places on, the whole order is made anew."""

Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
SPOKEN = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
"""What is shown, read aloud, and said in full where the column is too narrow for it."""
Rank = tuple[bool, bool, Any, int]


class TableModel(QAbstractTableModel, Generic[Row]):
    """Rows by key; ``put`` replaces a row with the same key.  ``is_pinned`` rows stay above all others.

    The order is kept ascending; a descending table reads it from its end.
    """

    def __init__(
        self,
        columns: Sequence[Column[Row]],
        key: Callable[[Row], Hashable],
        *,
        is_pinned: Callable[[Row], bool] | None = None,
        limit: int = LIMIT,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.sort_column, self.is_descending = 0, True
        self._key, self._limit = key, limit
        self._is_pinned = is_pinned
        self._shows: Callable[[Row], bool] | None = None
        self._rows: dict[Hashable, Row] = {}
        self._arrived: dict[Hashable, int] = {}
        self._arrivals = 0
        self._rank: dict[Hashable, Rank] = {}
        self._order: list[tuple[Rank, Hashable]] = []
        self._reads_down = True  # the direction that belongs to ``_order``, also while it is made anew
        self._pending: dict[Hashable, Row] = {}
        self._timer = QTimer(self, interval=FLUSH_MS, singleShot=True)
        self._timer.timeout.connect(self.flush)

    # ---- what a page calls

    def put(self, rows: Iterable[Row]) -> None:
        """Add or replace rows; visible at the next flush, at most 33 ms later."""
        for row in rows:
            self._pending[self._key(row)] = row
        if self._pending and not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """Forget every row."""
        self.beginResetModel()
        for held in (self._pending, self._rows, self._arrived, self._rank):
            held.clear()
        self._order.clear()
        self.endResetModel()

    def show_only(self, shows: Callable[[Row], bool] | None) -> None:
        """Show the rows for which ``shows`` is true; None shows all."""
        self._shows = shows
        self._reorder()

    def order_by(self, column: int, is_descending: bool) -> None:
        """Sort by a column."""
        self.sort_column, self.is_descending = column, is_descending
        self._reorder()

    def rows(self) -> list[Row]:
        """Every known row, shown or not, pending ones included; in no order."""
        return list({**self._rows, **self._pending}.values())

    def row_at(self, row: int) -> Row:
        """The row shown at this place."""
        return self._rows[self.key_at(row)]

    def row_of(self, key: Hashable) -> Row | None:
        """The newest known row with this key."""
        return self._pending.get(key) or self._rows.get(key)

    def key_at(self, row: int) -> Hashable:
        """The key of the row shown at this place."""
        return self._order[len(self._order) - 1 - row if self._reads_down else row][1]

    def place_of(self, key: Hashable) -> int | None:
        """Where the row with this key is shown."""
        rank = self._rank.get(key)
        if rank is None:
            return None
        place = bisect_left(self._order, rank, key=lambda entry: entry[0])
        return len(self._order) - 1 - place if self._reads_down else place

    # ---- applying changes

    def flush(self) -> None:
        """Apply what was put since the last time."""
        self._timer.stop()
        pending, self._pending = self._pending, {}
        added: list[tuple[Rank, Hashable]] = []
        touched: list[Hashable] = []
        is_moved = False
        for key, row in pending.items():
            self._rows[key] = row
            if key not in self._arrived:
                self._arrivals += 1
                self._arrived[key] = self._arrivals
            shown, rank = self._rank.get(key), self._ranked(key, row)
            if shown is None and rank is not None:
                added.append((rank, key))
            elif shown is not None and rank == shown:
                touched.append(key)
            elif shown is not None:
                is_moved = True
        if len(self._rows) > self._limit + self._limit // 20:
            self._forget_last()
            is_moved = True
        if is_moved or len(added) > MANY:
            self._reorder()
            return
        self._insert(added)
        self._repaint(touched)

    def _ranked(self, key: Hashable, row: Row) -> Rank | None:
        if self._shows is not None and not self._shows(row):
            return None
        pinned = self._is_pinned is not None and self._is_pinned(row)
        value = self.columns[self.sort_column].order(row)
        known = value is not None
        # A descending table is read from its end: pinned rows and known values must be last there.
        down = self.is_descending
        return pinned is down, known is down, value if known else 0, self._arrived[key]

    def _forget_last(self) -> None:
        first = self.columns[0].order
        doomed = sorted(self._rows, key=lambda key: (first(self._rows[key]), self._arrived[key]))
        for key in doomed[: len(doomed) - self._limit]:
            del self._rows[key], self._arrived[key]

    def _reorder(self) -> None:
        every = ((self._ranked(key, row), key) for key, row in self._rows.items())
        ranked = [(rank, key) for rank, key in every if rank is not None]
        ranked.sort(key=lambda entry: entry[0])
        if len(ranked) != len(self._order):
            self.beginResetModel()
            self._adopt(ranked)
            self.endResetModel()
            return
        self.layoutAboutToBeChanged.emit()
        held = self.persistentIndexList()
        keys = [self.key_at(index.row()) for index in held]
        self._adopt(ranked)
        places = [self.place_of(key) for key in keys]
        fresh = [
            self.index(place, index.column()) if place is not None else QModelIndex()
            for index, place in zip(held, places, strict=True)
        ]
        self.changePersistentIndexList(held, fresh)
        self.layoutChanged.emit()

    def _adopt(self, ranked: list[tuple[Rank, Hashable]]) -> None:
        self._order, self._rank = ranked, {key: rank for rank, key in ranked}
        self._reads_down = self.is_descending

    def _insert(self, added: list[tuple[Rank, Hashable]]) -> None:
        """Insert in blocks of neighbours: the usual case, new rows at one end, is a single insertion."""
        added.sort(key=lambda entry: entry[0])
        places = [bisect_left(self._order, rank, key=lambda entry: entry[0]) for rank, _ in added]
        cuts = [0, *(k for k, (a, b) in enumerate(pairwise(places), 1) if a != b), len(added)]
        for begin, end in reversed(list(pairwise(cuts))):
            if begin == end:
                continue
            place, block = places[begin], added[begin:end]
            row = len(self._order) - place if self._reads_down else place
            self.beginInsertRows(NOWHERE, row, row + len(block) - 1)
            self._order[place:place] = block
            self._rank.update((key, rank) for rank, key in block)
            self.endInsertRows()

    def _repaint(self, touched: list[Hashable]) -> None:
        rows = [place for key in touched if (place := self.place_of(key)) is not None]
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), len(self.columns) - 1))

    # ---- Qt's side

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role in SPOKEN:
            return column.text(self.row_at(index.row()))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].head
        return None
