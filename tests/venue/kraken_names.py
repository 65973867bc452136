"""Kraken's names: assets with an X or Z before them, pairs under three names, ids made of letter groups."""

from __future__ import annotations

import random

from tests.venue.rules import Market, Reason, Refused
from tests.venue.tape import Tape

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
LEGACY = {
    "BTC": ("XXBT", "XBT"), "ETH": ("XETH", "ETH"), "LTC": ("XLTC", "LTC"), "XRP": ("XXRP", "XRP"),
    "USD": ("ZUSD", "USD"), "EUR": ("ZEUR", "EUR"),
}  # fmt: skip


def asset_id(code: str) -> str:
    """``XXBT`` for BTC, ``ZUSD`` for USD; younger assets keep their name."""
    return LEGACY.get(code, (code, code))[0]


def asset_alt(code: str) -> str:
    """``XBT`` for BTC."""
    return LEGACY.get(code, (code, code))[1]


def pair_alt(market: Market) -> str:
    """``XBTUSD``."""
    return asset_alt(market.base) + asset_alt(market.quote)


def pair_id(market: Market) -> str:
    """``XXBTZUSD`` where both assets have an old name, else the short name (``XBTUSDT``)."""
    both_old = market.base in LEGACY and market.quote in LEGACY
    return asset_id(market.base) + asset_id(market.quote) if both_old else pair_alt(market)


def ws_name(market: Market) -> str:
    """``XBT/USD``, as AssetPairs calls it (WebSocket v2 itself says BTC/USD)."""
    return f"{asset_alt(market.base)}/{asset_alt(market.quote)}"


def by_pair(tapes: dict[str, Tape], name: str) -> Tape:
    """The market under any of its names; ``Refused`` when there is none."""
    for tape in tapes.values():
        market = tape.market
        if name in (pair_id(market), pair_alt(market), ws_name(market), market.symbol):
            return tape
    raise Refused(Reason.UNKNOWN_MARKET, name)


def made_id(first: str, seed: int, number: int) -> str:
    """A txid such as ``OQCLML-BW3P3-BUCMWZ``; the same seed and number give the same."""
    rng = random.Random(f"{first} {seed} {number}")
    letters = first + "".join(rng.choice(LETTERS) for _ in range(16))
    return f"{letters[:6]}-{letters[6:11]}-{letters[11:]}"
