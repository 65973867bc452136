"""Where each setting stands in a TOML text, which ``tomllib`` does not tell; pure."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

KeyPath = tuple[str, ...]


def line_numbers(toml: str) -> dict[KeyPath, int]:
    """Line (from 1) of every key and table header of a valid TOML text."""
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for line, statement in _statements(toml):
        header = statement.strip().startswith("[")
        prefix = () if header else table
        for path in _paths(tomllib.loads(statement)):
            found.setdefault(prefix + path, line)
            if header:
                table = path  # the deepest path comes last
    return found


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """The line of ``path``, or of the nearest table around it; None where no part of it was written."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _statements(toml: str) -> Iterator[tuple[int, str]]:
    """First line and text of each key or header; a value over several lines is one statement."""
    gathered, first = "", 1
    for line, text in enumerate(toml.splitlines(keepends=True), 1):
        if not gathered:
            first = line
        gathered += text
        try:
            if tomllib.loads(gathered):
                yield first, gathered
            gathered = ""
        except tomllib.TOMLDecodeError:
            continue  # the value goes on in the next line


def _paths(table: Mapping[str, Any]) -> Iterator[KeyPath]:
    for key, value in table.items():
        yield (key,)
        inner = value[0] if isinstance(value, list) and value and isinstance(value[0], dict) else value
        if isinstance(inner, dict):
            for path in _paths(inner):
                yield (key, *path)
