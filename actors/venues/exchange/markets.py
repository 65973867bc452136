"""ccxt's market tables as instruments, exact to the last digit; on the loop that owns the ccxt object."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from actors.venues.exchange.capabilities import capabilities_of
from actors.venues.exchange.fault_words import title
from core.errors import BadSettings, BadValue
from core.ids import Symbol, VenueName
from core.instrument import Instrument
from core.money import exact

__all__ = ["capabilities_of", "instrument_of", "instruments_of"]

DECIMAL_PLACES, SIGNIFICANT_DIGITS, TICK_SIZE = 2, 3, 4
"""ccxt's names for the three ways to give a precision."""


def instruments_of(exchange: Any, symbols: tuple[Symbol, ...], venue: VenueName) -> tuple[Instrument, ...]:
    """The session's markets; ``BadSettings`` with one sentence for each that cannot be traded."""
    found: list[Instrument] = []
    faults: list[str] = []
    for symbol in symbols:
        fault = _fault(exchange, symbol, venue)
        if fault is not None:
            faults.append(fault)
            continue
        try:
            found.append(instrument_of(exchange.markets[symbol], exchange))
        except BadSettings as bad:
            faults += bad.faults
    if faults:
        raise BadSettings(*faults)
    return tuple(found)


def instrument_of(market: Mapping[str, Any], exchange: Any) -> Instrument:
    """One market with tick, step and minima; ``BadSettings`` where they cannot be told exactly."""
    symbol, precision = Symbol(market["symbol"]), market.get("precision") or {}
    limits = market.get("limits") or {}
    try:
        return Instrument(
            symbol,
            tick=_grid(precision.get("price"), exchange.precisionMode, symbol, "price"),
            step=_grid(precision.get("amount"), exchange.precisionMode, symbol, "amount"),
            min_quantity=_least(limits, "amount"),
            min_notional=_least(limits, "cost"),
        )
    except (BadValue, BadSettings) as bad:
        raise BadSettings(
            f"{title(exchange.id)} does not tell the grid of {symbol} in a form that can be kept exactly "
            f"({bad}); write tick and step under instruments in the settings, or trade another market."
        ) from bad


def _fault(exchange: Any, symbol: Symbol, venue: VenueName) -> str | None:
    """Why a market cannot be traded, in one sentence; None if it can."""
    markets: Mapping[str, Any] = exchange.markets or {}
    market, name = markets.get(symbol), title(venue)
    if market is None:
        spot = [one for one, facts in markets.items() if facts.get("spot") and ":" not in one]
        near = get_close_matches(symbol, spot, 3, 0.6) or sorted(
            one for one in spot if one.split("/")[0] == symbol.split("/")[0]
        )
        hint = f"; did you mean {' or '.join(near[:3])}?" if near else "."
        return f"{name} has no market {symbol}{hint}"
    if not market.get("spot"):
        return f"{symbol} at {name} is no spot market, and Belay trades nothing else."
    if market.get("active") is False:
        return f"{name} does not trade {symbol} now (halted or delisted); choose another market."
    return None


def _grid(value: Any, mode: int, symbol: Symbol, what: str) -> Decimal:
    """The smallest step of a price or an amount."""
    if value is None:
        raise BadValue(f"{symbol}: no step of the {what}")
    number = _exact(value, f"{symbol}: step of the {what}")
    if mode == TICK_SIZE:
        return number
    if mode == DECIMAL_PLACES and number == number.to_integral_value():
        return Decimal(1).scaleb(-int(number))
    kind = "significant digits" if mode == SIGNIFICANT_DIGITS else f"mode {mode}"
    raise BadValue(f"{symbol}: the {what} has {number} {kind}, which is no fixed step")


def _least(limits: Mapping[str, Any], what: str) -> Decimal:
    value = (limits.get(what) or {}).get("min")
    return Decimal(0) if value is None else _exact(value, f"the least {what}")


def _exact(value: Any, what: str) -> Decimal:
    """A number of ccxt's: the venue's own text, or a float of its own tables, whose shortest text is meant."""
    return exact(repr(value) if isinstance(value, float) else value, what)
