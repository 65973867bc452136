"""A settings file that leads Belay to a wire-level venue on this machine, as a person would write it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.venue.server import VenueServer, ccxt_config

MARKETS = {"binance": ("BTC/USDT", "ETH/USDT"), "kraken": ("BTC/USD",)}


def toml_of(value: Any) -> str:
    """A value as TOML writes it on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml_of(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_of, value)) + "]"
    return json.dumps(value)


def write_wire_settings(
    path: Path, venue: VenueServer, *, source: str = "environment", more: str = ""
) -> Path:
    """The venue, its markets and where it is; keys come from ``source``."""
    name = venue.api.ccxt_id
    access = {key: part for key, part in ccxt_config(venue, keys=False).items() if key != "enableRateLimit"}
    path.write_text(
        f'[venue]\nname = "{name}"\nsymbols = {toml_of(MARKETS[name])}\n'
        f"[venues.{name}]\nccxt = {toml_of(access)}\n"
        f'[keys]\nsource = "{source}"\n{more}',
        encoding="utf-8",
    )
    return path


def key_environment(venue: VenueServer) -> dict[str, str]:
    """The venue's own keys, in the environment's names."""
    return {"EXCHANGE_API_KEY": venue.api.key, "EXCHANGE_API_SECRET": venue.api.secret}
