"""Binance's own-order events: executionReport and outboundAccountPosition."""

from __future__ import annotations

from collections.abc import Mapping

from tests.venue import binance_shapes as shapes
from tests.venue.matching import Matching
from tests.venue.orders import OrderTold
from tests.venue.wire import Json

HAPPENING = {
    "new": "NEW", "triggered": "NEW", "trade": "TRADE", "canceled": "CANCELED", "expired": "EXPIRED",
    "amended": "REPLACED",
}  # fmt: skip


def execution_report(told: OrderTold, core: Matching) -> Mapping[str, Json]:
    """One change of an order; a cancel carries its own id in ``c`` and the order's in ``C``.

    That a triggered stop is told as a second NEW, now working, is our reading; no recording shows it.
    """
    order, fill, now = told.order, told.fill, core.now()
    is_cancel = told.what == "canceled"
    happening = HAPPENING[told.what]
    # A NEW report shows the order as it was before anything filled, though the core has it filled already.
    status = "NEW" if happening == "NEW" else shapes.STATUS[order.status]
    return {
        "e": "executionReport", "E": now, "s": shapes.symbol_id(order.symbol),
        "c": order.reason if is_cancel else order.wish.client_id, "S": order.wish.side.upper(),
        "o": order.wish.tags["type"], "f": order.wish.tif, "q": shapes.eight(order.amount),
        "p": shapes.eight(order.price), "P": shapes.eight(order.stop), "F": shapes.eight(None), "g": -1,
        "C": order.wish.client_id if is_cancel else "", "x": happening, "X": status, "r": "NONE",
        "i": order.number, "l": shapes.eight(fill.amount if fill else None), "z": shapes.eight(order.filled),
        "L": shapes.eight(fill.price if fill else None), "n": shapes.eight(fill.fee) if fill else "0",
        "N": fill.fee_asset if fill else None, "T": order.updated, "t": fill.number if fill else -1,
        "I": order.number * 2 + len(order.fills), "w": order.works and order.status.is_open,
        "m": fill.maker if fill else False, "M": fill is not None, "O": order.created,
        "Z": shapes.eight(order.cost), "Y": shapes.eight(fill.cost if fill else None),
        "Q": shapes.eight(order.wish.quote_amount), "W": order.created, "V": "EXPIRE_MAKER",
    }  # fmt: skip


def account_position(core: Matching, assets: tuple[str, ...]) -> Mapping[str, Json]:
    """Balances that may have changed."""
    now = core.now()
    rows = [
        {"a": asset, "f": shapes.eight(core.wallet.free(asset)), "l": shapes.eight(core.wallet.locked(asset))}
        for asset in assets
    ]
    return {"e": "outboundAccountPosition", "E": now, "u": now, "B": rows}
