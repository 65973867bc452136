"""Exports: fills, trades, orders, logs or ledger as CSV or JSON Lines, whole or not at all; any thread.

No column holds the computer's own time, so two runs of the same replay give the same bytes (the logs aside).
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TextIO

from actors.log_reading import iterate_log
from actors.persistence import rows
from actors.persistence.queries import columns, tuples
from actors.persistence.reading import reading
from actors.persistence.rows import Row
from actors.persistence.tables import FillRow, OrderRow, PostingRow, TradeRow
from core.errors import BadData, BadSettings
from core.ids import BookId

TABLES: dict[str, tuple[Any, tuple[str, ...]]] = {
    "fills": (FillRow, rows.FILL_COLUMNS),
    "trades": (TradeRow, rows.TRADE_COLUMNS),
    "orders": (OrderRow, rows.ORDER_COLUMNS),
    "ledger": (PostingRow, rows.POSTING_COLUMNS),
}
LOG_COLUMNS = ("at", "level", "mode", "source", "text", "fields")
LATER = ("koinly", "cointracking")


def export(home: Path, book: BookId, what: str, kind: str, out: Path) -> int:
    """Write one file, oldest row first; the number of rows.

    ``BadSettings`` for an unknown ``what`` or ``kind``, ``BadData`` when the file cannot be written.
    """
    write = _writer(kind)
    if what == "logs":
        return _save(out, write, LOG_COLUMNS, _log_rows(home))
    if what not in TABLES:
        raise BadSettings(f"There is nothing to export called {what!r}: choose {', '.join(TABLES)} or logs.")
    table, names = TABLES[what]
    query = table.select(*columns(table, names)).where(table.book == book).order_by(table.id)
    with reading(home) as database:
        return _save(out, write, names, tuples(query, database))


Write = Callable[[TextIO, tuple[str, ...], Iterable[Row]], int]


def _writer(kind: str) -> Write:
    if kind in LATER:
        raise BadSettings(f"This version writes csv and jsonl, not {kind}.")
    try:
        return {"csv": write_csv, "jsonl": write_jsonl}[kind]
    except KeyError:
        raise BadSettings(f"There is no export format {kind!r}: choose csv or jsonl.") from None


def _log_rows(home: Path) -> Iterable[Row]:
    lines = list(iterate_log(home))  # newest first, and files are read oldest first
    for line in reversed(lines):
        fields = json.dumps(dict(line.fields), ensure_ascii=False)
        yield (
            line.at.isoformat(timespec="milliseconds"),
            line.level,
            line.mode,
            line.source,
            line.text,
            fields,
        )


def _save(out: Path, write: Write, names: tuple[str, ...], found: Iterable[Row]) -> int:
    """Into a file beside ``out``, then in its place."""
    fresh = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        try:
            with fresh.open("w", encoding="utf-8", newline="") as file:
                number = write(file, names, found)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(out)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        raise BadData(
            f"The export to {out} fails ({error.strerror}). Choose another file or folder."
        ) from error
    return number


def write_csv(file: TextIO, names: tuple[str, ...], found: Iterable[Row]) -> int:
    """A header and one line per row; None is an empty cell."""
    out = csv.writer(file, lineterminator="\n")
    out.writerow(names)
    number = 0
    for row in found:
        out.writerow([int(cell) if isinstance(cell, bool) else cell for cell in row])
        number += 1
    return number


def write_jsonl(file: TextIO, names: tuple[str, ...], found: Iterable[Row]) -> int:
    """One object per row; amounts stay decimal texts."""
    number = 0
    for row in found:
        file.write(json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False) + "\n")
        number += 1
    return number
