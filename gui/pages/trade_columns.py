"""The columns of the trades table: what was bought, sold and kept; the window's thread."""

from __future__ import annotations

from decimal import Decimal

from core.ids import Currency
from core.instrument import split_symbol
from core.money import text as plain
from core.records import RoundTrip
from gui.order_words import strategy_name
from gui.pages.order_columns import Find
from gui.table_column import Column, quiet_ink
from gui.text import NOT_KNOWN, clock, day, direction, duration, number, price, quantity

RESULTS = {"won": ("check", "Won"), "lost": ("cross", "Lost"), "even": ("dash", "Even")}
ENDINGS = {"exit": ("check", "Exit"), "target": ("check", "Target"), "stop": ("kill", "Stop")}
"""How a round trip ended, with its sign."""


def in_risks(trip: RoundTrip) -> Decimal | None:
    """Net result over what was risked; None where nothing was."""
    return trip.net / trip.risked if trip.risked else None


def quote_of(trip: RoundTrip) -> Currency:
    """The currency of its money."""
    return split_symbol(trip.symbol)[1]


def ending(trip: RoundTrip) -> str:
    """``Exit``, ``Target`` or ``Stop``."""
    return ENDINGS.get(trip.ended_by, ("", trip.ended_by.capitalize()))[1]


def trade_columns(instrument: Find) -> list[Column[RoundTrip]]:
    """Money in quote currency, after all fees."""
    column = Column[RoundTrip]
    return [
        column(key="closed", head="Closed", width=116, ink=quiet_ink, order=lambda t: t.closed,
               text=lambda t: f"{day(t.closed)} {clock(t.closed)[:5]}",
               plain=lambda t: t.closed.isoformat()),
        column(key="symbol", head="Symbol", width=88, weight=500, order=lambda t: t.symbol,
               text=lambda t: t.symbol),
        column(key="by", head="By", width=90, ink=quiet_ink, order=lambda t: t.instance,
               text=lambda t: strategy_name(t.instance)),
        column(key="quantity", head="Quantity", width=78, is_number=True, order=lambda t: t.quantity,
               text=lambda t: quantity(t.quantity, instrument(t.symbol)),
               plain=lambda t: plain(t.quantity)),
        column(key="bought", head="Bought at", width=86, is_number=True, order=lambda t: t.bought,
               text=lambda t: _average(t.bought, t.symbol, instrument),
               plain=lambda t: plain(t.bought)),
        column(key="sold", head="Sold at", width=86, is_number=True, order=lambda t: t.sold,
               text=lambda t: _average(t.sold, t.symbol, instrument), plain=lambda t: plain(t.sold)),
        column(key="fees", head="Fees", width=52, is_number=True, ink=quiet_ink,
               order=lambda t: t.fees, text=lambda t: number(t.fees), plain=lambda t: plain(t.fees)),
        column(key="net", head="Net", width=70, is_number=True, weight=600, order=lambda t: t.net,
               ink=lambda t: direction(t.net), text=lambda t: number(t.net, signed=True),
               plain=lambda t: plain(t.net)),
        column(key="risks", head="In risks", width=72, is_number=True, ink=quiet_ink, order=in_risks,
               text=_risks, plain=lambda t: "" if in_risks(t) is None else _risks(t)),
        column(key="held", head="Held", width=94, is_number=True, ink=quiet_ink,
               order=lambda t: t.closed - t.opened, text=lambda t: duration(t.closed - t.opened),
               plain=lambda t: str(int((t.closed - t.opened).total_seconds()))),
        column(key="result", head="Result", width=74, order=lambda t: t.result,
               text=lambda t: RESULTS[t.result][1], sign=lambda t: RESULTS[t.result][0],
               sign_ink=lambda t: direction(t.net)),
        column(key="ended", head="Ended by", width=84, stretches=True, order=ending, text=ending,
               sign=lambda t: ENDINGS.get(t.ended_by, ("dash", ""))[0], sign_ink=lambda _: "soft"),
    ]  # fmt: skip


def _average(value: Decimal, symbol: str, instrument: Find) -> str:
    """An average of several fills is rarely on the tick; it is shown with the tick's digits."""
    known = instrument(symbol)
    return price(known.price(value), known) if known else price(value)


def _risks(trip: RoundTrip) -> str:
    risks = in_risks(trip)
    return NOT_KNOWN if risks is None else number(risks, signed=True)
