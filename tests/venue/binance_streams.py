"""Binance spot's sockets: market streams, and the WebSocket API with requests and own orders."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.venue import binance_shapes as shapes
from tests.venue.binance_market import SPANS
from tests.venue.binance_orders import Refusal
from tests.venue.binance_reports import account_position, execution_report
from tests.venue.faults import Trouble
from tests.venue.matching import Matching
from tests.venue.orders import BalancesTold, BookTold, OrderTold, PriceTold, Told, TradeTold
from tests.venue.sockets import Socket
from tests.venue.tape import Tape
from tests.venue.wire import Answer, Call, Json, Logged, Stop

if TYPE_CHECKING:
    from tests.venue.binance import Binance

METHODS = {
    "ping": "GET /api/v3/ping", "time": "GET /api/v3/time", "exchangeInfo": "GET /api/v3/exchangeInfo",
    "depth": "GET /api/v3/depth", "klines": "GET /api/v3/klines", "ticker.24hr": "GET /api/v3/ticker/24hr",
    "trades.recent": "GET /api/v3/trades", "account.status": "GET /api/v3/account",
    "order.place": "POST /api/v3/order", "order.status": "GET /api/v3/order",
    "order.cancel": "DELETE /api/v3/order", "order.cancelReplace": "POST /api/v3/order/cancelReplace",
    "openOrders.status": "GET /api/v3/openOrders", "openOrders.cancelAll": "DELETE /api/v3/openOrders",
    "allOrders": "GET /api/v3/allOrders", "myTrades": "GET /api/v3/myTrades",
}  # fmt: skip
SUBSCRIBE = "userDataStream.subscribe.signature"


class MarketSession:
    """A socket on stream.*: what it subscribed to is pushed as the core tells of it."""

    def __init__(self, socket: Socket, core: Matching) -> None:
        self._socket = socket
        self._core = core
        self._streams: dict[str, None] = {}
        self._bars: dict[str, int] = {}
        core.listeners.append(self._heard)

    def hear(self, text: str) -> None:
        """SUBSCRIBE, UNSUBSCRIBE and LIST_SUBSCRIPTIONS."""
        asked = json.loads(text)
        result = None
        if asked["method"] == "SUBSCRIBE":
            self._streams |= dict.fromkeys(asked["params"])
        elif asked["method"] == "UNSUBSCRIBE":
            self._streams = {name: None for name in self._streams if name not in asked["params"]}
        else:
            result = list(self._streams)
        self._socket.reply({"result": result, "id": asked["id"]})
        if asked["method"] == "SUBSCRIBE":
            for tape in self._core.tapes.values():
                self._price(tape, only=asked["params"])

    def beat(self, now: int) -> None:
        """Binance pings on its own level; nothing to say."""

    def streams(self) -> list[str]:
        """``btcusdt@trade`` and the like."""
        return list(self._streams)

    def close(self) -> None:
        """No more events."""
        self._core.listeners.remove(self._heard)

    def _heard(self, told: Told) -> None:
        if isinstance(told, OrderTold | BalancesTold):
            return
        tape = self._core.tapes[told.symbol]
        name = shapes.symbol_id(told.symbol).lower()
        match told:
            case PriceTold():
                self._price(tape)
            case TradeTold():
                if f"{name}@trade" in self._streams:
                    self._socket.push("trade", _trade(tape, self._core.now()))
            case BookTold():
                for suffix in ("@depth", "@depth@100ms"):
                    if name + suffix in self._streams:
                        self._socket.push("depthUpdate", _depth(told, self._core.now()))

    def _price(self, tape: Tape, only: list[str] | None = None) -> None:
        name, now = shapes.symbol_id(tape.market.symbol).lower(), self._core.now()
        for stream in list(self._streams if only is None else only):
            symbol, _, kind = stream.partition("@")
            if symbol != name:
                continue
            if kind == "miniTicker":
                self._socket.push("24hrMiniTicker", _mini(tape, now))
            elif kind == "ticker":
                self._socket.push("24hrTicker", _ticker(tape, now))
            elif kind == "bookTicker":
                self._socket.push("bookTicker", _best(tape))
            elif kind.startswith("kline_"):
                self._bar(stream, kind.removeprefix("kline_"), tape, now)

    def _bar(self, stream: str, interval: str, tape: Tape, now: int) -> None:
        span = SPANS[interval] * 60_000
        rows = tape.candles(span, now, None, 2)
        before = self._bars.get(stream)
        self._bars[stream] = rows[-1].ts
        if before is not None and before != rows[-1].ts and len(rows) > 1:
            self._socket.push("kline", _kline(tape, rows[-2], interval, span, now, closed=True))
        self._socket.push("kline", _kline(tape, rows[-1], interval, span, now, closed=False))


class UserSession:
    """A socket on ws-api.*: requests signed one by one, and own orders and balances once subscribed."""

    def __init__(self, socket: Socket, venue: Binance) -> None:
        self._socket = socket
        self._venue = venue
        self._subscribed = False
        venue.core.listeners.append(self._heard)

    def hear(self, text: str) -> None:
        """One request; answered like its REST twin."""
        asked = json.loads(text)
        params = {key: _plain(value) for key, value in asked.get("params", {}).items()}
        method = asked["method"]
        now = self._venue.clock.real()
        call = Call(0, now, self._socket.host, "WS", "/ws-api/v3", "", text, {}, params, f"ws-api {method}")
        self._venue.audit.arrived(call)
        fault = self._venue.plan.for_call(call.name, 0)
        trouble = fault.trouble if fault else None
        if trouble in (Trouble.RESET_BEFORE, Trouble.TIMEOUT_BEFORE):
            self._log(call, Answer(status=0), str(trouble), processed=False)
        else:
            answer = self._answer(method, call)
            self._log(call, answer, str(trouble or ""), processed=True)
            if trouble not in (Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER):
                self._reply(asked["id"], answer)
        if trouble in (Trouble.RESET_BEFORE, Trouble.RESET_AFTER):
            self._socket.cut()

    def beat(self, now: int) -> None:
        """Binance pings on its own level; nothing to say."""

    def streams(self) -> list[str]:
        """``user`` once subscribed."""
        return ["user"] if self._subscribed else []

    def close(self) -> None:
        """No more events."""
        self._venue.core.listeners.remove(self._heard)

    def _answer(self, method: str, call: Call) -> Answer:
        try:
            self._venue.limits.charge(call, METHODS.get(method, method))
            if "signature" in call.params:
                payload = "&".join(
                    f"{key}={value}" for key, value in sorted(call.params.items()) if key != "signature"
                )
                self._venue.verify_key(call.params, payload, call.params.get("apiKey", ""))
            elif method.split(".")[0] in (
                "order",
                "openOrders",
                "account",
                "userDataStream",
                "allOrders",
                "myTrades",
            ):
                raise Refusal(
                    -1102, "Mandatory parameter 'signature' was not sent, was empty/null, or malformed."
                )
            if method == SUBSCRIBE:
                self._subscribed, self._socket.is_terminated = True, False
                return Answer({"subscriptionId": 0})
            return Answer(self._venue.work(METHODS.get(method, method), call.params))
        except Refusal as no:
            return Answer(no.body, no.status)
        except Stop as stop:
            return stop.answer

    def _reply(self, request: Json, answer: Answer) -> None:
        good = answer.status == 200
        body = {
            "id": request,
            "status": answer.status,
            "result" if good else "error": answer.body,
            "rateLimits": [],
        }
        self._socket.reply(body)

    def _log(self, call: Call, answer: Answer, fault: str, *, processed: bool) -> None:
        weight, used = self._venue.spent(call) if processed else (0, 0)
        self._venue.audit.add(Logged(call, answer.status, weight, used, fault, processed, answer.text))

    def _heard(self, told: Told) -> None:
        if not self._subscribed:
            return
        core = self._venue.core
        match told:
            case OrderTold():
                event = execution_report(told, core)
            case BalancesTold():
                event = account_position(core, told.assets)
            case _:
                return
        self._socket.push(event["e"], {"subscriptionId": 0, "event": event})


def _plain(value: Any) -> str:
    """A parameter as it stood in the signed text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mini(tape: Tape, now: int) -> Mapping[str, Json]:
    day = tape.day(now)
    return {"e": "24hrMiniTicker", "E": now, "s": shapes.symbol_id(tape.market.symbol), "c": shapes.eight(tape.last),
            "o": shapes.eight(day.open), "h": shapes.eight(day.high), "l": shapes.eight(day.low),
            "v": shapes.eight(day.volume), "q": shapes.eight(day.quote_volume)}  # fmt: skip


def _ticker(tape: Tape, now: int) -> Mapping[str, Json]:
    day = shapes.ticker_day(tape, now)
    return {
        "e": "24hrTicker", "E": now, "s": day["symbol"], "p": day["priceChange"], "P": day["priceChangePercent"],
        "w": day["weightedAvgPrice"], "x": day["prevClosePrice"], "c": day["lastPrice"], "Q": day["lastQty"],
        "b": day["bidPrice"], "B": day["bidQty"], "a": day["askPrice"], "A": day["askQty"], "o": day["openPrice"],
        "h": day["highPrice"], "l": day["lowPrice"], "v": day["volume"], "q": day["quoteVolume"],
        "O": day["openTime"], "C": day["closeTime"], "F": day["firstId"], "L": day["lastId"], "n": day["count"],
    }  # fmt: skip


def _best(tape: Tape) -> Mapping[str, Json]:
    (bid, bid_size), (ask, ask_size) = tape.book.bids(1)[0], tape.book.asks(1)[0]
    return {"u": tape.book.version, "s": shapes.symbol_id(tape.market.symbol), "b": shapes.eight(bid),
            "B": shapes.eight(bid_size), "a": shapes.eight(ask), "A": shapes.eight(ask_size)}  # fmt: skip


def _trade(tape: Tape, now: int) -> Mapping[str, Json]:
    last = tape.prints[-1]
    return {"e": "trade", "E": now, "s": shapes.symbol_id(tape.market.symbol), "t": last.number,
            "p": shapes.eight(last.price), "q": shapes.eight(last.amount), "T": last.at, "m": last.buyer_made,
            "M": True}  # fmt: skip


def _depth(told: BookTold, now: int) -> Mapping[str, Json]:
    bids, asks = ([[shapes.eight(p), shapes.eight(q)] for p, q in side] for side in (told.bids, told.asks))
    return {"e": "depthUpdate", "E": now, "s": shapes.symbol_id(told.symbol), "U": told.first, "u": told.last,
            "b": bids, "a": asks}  # fmt: skip


def _kline(tape: Tape, bar: Any, interval: str, span: int, now: int, *, closed: bool) -> Mapping[str, Json]:
    symbol, last = shapes.symbol_id(tape.market.symbol), tape.prints[-1].number
    row = shapes.kline(bar, span)
    k = {"t": bar.ts, "T": row[6], "s": symbol, "i": interval, "f": max(0, last - bar.count), "L": last,
         "o": row[1], "c": row[4], "h": row[2], "l": row[3], "v": row[5], "n": bar.count, "x": closed,
         "q": row[7], "V": row[9], "Q": row[10], "B": "0"}  # fmt: skip
    return {"e": "kline", "E": now, "s": symbol, "k": k}
