"""Binance spot on loopback: REST as unmodified ccxt classes use it, with signatures, weights and codes checked."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping

from tests.venue import binance_shapes as shapes
from tests.venue.binance_limits import Limits
from tests.venue.binance_market import Public
from tests.venue.binance_orders import CODES, Orders, Refusal
from tests.venue.binance_streams import MarketSession, UserSession
from tests.venue.faults import Fault, FaultPlan, Trouble
from tests.venue.matching import Matching
from tests.venue.rules import BINANCE_MARKETS, Reason, Refused
from tests.venue.settlement import Fees
from tests.venue.sockets import Socket
from tests.venue.wire import Answer, Audit, Call, Json, VenueClock, number

SIGNED = {"account", "order", "openOrders", "allOrders", "myTrades", "order/cancelReplace"}


class Binance:
    """The venue; one account, one key. ``core`` is its matching, ``plan`` its faults, ``audit`` its log."""

    ccxt_id = "binance"

    def __init__(
        self,
        deposits: Mapping[str, str] | None = None,
        fees: Fees | None = None,
        seed: int = 1,
        start: int | None = None,
    ) -> None:
        self.clock = VenueClock(start)
        money = deposits or {"USDT": "10000", "BTC": "1", "BNB": "0"}
        self.core = Matching(BINANCE_MARKETS, money, fees or Fees(), self.clock.now, seed)
        self.plan = FaultPlan()
        self.audit = Audit()
        self.limits = Limits(self.clock)
        self.key, self.secret = "k" * 64, "s" * 64
        self.can_withdraw = False
        self.ip_bound = True
        self.public = Public(self.core, self.clock, self.limits)
        self.orders = Orders(self.core, self.public.tape)
        self._handlers: dict[str, Callable[[Mapping[str, str]], Json]] = {
            **self.public.handlers,
            **self.orders.handlers,
            "GET /api/v3/account": lambda _: shapes.account(self.core, self.clock.wall()),
            "GET /sapi/v1/account/apiRestrictions": lambda _: shapes.restrictions(
                self.can_withdraw, self.ip_bound
            ),
        }

    def name_of(self, method: str, path: str) -> str:
        """``POST /api/v3/order``."""
        return f"{method} {path}"

    def handle(self, call: Call) -> Answer:
        """Counts, verifies and answers a REST call."""
        headers = self.limits.charge(call, call.name)
        try:
            self._verify(call)
            answer = Answer(self.work(call.name, call.params))
        except Refusal as no:
            answer = Answer(no.body, no.status)
        answer.headers |= headers
        return answer

    def work(self, name: str, params: Mapping[str, str]) -> Json:
        """The result of a call, however it came; ``Refusal`` carries the venue's code."""
        handler = self._handlers.get(name)
        if handler is None:
            raise Refusal(-1, f"no such endpoint on this venue: {name}", 404)
        try:
            return handler(params)
        except Refused as no:
            raise Refusal(*CODES[no.reason]) from no
        except KeyError as missing:
            text = f"Mandatory parameter {missing} was not sent, was empty/null, or malformed."
            raise Refusal(-1102, text) from missing
        except (ValueError, ArithmeticError) as bad:
            raise Refusal(-1100, "Illegal characters found in a parameter.") from bad

    def spent(self, call: Call) -> tuple[int, int]:
        """Weight of the call and of its minute."""
        return self.limits.spent(call)

    def trouble(self, fault: Fault, call: Call) -> Answer:
        """A fault in Binance's words."""
        seconds = int(fault.detail.get("seconds", "1"))
        match fault.trouble:
            case Trouble.RATE_LIMITED:
                return self.limits.limited(seconds)
            case Trouble.BANNED:
                self.limits.ban(seconds)
                return self.limits.banned()
            case Trouble.MAINTENANCE:
                return Answer({"code": 1, "msg": "System is under maintenance."}, 503)
            case Trouble.NONCE:
                return Answer(
                    {"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}, 400
                )
            case Trouble.FUNDS:
                code, text = CODES[Reason.FUNDS]
                return Answer({"code": code, "msg": text}, 400)
            case Trouble.GATEWAY:
                page = "<html><head><title>502 Bad Gateway</title></head></html>"
                return Answer(status=502, raw=page, content_type="text/html")
            case _:
                return Answer(status=503, raw="Service Unavailable.", content_type="text/plain")

    def falsify(self, answer: Answer) -> None:
        """Adds one to every free balance of an account answer."""
        if isinstance(answer.body, dict):
            for row in answer.body.get("balances", []):
                row["free"] = shapes.eight(number(row["free"]) + 1)

    def open(self, socket: Socket) -> MarketSession | UserSession:
        """Streams on stream.*, requests and own orders on ws-api.*."""
        return (
            UserSession(socket, self)
            if socket.host.startswith("ws-api")
            else MarketSession(socket, self.core)
        )

    def verify_key(self, params: Mapping[str, str], payload: str, key: str) -> None:
        """Key, signature over the payload, then the timestamp; ``Refusal`` otherwise."""
        if not key:
            raise Refusal(-2014, "API-key format invalid.", 401)
        if key != self.key:
            raise Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        good = hmac.new(self.secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(good, params.get("signature", "")):
            raise Refusal(-1022, "Signature for this request is not valid.")
        if self.clock.tells_market:
            return
        sent, window, now = int(params["timestamp"]), int(params.get("recvWindow", "5000")), self.clock.wall()
        if sent >= now + 1000:
            raise Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.")
        if now - sent > window:
            raise Refusal(-1021, "Timestamp for this request is outside of the recvWindow.")

    def _verify(self, call: Call) -> None:
        if call.path.removeprefix("/api/v3/") not in SIGNED and not call.path.startswith("/sapi/"):
            return
        query, _, _ = call.query.partition("&signature=")
        body, _, _ = call.body.partition("&signature=")
        self.verify_key(call.params, query + body, call.headers.get("X-MBX-APIKEY", ""))
