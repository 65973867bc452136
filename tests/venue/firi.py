"""Firi on loopback: its REST API, version 2, as documented and as public client programs use it, signatures checked."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl

from tests.venue import firi_shapes as shapes
from tests.venue.api import Session
from tests.venue.faults import Fault, FaultPlan, Trouble
from tests.venue.matching import Matching
from tests.venue.orders import Kind, Order, Wish
from tests.venue.rules import Market, Reason, Refused
from tests.venue.settlement import Fees
from tests.venue.sockets import Socket
from tests.venue.tape import Tape
from tests.venue.wire import Answer, Audit, Call, Json, Stop, VenueClock

HOST = "api.firi.com"
FEES = Fees(Decimal("0.007"), Decimal("0.007"), "quote")
MARKETS = tuple(
    Market(base, quote, Decimal("0.01"), Decimal("0.000001"), Decimal(least), Decimal(10), Decimal(price))
    for base, quote, least, price in (
        ("BTC", "NOK", "0.0001", "900000"),
        ("ETH", "NOK", "0.001", "30000"),
        ("BTC", "DKK", "0.0001", "600000"),
    )
)
NAMES = {
    Reason.UNKNOWN_MARKET: "AssetNotFound",
    Reason.FUNDS: "InsufficientFunds",
    Reason.PRICE_GRID: "InvalidPrice",
    Reason.AMOUNT_GRID: "InvalidAmount",
    Reason.AMOUNT_SMALL: "AmountTooLow",
    Reason.NOTIONAL_SMALL: "AmountTooLow",
    Reason.CLOSED: "MarketClosed",
    Reason.UNKNOWN_ORDER: "OrderNotFound",
}
SIDES = {"bid": "buy", "ask": "sell"}


class Firi:
    """The venue; one account, one key.  Paths that fit a glob in ``missing`` do not exist here.

    ``newest_first`` is the order of lists of the account; orders in ``lagging`` are shown as they were made.
    """

    ccxt_id = "firi"

    def __init__(self, deposits: Mapping[str, str] | None = None, seed: int = 1) -> None:
        self.clock = VenueClock()
        money = deposits or {"NOK": "100000", "BTC": "1", "ETH": "10", "DKK": "1000"}
        self.core = Matching(MARKETS, money, FEES, self.clock.now, seed)
        self.plan = FaultPlan()
        self.audit = Audit()
        self.key, self.secret, self.client_id = "api-key-1", "secret-key-1", "client-1"
        self.missing: set[str] = set()
        self.newest_first = True
        self.lagging: set[int] = set()
        self.level_too_low = False
        self._routes: list[tuple[str, Callable[..., Json]]] = [
            (r"GET /time", lambda: {"time": self.clock.now() // 1000}),
            (r"GET /v2/markets", lambda: [shapes.market(t, self.clock.now()) for t in self.tapes.values()]),
            (r"GET /v2/markets/tickers", self._tickers),
            (r"GET /v2/markets/(\w+)", lambda name: shapes.market(self._tape(name), self.clock.now())),
            (r"GET /v2/markets/(\w+)/ticker", lambda name: shapes.ticker(self._tape(name))),
            (r"GET /v2/markets/(\w+)/depth", lambda name: shapes.depth(self._tape(name))),
            (r"GET /v2/markets/(\w+)/history", self._public_trades),
            (r"GET /v2/balances", lambda: shapes.balances(self.core)),
            (r"POST /v2/orders", self._place),
            (r"GET /v2/orders", self._open),
            (r"GET /v2/orders/([A-Z]+)", self._open),
            (r"GET /v2/orders/history", self._closed),
            (r"GET /v2/orders/([A-Z]+)/history", self._closed),
            (r"GET /v2/history/orders/([A-Z]+)", self._closed),
            (r"GET /v2/order/(\w+)", lambda number: self._shown([self._order(number)])[0]),
            (r"DELETE /v2/orders", self._cancel_all),
            (r"DELETE /v2/orders/([A-Z]+)", self._cancel_all),
            (r"DELETE /v2/orders/(\d+)", self._cancel),
            (r"DELETE /v2/orders/(\d+)/(?:[A-Z]+/)?detailed", self._cancel),
            (r"GET /v2/history/trades", self._trades),
            (r"GET /v2/history/transactions", self._transactions),
            (r"GET /v2/history/transactions/(\d+)/(\d+)", self._month),
            (r"GET /v2/history/transactions/(\d+)", self._year),
        ]
        self._query: Mapping[str, str] = {}
        self._body: Mapping[str, str] = {}

    @property
    def tapes(self) -> dict[str, Tape]:
        """Markets by Firi's names."""
        return {shapes.name(tape.market): tape for tape in self.core.tapes.values()}

    # ---- what the server asks -----------------------------------------------------------------------

    def name_of(self, method: str, path: str) -> str:
        """``POST /v2/orders``."""
        return f"{method} {path}"

    def handle(self, call: Call) -> Answer:
        """Verifies and answers a call."""
        self._query = dict(parse_qsl(call.query))
        self._body = json.loads(call.body) if call.body else {}
        for pattern, handler in self._routes:
            found = re.fullmatch(pattern, call.name)
            if found is None or any(fnmatchcase(call.name, glob) for glob in self.missing):
                continue
            if not re.match(r"/time|/v2/markets", call.path):
                self._verify(call)
            try:
                return Answer(handler(*found.groups()))
            except Refused as no:
                status = 404 if no.reason is Reason.UNKNOWN_ORDER else 400
                raise Stop(refusal(NAMES[no.reason], str(no), status)) from no
        return refusal("NotFound", f"No such path: {call.name}", 404)

    def spent(self, call: Call) -> tuple[int, int]:
        """Firi tells no weights."""
        return 1, 0

    def trouble(self, fault: Fault, call: Call) -> Answer:
        """A fault in Firi's words, as far as they are known."""
        match fault.trouble:
            case Trouble.RATE_LIMITED | Trouble.BANNED:
                status = 429 if fault.trouble is Trouble.RATE_LIMITED else 418
                seconds = fault.detail.get("seconds", "1")
                return Answer({"message": "Too many requests"}, status, {"Retry-After": seconds})
            case Trouble.MAINTENANCE:
                return refusal("Maintenance", "Firi is closed for maintenance", 503)
            case Trouble.NONCE:
                return refusal("Expired Signature", "The signature is over", 401)
            case Trouble.FUNDS:
                return refusal("InsufficientFunds", "Not enough available", 400)
            case Trouble.GATEWAY:
                return Answer(status=502, raw="<html>502 Bad Gateway</html>", content_type="text/html")
            case _:
                return Answer(status=503, raw="Service Unavailable.", content_type="text/plain")

    def falsify(self, answer: Answer) -> None:
        """Adds one to every wallet."""
        if isinstance(answer.body, list):
            for row in answer.body:
                row["available"] = shapes.long(Decimal(row["available"]) + 1)

    def open(self, socket: Socket) -> Session:
        """Firi has no streams."""
        raise NotImplementedError

    # ---- who asks -----------------------------------------------------------------------------------

    def _verify(self, call: Call) -> None:
        """An API key, or a client id with a signature that is right and not over."""
        sent = {name.lower().removeprefix("miraiex-").removeprefix("firi-"): text
                for name, text in call.headers.items()}  # fmt: skip
        if "user-signature" not in sent:
            if sent.get("access-key") != self.key:
                raise Stop(refusal("ApiKeyNotFound", "The access key was not found", 401))
        elif sent.get("user-clientid") != self.client_id:
            raise Stop(refusal("ApiKeyNotFound", "The client was not found", 401))
        else:
            self._verify_signature(sent["user-signature"])
        if self.level_too_low and call.method != "GET":
            raise Stop(refusal("SecurityLevelTooLow", "The key may not trade", 403))

    def _verify_signature(self, signature: str) -> None:
        stamp, validity = self._query.get("timestamp", "0"), self._query.get("validity", "0")
        fields = [("timestamp", stamp), ("validity", validity), *self._body.items()]
        text = "{" + ",".join(f'"{name}":"{value}"' for name, value in fields) + "}"
        good = hmac.digest(self.secret.encode(), text.encode(), hashlib.sha256).hex()
        if not hmac.compare_digest(good, signature):
            raise Stop(refusal("Invalid Signature", "The signature does not match", 401))
        now, start = self.clock.now(), int(stamp) * 1000
        if not start - 1000 <= now <= start + int(validity) + 1000:
            raise Stop(refusal("Expired Signature", "The signature is over", 401))

    # ---- answers ------------------------------------------------------------------------------------

    def _tape(self, name: str) -> Tape:
        tape = self.tapes.get(name.upper())
        if tape is None:
            raise Stop(refusal("AssetNotFound", f"No market {name}", 404))
        return tape

    def _tickers(self) -> Json:
        return [{"market": name, **shapes.ticker(tape)} for name, tape in self.tapes.items()]

    def _public_trades(self, name: str) -> Json:
        made = sorted(self._tape(name).prints, key=lambda one: one.number, reverse=True)
        return [shapes.public_trade(one) for one in made[: int(self._query.get("count", "100"))]]

    def _order(self, number: str) -> Order:
        order = self.core.find(int(number)) if number.isdigit() else None
        if order is None:
            raise Refused(Reason.UNKNOWN_ORDER, number)
        return order

    def _place(self) -> Json:
        body = self._body
        if set(body) != {"market", "type", "price", "amount"} or body["type"] not in SIDES:
            raise Stop(refusal("ValidationError", "market, type, price and amount are asked for", 400))
        if not all(isinstance(value, str) for value in body.values()):
            raise Stop(refusal("ValidationError", "Amounts are texts", 400))
        wish = Wish(
            symbol=self._tape(body["market"]).market.symbol,
            side=SIDES[body["type"]],
            kind=Kind.LIMIT,
            amount=Decimal(body["amount"]),
            price=Decimal(body["price"]),
        )
        return {"id": self.core.place(wish).number}

    def _open(self, name: str = "") -> Json:
        symbol = self._tape(name).market.symbol if name else None
        return self._shown(self.core.open_orders(symbol))

    def _closed(self, name: str = "") -> Json:
        symbol = self._tape(name).market.symbol if name else None
        orders = [order for order in self.core.orders.values() if not order.status.is_open]
        shown = self._shown([order for order in orders if symbol in (None, order.symbol)])
        return shown[: int(self._query.get("count", "100"))]

    def _shown(self, orders: list[Order]) -> list[Json]:
        ranked = sorted(orders, key=lambda order: order.number, reverse=self.newest_first)
        shown: list[dict[str, Json]] = [shapes.order(self.core, order) for order in ranked]
        return [row | {"matched": "0"} if row["id"] in self.lagging else row for row in shown]

    def _cancel(self, number: str) -> Json:
        order = self.core.cancel(self._order(number))
        return {"matched": shapes.long(order.filled)}

    def _cancel_all(self, name: str = "") -> Json:
        return [
            order.number for order in self.core.cancel_all(self._tape(name).market.symbol if name else None)
        ]

    def _trades(self) -> Json:
        made = [shapes.trade(self.core, fill) for fill in self.core.settlement.fills]
        return made[::-1][: int(self._query.get("count", "100"))]

    def _transactions(self, begin: str = "") -> Json:
        made = [row for fill in self.core.settlement.fills for row in shapes.transactions(self.core, fill)]
        chosen = [row for row in made if row["date"].startswith(begin)]
        return chosen if begin else chosen[::-1][: int(self._query.get("count", "100"))]

    def _month(self, month: str, year: str) -> Json:
        return self._transactions(f"{year}-{int(month):02d}-")

    def _year(self, year: str) -> Json:
        return self._transactions(f"{year}-")


def refusal(name: str, message: str, status: int) -> Answer:
    """Firi's shape of a refusal."""
    return Answer({"name": name, "message": message}, status)
