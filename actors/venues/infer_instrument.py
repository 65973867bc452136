"""A market's tick, step and minima as far as its candles tell them; pure, any thread."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from core.candles import MOST_PLACES, PRICES, Candles, decimal_places
from core.errors import BadData
from core.ids import Currency, Symbol
from core.instrument import Instrument, split_symbol

LEAST_NOTIONAL = {"BTC": Decimal("0.0001"), "ETH": Decimal("0.001"), "BNB": Decimal("0.01")}
"""Smallest order in quote units where 5 of them would be a fortune (Binance's own minima)."""
USUAL_NOTIONAL = Decimal(5)


def least_notional(quote: Currency) -> Decimal:
    """The smallest order value, in units of ``quote``."""
    return LEAST_NOTIONAL.get(quote, USUAL_NOTIONAL)


def infer_instrument(symbol: Symbol, bars: Candles) -> Instrument:
    """Tick and step are the powers of ten (1 to 1e-8) on which all prices and all volumes sit.

    A step is never so coarse that one costs more than a fifth of the smallest order: rounded or empty volumes
    say nothing about it.  ``BadData`` for prices below 0.00000001, which cannot be written down.
    """
    quote = split_symbol(symbol)[1]
    price_places = max(decimal_places(bars[name]) for name in PRICES)
    tick = Decimal(1).scaleb(-price_places)
    if float(bars["low"].min()) < float(tick):
        raise BadData(f"{symbol}: prices below {tick:f} cannot be traded.")
    smallest = least_notional(quote)
    places = decimal_places(bars["volume"])
    dearest = float(smallest) / 5 / float(np.median(bars["close"]))
    while places < MOST_PLACES and 10.0**-places > dearest:
        places += 1
    step = Decimal(1).scaleb(-places)
    return Instrument(symbol, tick, step, min_quantity=step, min_notional=smallest)
