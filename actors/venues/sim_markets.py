"""The simulated market's symbols: base prices, ticks, steps and minima like Binance's; pure, any thread."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from math import ceil, floor, log10

from actors.venues.infer_instrument import least_notional
from core.candles import MOST_PLACES
from core.ids import Currency, Symbol
from core.instrument import Instrument, split_symbol

WORTH = {
    "BTC": 60_000.0, "ETH": 3_000.0, "BNB": 600.0, "SOL": 150.0, "LTC": 80.0, "XRP": 0.6, "ADA": 0.45,
    "DOGE": 0.15, "XLM": 0.12, "EUR": 1.08, "GBP": 1.27, "NOK": 0.095,
}  # fmt: skip
"""USD per unit at which the simulated prices begin."""
DOLLARS = frozenset({"USD", "USDT", "USDC", "BUSD", "TUSD", "FDUSD", "DAI"})


def worth(currency: Currency) -> float:
    """USD per unit; for a name that is not listed a price between 0.05 and 500 that follows from the name."""
    if currency in DOLLARS:
        return 1.0
    known = WORTH.get(currency)
    if known is not None:
        return known
    share = int.from_bytes(hashlib.sha256(currency.encode()).digest()[:4], "little") / 2**32
    return 0.05 * float(10 ** (4 * share))


def base_price(symbol: Symbol) -> float:
    """Where the price of ``symbol`` begins, in quote units."""
    base, quote = split_symbol(symbol)
    return worth(base) / worth(quote)


def sim_instrument(symbol: Symbol) -> Instrument:
    """Five or more digits of price, and a step worth about one dollar or less."""
    base, quote = split_symbol(symbol)
    price_places = min(max(4 - floor(log10(base_price(symbol))), 2), MOST_PLACES)
    places = min(max(ceil(log10(worth(base))), 0), MOST_PLACES)
    step = Decimal(1).scaleb(-places)
    tick = Decimal(1).scaleb(-price_places)
    return Instrument(symbol, tick, step, min_quantity=step, min_notional=least_notional(quote))
