"""Compares the venue's messages with recorded ones: keys, and kinds of values."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.venue.api import Api
from tests.venue.wire import Call, dumps


def kind(value: Any) -> str:
    """What a value is on the wire; numbers in quotes are told from words."""
    if isinstance(value, bool) or value is None:
        return str(type(value).__name__)
    if isinstance(value, str):
        return "digits" if value.replace(".", "", 1).replace("-", "", 1).isdigit() else "text"
    return "number" if isinstance(value, int | float) else type(value).__name__


def differences(
    ours: Any, theirs: Any, path: str = "", *, optional: frozenset[str] = frozenset()
) -> Iterator[str]:
    """Keys that the recorded message has and ours lacks, and values of another kind; lists by their first row."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for key in theirs:
            if key in optional:
                continue
            if key not in ours:
                yield f"{path}.{key} is missing"
            else:
                yield from differences(ours[key], theirs[key], f"{path}.{key}", optional=optional)
    elif isinstance(theirs, list) and isinstance(ours, list):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(one, other, f"{path}[{index}]", optional=optional)
            if isinstance(other, dict):
                break
    elif kind(ours) != kind(theirs) and not {kind(ours), kind(theirs)} & {"NoneType"}:
        yield f"{path}: {kind(ours)} {ours!r}, recorded {kind(theirs)} {theirs!r}"


def wired(value: Any) -> Any:
    """A message as it arrives."""
    return json.loads(dumps(value))


def fixture(shared: Path, name: str) -> Any:
    """A recorded message out of the folder of market data."""
    return json.loads((shared / "data" / "fixtures" / name).read_text(encoding="utf-8"))


def asked(venue: Api, method: str, path: str, **params: str) -> Any:
    """A public call's answer, as it arrives."""
    call = Call(1, 0, "", method, path, "", "", {}, params, venue.name_of(method, path))
    return wired(venue.handle(call).body)
