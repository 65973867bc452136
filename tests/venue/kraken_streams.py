"""Kraken's sockets, WebSocket v2: ticker, ohlc, trade, book; executions, balances and orders with a token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.venue import kraken_reports as reports
from tests.venue.kraken_book import BookView
from tests.venue.kraken_orders import Error
from tests.venue.orders import BalancesTold, BookTold, OrderTold, PriceTold, Told, TradeTold
from tests.venue.sockets import Socket
from tests.venue.tape import Candle, Tape
from tests.venue.wire import Answer, Call, Json, Logged

if TYPE_CHECKING:
    from tests.venue.kraken import Kraken

PRIVATE = ("executions", "balances")
PUBLIC = ("ticker", "ohlc", "trade", "book")
REST = {"add_order": "AddOrder", "amend_order": "AmendOrder", "cancel_order": "CancelOrder",
        "cancel_all": "CancelAll", "cancel_all_orders_after": "CancelAllOrdersAfter"}  # fmt: skip
BEAT = 1000


class KrakenSession:
    """One socket, public or private; ccxt asks the same things on either."""

    def __init__(self, socket: Socket, venue: Kraken) -> None:
        self._socket = socket
        self._venue = venue
        self._core = venue.core
        self._subscribed: dict[tuple[str, str], Mapping[str, Any]] = {}
        self._books: dict[str, BookView] = {}
        self._sequence = 0
        self._beaten = 0
        self._totals: dict[str, Decimal] = {}
        self._core.listeners.append(self._heard)
        status = {
            "api_version": "v2",
            "connection_id": 12393906104898154338,
            "system": "online",
            "version": "2.0.4",
        }
        socket.push("status", {"channel": "status", "data": [status], "type": "update"})

    def hear(self, text: str) -> None:
        """One request."""
        asked = json.loads(text, parse_float=Decimal)
        method, params = asked.get("method"), asked.get("params", {})
        if method == "ping":
            self._say(asked, {"method": "pong"})
        elif method == "subscribe":
            self._subscribe(asked, params)
        elif method == "unsubscribe":
            self._unsubscribe(asked, params)
        elif method in REST:
            self._trade(asked, method, params)
        else:
            self._say(asked, {"error": "Unsupported event", "method": method, "success": False})

    def beat(self, now: int) -> None:
        """A heartbeat each second, once anything is subscribed."""
        if self._subscribed and now - self._beaten >= BEAT:
            self._beaten = now
            self._socket.push("heartbeat", {"channel": "heartbeat"})

    def streams(self) -> list[str]:
        """``trade BTC/USD``, ``executions`` and the like."""
        return [f"{channel} {symbol}".strip() for channel, symbol in list(self._subscribed)]

    def close(self) -> None:
        """No more events."""
        self._core.listeners.remove(self._heard)

    # ---- requests -------------------------------------------------------------------------------------

    def _say(self, asked: Mapping[str, Any], body: dict[str, Json]) -> None:
        moment = reports.iso(self._venue.clock.wall())
        request = {"req_id": asked["req_id"]} if "req_id" in asked else {}
        self._socket.reply(body | request | {"time_in": moment, "time_out": moment})

    def _subscribe(self, asked: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        channel = params["channel"]
        if channel in PRIVATE:
            if params.get("token") != self._venue.token:
                self._say(
                    asked, {"error": "ESession:Invalid session", "method": "subscribe", "success": False}
                )
                return
            self._subscribed[channel, ""] = params
            self._say(asked, _subscribed({"channel": channel, "snapshot": True}))
            self._private_snapshots(channel, params)
            return
        if channel not in PUBLIC:
            self._say(asked, {"error": "Subscription name invalid", "method": "subscribe", "success": False})
            return
        for symbol in params["symbol"]:
            tape = self._core.tapes.get(symbol)
            if tape is None:
                no = {"error": f"Currency pair not supported {symbol}", "symbol": symbol}
                self._say(asked, no | {"method": "subscribe", "success": False})
                continue
            self._subscribed[channel, symbol] = params
            extra = {name: params[name] for name in ("depth", "interval", "event_trigger") if name in params}
            self._say(asked, _subscribed({"channel": channel, "snapshot": True, "symbol": symbol} | extra))
            self._snapshot(channel, tape, params)

    def _unsubscribe(self, asked: Mapping[str, Any], params: Mapping[str, Any]) -> None:
        for symbol in params.get("symbol", [""]):
            self._subscribed.pop((params["channel"], symbol), None)
            self._say(
                asked, {"method": "unsubscribe", "result": {"channel": params["channel"]}, "success": True}
            )

    def _trade(self, asked: Mapping[str, Any], method: str, params: Mapping[str, Any]) -> None:
        """Orders over the socket go the way of their REST twins."""
        given, name = _as_rest(params), REST[method]
        text = json.dumps(asked, default=str)
        call = Call(
            0, self._venue.clock.real(), self._socket.host, "WS", "/v2", "", text, {}, given, f"ws-api {name}"
        )
        self._venue.audit.arrived(call)
        try:
            if params.get("token") != self._venue.token:
                raise Error("ESession:Invalid session")
            result = self._venue.orders.work(name, given)
        except Error as no:
            self._say(asked, {"error": str(no), "method": method, "success": False})
            answer = Answer({"error": [str(no)]})
        else:
            order_id = result["txid"][0] if "txid" in result else given.get("txid", "")
            told = {"order_id": order_id} | {
                key: result[key] for key in ("amend_id", "count") if key in result
            }
            self._say(asked, {"method": method, "result": told, "success": True})
            answer = Answer(result)
        self._venue.audit.add(Logged(call, answer.status, 0, 0, "", True, answer.text))

    # ---- events ---------------------------------------------------------------------------------------

    def _private_snapshots(self, channel: str, params: Mapping[str, Any]) -> None:
        if channel == "balances":
            self._totals = {code: self._core.wallet.total(code) for code in list(self._core.wallet.holdings)}
            self._send("balances", reports.balance_snapshot(self._core), "snapshot", numbered=True)
            return
        if params.get("snap_orders", True):
            rows = [reports.whole(order, self._core, "new", "new") for order in self._core.open_orders()]
            self._send("executions", rows, "snapshot", numbered=True)
        if params.get("snap_trades", False):
            fills = self._core.settlement.fills[-50:]
            made = [
                reports.trade(self._core.orders[fill.order], fill, self._core) for fill in reversed(fills)
            ]
            self._send("executions", made, "snapshot", numbered=True)

    def _snapshot(self, channel: str, tape: Tape, params: Mapping[str, Any]) -> None:
        match channel:
            case "ticker":
                self._send("ticker", [_ticker(tape, self._core.now())], "snapshot")
            case "ohlc":
                span = int(params.get("interval", 1))
                bars = tape.candles(span * 60_000, self._core.now(), None, 10)
                self._send("ohlc", [_bar(tape, bar, span, self._core.now()) for bar in bars], "snapshot")
            case "trade":
                rows = [_print(tape, back) for back in range(-min(50, len(tape.prints)), 0)]
                self._send("trade", rows, "snapshot")
            case "book":
                self._books[tape.market.symbol] = BookView(tape, int(params.get("depth", 10)))
                self._send("book", [self._books[tape.market.symbol].snapshot()], "snapshot")
            case _:
                pass

    def _heard(self, told: Told) -> None:
        match told:
            case OrderTold() if ("executions", "") in self._subscribed:
                for report in reports.executions(told, self._core):
                    self._send("executions", [report], "update", numbered=True)
            case BalancesTold() if ("balances", "") in self._subscribed:
                self._balances(told.assets)
            case PriceTold():
                self._price(self._core.tapes[told.symbol])
            case TradeTold():
                if ("trade", told.symbol) in self._subscribed:
                    self._send("trade", [_print(self._core.tapes[told.symbol], -1)], "update")
                self._candle(self._core.tapes[told.symbol])
            case BookTold() if ("book", told.symbol) in self._subscribed:
                change = self._books[told.symbol].update()
                if change is not None:
                    self._send("book", [change | {"timestamp": reports.iso(self._core.now())}], "update")

    def _balances(self, assets: tuple[str, ...]) -> None:
        """Totals only: an order that merely locks money changes none, and Kraken then says nothing."""
        for code in assets:
            total = self._core.wallet.total(code)
            if total != self._totals.get(code):
                self._totals[code] = total
                number = 800_000 + self._sequence
                self._send(
                    "balances", [reports.balance_update(self._core, code, number)], "update", numbered=True
                )

    def _price(self, tape: Tape) -> None:
        symbol, now = tape.market.symbol, self._core.now()
        if ("ticker", symbol) in self._subscribed:
            self._send("ticker", [_ticker(tape, now)], "update")

    def _candle(self, tape: Tape) -> None:
        """With every print, so the last word on a candle is its last trade: Kraken says nothing when it closes."""
        symbol, now = tape.market.symbol, self._core.now()
        params = self._subscribed.get(("ohlc", symbol))
        if params is not None:
            span = int(params.get("interval", 1))
            bar = tape.candles(span * 60_000, now, None, 1)[0]
            self._send("ohlc", [_bar(tape, bar, span, now)], "update")

    def _send(self, channel: str, data: list[Json], kind: str, *, numbered: bool = False) -> None:
        message: dict[str, Json] = {"channel": channel, "type": kind, "data": data}
        if channel == "ohlc":
            message["timestamp"] = reports.iso(self._core.now())
        if numbered:
            self._sequence += 1
            message["sequence"] = self._sequence
        self._socket.push(channel, message)


def _subscribed(result: Json) -> dict[str, Json]:
    return {"method": "subscribe", "result": result, "success": True}


def _as_rest(params: Mapping[str, Any]) -> Mapping[str, str]:
    """The parameters of a socket's order under the names REST has for them."""
    given = {"pair": params.get("symbol"), "type": params.get("side"), "ordertype": params.get("order_type"),
             "volume": params.get("order_qty"), "cl_ord_id": params.get("cl_ord_id"),
             "timeinforce": params.get("time_in_force"), "order_qty": params.get("order_qty"),
             "limit_price": params.get("limit_price"), "trigger_price": params.get("trigger_price"),
             "timeout": params.get("timeout")}  # fmt: skip
    triggers = params.get("triggers")
    given["price"] = triggers["price"] if triggers else params.get("limit_price")
    given["price2"] = params.get("limit_price") if triggers else None
    ids = params.get("order_id")
    given["txid"] = ids[0] if isinstance(ids, list) else ids
    given["oflags"] = "post" if params.get("post_only") else None
    return {name: str(value) for name, value in given.items() if value is not None}


def _ticker(tape: Tape, now: int) -> Json:
    day, (bid, bid_size), (ask, ask_size) = tape.day(now), tape.book.bids(1)[0], tape.book.asks(1)[0]
    tick, change = tape.market.tick, tape.last - day.open
    mean = day.quote_volume / day.volume if day.volume else tape.last
    return {
        "symbol": tape.market.symbol, "bid": bid, "bid_qty": bid_size.quantize(reports.EIGHT), "ask": ask,
        "ask_qty": ask_size.quantize(reports.EIGHT), "last": tape.last, "volume": day.volume.quantize(reports.EIGHT),
        "vwap": mean.quantize(tick), "low": day.low, "high": day.high, "change": change,
        "change_pct": (change / day.open * 100).quantize(Decimal("0.01")),
    }  # fmt: skip


def _bar(tape: Tape, bar: Candle, minutes: int, now: int) -> Json:
    mean = bar.quote_volume / bar.volume if bar.volume else bar.close
    return {
        "symbol": tape.market.symbol, "open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close,
        "trades": bar.count, "volume": bar.volume.quantize(reports.EIGHT), "vwap": mean.quantize(tape.market.tick),
        "interval_begin": reports.iso(bar.ts).replace("Z", "000Z"), "interval": minutes,
        "timestamp": reports.iso(bar.ts + minutes * 60_000),
    }  # fmt: skip


def _print(tape: Tape, index: int) -> Json:
    made = tape.prints[index]
    return {
        "symbol": tape.market.symbol, "side": "sell" if made.buyer_made else "buy", "price": made.price,
        "qty": made.amount.quantize(reports.EIGHT), "ord_type": "market", "trade_id": made.number,
        "timestamp": reports.iso(made.at),
    }  # fmt: skip
