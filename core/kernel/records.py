"""The flat records that compiled code works on.  Prices and quantities in them already lie on tick and step.

Arrays are indexed by *flat slot*: the slots of all instances in a row, ``N`` in all.  A venue's book holds ``2 N``
records: the declared order of each slot, then the protective stop of each slot.
"""

from __future__ import annotations

import numba as nb
import numpy as np

# Status of a slot's newest order.
NONE, PENDING, OPEN, FILLED, CANCELLING, CANCELLED, DENIED, REFUSED, UNKNOWN = range(9)
# Kind of an order (core.intent.Kind).
MARKET, LIMIT, POST_ONLY, STOP = range(4)
# What a report says happened.
PLACED, AMENDED, GONE, TRADED, TURNED_DOWN = range(5)
# What a wish asks for.
PLACE, WITHDRAW = range(2)

candle_t = np.dtype(
    [("ts", "i8"), ("open", "f8"), ("high", "f8"), ("low", "f8"), ("close", "f8"), ("volume", "f8")],
    align=True,
)
"""``ts`` is the open time in ms UTC; volume in base units."""

market_t = np.dtype(
    [("price_scale", "f8"), ("tick_units", "f8"), ("quantity_scale", "f8"), ("step_units", "f8"),
     ("min_quantity", "f8"), ("min_notional", "f8"), ("usd", "f8"), ("allowed", "i8"), ("maker", "f8"),
     ("taker", "f8"), ("spread", "f8"), ("slippage", "f8"), ("participation", "f8"), ("last", "f8"),
     ("is_stale", "i8"), ("seen_spread", "f8"), ("seen_slippage", "f8"), ("quantity", "f8"), ("reserved", "f8"),
     ("hurt_at", "i8")],
    align=True,
)  # fmt: skip
"""One symbol: a price is ``whole number * tick_units / price_scale``; ``usd`` is USD per quote unit (NaN: not known);
spread and slippage are shares of the price, those that paper fills cost and those that the market shows now;
``participation`` is the share of a candle's volume we may take.  ``quantity`` is what all instances hold of it,
``reserved`` what open entries may still take, ``hurt_at`` when (ms) a loss or a stop ended a round trip here last."""

NEVER = -(2**60)
"""A time long before any candle."""

slot_t = np.dtype(
    [("active", "i8"), ("sequence", "i8"), ("side", "i8"), ("kind", "i8"), ("price", "f8"), ("quantity", "f8"),
     ("stop", "f8"),
     ("status", "i8"), ("live_sequence", "i8"), ("live_side", "i8"), ("live_kind", "i8"), ("live_price", "f8"),
     ("live_quantity", "f8"), ("live_stop", "f8"), ("filled", "f8"), ("paid", "f8"), ("held", "f8"),
     ("guard_sequence", "i8"), ("guard_price", "f8"), ("reserved", "f8")],
    align=True,
)  # fmt: skip
"""First what the step declares, then what is.  ``held`` is what this slot bought and has not sold, ``paid`` the cost
of the newest order's fills in quote units, ``reserved`` the cash that its open rest may still take."""

resting_t = np.dtype(
    [("active", "i8"), ("fresh", "i8"), ("triggered", "i8"), ("symbol", "i8"), ("sequence", "i8"), ("side", "i8"),
     ("kind", "i8"), ("price", "f8"), ("quantity", "f8"), ("filled", "f8"), ("stop", "f8")],
    align=True,
)  # fmt: skip
"""An order as the simulated venue holds it; ``fresh`` until it has seen its first candle."""

report_t = np.dtype(
    [("happening", "i8"), ("ts", "i8"), ("flat", "i8"), ("sequence", "i8"), ("side", "i8"), ("price", "f8"),
     ("quantity", "f8"), ("cost", "f8"), ("fee", "f8"), ("maker", "i8"), ("complete", "i8"),
     ("event", "i8"), ("place", "i8")],
    align=True,
)  # fmt: skip
"""What the venue says: for TRADED one execution, for PLACED and AMENDED price and total quantity.

``event`` and ``place`` (set on kept fills) are the number of the candle, from 1, and the report's place in it."""

position_t = np.dtype(
    [("quantity", "f8"), ("cost", "f8"), ("realised", "f8"), ("trip", "f8"), ("dust", "f8")], align=True
)  # fmt: skip
"""One instance: ``cost`` of what is held, buy fees included; ``trip`` is the result of the round trip under way,
``dust`` what fees taken in coins left in its slots, less than a step each, so that nobody can sell it."""

account_t = np.dtype(
    [("cash", "f8"), ("reserved", "f8"), ("equity", "f8"), ("start_equity", "f8"), ("peak_equity", "f8"),
     ("drawdown", "f8"), ("fees", "f8"), ("realised", "f8"), ("day", "i8"), ("day_start_equity", "f8"),
     ("day_entries", "i8"), ("open_entries", "i8"), ("day_realised", "f8"), ("day_fees", "f8"), ("day_won", "i8"),
     ("day_lost", "i8"), ("day_even", "i8"), ("fills", "i8"), ("signals", "i8"), ("candles", "i8"), ("now", "i8"),
     ("minute", "i8"), ("minute_entries", "i8")],
    align=True,
)  # fmt: skip
"""One cash account; ``open_entries`` counts working entry orders without a fill, ``drawdown`` is the largest fall
below the peak as a share of it; ``now`` is the newest candle's close (ms), ``minute_entries`` were approved in
``minute``."""

view_t = np.dtype(
    [("cash", "f8"), ("equity", "f8"), ("quantity", "f8"), ("average", "f8")], align=True
)  # fmt: skip
"""The account as a step sees it: cash and equity of all, quantity and average price of this instance."""

limits_t = np.dtype(
    [("state", "i8"), ("mode_allowed", "i8"), ("max_order", "f8"), ("risk_share", "f8"), ("daily_entries", "i8"),
     ("daily_loss_share", "f8"), ("daily_loss", "f8"), ("min_order", "f8"), ("price_band", "f8"),
     ("max_spread", "f8"), ("max_slippage", "f8"), ("symbol_share", "f8"), ("max_position", "f8"),
     ("total_share", "f8"), ("max_exposure", "f8"), ("cooldown", "i8"), ("entry_rate", "i8")],
    align=True,
)  # fmt: skip
"""The judge's limits; money in USD, shares of the price or of equity, ``cooldown`` in ms, ``entry_rate`` in entries a
minute.  ``state``: 0 active, 1 reducing, 2 halted."""

verdict_t = np.dtype([("reason", "i8"), ("limit", "f8"), ("asked", "f8")], align=True)
"""Reason 0 is approved; the others are ``core.risk.verdict.Reason``."""

wish_t = np.dtype([("what", "i8"), ("flat", "i8"), ("sequence", "i8")], align=True)

roster_t = np.dtype(
    [("address", "i8"), ("symbol", "i8"), ("first", "i8"), ("slots", "i8"), ("state", "i8"), ("params", "i8")],
    align=True,
)  # fmt: skip
"""One instance: the address of its compiled step, its first flat slot and their number, and the byte offsets of its
state and its parameters."""

CANDLE = nb.from_dtype(candle_t)
VIEW = nb.from_dtype(view_t)
SLOT = nb.from_dtype(slot_t)
