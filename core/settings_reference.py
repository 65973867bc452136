"""The reference of all settings, the commented template and the settings in force; pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from core.money import text
from core.settings import Settings
from core.settings_faults import section_of

_EXAMPLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "strategies": ("[strategies.grid]", ("# Any further key is a parameter of the strategy.",)),
    "instruments": ('[instruments."BTC/USDT"]', ()),
}  # fmt: skip
_NAMED = frozenset({*_EXAMPLES, "venues"})
"""Sections that hold one table for each name."""
_OWN = "(the market's own)"
_UNUSED = frozenset({"venues"})
"""Sections that are read and checked, but that nothing uses while there is no exchange to trade on."""
_INTRODUCTION = """\
# Belay's settings.  Every line that starts with "# " and a key shows a default; remove the mark to change it.
# What stands under a "# [section]" is an example: remove the mark of that header too.
# The command line goes before the environment, the environment before this file, this before the defaults.
# Keys of exchanges never stand here: `python main.py keys set VENUE` puts them into the system's keyring.
"""


def describe() -> str:
    """Every key with its default and meaning, one line each: the reference of ``config show --reference``."""
    lines: list[str] = []
    for name, model, header in _sections():
        lines += [f"{header}  {_meaning(model)}"]
        lines += [
            f"  {key} = {_default(field) if field.default is not None else _OWN}  {field.description}"
            for key, field in model.model_fields.items()
        ]
        lines += ["  (any further key is a parameter of the strategy)"] if name == "strategies" else []
        lines.append("")
    return "\n".join(lines)


def template() -> str:
    """A settings file in which every default stands as a comment; reading it changes nothing."""
    lines = [_INTRODUCTION]
    for name, model, header in _sections():
        is_named = name in _NAMED
        lines += [f"# {_meaning(model)}", f"# {header}" if is_named else header]
        for key, field in model.model_fields.items():
            lines.append(f"# {key} = {_default(field)}".ljust(44) + f"  # {field.description}")
        lines += [*(_EXAMPLES[name][1] if is_named else ()), ""]
    return "\n".join(lines)


def in_force(settings: Settings) -> str:
    """The settings as TOML that would give them again; sections of a person's own last."""
    lines: list[str] = []
    for key, value in settings.model_dump(exclude_none=True).items():
        if key in _NAMED:
            for name, table in value.items():
                lines += [f"[{key}.{json.dumps(name)}]", *_pairs(table), ""]
        else:
            lines += [f"[{key}]", *_pairs(value), ""]
    return "\n".join(lines)


def _sections() -> Iterator[tuple[str, type[BaseModel], str]]:
    for name, field in Settings.model_fields.items():
        if name in _UNUSED:
            continue
        model = section_of(field.annotation)
        assert model is not None, f"{name} is no section"
        yield name, model, _EXAMPLES[name][0] if name in _EXAMPLES else f"[{name}]"


def _meaning(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    return toml_value(field.examples[0] if value is None and field.examples else value)


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [
        f"{json.dumps(key) if not key.isidentifier() else key} = {toml_value(value)}"
        for key, value in table.items()
    ]


def toml_value(value: object) -> str:
    """A setting's value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return text(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(toml_value(part) for part in value)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_value(part)}" for key, part in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
