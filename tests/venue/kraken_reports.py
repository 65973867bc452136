"""Kraken's own-order events on the WebSocket v2: executions and balances.

As recorded, only pending_new and trade reports are whole; new, filled, canceled, expired and amended ones
name the order and what changed, and no symbol.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

from tests.venue.kraken_names import asset_alt, made_id
from tests.venue.matching import Matching
from tests.venue.orders import Fill, Order, OrderTold, Status
from tests.venue.wire import Json

EIGHT, COST = Decimal("1e-8"), Decimal("1e-5")


def iso(ms: int) -> str:
    """A moment as WebSocket v2 writes it."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def executions(told: OrderTold, core: Matching) -> Iterator[Json]:
    """The reports that one change of an order makes."""
    order = told.order
    match told.what:
        case "new":
            yield whole(order, core, "pending_new", "pending_new")
            yield _sparse(order, "new", "new")
        case "trade":
            assert told.fill is not None
            yield trade(order, told.fill, core)
            if order.status is Status.FILLED:
                yield _sparse(order, "filled", "filled")
        case "canceled" | "expired":
            is_expiry = order.status is Status.EXPIRED and order.wish.expires_at is not None
            name = "expired" if is_expiry else "canceled"
            reason = order.reason or "User requested"
            yield _sparse(order, name, name) | {"cancel_reason": reason, "reason": reason}
        case "amended":
            limit = {"limit_price": order.price, "limit_price_type": "static"} if order.price else {}
            change = {"reason": "User requested", "amended": True, "order_qty": order.amount.quantize(EIGHT)}
            yield _sparse(order, "amended", "new") | change | limit
        case "triggered":
            yield _sparse(order, "status", "new") | {"triggers": {"status": "triggered"}}
        case unknown:
            raise AssertionError(unknown)


def whole(order: Order, core: Matching, happening: str, status: str) -> Json:
    """A report with everything, as for a new order and in the snapshot of open ones."""
    report = {
        "order_id": order.venue_id, "symbol": order.symbol, "order_qty": order.amount.quantize(EIGHT),
        "cum_cost": order.cost.quantize(COST), "cum_qty": order.filled.quantize(EIGHT),
        "time_in_force": order.wish.tif, "exec_type": happening, "side": order.wish.side,
        "order_type": str(order.wish.kind), "order_userref": int(order.wish.tags.get("userref", "0")),
        "order_status": status, "fee_usd_equiv": sum((fill.fee for fill in order.fills), Decimal(0)),
        "fee_ccy_pref": "fciq", "timestamp": iso(order.updated),
    }  # fmt: skip
    if order.wish.client_id:
        report["cl_ord_id"] = order.wish.client_id
    if order.price is not None:
        tick = core.tapes[order.symbol].market.tick
        report |= {"limit_price_type": "static", "limit_price": order.price.quantize(tick)}
    if order.stop is not None:
        status = "triggered" if order.triggered else "untriggered"
        triggers = {"price": order.stop, "price_type": "static", "reference": "last", "status": status}
        report |= {"stop_price": order.stop, "triggers": triggers, "trigger": "last"}
    if order.wish.post_only:
        report["post_only"] = True
    return report


def trade(order: Order, fill: Fill, core: Matching) -> Json:
    """One fill."""
    tick = core.tapes[order.symbol].market.tick
    before = order.fills[: order.fills.index(fill) + 1]
    quantity, cost = sum((f.amount for f in before), Decimal(0)), sum((f.cost for f in before), Decimal(0))
    report = {
        "order_id": order.venue_id, "order_userref": int(order.wish.tags.get("userref", "0")),
        "exec_id": made_id("T", core.seed, fill.number), "exec_type": "trade", "trade_id": fill.number,
        "symbol": order.symbol, "side": order.wish.side, "last_qty": fill.amount.quantize(EIGHT),
        "last_price": fill.price.quantize(tick),
        "liquidity_ind": "m" if fill.maker else "t", "cost": fill.cost.quantize(COST),
        "order_qty": order.amount.quantize(EIGHT), "cum_qty": quantity.quantize(EIGHT),
        "cum_cost": cost.quantize(COST), "avg_price": (cost / quantity).quantize(COST),
        "order_status": "filled" if quantity == order.amount else "partially_filled",
        "order_type": str(order.wish.kind), "timestamp": iso(fill.at), "fee_usd_equiv": fill.fee,
        "fees": [{"asset": asset_alt(fill.fee_asset), "qty": fill.fee}],
    }  # fmt: skip
    if order.wish.client_id:
        report["cl_ord_id"] = order.wish.client_id
    if order.price is not None:
        report["limit_price"] = order.price.quantize(tick)
    return report


def _sparse(order: Order, happening: str, status: str) -> dict[str, Json]:
    made: dict[str, Json] = {"timestamp": iso(order.updated), "order_status": status, "exec_type": happening}
    if happening != "new":
        made |= {
            "cum_qty": order.filled.quantize(EIGHT), "cum_cost": order.cost.quantize(COST),
            "fee_usd_equiv": sum((fill.fee for fill in order.fills), Decimal(0)),
            "avg_price": order.average.quantize(COST),
        }  # fmt: skip
    return made | {"order_userref": int(order.wish.tags.get("userref", "0")), "order_id": order.venue_id}


def balance_snapshot(core: Matching) -> Json:
    """All assets, with the wallet that holds them."""
    return [
        {"asset": code, "asset_class": "currency", "balance": core.wallet.total(code),
         "wallets": [{"type": "spot", "id": "main", "balance": core.wallet.total(code)}]}
        for code in list(core.wallet.holdings)
    ]  # fmt: skip


def balance_update(core: Matching, code: str, number: int) -> Json:
    """One asset that a trade changed: the total only, as Kraken tells it."""
    return {
        "ledger_id": made_id("L", core.seed, number), "ref_id": made_id("T", core.seed, number),
        "timestamp": iso(core.now()), "type": "trade", "asset": code, "asset_class": "currency",
        "category": "trade", "wallet_type": "spot", "wallet_id": "main", "amount": Decimal(0),
        "fee": Decimal(0), "balance": core.wallet.total(code),
    }  # fmt: skip
