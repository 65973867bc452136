"""What ccxt's unified orders, trades and balances say, as our values; pure, every number exact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import structlog

from actors.venues.exchange.client_ids import ClientIds
from core.clock import instant
from core.errors import BadData
from core.ids import Currency, Symbol
from core.instrument import split_symbol
from core.intent import Kind, Side
from core.money import Money, Price, Quantity
from core.venue import Balance, VenueOrder, VenueStatus, VenueTrade

log = structlog.get_logger("belay.exchange")

ZERO = Decimal(0)
STATUS = {
    "open": VenueStatus.OPEN,
    "canceling": VenueStatus.OPEN,
    "closed": VenueStatus.FILLED,
    "canceled": VenueStatus.CANCELLED,
    "expired": VenueStatus.CANCELLED,
    "rejected": VenueStatus.REFUSED,
}
SIDES = {"buy": Side.BUY, "sell": Side.SELL}


def exact_of(value: object) -> Decimal | None:
    """The exact number that a venue wrote, None where it wrote none; a float counts as the digits it prints."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, float):
        value = repr(value)
    if not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def instant_of(*told: object) -> datetime:
    """The first of these times in ms that is one; ``BadData`` when none is."""
    for value in told:
        number = exact_of(value)
        if number is not None and number > 0:
            return instant(int(number))
    raise BadData("The venue named no time.")


def side_of(told: object) -> Side:
    """The side; ``BadData`` for a word that is none."""
    side = SIDES.get(str(told).lower())
    if side is None:
        raise BadData(f"The venue named the side {told!r}.")
    return side


def status_of(told: object, quantity: Decimal, filled: Decimal) -> VenueStatus:
    """Where an order stands; one that is closed before all of it is filled was ended."""
    status = STATUS.get(str(told).lower(), VenueStatus.OPEN)
    if status is VenueStatus.FILLED and filled < quantity:
        return VenueStatus.CANCELLED
    return VenueStatus.FILLED if quantity and filled >= quantity else status


def order_from(raw: Mapping[str, Any], ids: ClientIds) -> VenueOrder:
    """A unified order; ``BadData`` when it lacks what an order must have."""
    info = raw.get("info")
    info = info if isinstance(info, Mapping) else {}
    venue_id, symbol = raw.get("id"), raw.get("symbol")
    if not venue_id or not symbol:
        raise BadData("The venue described an order without an id or without its market.")
    trigger = next(
        (
            at
            for name in ("stopLossPrice", "takeProfitPrice", "triggerPrice")
            if (at := exact_of(raw.get(name)))
        ),
        None,
    )
    kind = _kind(str(raw.get("type")), trigger, is_post_only=raw.get("postOnly") is True)
    price = None if kind is Kind.MARKET else trigger or exact_of(raw.get("price"))
    filled = exact_of(raw.get("filled")) or ZERO
    quantity = exact_of(raw.get("amount"))
    if quantity is None:  # some venues tell a market order by money; then only its fills are known
        quantity = filled + (exact_of(raw.get("remaining")) or ZERO)
    client = client_of(raw, ids)
    ids.learn(str(venue_id), client)
    return VenueOrder(
        venue_id=str(venue_id), client_order_id=client, symbol=Symbol(symbol), side=side_of(raw.get("side")),
        kind=kind, price=Price(price) if price else None, quantity=Quantity(quantity), filled=Quantity(filled),
        status=_status(raw, quantity, filled),
        at=instant_of(raw.get("lastUpdateTimestamp"), raw.get("lastTradeTimestamp"), raw.get("timestamp")),
        reason=str(info.get("reason") or info.get("cancel_reason") or info.get("rejectReason") or ""),
    )  # fmt: skip


def client_of(raw: Mapping[str, Any], ids: ClientIds) -> str:
    """Our id of a unified order, or the one that it has instead; else the empty text."""
    info = raw.get("info")
    told = _client_id(raw, info if isinstance(info, Mapping) else {})
    return ids.from_venue(told) or ids.of(str(raw.get("id") or ""))


def _status(raw: Mapping[str, Any], quantity: Decimal, filled: Decimal) -> VenueStatus:
    if raw.get("filled") is None and raw.get("status") == "closed":
        return VenueStatus.FILLED
    return status_of(raw.get("status"), quantity, filled)


def _client_id(raw: Mapping[str, Any], info: Mapping[str, Any]) -> str:
    """Kraken's ``clientOrderId`` in ccxt may be a user reference: what is ours is in ``cl_ord_id`` only."""
    if "cl_ord_id" in info or "userref" in info or "order_userref" in info:
        return str(info.get("cl_ord_id") or "")
    return str(raw.get("clientOrderId") or "")


def _kind(word: str, trigger: Decimal | None, *, is_post_only: bool) -> Kind:
    if trigger is not None:
        return Kind.STOP
    if word.lower() == "market":
        return Kind.MARKET
    return Kind.POST_ONLY if is_post_only else Kind.LIMIT


def trade_from(raw: Mapping[str, Any], ids: ClientIds) -> VenueTrade:
    """A unified trade; ``BadData`` when it lacks what a trade must have.  A fee that is missing counts as zero."""
    trade_id, symbol = raw.get("id"), raw.get("symbol")
    price, quantity = exact_of(raw.get("price")), exact_of(raw.get("amount"))
    if not trade_id or not symbol or not price or not quantity:
        raise BadData("The venue described a trade without its id, market, price or quantity.")
    info = raw.get("info")
    venue_id = str(raw.get("order") or "")
    named = _client_id(raw, info) if isinstance(info, Mapping) else ""
    client = ids.from_venue(named or str(raw.get("clientOrderId") or "")) or ids.of(venue_id)
    cost = exact_of(raw.get("cost"))
    fee = fee_of(raw, Symbol(symbol))
    if fee is None:
        log.warning("a trade without a fee is booked with zero", symbol=symbol, trade=str(trade_id))
    return VenueTrade(
        trade_id=str(trade_id), venue_id=venue_id, client_order_id=client, symbol=Symbol(symbol),
        side=side_of(raw.get("side")), price=Price(price), quantity=Quantity(quantity),
        cost=price * quantity if cost is None else cost,
        fee=fee or Money(ZERO, split_symbol(symbol)[1]), is_maker=raw.get("takerOrMaker") == "maker",
        at=instant_of(raw.get("timestamp")),
    )  # fmt: skip


def fee_of(raw: Mapping[str, Any], symbol: Symbol) -> Money | None:
    """The fee of a unified trade, in whatever currency; None when the venue named none (yet)."""
    listed = raw.get("fees") or []
    single = raw.get("fee")
    told = [fee for fee in (*listed, *([] if listed or not single else [single])) if isinstance(fee, Mapping)]
    rows = [(exact_of(fee.get("cost")), fee.get("currency")) for fee in told]
    return summed([(cost, str(code or "")) for cost, code in rows if cost is not None], symbol)


def summed(fees: Iterable[tuple[Decimal, str]], symbol: Symbol) -> Money | None:
    """Fees of one trade as one amount; a zero may come without its currency."""
    sums: dict[str, Decimal] = {}
    for cost, code in fees:
        sums[code] = sums.get(code, ZERO) + cost
    if not sums:
        return None
    paid = {code: cost for code, cost in sums.items() if cost}
    if not paid:
        return Money(ZERO, Currency(next((code for code in sums if code), split_symbol(symbol)[1])))
    if "" in paid:
        return None
    if len(paid) > 1:
        log.warning(
            "a trade with fees in several currencies: only the first is booked", symbol=symbol, fees=str(paid)
        )
    code, cost = next(iter(paid.items()))
    return Money(cost, Currency(code))


def balances_from(raw: Mapping[str, Any]) -> dict[Currency, Balance]:
    """Unified balances; ``free`` is None where the venue told the total only."""
    found: dict[Currency, Balance] = {}
    for code, row in raw.items():
        if not isinstance(row, Mapping) or code in ("info", "free", "used", "total", "debt"):
            continue
        free, used, total = (exact_of(row.get(name)) for name in ("free", "used", "total"))
        if total is None and free is not None:
            total = free + (used or ZERO)
        if free is None and total is not None and used is not None:
            free = total - used
        if total is not None:
            found[Currency(code)] = Balance(Currency(code), total, free)
    return found
