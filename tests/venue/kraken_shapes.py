"""Kraken spot's JSON over REST: markets, candles, orders, trades and balances."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime

from tests.venue.kraken_names import asset_alt, asset_id, made_id, pair_alt, pair_id, ws_name
from tests.venue.matching import Matching
from tests.venue.orders import Fill, Kind, Order, Status
from tests.venue.rules import Market
from tests.venue.settlement import Fees
from tests.venue.tape import Tape
from tests.venue.wire import Json, fixed

CASH = {"USD", "EUR"}
COST_PLACES = 5


def seconds(ms: int) -> Decimal:
    """Kraken's times are seconds with a fraction."""
    return Decimal(ms) / 1000


def money(value: Decimal) -> str:
    """Costs and fees with five places."""
    return fixed(value, COST_PLACES)


def time(now: int) -> Json:
    """Time."""
    moment = datetime.fromtimestamp(now // 1000, UTC)
    return {"unixtime": now // 1000, "rfc1123": format_datetime(moment)}


def assets(core: Matching) -> Json:
    """Assets."""
    codes = {code for tape in core.tapes.values() for code in (tape.market.base, tape.market.quote)}
    return {
        asset_id(code): {
            "aclass": "currency", "altname": asset_alt(code), "decimals": 4 if code in CASH else 10,
            "display_decimals": 2 if code in CASH else 5, "collateral_value": 1, "status": "enabled",
        }
        for code in sorted(codes)
    }  # fmt: skip


def asset_pair(market: Market, fees: Fees, closed: bool) -> Json:
    """One pair of AssetPairs."""
    return {
        "altname": pair_alt(market), "wsname": ws_name(market), "aclass_base": "currency",
        "base": asset_id(market.base), "aclass_quote": "currency", "quote": asset_id(market.quote), "lot": "unit",
        "cost_decimals": COST_PLACES, "pair_decimals": market.price_places, "lot_decimals": market.amount_places,
        "lot_multiplier": 1, "leverage_buy": [], "leverage_sell": [],
        "fees": [[0, fees.taker * 100]], "fees_maker": [[0, fees.maker * 100]], "fee_volume_currency": "ZUSD",
        "margin_call": 80, "margin_stop": 40, "ordermin": f"{market.min_amount:f}",
        "costmin": f"{market.min_notional:f}", "tick_size": f"{market.tick:f}",
        "status": "cancel_only" if closed else "online", "long_position_limit": 0, "short_position_limit": 0,
    }  # fmt: skip


def ticker(tape: Tape, now: int) -> Json:
    """One pair of Ticker; each pair of values is today and the last 24 hours (here the same)."""
    day, places = tape.day(now), tape.market.price_places + 4

    def price(value: Decimal) -> str:
        return fixed(value, places)

    (bid, bid_size), (ask, ask_size) = tape.book.bids(1)[0], tape.book.asks(1)[0]
    mean = day.quote_volume / day.volume if day.volume else tape.last
    return {
        "a": [price(ask), str(int(ask_size)), fixed(ask_size, 3)],
        "b": [price(bid), str(int(bid_size)), fixed(bid_size, 3)],
        "c": [price(tape.last), fixed(tape.prints[-1].amount, 8)], "v": [fixed(day.volume, 8)] * 2,
        "p": [price(mean)] * 2, "t": [day.count] * 2, "l": [price(day.low)] * 2, "h": [price(day.high)] * 2,
        "o": price(day.open),
    }  # fmt: skip


def ohlc(tape: Tape, minutes: int, since: int | None, now: int) -> Json:
    """OHLC: at most 720 rows; ``last`` is the newest finished one."""
    places = tape.market.price_places
    rows = tape.candles(minutes * 60_000, now)[-720:]
    rows = [bar for bar in rows if since is None or bar.ts // 1000 > since]
    lines = [
        [bar.ts // 1000, *(fixed(value, places) for value in (bar.open, bar.high, bar.low, bar.close)),
         fixed(bar.quote_volume / bar.volume if bar.volume else Decimal(0), places), fixed(bar.volume, 8),
         bar.count]
        for bar in rows
    ]  # fmt: skip
    last = lines[-2][0] if len(lines) > 1 else since or 0
    return {pair_id(tape.market): lines, "last": last}


def depth(tape: Tape, count: int, now: int) -> Json:
    """Depth."""
    places = tape.market.price_places + 4
    sides = {"asks": tape.book.asks(count), "bids": tape.book.bids(count)}
    rows = {
        name: [[fixed(p, places), fixed(q, 3), now // 1000] for p, q in side] for name, side in sides.items()
    }
    return {pair_id(tape.market): rows}


def trades(tape: Tape, since: int) -> Json:
    """Trades after a moment in ns."""
    places = tape.market.price_places + 4
    rows = [p for p in tape.prints if p.at * 1_000_000 > since]
    lines = [
        [
            fixed(p.price, places),
            fixed(p.amount, 8),
            seconds(p.at),
            "s" if p.buyer_made else "b",
            "m",
            "",
            p.number,
        ]
        for p in rows
    ]
    return {pair_id(tape.market): lines, "last": str((rows[-1].at if rows else 0) * 1_000_000 or since)}


def described(order: Order, market: Market) -> str:
    """``buy 0.00100000 XBTUSD @ limit 50000.0``: ccxt reads amounts and prices out of this text."""

    def price(value: Decimal | None) -> str:
        return fixed(value or Decimal(0), market.price_places)

    kind = {
        Kind.LIMIT: f"limit {price(order.price)}",
        Kind.MARKET: "market",
        Kind.STOP: f"stop loss {price(order.stop)}",
        Kind.STOP_LIMIT: f"stop loss {price(order.stop)} -> limit {price(order.price)}",
        Kind.TAKE_PROFIT: f"take profit {price(order.stop)}",
        Kind.TAKE_PROFIT_LIMIT: f"take profit {price(order.stop)} -> limit {price(order.price)}",
    }[order.wish.kind]
    return f"{order.wish.side} {fixed(order.amount, 8)} {pair_alt(market)} @ {kind}"


def status(order: Order) -> str:
    """Kraken calls a filled order closed, and expired only what had an expiry."""
    if order.status is Status.FILLED:
        return "closed"
    if order.status is Status.EXPIRED and order.wish.expires_at is not None:
        return "expired"
    return "open" if order.status.is_open else "canceled"


def order_info(order: Order, market: Market, seed: int, *, with_trades: bool = False) -> Json:
    """One order of OpenOrders, ClosedOrders and QueryOrders."""
    first, second = (order.stop, order.price) if order.wish.kind.has_stop else (order.price, None)

    def price(value: Decimal | None) -> str:
        return fixed(value, market.price_places) if value else "0"

    info: dict[str, Json] = {"refid": None, "userref": int(order.wish.tags.get("userref", "0"))}
    if order.wish.client_id:
        info["cl_ord_id"] = order.wish.client_id
    info |= {
        "status": status(order), "opentm": seconds(order.created), "starttm": 0,
        "expiretm": (order.wish.expires_at or 0) // 1000,
        "descr": {
            "pair": pair_alt(market), "type": order.wish.side, "ordertype": str(order.wish.kind),
            "price": price(first), "price2": price(second), "leverage": "none",
            "order": described(order, market), "close": "",
        },
        "vol": fixed(order.amount, 8), "vol_exec": fixed(order.filled, 8), "cost": money(order.cost),
        "fee": money(sum((fill.fee for fill in order.fills), Decimal(0))), "price": money(order.average),
        "stopprice": money(Decimal(0)), "limitprice": money(Decimal(0)), "misc": "amended" if order.amended else "",
        "oflags": ",".join((["post"] if order.wish.post_only else []) + ["fciq"]),
    }  # fmt: skip
    if with_trades and order.fills:
        info["trades"] = [made_id("T", seed, fill.number) for fill in order.fills]
    if not order.status.is_open:
        info |= {"reason": order.reason or None, "closetm": seconds(order.updated)}
    return info


def trade_info(fill: Fill, order: Order, market: Market) -> Json:
    """One trade of TradesHistory and QueryTrades."""
    return {
        "ordertxid": order.venue_id, "postxid": "TKH2SE-M7IF5-CFI7LT", "pair": pair_id(market),
        "time": seconds(fill.at), "type": fill.side, "ordertype": str(order.wish.kind),
        "price": fixed(fill.price, market.price_places), "cost": money(fill.cost), "fee": money(fill.fee),
        "vol": fixed(fill.amount, 8), "margin": money(Decimal(0)), "leverage": "0", "misc": "",
        "trade_id": fill.number, "maker": fill.maker,
    }  # fmt: skip


def balances(core: Matching, *, extended: bool) -> Json:
    """BalanceEx, or the plain Balance."""
    made: dict[str, Json] = {}
    for code, held in core.wallet.holdings.items():
        places = 4 if code in CASH else 10
        total = fixed(held.free + held.locked, places)
        made[asset_id(code)] = (
            {"balance": total, "hold_trade": fixed(held.locked, places)} if extended else total
        )
    return made


def key_info(key: str, permissions: list[str], ip_bound: bool, nonce: int, now: int) -> Json:
    """GetApiKeyInfo; only ``permissions`` and its words are sure, the other names are our reading."""
    return {
        "apiKeyName": "belay", "apiKey": key, "nonce": str(nonce), "nonceWindow": 0, "permissions": permissions,
        "iban": "", "validUntil": "0", "queryFrom": "0", "queryTo": "0", "createdTime": "1700000000",
        "modifiedTime": "1700000000", "ipAllowlist": ["127.0.0.1"] if ip_bound else [],
        "lastUsed": str(now // 1000),
    }  # fmt: skip
