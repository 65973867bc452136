"""Binance's own-order events, read from the raw frames: exact, with fees, and none of them merged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from actors.venues.exchange.account_values import ZERO, exact_of, instant_of, side_of, summed
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.own_frames import Ask, StreamBroken, Told, decoded
from core.ids import Currency, Symbol
from core.instrument import split_symbol
from core.intent import Kind
from core.money import Money, Price, Quantity
from core.venue import Balance, BalancesTold, VenueOrder, VenueStatus, VenueTrade

KINDS = {"LIMIT": Kind.LIMIT, "LIMIT_MAKER": Kind.POST_ONLY, "MARKET": Kind.MARKET}
STATUS = {
    "NEW": VenueStatus.OPEN,
    "PENDING_NEW": VenueStatus.OPEN,
    "PARTIALLY_FILLED": VenueStatus.OPEN,
    "PENDING_CANCEL": VenueStatus.OPEN,
    "FILLED": VenueStatus.FILLED,
    "CANCELED": VenueStatus.CANCELLED,
    "EXPIRED": VenueStatus.CANCELLED,
    "EXPIRED_IN_MATCH": VenueStatus.CANCELLED,
    "REJECTED": VenueStatus.REFUSED,
}


class BinanceFrames:
    """Reads ``executionReport`` and, for it comes with these, ``outboundAccountPosition``."""

    tells_every_order = True
    calls: Sequence[str] = ("watch_orders",)

    def __init__(self, exchange: Any, ids: ClientIds) -> None:
        self.is_ready = False
        self._exchange = exchange
        self._ids = ids
        self._believe_confirmations()

    def _believe_confirmations(self) -> None:
        """ccxt takes an answer without ``subscriptionId`` for a refusal, though it has sorted refusals out before."""
        plain = self._exchange.handle_user_data_stream_subscribe

        def confirmed(client: Any, message: Mapping[str, Any]) -> None:
            result = message.get("result")
            number = result.get("subscriptionId") if isinstance(result, Mapping) else None
            plain(client, {**message, "result": {"subscriptionId": number or 0}})
            self.is_ready = True

        self._exchange.handle_user_data_stream_subscribe = confirmed

    def take(self, text: str) -> Iterable[Told]:
        frame = decoded(text)
        if not isinstance(frame, Mapping):
            return ()
        if frame.get("error") is not None:
            error = frame["error"]
            words = error.get("msg") if isinstance(error, Mapping) else error
            raise StreamBroken(f"the venue refused the stream of own orders: {words}")
        event = frame.get("event")
        event = event if isinstance(event, Mapping) else frame
        happening = event.get("e")
        if happening or "result" in frame or str(frame.get("status")) == "200":
            self.is_ready = True  # nothing else is asked on this socket, and a refusal has an error
        match happening:
            case "executionReport":
                return self._report(event)
            case "outboundAccountPosition":
                return (self._balances(event),)
            case "eventStreamTerminated" | "listenKeyExpired":
                raise StreamBroken("the venue ended the stream of own orders")
            case _:
                return ()

    def look(self) -> Iterable[Told]:
        """Nothing: every frame is read as it comes."""
        return ()

    def answered(self, name: str, answer: Any) -> Iterable[Told]:
        """Nothing: every frame is read as it comes."""
        return ()

    def _report(self, event: Mapping[str, Any]) -> Iterator[Told]:
        symbol = Symbol(self._exchange.safe_symbol(event["s"], None, None, "spot"))
        client = self._ids.from_venue(str(event.get("C") or event.get("c") or ""))
        self._ids.learn(str(event["i"]), client)
        trigger, price = exact_of(event.get("P")), exact_of(event.get("p"))
        kind = KINDS.get(str(event["o"]), Kind.STOP if trigger else Kind.LIMIT)
        at_price = trigger if kind is Kind.STOP else None if kind is Kind.MARKET else price
        filled = exact_of(event.get("z")) or ZERO
        if event.get("x") == "TRADE":
            yield self._trade(event, symbol, client)
        reason = str(event.get("r") or "")
        yield VenueOrder(
            venue_id=str(event["i"]), client_order_id=client, symbol=symbol, side=side_of(event["S"]), kind=kind,
            price=Price(at_price) if at_price else None, quantity=Quantity(exact_of(event.get("q")) or filled),
            filled=Quantity(filled), status=STATUS.get(str(event["X"]), VenueStatus.OPEN),
            at=instant_of(event.get("T"), event.get("E")), reason="" if reason == "NONE" else reason,
        )  # fmt: skip

    def _trade(self, event: Mapping[str, Any], symbol: Symbol, client: str) -> Told:
        fee = self._fee(event, symbol)
        if fee is None:
            return Ask(str(event["i"]), symbol, str(event["t"]))
        price, quantity = Price(str(event["L"])), Quantity(str(event["l"]))
        cost = exact_of(event.get("Y"))
        return VenueTrade(
            trade_id=str(event["t"]), venue_id=str(event["i"]), client_order_id=client, symbol=symbol,
            side=side_of(event["S"]), price=price, quantity=quantity,
            cost=Decimal(price * quantity) if cost is None else cost, fee=fee, is_maker=event.get("m") is True,
            at=instant_of(event.get("T"), event.get("E")),
        )  # fmt: skip

    def _fee(self, event: Mapping[str, Any], symbol: Symbol) -> Money | None:
        cost = exact_of(event.get("n"))
        if cost is None:
            return None
        code = self._exchange.safe_currency_code(event["N"]) if event.get("N") else ""
        if not cost and not code:
            return Money(ZERO, split_symbol(symbol)[1])
        return summed([(cost, code)], symbol)

    def _balances(self, event: Mapping[str, Any]) -> BalancesTold:
        rows = []
        for row in event["B"]:
            code = Currency(self._exchange.safe_currency_code(row["a"]))
            free, locked = exact_of(row["f"]) or ZERO, exact_of(row["l"]) or ZERO
            rows.append(Balance(code, free + locked, free))
        return BalancesTold(tuple(rows))
