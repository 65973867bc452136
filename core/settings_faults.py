"""What is wrong with settings, one sentence each: secrets, wrong values, settings that contradict; pure."""

from __future__ import annotations

import difflib
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from core.errors import BadValue
from core.instrument import split_symbol
from core.limits import limit_faults
from core.settings import Risk, Settings, Strategy
from core.settings_lines import KeyPath
from core.settings_types import shown

SECRET_ENDINGS = (
    "apikey", "secret", "password", "passphrase", "token", "privatekey", "twofa", "mnemonic", "seedphrase",
)  # fmt: skip
Fault = tuple[KeyPath, str]
_WANTED = {
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "is_instance_of": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": 'must be a text in quotes, "like this"',
    "model_type": "must be a table of keys",
    "dict_type": "must be a table of keys",
    "mapping_type": "must be a table of keys",
}


def is_secret_name(name: str) -> bool:
    """Whether a key of this name holds a secret (``apiKey``, ``api_secret``, ``bot-token``)."""
    return name.lower().replace("_", "").replace("-", "").endswith(SECRET_ENDINGS)


def secret_faults(table: Mapping[str, Any], path: KeyPath = ()) -> Iterator[Fault]:
    """Every key that looks like a secret, at any depth; its value is never quoted."""
    for key, value in table.items():
        here = (*path, key)
        if is_secret_name(key):
            venue = here[1] if here[0] == "venues" and len(here) > 1 else "VENUE"
            yield (
                here,
                (
                    "is a secret, which no file may hold; remove it, renew the key at the exchange "
                    f"and store it with `python main.py keys set {venue}`"
                ),
            )
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from secret_faults(inner, here)


def wrong_values(error: ValidationError) -> Iterator[Fault]:
    """Pydantic's findings as sentences."""
    for detail in error.errors(include_url=False):
        path = tuple(str(part) for part in detail["loc"] if part != "[key]")
        yield path, _sentence(path, detail)


def _sentence(path: KeyPath, detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "extra_forbidden":
        close = difflib.get_close_matches(path[-1].lower(), _keys_at(path[:-1]), n=1, cutoff=0.6)
        hint = f'; did you mean "{close[0]}"?' if close else _known(_keys_at(path[:-1]))
        return f"is not a setting{hint}"
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind == "literal_error":
        return f"is {shown(value)}; write {detail['ctx']['expected']}"
    if kind == "greater_than_equal":
        return f"is {shown(value)}; write {detail['ctx']['ge']} or more"
    return f"{_WANTED.get(kind, detail['msg'])}, not {shown(value)}"


def _known(keys: Iterable[str]) -> str:
    return f"; known here: {', '.join(keys)}"


def _keys_at(path: KeyPath) -> list[str]:
    """The keys that the settings know under ``path``."""
    model: type[BaseModel] | None = Settings
    for part in path:
        if model is None:  # the part is a name of the person's own, such as a strategy's
            return []
        field = model.model_fields.get(part)
        model = section_of(field.annotation) if field is not None else model
    return list(model.model_fields) if model is not None else []


def section_of(annotation: Any) -> type[BaseModel] | None:
    """The model behind a field: the section itself, or that of each entry of a mapping."""
    for part in (annotation, *typing.get_args(annotation)):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def ceiling_faults(risk: object) -> Iterator[Fault]:
    """Limits that cannot be, in a risk table that is well formed otherwise."""
    try:
        values = Risk.model_validate(risk).model_dump()
    except ValidationError:
        return
    for name, sentence in limit_faults(values):
        yield ("risk", name), sentence.removesuffix(".")


def contradictions(settings: Settings) -> Iterator[Fault]:
    """What no single value shows (K1): names that must agree."""
    if not settings.venue.symbols:
        yield ("venue", "symbols"), "is empty; name at least one market, for example BTC/USDT"
    for symbol in settings.instruments:
        try:
            split_symbol(symbol)
        except BadValue as error:
            yield ("instruments", symbol), f"cannot be used: {error}"
    for name, strategy in settings.strategies.items():
        yield from _strategy_faults(settings, name, strategy)


def _strategy_faults(settings: Settings, name: str, strategy: Strategy) -> Iterator[Fault]:
    foreign = [symbol for symbol in strategy.symbols if symbol not in settings.venue.symbols]
    if foreign:
        yield (
            ("strategies", name, "symbols"),
            (f"names {', '.join(foreign)}, which venue.symbols does not; add it there or remove it here"),
        )
    for key, value in strategy.params.items():
        if isinstance(value, list | dict):
            yield ("strategies", name, key), "must be a number, a text, true or false"
