"""What Belay can do on one venue: ccxt's own tables, corrected by what is known better; pure but for reading them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from actors.venues.exchange.fault_words import TITLES
from core.errors import BadValue
from core.ids import Symbol, VenueName
from core.money import exact
from core.venue import Capabilities, StopSupport

FIRST_CLASS = frozenset({"binance", "kraken", "coinbase"})
CHECKED = frozenset({"okx", "bybit"})
_AMENDS = frozenset({"kraken"})
"""ccxt says editOrder nearly everywhere; only here the order surely keeps its identity, and it was tried."""
_FINDS = frozenset({"binance", "binanceus", "kraken", "okx"})
"""An unknown client order id is told from every other error there."""
_TELLS_RIGHTS = frozenset({"binance", "kraken", "coinbase", "okx", "bybit", "kucoin"})
_NO_DEAD_MAN = frozenset({"bybit", "hyperliquid"})
"""ccxt has the call, and it does not do what a dead man's switch must."""
STREAMS: Mapping[str, tuple[str, ...]] = {
    "candles": ("watchOHLCV",),
    "quotes": ("watchTicker", "watchBidsAsks", "watchTickers"),
    "trades": ("watchTrades",),
    "book": ("watchOrderBook",),
    "orders": ("watchOrders",),
    "own_trades": ("watchMyTrades",),
    "balances": ("watchBalance",),
}
SETTLE_S = 15.0
KRAKEN_SETTLE_S = 5.0
UNKNOWN_FEE = Decimal("0.01")
"""A venue that tells no fee is taken for a dear one."""


def capabilities_of(exchange: Any, symbols: Iterable[Symbol] = ()) -> Capabilities:
    """The table for a ccxt object, with its markets if they are loaded; never raises."""
    has: Mapping[str, Any] = exchange.has
    markets = _markets(exchange, symbols)
    stops = _stops(exchange, markets)
    maker, taker = (_fee(exchange, markets, side) for side in ("maker", "taker"))
    dead_man = has.get("cancelAllOrdersAfter") is True and exchange.id not in _NO_DEAD_MAN
    streams = {name: any(has.get(way) is True for way in ways) for name, ways in STREAMS.items()}
    return Capabilities(
        venue=VenueName(exchange.id),
        title=TITLES.get(exchange.id) or str(exchange.name or exchange.id.capitalize()),
        stops=stops,
        can_amend=exchange.id in _AMENDS,
        has_post_only=_has_post_only(exchange),
        can_find=exchange.id in _FINDS,
        finds_many=exchange.id == "kraken",
        cancels_all=has.get("cancelAllOrders") is True,
        dead_man=dead_man,
        has_sandbox=has.get("sandbox") is True,
        tells_key_rights=exchange.id in _TELLS_RIGHTS,
        streams=MappingProxyType(streams),
        maker=maker,
        taker=taker,
        settle_seconds=_settle_seconds(exchange),
        rank=_rank(exchange.id),
        notes=tuple(_notes(exchange, stops, dead_man, streams)),
    )


def _markets(exchange: Any, symbols: Iterable[Symbol]) -> list[Mapping[str, Any]]:
    """The markets in question: the session's, else every spot market that is open."""
    known: Mapping[str, Any] = exchange.markets or {}
    chosen = [known[symbol] for symbol in symbols if symbol in known]
    return chosen or [one for one in known.values() if one.get("spot") and one.get("active") is not False]


def _stops(exchange: Any, markets: list[Mapping[str, Any]]) -> StopSupport:
    if exchange.id in ("binance", "binanceus"):  # each market says which kinds it takes
        kinds = [set((one.get("info") or {}).get("orderTypes") or ()) for one in markets]
        if kinds and all("STOP_LOSS" in one for one in kinds):
            return StopSupport.MARKET
        return StopSupport.LIMIT if all("STOP_LOSS_LIMIT" in one for one in kinds) else StopSupport.NONE
    wishes = _order_features(exchange)
    if wishes.get("stopLossPrice") is not True and wishes.get("triggerPrice") is not True:
        return StopSupport.NONE
    if exchange.has.get("createStopMarketOrder") is True:
        return StopSupport.MARKET
    return StopSupport.LIMIT if exchange.has.get("createStopLimitOrder") is True else StopSupport.NONE


def _has_post_only(exchange: Any) -> bool:
    times = _order_features(exchange).get("timeInForce")
    is_time = isinstance(times, Mapping) and times.get("PO") is True
    return is_time or exchange.has.get("createPostOnlyOrder") is True


def _order_features(exchange: Any) -> Mapping[str, Any]:
    """``features.spot.createOrder``; empty where ccxt has not written it down."""
    found: Any = exchange.features
    for name in ("spot", "createOrder"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _fee(exchange: Any, markets: list[Mapping[str, Any]], side: str) -> Decimal:
    """The share that most of the markets take, else the venue's general one."""
    told = Counter(str(one[side]) for one in markets if one.get(side) is not None)
    general = (exchange.fees.get("trading") or {}).get(side)
    value: Any = told.most_common(1)[0][0] if told else general
    try:
        return exact(str(value), "fee")
    except BadValue:
        return UNKNOWN_FEE


def _settle_seconds(exchange: Any) -> float:
    """Binance refuses a request older than its window; at Kraken each later request of the key makes an earlier one's
    nonce too low, so one look that comes back settles it but for what the network holds."""
    if exchange.id == "kraken":
        return KRAKEN_SETTLE_S
    window = exchange.options.get("recvWindow") if exchange.id in ("binance", "binanceus") else None
    return float(window) / 1000 + 1 if isinstance(window, int | float) else SETTLE_S


def _rank(venue: str) -> str:
    if venue in FIRST_CLASS:
        return "first class"
    return "checked" if venue in CHECKED else "any ccxt venue"


def _notes(exchange: Any, stops: StopSupport, dead_man: bool, streams: Mapping[str, bool]) -> Iterator[str]:
    venue, has = exchange.id, exchange.has
    if venue not in FIRST_CLASS | CHECKED:
        yield "Nobody has tried Belay on this venue: everything here is what ccxt says about it."
    elif venue in CHECKED:
        yield "Checked against ccxt's tables only; start with small amounts."
    elif venue == "coinbase":
        yield "Built on ccxt's tables; unlike Binance and Kraken it was never tried against a server."
    if stops is StopSupport.NONE:
        yield "There are no stop orders: Belay watches the price itself, so a stop works only while Belay runs."
    elif stops is StopSupport.LIMIT:
        yield "A stop becomes a limit order below its trigger: in a fast fall it may stay unfilled."
    if venue in ("okx", "bybit"):
        yield "Stops are kept in a list of their own there, apart from the other open orders."
    if has.get("cancelAllOrders") is not True:
        yield "There is no cancel-all: open orders are cancelled one by one."
    elif venue == "kraken":
        yield "Cancel-all takes every open order of the account, in all markets."
    if dead_man:
        yield "The dead man's switch cancels every order of the account, protective stops included."
    if venue == "bybit":
        yield "Its dead man's switch acts on a lost connection, not on time, so Belay does not use it."
    if venue not in _FINDS:
        yield "Orders cannot be looked up by Belay's own id; after a lost answer Belay searches the lists of orders."
    if venue not in _TELLS_RIGHTS:
        yield "The rights of the keys cannot be verified; look yourself that they may not withdraw."
    if not streams["orders"]:
        yield "Own orders are not streamed: Belay asks for them every few seconds."
    if not streams["candles"]:
        yield (
            "Candles are not streamed: Belay builds them from trades."
            if streams["trades"]
            else "Prices are not streamed: Belay asks for them every few seconds."
        )
