"""Binance's request weights and order counts: what a call costs, 429 when it is too much, 418 after that.

Weights are those of the spot REST documentation (2025); the limits are the account's defaults.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.venue.wire import Answer, Call, Stop, VenueClock

MINUTE = 60_000
PATIENCE = 3
"""Refused calls in one window after which the address is banned."""
BAN_SECONDS = 120

WEIGHTS: Mapping[str, int] = {
    "GET /api/v3/ping": 1,
    "GET /api/v3/time": 1,
    "GET /api/v3/exchangeInfo": 20,
    "GET /api/v3/trades": 25,
    "GET /api/v3/aggTrades": 4,
    "GET /api/v3/klines": 2,
    "GET /api/v3/ticker/24hr": 2,
    "GET /api/v3/ticker/price": 2,
    "GET /api/v3/ticker/bookTicker": 2,
    "GET /api/v3/account": 20,
    "GET /api/v3/order": 4,
    "GET /api/v3/allOrders": 20,
    "GET /api/v3/myTrades": 20,
}
ORDERS = {"POST /api/v3/order", "POST /api/v3/order/cancelReplace"}


def weight(name: str, params: Mapping[str, str]) -> int:
    """What a call costs."""
    if name == "GET /api/v3/depth":
        limit = int(params.get("limit", "100"))
        return 5 if limit <= 100 else 25 if limit <= 500 else 50 if limit <= 1000 else 250
    if name == "GET /api/v3/openOrders":
        return 6 if "symbol" in params else 80
    if name == "GET /api/v3/ticker/24hr" and "symbol" not in params:
        return 80
    if name == "GET /api/v3/ticker/bookTicker" and "symbol" not in params:
        return 4
    return WEIGHTS.get(name, 1)


class Limits:
    """Counts per calendar minute (weight) and per ten seconds and day (orders); limits may be lowered by a test."""

    def __init__(self, clock: VenueClock) -> None:
        self.clock = clock
        self.per_minute = 6000
        self.orders_per_ten_seconds = 100
        self.banned_until = 0
        self._window = (0, 0)
        self._refused = 0
        self._ten = (0, 0)
        self._day = (0, 0)
        self._spent: dict[int, tuple[int, int]] = {}

    @property
    def used(self) -> int:
        """Weight of the current minute."""
        return self._window[1] if self._window[0] == self.clock.real() // MINUTE else 0

    def charge(self, call: Call, name: str) -> dict[str, str]:
        """Counts a call and gives the headers that tell of it; ``Stop`` when it is too much."""
        now = self.clock.real()
        if now < self.banned_until:
            raise Stop(self.banned())
        cost, used = weight(name, call.params), self.used
        if used == 0:
            self._refused = 0
        self._window = (now // MINUTE, used + cost)
        self._spent[call.number] = (cost, used + cost)
        headers = {"X-MBX-USED-WEIGHT": str(used + cost), "X-MBX-USED-WEIGHT-1M": str(used + cost)}
        if used + cost > self.per_minute:
            raise Stop(self._too_much(now, headers))
        if name in ORDERS:
            headers |= self._count_order(now, headers)
        return headers

    def spent(self, call: Call) -> tuple[int, int]:
        """Weight of a call, and the window's sum with it."""
        return self._spent.get(call.number, (0, self.used))

    def banned(self) -> Answer:
        """418, with the moment the ban ends."""
        left = max(1, (self.banned_until - self.clock.real()) // 1000)
        text = f"Way too much request weight used; IP banned until {self.banned_until}. " + _ADVICE
        return Answer({"code": -1003, "msg": text}, 418, {"Retry-After": str(left)})

    def limited(self, seconds: int, headers: Mapping[str, str] | None = None) -> Answer:
        """429, with the seconds to wait."""
        text = (
            f"Too much request weight used; current limit is {self.per_minute} request weight per 1 MINUTE. "
        )
        body = {"code": -1003, "msg": text + _ADVICE}
        return Answer(body, 429, {**(headers or {}), "Retry-After": str(seconds)})

    def ban(self, seconds: int = BAN_SECONDS) -> None:
        """Bans the address from now on."""
        self.banned_until = self.clock.real() + seconds * 1000

    def _too_much(self, now: int, headers: dict[str, str]) -> Answer:
        self._refused += 1
        if self._refused >= PATIENCE:
            self.ban()
            return self.banned()
        return self.limited(max(1, (MINUTE - now % MINUTE) // 1000), headers)

    def _count_order(self, now: int, headers: dict[str, str]) -> dict[str, str]:
        ten, day = now // 10_000, now // 86_400_000
        self._ten = (ten, (self._ten[1] if self._ten[0] == ten else 0) + 1)
        self._day = (day, (self._day[1] if self._day[0] == day else 0) + 1)
        counts = {"X-MBX-ORDER-COUNT-10S": str(self._ten[1]), "X-MBX-ORDER-COUNT-1D": str(self._day[1])}
        if self._ten[1] > self.orders_per_ten_seconds:
            text = (
                f"Too many new orders; current limit is {self.orders_per_ten_seconds} orders per 10 SECOND."
            )
            raise Stop(Answer({"code": -1015, "msg": text}, 429, {**headers, **counts, "Retry-After": "10"}))
        return counts


_ADVICE = "Please use WebSocket Streams for live updates to avoid polling the API."
