"""Which of a venue's ways the settings have left at its own hosts while its requests go elsewhere; pure.

A table that changes the host of ``public`` and ``private`` alone would mix the venue's real prices into another market
and send signed requests to a stranger: such ways are not used.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from core.venue import Capabilities

Path = tuple[str, ...]
PUBLIC: Mapping[str, Path] = {
    "binance": ("ws", "spot"),
    "bybit": ("ws", "public", "spot"),
    "kraken": ("ws", "publicV2"),
}
OWN: Mapping[str, Path] = {
    "binance": ("ws", "ws-api", "spot"),
    "bybit": ("ws", "private", "spot", "unified"),
    "kraken": ("ws", "privateV2"),
}
"""What Belay uses of the many addresses; elsewhere all of them count."""
OF_OWN = frozenset({"orders", "own_trades", "balances"})
"""Kinds of news (``Capabilities.streams``) that come over own streams; the others are public."""


@dataclass(frozen=True, slots=True)
class Left:
    """``public`` and ``own`` streams, ``sapi`` requests and signed (``private``) ones that still go to ``host``."""

    public: bool = False
    own: bool = False
    sapi: bool = False
    private: bool = False
    host: str = ""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a person should know of it."""
        found = []
        streams = [name for name, is_left in (("public", self.public), ("own", self.own)) if is_left]
        if streams:
            found.append(
                f"The settings lead the requests to another host and leave the {' and '.join(streams)} streams at the "
                f"venue's own ({self.host}): these are not used, and Belay asks instead. Set urls.api.ws too."
            )
        if self.sapi:
            found.append(
                "urls.api.sapi is still the venue's own host, so the rights of the keys are not asked for there."
            )
        if self.private:
            found.append(
                "urls.api.public leads to another host and urls.api.private does not: orders go to the venue itself."
            )
        return tuple(found)


def left_behind(exchange: Any) -> Left:
    """Nothing where the settings change no host, or all of them."""
    if getattr(exchange, "isSandboxModeEnabled", False):
        return Left()
    described = exchange.describe()
    own = dict(_hosts((described.get("urls") or {}).get("api"), described.get("hostname")))
    now = dict(_hosts((exchange.urls or {}).get("api"), exchange.hostname))
    stays = {path for path in now.keys() & own.keys() if now[path] == own[path]}
    moved = {
        path
        for path in now.keys() & own.keys()
        if not _is_stream(path) and _domain(now[path]) != _domain(own[path])
    }
    if not moved:
        return Left()
    streams = {path for path in stays if _is_stream(path)}
    public, private = _left(PUBLIC, exchange.id, streams), _left(OWN, exchange.id, streams)
    hosts = [now[path] for path in (*public, *private)]
    return Left(
        public=bool(public),
        own=bool(private),
        sapi=("sapi",) in stays,
        private=("public",) in moved and ("private",) in stays,
        host=hosts[0] if hosts else "",
    )


def honest(caps: Capabilities, exchange: Any) -> Capabilities:
    """The same without what is left behind, and with a note of it."""
    left = left_behind(exchange)
    if not left.sentences:
        return caps
    streams = {
        name: is_streamed and not (left.own if name in OF_OWN else left.public)
        for name, is_streamed in caps.streams.items()
    }
    return replace(caps, streams=MappingProxyType(streams), notes=(*caps.notes, *left.sentences))


def _left(ways: Mapping[str, Path], venue: str, streams: set[Path]) -> list[Path]:
    return sorted(path for path in streams if path == ways.get(venue, path))


def _domain(host: str) -> str:
    """A venue's hosts in one domain (``api1``, or another country's) are the venue's all the same."""
    return ".".join(host.split(".")[-2:])


def _is_stream(path: Path) -> bool:
    return any(part.lower().startswith(("ws", "websocket")) for part in path)


def _hosts(table: Any, hostname: str | None, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every address of a (deep) table with its host."""
    if isinstance(table, Mapping):
        for name, value in table.items():
            yield from _hosts(value, hostname, (*path, str(name)))
    elif isinstance(table, str):
        yield path, urlsplit(table.replace("{hostname}", hostname or "")).hostname or ""
