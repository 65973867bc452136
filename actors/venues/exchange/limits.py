"""What each venue limits and what a call costs there, in the terms of the limiter; read from ccxt and the venue."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from core.budget import Bucket, Costs, Limit, Window

BINANCE_LIKE = frozenset({"binance", "binanceus"})
WEIGHT_PER_COST = 5
"""ccxt counts Binance's weight in units of 50 ms at 6,000 a minute."""
WEIGHT, TEN_SECONDS, DAY = "weight", "orders in 10 s", "orders in a day"
CALLS, PUBLIC, COUNTER = "calls", "public", "counter"
_UNIT_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}
_LETTER_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_UNITS = {"REQUEST_WEIGHT": "weight", "ORDERS": "orders", "RAW_REQUESTS": "requests",
          "used-weight": "weight", "order-count": "orders"}  # fmt: skip
_TOLD = re.compile(r"x-mbx-(used-weight|order-count)-(\d+)([smhd])", re.I)
_KRAKEN_ENGINE = {"AddOrder": 1.0, "AmendOrder": 2.0, "EditOrder": 2.0}
_KRAKEN_PAIR = Bucket("", 60.0, 1.0, "points")
"""The matching engine's own counter for each pair; Kraken's lowest tier."""
_KRAKEN_HISTORY = frozenset({"ClosedOrders", "TradesHistory", "QueryTrades", "Ledgers", "QueryLedgers"})


class Tariff:
    """One venue's limits and prices; ``exchange`` is any ccxt object of that venue."""

    def __init__(self, exchange: Any) -> None:
        self.venue: str = exchange.id
        self._rate_ms = float(exchange.rateLimit or 0)
        self._names: dict[str, set[str]] = {
            "weight": {WEIGHT},
            "orders": {TEN_SECONDS, DAY},
            "requests": set(),
        }
        """The limits of each kind that Binance has: a call counts in all of them."""

    def limits(self) -> tuple[Limit, ...]:
        """What is known before the venue itself has told anything."""
        if self.venue in BINANCE_LIKE:
            weight = 6000.0 if self.venue == "binance" else 1200.0
            return (
                Window(WEIGHT, weight, 60.0, "weight"),
                Window(TEN_SECONDS, 100.0, 10.0, "orders"),
                Window(DAY, 200_000.0, 86_400.0, "orders"),
            )
        if self.venue == "kraken":  # the lowest tier: no account is ever refused for what these let through
            return Bucket(PUBLIC, 6.0, 0.9, "calls"), Bucket(COUNTER, 15.0, 0.33, "points")
        rate = 1000.0 / self._rate_ms if self._rate_ms > 0 else 1000.0  # cost units a second
        return (Bucket(CALLS, max(2.0, 0.2 * rate), 0.8 * rate, "calls", may_owe=True),)

    def learn(self, limits: tuple[Limit, ...]) -> None:
        """Limits that the venue itself has told: from now on calls count in them too."""
        for limit in limits:
            self._names.setdefault(limit.unit, set()).add(limit.name)

    def is_of_orders(self, name: str) -> bool:
        """Whether this limit counts orders, and nothing else."""
        return name.startswith("orders ")

    def order_costs(self) -> Costs:
        """What one order request may cost at most, before anybody knows which one it is."""
        if self.venue in BINANCE_LIKE:
            return self._each("weight", 1.0) | self._each("requests", 1.0) | self._each("orders", 1.0)
        return {} if self.venue == "kraken" else {CALLS: 1.0}

    def costs(
        self, exchange: Any, api: Any, method: str, path: str, params: Any, config: Mapping[str, Any]
    ) -> Costs:
        """What this call costs."""
        if self.venue == "kraken":
            return self._kraken(str(api[0] if isinstance(api, list) else api), path, params)
        try:
            cost = float(exchange.calculate_rate_limiter_cost(api, method, path, params, config) or 0)
        except (TypeError, ValueError, LookupError):  # it counts with numbers, and ours are texts
            cost = float(config.get("cost", 1))
        if self.venue not in BINANCE_LIKE:
            return {CALLS: cost}
        found = self._each("weight", cost * WEIGHT_PER_COST) | self._each("requests", 1.0)
        if method == "POST" and path in ("order", "order/cancelReplace", "orderList/oco", "sor/order"):
            found |= self._each("orders", 1.0)
        return found

    def _each(self, unit: str, cost: float) -> dict[str, float]:
        return dict.fromkeys(self._names[unit], cost)

    def dynamic(self, name: str) -> Limit | None:
        """The limit of a name that appears in costs but not in ``limits``: one for each pair."""
        if not name.startswith("orders of "):
            return None
        return Bucket(name, _KRAKEN_PAIR.limit, _KRAKEN_PAIR.decay, _KRAKEN_PAIR.unit)

    def _kraken(self, group: str, path: str, params: Any) -> Costs:
        if group != "private":
            return {PUBLIC: 1.0}
        if path in _KRAKEN_ENGINE:
            pair = params.get("pair") if isinstance(params, Mapping) else None
            return {f"orders of {pair or 'all pairs'}": _KRAKEN_ENGINE[path]}
        if path in ("CancelOrder", "CancelAll", "CancelAllOrdersAfter", "CancelOrderBatch"):
            return {}
        return {COUNTER: 2.0 if path in _KRAKEN_HISTORY else 1.0}


def told_by_headers(venue: str, headers: Mapping[str, str]) -> dict[str, float]:
    """What Binance's answer says is used, by the limit's name."""
    if venue not in BINANCE_LIKE:
        return {}
    found: dict[str, float] = {}
    for key, value in headers.items():
        told = _TOLD.fullmatch(key)
        if told is not None and value.isdigit():
            seconds = int(told[2]) * _LETTER_SECONDS[told[3].lower()]
            found[_name(_UNITS[told[1].lower()], seconds)] = float(value)
    return found


def _name(unit: str, seconds: float) -> str:
    """A limit by its kind and interval; the usual ones have shorter names."""
    usual = {("weight", 60): WEIGHT, ("orders", 86_400): DAY}
    return usual.get((unit, int(seconds)), f"{unit} in {seconds:g} s")


def told_by_markets(venue: str, answer: Any) -> tuple[Limit, ...]:
    """The limits in Binance's exchangeInfo."""
    rows = answer.get("rateLimits") if venue in BINANCE_LIKE and isinstance(answer, dict) else None
    found: list[Limit] = []
    for row in rows if isinstance(rows, list) else ():
        try:
            seconds = float(row["intervalNum"]) * _UNIT_SECONDS[row["interval"]]
            unit, limit = _UNITS[row["rateLimitType"]], float(row["limit"])
        except (KeyError, TypeError, ValueError):
            continue  # a kind of limit that did not exist when this was written
        if limit > 0 and seconds > 0:
            found.append(Window(_name(unit, seconds), limit, seconds, unit))
    return tuple(found)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds in a Retry-After header; None without one that can be read."""
    for key, value in headers.items():
        if key.lower() == "retry-after":
            try:
                return max(0.0, float(value))
            except ValueError:
                return _until(value, headers)
    return None


def _until(date: str, headers: Mapping[str, str]) -> float | None:
    """Seconds until an HTTP date, by the venue's own clock where its answer has one."""
    now = next((value for key, value in headers.items() if key.lower() == "date"), None)
    try:
        begin = parsedate_to_datetime(now) if now else datetime.now(UTC)
        return max(0.0, (parsedate_to_datetime(date) - begin).total_seconds())
    except (TypeError, ValueError):
        return None  # no date at all: the doubling pause will do
