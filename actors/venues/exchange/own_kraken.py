"""Kraken's executions (WebSocket v2), read from the raw frames.

Reports are sparse: what an order is stands in its first one, later ones name only its id, and fills carry their own
exec type; so each order's reports are laid over one another here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from actors.venues.exchange.account_values import ZERO, exact_of, side_of, summed
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.own_frames import Ask, StreamBroken, Told, decoded
from core.ids import Symbol
from core.intent import Kind
from core.money import Price, Quantity
from core.venue import VenueOrder, VenueStatus, VenueTrade

KEPT = 5_000
"""Orders whose reports are remembered."""
LASTING = ("order_id", "cl_ord_id", "symbol", "side", "order_type", "order_qty", "limit_price", "stop_price",
           "triggers", "post_only", "cum_qty", "order_status")  # fmt: skip
STATUS = {
    "pending_new": VenueStatus.OPEN,
    "new": VenueStatus.OPEN,
    "partially_filled": VenueStatus.OPEN,
    "filled": VenueStatus.FILLED,
    "canceled": VenueStatus.CANCELLED,
    "expired": VenueStatus.CANCELLED,
    "rejected": VenueStatus.REFUSED,
}


class KrakenFrames:
    """Reads the channel ``executions``.  ``balances`` tells totals alone, and its refusal would be one more trouble."""

    tells_every_order = True
    calls: Sequence[str] = ("watch_orders",)

    def __init__(self, exchange: Any, ids: ClientIds) -> None:
        self.is_ready = False
        self._exchange = exchange
        self._ids = ids
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def take(self, text: str) -> Iterable[Told]:
        frame = decoded(text)
        if not isinstance(frame, Mapping):
            return ()
        is_refusal = frame.get("success") is False or bool(frame.get("error"))
        if is_refusal and frame.get("method") in (None, "subscribe"):  # a ping may be refused
            raise StreamBroken(f"the venue refused the stream of own orders: {frame.get('error')}")
        result = frame.get("result")
        if frame.get("method") == "subscribe" and isinstance(result, Mapping):
            self.is_ready = self.is_ready or result.get("channel") == "executions"
        rows = [row for row in frame.get("data") or () if isinstance(row, Mapping)]
        if frame.get("channel") != "executions":
            return ()
        self.is_ready = True
        return [told for row in rows for told in self._report(row)]

    def look(self) -> Iterable[Told]:
        """Nothing: every frame is read as it comes."""
        return ()

    def answered(self, name: str, answer: Any) -> Iterable[Told]:
        """Nothing: every frame is read as it comes."""
        return ()

    def _report(self, row: Mapping[str, Any]) -> Iterator[Told]:
        venue_id = str(row["order_id"])
        whole = self._known.setdefault(venue_id, {})
        whole |= {name: row[name] for name in LASTING if row.get(name) is not None}
        self._known.move_to_end(venue_id)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        client = self._ids.from_venue(whole.get("cl_ord_id")) or self._ids.of(venue_id)
        self._ids.learn(venue_id, client)
        if row.get("exec_type") == "trade":
            yield self._trade(row, client)
        if not all(whole.get(name) for name in ("symbol", "side", "order_qty", "order_type")):
            yield Ask(venue_id)
            return
        kind, price = _kind_and_price(whole)
        yield VenueOrder(
            venue_id=venue_id, client_order_id=client, symbol=Symbol(whole["symbol"]), side=side_of(whole["side"]),
            kind=kind, price=price, quantity=Quantity(exact_of(whole["order_qty"]) or ZERO),
            filled=Quantity(exact_of(whole.get("cum_qty")) or ZERO),
            status=STATUS.get(str(whole.get("order_status")), VenueStatus.OPEN), at=_instant(row["timestamp"]),
            reason=str(row.get("cancel_reason") or row.get("reason") or ""),
        )  # fmt: skip

    def _trade(self, row: Mapping[str, Any], client: str) -> Told:
        symbol, venue_id = Symbol(row["symbol"]), str(row["order_id"])
        told = [(exact_of(fee.get("qty")), self._exchange.safe_currency_code(fee.get("asset")))
                for fee in row.get("fees") or ()]  # fmt: skip
        fee = summed([(cost, code or "") for cost, code in told if cost is not None], symbol)
        if fee is None:
            return Ask(venue_id, symbol, str(row["exec_id"]))
        price, quantity = (
            Price(exact_of(row["last_price"]) or ZERO),
            Quantity(exact_of(row["last_qty"]) or ZERO),
        )
        cost = exact_of(row.get("cost"))
        return VenueTrade(
            trade_id=str(row["exec_id"]), venue_id=venue_id, client_order_id=client, symbol=symbol,
            side=side_of(row["side"]), price=price, quantity=quantity,
            cost=Decimal(price * quantity) if cost is None else cost, fee=fee,
            is_maker=row.get("liquidity_ind") == "m", at=_instant(row["timestamp"]),
        )  # fmt: skip


def _kind_and_price(whole: Mapping[str, Any]) -> tuple[Kind, Price | None]:
    word = str(whole["order_type"])
    if word not in ("limit", "market", "iceberg", "settle-position"):
        triggers = whole.get("triggers")
        trigger = exact_of(whole.get("stop_price"))
        if trigger is None and isinstance(triggers, Mapping):
            trigger = exact_of(triggers.get("price"))
        return Kind.STOP, Price(trigger) if trigger else None
    if word == "market":
        return Kind.MARKET, None
    limit = exact_of(whole.get("limit_price"))
    return Kind.POST_ONLY if whole.get("post_only") else Kind.LIMIT, Price(limit) if limit else None


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
