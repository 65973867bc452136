"""Rows that wait for their transaction, the newest of each key and all others; persistence's thread."""

from __future__ import annotations

from collections import defaultdict

from actors.persistence.rows import Row


class Batch:
    """Rows by their SQL text, and the pieces of the state by key."""

    def __init__(self) -> None:
        self.pieces: dict[str, tuple[int, bytes]] = {}
        self.newest: defaultdict[str, dict[object, Row]] = defaultdict(dict)
        self.added: defaultdict[str, list[Row]] = defaultdict(list)
        self.has_rows = False

    def __bool__(self) -> bool:
        return self.has_rows or bool(self.pieces)

    def put(self, sql: str, key: object, row: Row) -> None:
        """A row that takes the place of the one under the same key."""
        self.newest[sql][key] = row
        self.has_rows = True

    def add(self, sql: str, *more: Row) -> None:
        """Rows that stay for ever."""
        self.added[sql] += more
        self.has_rows = True

    def absorb(self, later: Batch) -> None:
        """Take over what ``later`` holds, and leave it empty."""
        self.pieces.update(later.pieces)
        later.pieces.clear()
        if later.has_rows:
            for sql, keyed in later.newest.items():
                self.newest[sql].update(keyed)
            for sql, rows in later.added.items():
                self.added[sql] += rows
            self.has_rows = True
            later.clear()

    def clear(self) -> None:
        self.pieces.clear()
        self.newest.clear()
        self.added.clear()
        self.has_rows = False
