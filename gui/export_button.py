"""The button that writes records to a file the person names, and says how that went; the window's thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog

from core.errors import BadData, BelayError
from core.ports import Books
from gui.bridge import Bridge
from gui.panels import Button
from gui.text import plural

FILTERS = ("CSV, for a spreadsheet (*.csv)", "JSON Lines, for programs (*.jsonl)")


class ExportButton(Button):
    """``said`` carries a sentence and its tone: while it writes, when it is done, and why it could not."""

    said = Signal(str, str)

    def __init__(self, what: str) -> None:
        super().__init__("Export", "export")
        self._what = what
        self._books: Books | None = None
        self._bridge: Bridge | None = None
        self.dialog: QFileDialog | None = None
        self.setAccessibleName(f"Export {what}")
        self.setEnabled(False)
        self.clicked.connect(self._ask_where)

    def attach(self, books: Books, bridge: Bridge) -> None:
        """From now on there is something to write."""
        self._books, self._bridge = books, bridge
        self.setEnabled(True)

    def _ask_where(self) -> None:
        if self.dialog is None:
            self.dialog = QFileDialog(self, f"Export {self._what}")
            # The system's own dialog would block the window, and with it the Kill button.
            self.dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
            self.dialog.setModal(False)
            self.dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            self.dialog.setNameFilters(FILTERS)
            folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
            self.dialog.setDirectory(folder if Path(folder).is_dir() else str(Path.home()))
            self.dialog.selectFile(f"belay-{self._what}")
            self.dialog.fileSelected.connect(self._chosen)
        self.dialog.show()
        self.dialog.raise_()

    def _chosen(self, name: str) -> None:
        assert self.dialog is not None
        wants_lines = self.dialog.selectedNameFilter() == FILTERS[1]
        out = Path(name)
        if out.suffix.lower() not in (".csv", ".jsonl"):
            out = out.with_name(out.name + (".jsonl" if wants_lines else ".csv"))
        self.write(out)

    def write(self, out: Path) -> None:
        """Write all records to ``out``; its ending names the form (``.jsonl``, else CSV)."""
        books, bridge = self._books, self._bridge
        if books is None or bridge is None:
            return
        kind = "jsonl" if out.suffix.lower() == ".jsonl" else "csv"

        def work() -> int:
            try:
                return books.export(self._what, kind, out)
            except OSError as fault:
                raise BadData(
                    f"{out.name} is not written: {fault.strerror or fault}. Choose another folder."
                ) from fault

        self.setEnabled(False)
        self.said.emit(f"Writing {self._what} to {out.name}", "soft")
        bridge.ask(work, lambda rows: self._done(rows, out), self._failed)

    def _done(self, rows: int, out: Path) -> None:
        self.setEnabled(True)
        self.said.emit(f"{plural(rows, 'row')} {'is' if rows == 1 else 'are'} in {out}.", "soft")

    def _failed(self, fault: BelayError) -> None:
        self.setEnabled(True)
        self.said.emit(str(fault), "bad")
