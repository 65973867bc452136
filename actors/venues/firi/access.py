"""How Firi is reached: what the free settings table and the keys say; pure.

Of the table ``venues.firi.ccxt`` these are used, in ccxt's own words: ``urls.api`` (or ``hostname``), ``timeout`` (ms),
``rateLimit`` (ms between two requests) and ``options.slippage`` (the share by which a market order may be worse than
the best price).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from actors.venue_keys import VenueKeys
from core.errors import BadSettings, BadValue
from core.money import exact

BASE = "https://api.firi.com"
TIMEOUT = 10.0
RATE_LIMIT = 500.0
"""Milliseconds between two requests in the long run: Firi names no limit, and its users report ten a second."""
SLIPPAGE = Decimal("0.01")
KEY_WORDS = (
    "For Firi, apiKey is the API key, secret the secret key and password the client ID; all three are shown once under "
    "Settings, API on Firi's pages.  With the client ID each request is signed and the API key is never sent."
)
"""For people who enter keys."""
_SECRET_NAMES = frozenset({"apiKey", "secret", "password", "uid", "privateKey", "token"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FiriAccess:
    """``keys``: ``api_key`` is Firi's API key, ``secret`` its secret key, ``password`` its client ID.

    With a client ID requests are signed with the secret key.  Without one they carry the API key as it is, which Firi
    calls the weaker way; the secret is not used then.
    """

    base: str = BASE
    timeout: float = TIMEOUT
    per_second: float = 1000 / RATE_LIMIT
    slippage: Decimal = SLIPPAGE
    keys: VenueKeys | None = field(default=None, repr=False)


def access_from(table: Mapping[str, Any], keys: VenueKeys | None) -> FiriAccess:
    """The access that a free table and keys describe; ``BadSettings`` with a sentence for each fault."""
    faults = [
        f"venues.firi.ccxt.{name} does not belong in a settings file; store keys with `keys set firi`."
        for name in sorted(_SECRET_NAMES & set(table))
    ]
    base, wrong = _base(table)
    faults += wrong
    timeout = _positive(table.get("timeout"), "timeout", Decimal(int(TIMEOUT * 1000)), faults)
    limit = _positive(table.get("rateLimit"), "rateLimit", Decimal(int(RATE_LIMIT)), faults)
    options = table.get("options", {})
    given = options.get("slippage") if isinstance(options, Mapping) else None
    slippage = _positive(given, "options.slippage", SLIPPAGE, faults)
    if slippage >= 1:
        faults.append(
            "venues.firi.ccxt.options.slippage is a share; write a number below 1, for example 0.01."
        )
    if faults:
        raise BadSettings(*faults)
    return FiriAccess(
        base=base, timeout=float(timeout) / 1000, per_second=1000 / float(limit), slippage=slippage, keys=keys
    )


def _base(table: Mapping[str, Any]) -> tuple[str, list[str]]:
    urls = table.get("urls")
    found = urls.get("api") if isinstance(urls, Mapping) else None
    if isinstance(found, Mapping):
        texts = [found.get(name) for name in ("rest", "private", "public")]
        found = next((text for text in [*texts, *found.values()] if isinstance(text, str)), None)
    if found is None and isinstance(table.get("hostname"), str):
        found = f"https://{table['hostname']}"
    base = (BASE if found is None else str(found)).rstrip("/").removesuffix("/v2")
    parts = urlsplit(base)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return BASE, [f"venues.firi.ccxt.urls.api is {base!r}; write an address such as {BASE}."]
    return base, []


def _positive(value: object, name: str, usual: Decimal, faults: list[str]) -> Decimal:
    if value is None:
        return usual
    try:
        number = exact(str(value) if isinstance(value, float) else value, name)  # type: ignore[arg-type]
    except BadValue:
        number = Decimal(0)
    if number <= 0:
        faults.append(f"venues.firi.ccxt.{name} is {value!r}; write a number above 0.")
        return usual
    return number
