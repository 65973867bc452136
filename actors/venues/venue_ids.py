"""Which venues there are, found without importing ccxt (which takes seconds); any thread."""

from __future__ import annotations

import difflib
import pkgutil
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from core.errors import BadSettings
from core.settings_types import ALIASES

FIRI = "firi"
FIRST_CLASS = ("binance", "kraken", "coinbase")
NO_SPOT = frozenset(
    {
        "apex", "binancecoinm", "binanceusdm", "blofin", "bydfi", "dydx", "extended", "grvt", "hibachi",
        "krakenfutures", "kucoinfutures", "modetrade", "mudrex", "paradex", "polymarket", "woofipro",
    }
)  # fmt: skip
"""Venues of ccxt without a spot market (its own ``has["spot"]`` says so)."""


def is_real(name: str) -> bool:
    """Whether ``name`` is meant as an exchange: neither the simulated market nor a replay."""
    return name != "sim" and not name.startswith("replay:")


def has_real_market(book_venue: str) -> bool:
    """Whether the venue in a book's name is an exchange: there a replay stands without its files."""
    return book_venue != "replay" and is_real(book_venue)


@lru_cache(maxsize=1)
def venue_ids() -> tuple[str, ...]:
    """Every venue with a spot market, sorted: ccxt's modules by their file names, and Firi."""
    spec = find_spec("ccxt")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    folders = [str(Path(place) / "async_support") for place in places]
    found = {module.name for module in pkgutil.iter_modules(folders) if not module.ispkg}
    return tuple(sorted({*found, FIRI} - NO_SPOT - {"base"}))


def checked_venue(name: str) -> str:
    """``name`` as it is known; ``BadSettings`` with near matches for one that is not."""
    plain = ALIASES.get(name, name)
    if plain in venue_ids():
        return plain
    if plain in NO_SPOT:
        raise BadSettings(
            f"{plain} has no spot markets, and Belay trades nothing else; choose another venue."
        )
    near = difflib.get_close_matches(plain, venue_ids(), n=3, cutoff=0.7)
    if near:
        raise BadSettings(f"There is no venue {plain!r}. Did you mean {' or '.join(near)}?")
    raise BadSettings(
        f"There is no venue {plain!r}; write sim, replay:PATH, {', '.join(FIRST_CLASS)}, {FIRI} or another id of ccxt."
    )
