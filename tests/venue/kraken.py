"""Kraken spot on loopback: REST as unmodified ccxt classes use it, with signatures, nonces and the rate counter."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from decimal import Decimal
from math import ceil

from tests.venue import kraken_shapes as shapes
from tests.venue.faults import Fault, FaultPlan, Trouble
from tests.venue.kraken_names import by_pair, pair_id
from tests.venue.kraken_orders import ERRORS, Error, Orders
from tests.venue.kraken_streams import KrakenSession
from tests.venue.matching import Matching
from tests.venue.rules import KRAKEN_MARKETS, Reason, Refused
from tests.venue.settlement import Fees
from tests.venue.sockets import Socket
from tests.venue.wire import Answer, Audit, Call, Json, VenueClock, number

FEES = Fees(Decimal("0.0025"), Decimal("0.004"), "quote", Decimal("0.0001"))
RIGHTS = ["query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades",
          "create-ws-token"]  # fmt: skip
FREE = {"AddOrder", "AmendOrder", "EditOrder", "CancelOrder", "CancelAll", "CancelAllOrdersAfter"}
"""Trading calls are counted by the matching engine, not by the REST counter."""


class RateCounter:
    """Kraken's counter of private calls: up by one (history by two), down by ``decay`` a second."""

    def __init__(self, clock: VenueClock, limit: int = 20, decay: Decimal = Decimal("0.5")) -> None:
        self.limit = limit
        self.decay = decay
        self.value = Decimal(0)
        self._clock = clock
        self._at = clock.real()
        self._spent: dict[int, tuple[int, int]] = {}

    def charge(self, call: Call) -> bool:
        """Counts a call; False when the counter is full (then it does not count)."""
        now = self._clock.real()
        self.value = max(Decimal(0), self.value - self.decay * (now - self._at) / 1000)
        self._at = now
        cost = 0 if call.name in FREE else 2 if call.name in ("TradesHistory", "ClosedOrders") else 1
        if self.value + cost > self.limit:
            return False
        self.value += cost
        self._spent[call.number] = (cost, ceil(self.value))
        return True

    def spent(self, call: Call) -> tuple[int, int]:
        """Cost of a call, and the counter after it."""
        return self._spent.get(call.number, (0, ceil(self.value)))


class Kraken:
    """The venue; one account, one key. ``core`` is its matching, ``plan`` its faults, ``audit`` its log."""

    ccxt_id = "kraken"

    def __init__(
        self,
        deposits: Mapping[str, str] | None = None,
        fees: Fees | None = None,
        seed: int = 1,
        start: int | None = None,
    ) -> None:
        self.clock = VenueClock(start)
        money = deposits or {"USD": "10000", "BTC": "1"}
        self.core = Matching(KRAKEN_MARKETS, money, fees or FEES, self.clock.now, seed)
        self.plan = FaultPlan()
        self.audit = Audit()
        self.counter = RateCounter(self.clock)
        self.orders = Orders(self.core)
        self.key, self.secret = "K" * 56, base64.b64encode(b"s" * 64).decode()
        self.rights = list(RIGHTS)
        self.ip_bound = True
        self.token = "t0k3n" * 8
        self._nonce = 0
        self._public: dict[str, Callable[[Mapping[str, str]], Json]] = {
            "Time": lambda _: shapes.time(self.clock.wall()),
            "SystemStatus": lambda _: {"status": "online", "timestamp": "2026-01-01T00:00:00Z"},
            "Assets": lambda _: shapes.assets(self.core),
            "AssetPairs": self._pairs,
            "Ticker": self._ticker,
            "OHLC": self._ohlc,
            "Depth": self._depth,
            "Trades": self._trades,
        }
        self._private: dict[str, Callable[[Mapping[str, str]], Json]] = {
            "Balance": lambda _: shapes.balances(self.core, extended=False),
            "BalanceEx": lambda _: shapes.balances(self.core, extended=True),
            "GetWebSocketsToken": lambda _: {"token": self.token, "expires": 900},
            "GetApiKeyInfo": self._key_info,
        }

    def name_of(self, method: str, path: str) -> str:
        """``AddOrder``: the last part of the path."""
        return path.rsplit("/", 1)[-1]

    def handle(self, call: Call) -> Answer:
        """Verifies, counts and answers a REST call; Kraken's refusals are HTTP 200 too."""
        try:
            if call.path.startswith("/0/public/"):
                return _good(self._work_public(call))
            self._verify(call)
            if not self.counter.charge(call):
                raise Error("EAPI:Rate limit exceeded")
            if call.name in self._private:
                return _good(self._private[call.name](call.params))
            if call.name not in self.orders.handlers:
                raise Error("EGeneral:Unknown method")
            return _good(self.orders.work(call.name, call.params))
        except Error as no:
            return _bad(str(no))

    def spent(self, call: Call) -> tuple[int, int]:
        """Cost of the call, and the counter with it."""
        return self.counter.spent(call)

    def trouble(self, fault: Fault, call: Call) -> Answer:
        """A fault in Kraken's words."""
        match fault.trouble:
            case Trouble.RATE_LIMITED if call.path.startswith("/0/public/"):
                return _bad("EGeneral:Too many requests")
            case Trouble.RATE_LIMITED:
                return _bad("EAPI:Rate limit exceeded")
            case Trouble.BANNED:
                return _bad("EGeneral:Temporary lockout")
            case Trouble.MAINTENANCE:
                return _bad("EService:Unavailable")
            case Trouble.NONCE:
                return _bad("EAPI:Invalid nonce")
            case Trouble.FUNDS:
                return _bad(ERRORS[Reason.FUNDS])
            case Trouble.GATEWAY:
                page = "<html><head><title>502 Bad Gateway</title></head></html>"
                return Answer(status=502, raw=page, content_type="text/html")
            case _:
                return Answer(status=503, raw="Service Unavailable", content_type="text/plain")

    def falsify(self, answer: Answer) -> None:
        """Adds one to every balance of a BalanceEx answer."""
        for row in answer.body.get("result", {}).values():
            if isinstance(row, dict) and "balance" in row:
                row["balance"] = f"{number(row['balance']) + 1:f}"

    def open(self, socket: Socket) -> KrakenSession:
        """A client on ws.* or ws-auth.*."""
        return KrakenSession(socket, self)

    def _work_public(self, call: Call) -> Json:
        handler = self._public.get(call.name)
        if handler is None:
            raise Error("EGeneral:Unknown method")
        try:
            return handler(call.params)
        except Refused as no:
            raise Error(ERRORS[no.reason]) from no
        except (KeyError, ValueError) as bad:
            raise Error("EGeneral:Invalid arguments") from bad

    def _verify(self, call: Call) -> None:
        """Key, signature, then the nonce, which must grow with every call of the key."""
        if call.headers.get("API-Key", "") != self.key:
            raise Error("EAPI:Invalid key")
        nonce = call.params.get("nonce", "")
        digest = hashlib.sha256((nonce + call.body).encode()).digest()
        good = hmac.new(base64.b64decode(self.secret), call.path.encode() + digest, hashlib.sha512).digest()
        if not hmac.compare_digest(base64.b64encode(good).decode(), call.headers.get("API-Sign", "")):
            raise Error("EAPI:Invalid signature")
        if not nonce.isdigit() or int(nonce) <= self._nonce:
            raise Error("EAPI:Invalid nonce")
        self._nonce = int(nonce)

    def _pairs(self, given: Mapping[str, str]) -> Json:
        wanted = (
            given["pair"].split(",")
            if "pair" in given
            else [tape.market.symbol for tape in self.core.tapes.values()]
        )
        tapes = [by_pair(self.core.tapes, name) for name in wanted]
        fees = self.core.settlement.fees
        return {pair_id(tape.market): shapes.asset_pair(tape.market, fees, tape.closed) for tape in tapes}

    def _ticker(self, given: Mapping[str, str]) -> Json:
        names = given["pair"].split(",") if "pair" in given else list(self.core.tapes)
        tapes = [by_pair(self.core.tapes, name) for name in names]
        return {pair_id(tape.market): shapes.ticker(tape, self.clock.now()) for tape in tapes}

    def _ohlc(self, given: Mapping[str, str]) -> Json:
        since = int(given["since"]) if "since" in given else None
        return shapes.ohlc(
            by_pair(self.core.tapes, given["pair"]), int(given.get("interval", "1")), since, self.clock.now()
        )

    def _depth(self, given: Mapping[str, str]) -> Json:
        return shapes.depth(
            by_pair(self.core.tapes, given["pair"]), int(given.get("count", "100")), self.clock.now()
        )

    def _trades(self, given: Mapping[str, str]) -> Json:
        return shapes.trades(by_pair(self.core.tapes, given["pair"]), int(given.get("since", "0")))

    def _key_info(self, _: Mapping[str, str]) -> Json:
        return shapes.key_info(self.key, self.rights, self.ip_bound, self._nonce, self.clock.wall())


def _good(result: Json) -> Answer:
    return Answer({"error": [], "result": result})


def _bad(text: str) -> Answer:
    return Answer({"error": [text]})
