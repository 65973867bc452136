"""A bar's floats as a candle's exact numbers, on the instrument's tick and step; pure, the feed's thread."""

from __future__ import annotations

from core.clock import instant
from core.instrument import Instrument
from core.market import Bar, Candle
from core.money import Price, Quantity


def candle_value(bar: Bar, instrument: Instrument, timeframe: str, *, closed: bool) -> Candle:
    """``bar`` in decimals; rounding keeps their order, so high and low still enclose open and close."""
    places = instrument.price_places
    return Candle(
        instrument.symbol,
        timeframe,
        instant(bar.ts),
        Price(f"{bar.open:.{places}f}"),
        Price(f"{bar.high:.{places}f}"),
        Price(f"{bar.low:.{places}f}"),
        Price(f"{bar.close:.{places}f}"),
        Quantity(f"{bar.volume:.{instrument.quantity_places}f}"),
        closed,
    )
