"""The log read back, newest first, for the window, the export and the command line; any thread."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from actors.line_file import KEPT_FILES, numbered
from core.records import LogLine

LOG_FILE = Path("logs") / "belay.jsonl"
_BLOCK = 65_536


def read_log(
    home: Path, *, limit: int | None = 500, text: str = "", levels: Iterable[str] = (), source: str = ""
) -> list[LogLine]:
    """The newest lines, newest first, across the rotated files; ``limit`` None is all.

    ``text`` is looked for in the text and fields, in any case; no ``levels`` or ``source`` means every one.
    A line that is no log line (torn by a crash) is left out.
    """
    wanted = frozenset(levels)
    found: list[LogLine] = []
    for line in iterate_log(home):
        if _fits(line, text.lower(), wanted, source):
            found.append(line)
            if limit is not None and len(found) >= limit:
                break
    return found


def iterate_log(home: Path) -> Iterator[LogLine]:
    """Every line, newest first, read as it is asked for."""
    for number in range(KEPT_FILES):
        for raw in _backwards(numbered(home / LOG_FILE, number)):
            line = _log_line(raw)
            if line is not None:
                yield line


def _fits(line: LogLine, text: str, levels: frozenset[str], source: str) -> bool:
    if levels and line.level not in levels:
        return False
    if source and line.source != source:
        return False
    return not text or text in line.text.lower() or any(text in value.lower() for _, value in line.fields)


def _log_line(raw: bytes) -> LogLine | None:
    try:
        event = json.loads(raw)
        at = datetime.fromisoformat(event.pop("at"))
        level, mode, source, text = (str(event.pop(name)) for name in ("level", "mode", "source", "text"))
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
    fields = tuple((str(name), _plain(value)) for name, value in event.items())
    return LogLine(at, level, mode, source, text, fields)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file from the last to the first, in blocks: the newest cost the same in any file."""
    try:
        file = path.open("rb")
    except OSError:
        return
    with file:
        end = file.seek(0, 2)
        rest = b""
        while end > 0:
            start = max(0, end - _BLOCK)
            file.seek(start)
            lines = (file.read(end - start) + rest).split(b"\n")
            rest = lines[0]
            yield from (line for line in reversed(lines[1:]) if line)
            end = start
        if rest:
            yield rest
