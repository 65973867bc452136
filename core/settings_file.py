"""Settings from a TOML file, the environment and the command line, with every fault in one error; any thread.

The command line goes before the environment, the environment before the file, the file before the defaults.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from core.errors import BadSettings
from core.settings import Settings
from core.settings_faults import ceiling_faults, contradictions, secret_faults, wrong_values
from core.settings_given import Given, from_environment, laid_over
from core.settings_lines import KeyPath, line_numbers, line_of

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|(end of document))\)$")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def load_settings(path: Path | None, environment: Mapping[str, str], given: Iterable[Given] = ()) -> Settings:
    """The settings of the file at ``path`` (None: defaults) under ``environment`` and what was ``given``."""
    if path is None:
        return parse_settings("", "settings", environment, given)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise BadSettings(f"{path} does not exist; `python main.py config init` writes a template.") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{path} is not a UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise BadSettings(
            f"{path} cannot be read ({error.strerror}); check the file and its rights."
        ) from None
    return parse_settings(text, str(path), environment, given)


def parse_settings(
    toml: str, source: str, environment: Mapping[str, str], given: Iterable[Given] = ()
) -> Settings:
    """The settings of a TOML text; ``source`` is its name in faults.  ``BadSettings`` with all faults."""
    table = _parsed(toml, source)
    over = [*from_environment(environment), *given]
    origins = {one.path: one.origin for one in over}
    lines = line_numbers(toml)

    merged = laid_over(table, over)
    faults = dict([*ceiling_faults(merged.get("risk", {})), *secret_faults(table)])
    settings = None
    try:
        settings = Settings.model_validate(merged)
        faults = {**dict(contradictions(settings)), **faults}
    except ValidationError as error:
        faults = {**dict(wrong_values(error)), **faults}
    if settings is None or faults:
        in_order = sorted(faults.items(), key=lambda item: line_of(lines, item[0]) or 0)
        raise BadSettings(*(_sentence(source, lines, origins, path, fault) for path, fault in in_order))
    return settings


def _parsed(toml: str, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(toml, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        what = _PLACE.sub("", str(error)).rstrip(".")
        where = f"line {place[1]}, column {place[2]}" if place and place[1] else "end of the file"
        raise BadSettings(f"{source}, {where}: {what}; correct the TOML there.") from None


def _sentence(
    source: str, lines: Mapping[KeyPath, int], origins: Mapping[KeyPath, str], path: KeyPath, fault: str
) -> str:
    fault = fault if fault.endswith("?") else f"{fault}."
    if path in origins:
        return f"{origins[path]}: {fault}"
    line = line_of(lines, path)
    place = f"{source}, line {line}" if line is not None else source
    return f"{place}: {dotted(path)} {fault}"


def dotted(path: KeyPath) -> str:
    """A path as TOML writes it: ``instruments."BTC/USDT".tick``."""
    return ".".join(part if _BARE.fullmatch(part) else f'"{part}"' for part in path)
