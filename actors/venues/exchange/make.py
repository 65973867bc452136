"""The ccxt class and constructor table of one venue, from its id, the settings' free table and the keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from actors.venue_keys import VenueKeys
from actors.venues.exchange.fault_words import TITLES
from actors.venues.exchange.loading import exchange_class, venue_ids
from core.errors import BadSettings
from core.settings_types import ALIASES

_SECRET_ANYWHERE = {"apikey", "secret", "password", "privatekey", "authorization", "xmbxapikey", "apisign"}
_SECRET = _SECRET_ANYWHERE | {"token", "walletaddress", "uid", "login", "twofa"}
_OURS = {"enableratelimit", "asyncio_loop", "session", "verbose", "number"}
"""What the connection itself decides, whatever the table says; ``verbose`` would print keys."""
_FROM_KEYS = {
    "apiKey": "api_key", "secret": "secret", "password": "password", "uid": "password", "login": "api_key",
    "walletAddress": "api_key", "privateKey": "secret",
}  # fmt: skip
_SPOT_ONLY: Mapping[str, Mapping[str, Any]] = {
    # By default ccxt would also ask the futures' hosts for their markets, and with keys for four wallets.
    "binance": {"fetchMarkets": {"types": ["spot"]}, "fetchCurrencies": False, "fetchMargins": False},
    "okx": {"fetchMarkets": {"types": ["spot"]}},
    "bybit": {"fetchMarkets": {"types": ["spot"]}},
    "gate": {"fetchMarkets": {"types": ["spot"]}},
    "bitget": {"fetchMarkets": {"types": ["spot"]}},
}


RECEIVE_MS = 5_000
"""How late an order may reach Binance and still count: what nobody answered is settled that much sooner."""


def plain_class(venue: str) -> Any:
    """ccxt's class of this id; ``BadSettings`` with near matches where there is none."""
    name = ALIASES.get(venue.lower(), venue.lower())
    found = exchange_class(name)
    if found is None:
        near = get_close_matches(name, venue_ids(), 3, 0.6)
        hint = f"did you mean {' or '.join(near)}?" if near else "write its ccxt id, for example kraken."
        raise BadSettings(f"No exchange has the id {venue!r}; {hint}")
    return found


def probe_of(plain: Any, keys: VenueKeys | None) -> Any:
    """An object to ask for facts only, never for the network; ``BadSettings`` where Belay cannot trade at all."""
    probe = plain({"enableRateLimit": False})
    if not probe.has.get("spot"):
        raise BadSettings(f"{title_of(probe)} trades no spot markets, and Belay trades nothing else.")
    if keys is not None:
        needed = [name for name, is_needed in probe.requiredCredentials.items() if is_needed]
        given = _secrets(keys)
        missing = [name for name in needed if name not in given]
        if missing:
            raise BadSettings(
                f"{title_of(probe)} needs {', '.join(missing)} besides the key and its secret; "
                f"store them again with `main.py keys set {probe.id}` and its passphrase."
            )
    return probe


def title_of(probe: Any) -> str:
    """The venue's name for people."""
    return TITLES.get(probe.id) or str(probe.name or probe.id.capitalize())


def make_config(
    plain: Any, table: Mapping[str, Any], keys: VenueKeys | None, timeout: float
) -> Callable[[], dict[str, Any]]:
    """Gives a fresh constructor table each time (ccxt keeps and changes what it is given)."""
    name = plain.__name__
    _refuse_keys(name, table)
    table = {key: value for key, value in table.items() if key.lower() not in _OURS}
    options = {"defaultType": "spot", **_SPOT_ONLY.get(name, {})}
    if name.startswith("binance"):
        options["recvWindow"] = RECEIVE_MS
    options["warnOnFetchOpenOrdersWithoutSymbol"] = False
    ours = {"timeout": int(timeout * 1000), "timeout_on_exit": 20, "options": options}
    secrets = _secrets(keys)

    def config() -> dict[str, Any]:
        merged = _merged(ours, table)
        # Numbers stay the venue's own text; our limiter stands in for ccxt's.
        return {**merged, "number": str, "enableRateLimit": False, "verbose": False, **secrets}

    return config


def _refuse_keys(name: str, table: Mapping[str, Any]) -> None:
    faults = [
        f"venues.{name}.ccxt.{place}: settings are a plain text file; store keys with "
        f"`main.py keys set {name}` and remove this line."
        for place, key, depth in _places(table)
        if key.lower().replace("_", "").replace("-", "") in (_SECRET if depth == 0 else _SECRET_ANYWHERE)
    ]
    if faults:
        raise BadSettings(*faults)


def _places(table: Mapping[str, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, str, int]]:
    for key, value in table.items():
        yield f"{path}{key}", str(key), depth
        if isinstance(value, Mapping):
            yield from _places(value, f"{path}{key}.", depth + 1)


def _secrets(keys: VenueKeys | None) -> dict[str, str]:
    found = {}
    for name, part in _FROM_KEYS.items():
        value = getattr(keys, part) if keys is not None else None
        if value:
            found[name] = value
    return found


def _merged(below: Any, above: Any) -> Any:
    """``above`` on ``below``, deep; copies, with plain numbers and lists as ccxt takes them."""
    if isinstance(above, Mapping):
        base = below if isinstance(below, Mapping) else {}
        names = [*base, *(name for name in above if name not in base)]
        return {
            name: _merged(base.get(name), above[name]) if name in above else _merged(None, base[name])
            for name in names
        }
    if isinstance(above, list | tuple):
        return [_merged(None, item) for item in above]
    if isinstance(above, Decimal):
        return int(above) if above == above.to_integral_value() else float(above)
    return above
