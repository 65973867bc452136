"""What Belay can do on Firi, as a table."""

from __future__ import annotations

from decimal import Decimal
from types import MappingProxyType

from actors.venues.firi.access import KEY_WORDS
from core.ids import VenueName
from core.venue import Capabilities, StopSupport

FIRI = VenueName("firi")
TITLE = "Firi"
FEE = Decimal("0.007")
"""The usual fee; Firi tells the true one only after an execution."""
SETTLE = 10.0
"""Twice the time for which a signed request is valid (assumed: Firi names none)."""
NOTES = (
    "This adapter was written from Firi's public documentation and was never tried against Firi itself.",
    "Firi keeps no order ids of ours: an order whose answer was lost is recognised by market, side, price, quantity "
    "and by not having been seen before; if two orders fit, Belay asks you.",
    "Firi does not say which order an execution belongs to: Belay works it out from side, price, time and the "
    "amounts that the orders have matched.",
    "Firi has limit orders only: a market order goes out as a limit order a little worse than the best price, and "
    "what is not filled at once is cancelled.",
    "Firi has no post-only orders: Belay turns one away that would match at the last known prices, and sends the "
    "others as plain limit orders.",
    "Firi holds no stop orders: Belay watches the price itself, and only while it runs.",
    "Firi names no price tick, quantity step or smallest order: Belay assumes 0.01, 0.000001 and 10 in the quote "
    "currency; the settings' instruments section overrides this.",
    "Firi has no candles: Belay builds them from the last public trades, so a first start brings little history.",
    KEY_WORDS,
)

CAPABILITIES = Capabilities(
    venue=FIRI,
    title=TITLE,
    stops=StopSupport.NONE,
    can_amend=False,
    has_post_only=False,
    can_find=False,
    cancels_all=False,
    dead_man=False,
    has_sandbox=False,
    tells_key_rights=False,
    streams=MappingProxyType(
        {"quotes": False, "candles": False, "trades": False, "orders": False, "balances": False}
    ),
    maker=FEE,
    taker=FEE,
    settle_seconds=SETTLE,
    rank="own adapter",
    notes=NOTES,
)
