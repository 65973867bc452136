"""What each venue limits and what a call costs there, in the terms of the limiter; read from ccxt and the venue."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.budget import Bucket, Costs, Limit, Window

BINANCE_LIKE = frozenset({"binance", "binanceus"})
WEIGHT_PER_COST = 5
"""ccxt counts Binance's weight in units of 50 ms at 6,000 a minute."""
WEIGHT, TEN_SECONDS, DAY = "weight", "orders in 10 s", "orders in a day"
CALLS, PUBLIC, COUNTER = "calls", "public", "counter"
_UNIT_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400}
_KRAKEN_ENGINE = {"AddOrder": 1.0, "AmendOrder": 2.0, "EditOrder": 2.0}
_KRAKEN_PAIR = Bucket("", 60.0, 1.0, "points")
"""The matching engine's own counter for each pair; Kraken's lowest tier."""
_KRAKEN_HISTORY = frozenset({"ClosedOrders", "TradesHistory", "QueryTrades", "Ledgers", "QueryLedgers"})


class Tariff:
    """One venue's limits and prices; ``exchange`` is any ccxt object of that venue."""

    def __init__(self, exchange: Any) -> None:
        self.venue: str = exchange.id
        self._rate_ms = float(exchange.rateLimit or 0)

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

    def cautious(self) -> tuple[Limit, ...]:
        """Limits to go on with once the venue has refused a call that these counted as allowed."""
        return (Bucket(COUNTER, 15.0, 0.33, "points"),) if self.venue == "kraken" else ()

    def order_costs(self) -> Costs:
        """What one order request may cost at most, before anybody knows which one it is."""
        if self.venue in BINANCE_LIKE:
            return {WEIGHT: 1.0, TEN_SECONDS: 1.0, DAY: 1.0}
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
        found = {WEIGHT: cost * WEIGHT_PER_COST}
        if method == "POST" and path in ("order", "order/cancelReplace", "orderList/oco", "sor/order"):
            found |= {TEN_SECONDS: 1.0, DAY: 1.0}
        return found

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
    names = {
        "x-mbx-used-weight-1m": WEIGHT,
        "x-mbx-order-count-10s": TEN_SECONDS,
        "x-mbx-order-count-1d": DAY,
    }
    found: dict[str, float] = {}
    for key, value in headers.items():
        name = names.get(key.lower())
        if name is not None and value.isdigit():
            found[name] = float(value)
    return found


def told_by_markets(venue: str, answer: Any) -> tuple[Limit, ...]:
    """The limits in Binance's exchangeInfo."""
    rows = answer.get("rateLimits") if venue in BINANCE_LIKE and isinstance(answer, dict) else None
    found: list[Limit] = []
    for row in rows if isinstance(rows, list) else ():
        try:
            seconds = float(row["intervalNum"]) * _UNIT_SECONDS[row["interval"]]
            kind, limit = row["rateLimitType"], float(row["limit"])
        except (KeyError, TypeError, ValueError):
            continue  # a kind of limit that did not exist when this was written
        if limit <= 0 or seconds <= 0:
            continue
        if kind == "REQUEST_WEIGHT":
            found.append(Window(WEIGHT, limit, seconds, "weight"))
        elif kind == "ORDERS" and seconds in (10.0, 86_400.0):
            found.append(Window(TEN_SECONDS if seconds == 10.0 else DAY, limit, seconds, "orders"))
    return tuple(found)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds in a Retry-After header; None without one that can be read."""
    for key, value in headers.items():
        if key.lower() == "retry-after":
            try:
                return max(0.0, float(value))
            except ValueError:
                return None  # a date: the doubling pause will do
    return None
