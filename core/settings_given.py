"""Settings from the environment and the command line, laid over those of the file; pure.

The environment's secrets are not settings: ``secrets_in`` names them so that the log can hide them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.errors import BadSettings
from core.settings_lines import KeyPath

SECRET_VARIABLES = (
    "EXCHANGE_API_KEY", "EXCHANGE_API_SECRET", "EXCHANGE_API_PASSWORD", "LIVE_CONFIRM_TOKEN", "TELEGRAM_BOT_TOKEN",
)  # fmt: skip
_VARIABLES: Mapping[str, KeyPath] = {
    "EXCHANGE": ("venue", "name"),
    "ALLOWED_SYMBOLS": ("risk", "allowed_symbols"),
}


@dataclass(frozen=True, slots=True)
class Given:
    """One setting from elsewhere than the file; ``origin`` is what a fault names, for example ``--cash``."""

    path: KeyPath
    value: object
    origin: str


def from_environment(environment: Mapping[str, str]) -> list[Given]:
    """The settings that the environment gives (K4); an empty variable counts as not set."""
    return [
        Given(path, environment[name], f"{name} in the environment")
        for name, path in _VARIABLES.items()
        if environment.get(name, "").strip()
    ]


def secrets_in(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values that must never be written anywhere."""
    return tuple(value for name in SECRET_VARIABLES if (value := environment.get(name, "").strip()))


def is_live_allowed(environment: Mapping[str, str]) -> bool:
    """``ALLOW_LIVE``: 1 allows, 0 or nothing does not; ``BadSettings`` for anything else."""
    value = environment.get("ALLOW_LIVE", "").strip()
    if value not in ("", "0", "1"):
        raise BadSettings(
            f"ALLOW_LIVE in the environment is {value!r}; write 1 to allow live trading, else 0."
        )
    return value == "1"


def laid_over(table: Mapping[str, Any], given: Iterable[Given]) -> dict[str, Any]:
    """A copy of ``table`` with the given settings in place of its own, earlier ones before later ones."""
    merged = dict(table)
    for one in given:
        inner = merged
        for key in one.path[:-1]:
            below = inner.get(key)
            inner[key] = dict(below) if isinstance(below, dict) else {}
            inner = inner[key]
        inner[one.path[-1]] = one.value
    return merged
