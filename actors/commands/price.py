"""``price``: from the running bot, else from the venue that the settings name, else from the records; main thread."""

from __future__ import annotations

import argparse
from datetime import datetime

from actors.commands import status
from actors.commands.context import Context
from actors.commands.spoken_log import spoken_log
from actors.commands.venue_check import OPEN_S, bounded
from actors.venues.venue_ids import checked_venue, is_real
from core.errors import BadData, BadSettings, BadValue, TryAgain
from core.ids import Symbol
from core.instrument import split_symbol
from core.money import text


def price(args: argparse.Namespace, context: Context) -> int:
    """One line with the last price; with ``--venue`` always that venue's own."""
    named = args.venue
    if named is not None and not is_real(named):
        raise BadSettings(f"--venue {named} has no price to ask for; name an exchange, for example kraken.")
    if named is None and status.running(context) is not None:
        return status.price(args, context)
    venue = checked_venue(named.lower()) if named is not None else _venue(context)
    if venue is None:
        return status.price(args, context)
    try:
        split_symbol(args.symbol.upper())
    except BadValue as error:
        raise BadSettings(f"{error}.") from None
    symbol = Symbol(args.symbol.upper())
    try:
        last, at = _asked(venue, symbol, context)
    except TryAgain as error:
        if named is not None:
            raise
        context.warn(f"{venue} cannot be asked: {error}")
        return status.price(args, context)
    when = at.isoformat(timespec="milliseconds")
    context.emit({"event": "price", "symbol": symbol, "last": last, "at": when, "source": venue})
    context.say(f"{symbol} {last} ({venue}, {when})")
    return 0


def _venue(context: Context) -> str | None:
    """The exchange of the settings; None on the simulated market, and for settings that are broken."""
    try:
        name = context.settings.venue.name
    except BadSettings:
        return None
    return checked_venue(name) if is_real(name) else None


def _asked(venue: str, symbol: Symbol, context: Context) -> tuple[str, datetime]:
    from actors.venues.asking import last_prices

    settings = context.settings
    with spoken_log(context):
        found = bounded(OPEN_S, lambda: last_prices(venue, settings, (symbol,))).get(symbol)
    if found is None:
        raise BadData(f"{venue} has no market {symbol}; look at how it names its markets.")
    return text(found.last), found.at
