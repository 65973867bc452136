"""The view of a table: rows of one height, a place that holds, copying; the window's thread."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from gui.table_cells import CellPainter, Head
from gui.table_model import TableModel

ROW = 31


class TableView(QTableView):
    """Whole rows are chosen; Ctrl+C copies them as plain decimal text, one line per row, tabs between."""

    def __init__(self, model: TableModel[Any], name: str, row_height: int = ROW) -> None:
        super().__init__()
        self._rows = model
        self._held: Hashable | None = None
        self._overlay: QWidget | None = None
        self.setModel(model)
        self.head = Head(model, self)
        self.setHorizontalHeader(self.head)
        self.setItemDelegate(CellPainter(model, self.head))
        side = self.verticalHeader()
        side.hide()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setMinimumSectionSize(row_height)
        side.setDefaultSectionSize(row_height)
        self.setShowGrid(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAutoScroll(False)
        self.setWordWrap(False)
        self.setCornerWidget(QWidget())
        self._size_columns()
        copy = QAction("Copy", self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self.copy_rows)
        self.addAction(copy)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.head.sectionClicked.connect(self._sort)
        self.head.sectionResized.connect(self._resized)
        model.rowsInserted.connect(self._keep_place)
        model.modelAboutToBeReset.connect(self._hold)
        model.modelReset.connect(self._restore)

    def set_overlay(self, overlay: QWidget) -> None:
        """What lies on the empty table."""
        self._overlay = overlay
        overlay.setParent(self.viewport())
        self._place_overlay()

    def copy_rows(self) -> None:
        """Put the chosen rows on the clipboard, columns in the order shown."""
        order = sorted(range(self._rows.columnCount()), key=self.head.visualIndex)
        chosen = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = (
            "\t".join(self._rows.columns[k].copied(self._rows.row_at(row)) for k in order) for row in chosen
        )
        QGuiApplication.clipboard().setText("\n".join(lines))

    def choose(self, key: Hashable) -> None:
        """Make the row with this key the chosen one and bring it into view; nothing if it is not shown."""
        place = self._rows.place_of(key)
        if place is not None:
            self.setCurrentIndex(self._rows.index(place, 0))
            self.scrollTo(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_overlay()
        self.stretch()

    def _place_overlay(self) -> None:
        if self._overlay is not None:
            self._overlay.setGeometry(self.viewport().rect())

    def _size_columns(self) -> None:
        for k, column in enumerate(self._rows.columns):
            self.head.setSectionResizeMode(k, QHeaderView.ResizeMode.Interactive)
            self.head.resizeSection(k, column.width)

    def _resized(self, section: int, _before: int, _now: int) -> None:
        if not self._rows.columns[section].stretches:
            self.stretch()

    def stretch(self, *_: object) -> None:
        """Give the stretching column what is left, never less than its width: then the table scrolls."""
        wide = next((k for k, column in enumerate(self._rows.columns) if column.stretches), None)
        if wide is not None:
            others = self.head.length() - self.head.sectionSize(wide)
            self.head.resizeSection(
                wide, max(self._rows.columns[wide].width, self.viewport().width() - others)
            )

    def _sort(self, column: int) -> None:
        same = column == self._rows.sort_column
        self._rows.order_by(column, not self._rows.is_descending if same else True)
        self.head.viewport().update()

    def _keep_place(self, _parent: QModelIndex, first: int, last: int) -> None:
        """Rows that come in above what is seen must not move it."""
        bar, height = self.verticalScrollBar(), self.verticalHeader().defaultSectionSize()
        if bar.value() > 0 and first * height <= bar.value():
            self.updateGeometries()
            bar.setValue(bar.value() + (last - first + 1) * height)

    def _hold(self) -> None:
        index = self.currentIndex()
        self._held = self._rows.key_at(index.row()) if index.isValid() else None

    def _restore(self) -> None:
        place = self._rows.place_of(self._held) if self._held is not None else None
        if place is not None:
            self.setCurrentIndex(self._rows.index(place, 0))
