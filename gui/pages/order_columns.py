"""The columns of the orders table; the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.instrument import Instrument
from core.money import text as plain
from core.order import Order
from gui.order_words import (
    INKS,
    SIGNS,
    WORDS,
    filled_share,
    kind_word,
    origin,
    shown_price,
    side_token,
    side_word,
    whose,
)
from gui.table_column import Column, quiet_ink
from gui.text import clock, day, percent, quantity

Find = Callable[[str], Instrument | None]
"""The instrument of a symbol, None when it is not known."""


def when(at: datetime, newest: datetime | None) -> str:
    """``22:20:31`` on the newest day, ``7 May 21:15`` on earlier ones."""
    if newest is None or at.date() == newest.date():
        return clock(at)
    return f"{day(at)} {clock(at)[:5]}"


def order_columns(instrument: Find, newest: Callable[[], datetime | None]) -> list[Column[Order]]:
    """``newest`` gives the newest market time known, which decides what counts as today."""
    column = Column[Order]
    return [
        column(key="time", head="Time", width=112, ink=quiet_ink, order=lambda o: o.time,
               text=lambda o: when(o.time, newest()), plain=lambda o: o.time.isoformat()),
        column(key="symbol", head="Symbol", width=86, weight=500, order=lambda o: o.identity.symbol,
               text=lambda o: o.identity.symbol),
        column(key="side", head="Side", width=64, order=lambda o: o.side, text=lambda o: side_word(o.side),
               sign=lambda o: side_token(o.side), ink=lambda o: side_token(o.side),
               plain=lambda o: str(o.side)),
        column(key="kind", head="Kind", width=76, order=lambda o: o.kind, text=kind_word,
               plain=lambda o: str(o.kind)),
        column(key="price", head="Price", width=88, is_number=True, order=lambda o: o.price,
               text=lambda o: shown_price(o, instrument(o.identity.symbol)),
               plain=lambda o: "" if o.price is None else plain(o.price)),
        column(key="quantity", head="Quantity", width=78, is_number=True, order=lambda o: o.quantity,
               text=lambda o: quantity(o.quantity, instrument(o.identity.symbol)),
               plain=lambda o: plain(o.quantity)),
        column(key="filled", head="Filled", width=102, ink=quiet_ink, order=filled_share,
               text=lambda o: percent(filled_share(o), 0), share=lambda o: float(filled_share(o)),
               plain=lambda o: plain(o.filled)),
        column(key="status", head="Status", width=142, stretches=True, order=lambda o: WORDS[o.status],
               text=lambda o: WORDS[o.status], sign=lambda o: SIGNS[o.status], ink=lambda o: INKS[o.status],
               plain=lambda o: str(o.status)),
        column(key="from", head="From", width=130, ink=quiet_ink, order=origin, text=whose,
               plain=origin),
    ]  # fmt: skip
