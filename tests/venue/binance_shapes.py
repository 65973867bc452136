"""Binance spot's JSON: REST answers about markets, orders, trades and the account."""

from __future__ import annotations

from decimal import Decimal

from tests.venue.matching import Matching
from tests.venue.orders import Fill, Order, Status
from tests.venue.rules import Market
from tests.venue.tape import Candle, Tape
from tests.venue.wire import Json, fixed

STATUS = {
    Status.OPEN: "NEW",
    Status.PART: "PARTIALLY_FILLED",
    Status.FILLED: "FILLED",
    Status.CANCELED: "CANCELED",
    Status.EXPIRED: "EXPIRED",
}
TYPES = ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"]


def eight(value: Decimal | None) -> str:
    """Binance writes amounts and prices with eight places."""
    return fixed(value or Decimal(0), 8)


def symbol_id(symbol: str) -> str:
    """``BTC/USDT`` is BTCUSDT here."""
    return symbol.replace("/", "")


def exchange_info(core: Matching, now: int, per_minute: int, orders_per_ten: int) -> Json:
    """GET /api/v3/exchangeInfo."""
    limits = [("REQUEST_WEIGHT", "MINUTE", 1, per_minute), ("ORDERS", "SECOND", 10, orders_per_ten),
              ("ORDERS", "DAY", 1, 200_000), ("RAW_REQUESTS", "MINUTE", 5, 61_000)]  # fmt: skip
    return {
        "timezone": "UTC",
        "serverTime": now,
        "rateLimits": [
            {"rateLimitType": kind, "interval": span, "intervalNum": count, "limit": limit}
            for kind, span, count, limit in limits
        ],
        "exchangeFilters": [],
        "symbols": [market_info(tape.market, tape.closed) for tape in core.tapes.values()],
    }


def market_info(market: Market, closed: bool) -> Json:
    """One symbol of exchangeInfo."""
    return {
        "symbol": symbol_id(market.symbol), "status": "BREAK" if closed else "TRADING",
        "baseAsset": market.base, "baseAssetPrecision": 8, "quoteAsset": market.quote, "quotePrecision": 8,
        "quoteAssetPrecision": 8, "baseCommissionPrecision": 8, "quoteCommissionPrecision": 8,
        "orderTypes": TYPES, "icebergAllowed": True, "ocoAllowed": True, "otoAllowed": True, "opoAllowed": True,
        "quoteOrderQtyMarketAllowed": True, "allowTrailingStop": True, "cancelReplaceAllowed": True,
        "amendAllowed": True, "pegInstructionsAllowed": True, "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False, "filters": _filters(market), "permissions": [],
        "permissionSets": [["SPOT"]], "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"],
    }  # fmt: skip


def _filters(market: Market) -> Json:
    tick, step = eight(market.tick), eight(market.step)
    return [
        {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "1000000.00000000", "tickSize": tick},
        {"filterType": "LOT_SIZE", "minQty": eight(market.min_amount), "maxQty": "9000000.00000000",
         "stepSize": step},
        {"filterType": "ICEBERG_PARTS", "limit": 10},
        {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "100000.00000000",
         "stepSize": "0.00000000"},
        {"filterType": "TRAILING_DELTA", "minTrailingAboveDelta": 10, "maxTrailingAboveDelta": 2000,
         "minTrailingBelowDelta": 10, "maxTrailingBelowDelta": 2000},
        {"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "5", "bidMultiplierDown": "0.2",
         "askMultiplierUp": "5", "askMultiplierDown": "0.2", "avgPriceMins": 5},
        {"filterType": "NOTIONAL", "minNotional": eight(market.min_notional), "applyMinToMarket": True,
         "maxNotional": "9000000.00000000", "applyMaxToMarket": False, "avgPriceMins": 5},
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
    ]  # fmt: skip


def ticker_day(tape: Tape, now: int) -> Json:
    """GET /api/v3/ticker/24hr."""
    day, bids, asks = tape.day(now), tape.book.bids(1), tape.book.asks(1)
    change = tape.last - day.open
    first, last = tape.prints[0], tape.prints[-1]
    return {
        "symbol": symbol_id(tape.market.symbol), "priceChange": eight(change),
        "priceChangePercent": fixed(change / day.open * 100, 3),
        "weightedAvgPrice": eight(day.quote_volume / day.volume if day.volume else tape.last),
        "prevClosePrice": eight(day.open), "lastPrice": eight(tape.last), "lastQty": eight(last.amount),
        "bidPrice": eight(bids[0][0] if bids else None), "bidQty": eight(bids[0][1] if bids else None),
        "askPrice": eight(asks[0][0] if asks else None), "askQty": eight(asks[0][1] if asks else None),
        "openPrice": eight(day.open), "highPrice": eight(day.high), "lowPrice": eight(day.low),
        "volume": eight(day.volume), "quoteVolume": eight(day.quote_volume), "openTime": now - 86_400_000,
        "closeTime": now, "firstId": first.number, "lastId": last.number, "count": day.count,
    }  # fmt: skip


def kline(bar: Candle, span: int) -> Json:
    """One row of GET /api/v3/klines."""
    half = bar.volume / 2
    return [bar.ts, eight(bar.open), eight(bar.high), eight(bar.low), eight(bar.close), eight(bar.volume),
            bar.ts + span - 1, eight(bar.quote_volume), bar.count, eight(half), eight(bar.quote_volume / 2),
            "0"]  # fmt: skip


def order(o: Order) -> Json:
    """GET /api/v3/order."""
    return {
        "symbol": symbol_id(o.symbol), "orderId": o.number, "orderListId": -1, "clientOrderId": o.wish.client_id,
        "price": eight(o.price), "origQty": eight(o.amount), "executedQty": eight(o.filled),
        "cummulativeQuoteQty": eight(o.cost), "status": STATUS[o.status], "timeInForce": o.wish.tif,
        "type": o.wish.tags["type"], "side": o.wish.side.upper(), "stopPrice": eight(o.stop),
        "icebergQty": eight(None), "time": o.created, "updateTime": o.updated, "isWorking": o.works,
        "workingTime": o.created if o.works else -1, "origQuoteOrderQty": eight(o.wish.quote_amount),
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }  # fmt: skip


def placed(o: Order, full: str) -> Json:
    """POST /api/v3/order, as ``newOrderRespType`` asks (ACK, RESULT or FULL)."""
    ack = {
        "symbol": symbol_id(o.symbol), "orderId": o.number, "orderListId": -1, "clientOrderId": o.wish.client_id,
        "transactTime": o.updated,
    }  # fmt: skip
    if full == "ACK":
        return ack
    result = ack | {
        "price": eight(o.price), "origQty": eight(o.amount), "executedQty": eight(o.filled),
        "origQuoteOrderQty": eight(o.wish.quote_amount), "cummulativeQuoteQty": eight(o.cost),
        "status": STATUS[o.status], "timeInForce": o.wish.tif, "type": o.wish.tags["type"],
        "side": o.wish.side.upper(), "workingTime": o.created if o.works else -1,
        "selfTradePreventionMode": "EXPIRE_MAKER",
    }  # fmt: skip
    if o.stop is not None:
        result["stopPrice"] = eight(o.stop)
    if full == "FULL":
        result["fills"] = [
            {"price": eight(fill.price), "qty": eight(fill.amount), "commission": eight(fill.fee),
             "commissionAsset": fill.fee_asset, "tradeId": fill.number}
            for fill in o.fills
        ]  # fmt: skip
    return result


def canceled(o: Order, cancel_id: str) -> Json:
    """DELETE /api/v3/order: ``clientOrderId`` is the cancel's own id, the order's is ``origClientOrderId``."""
    return {
        "symbol": symbol_id(o.symbol), "origClientOrderId": o.wish.client_id, "orderId": o.number,
        "orderListId": -1, "clientOrderId": cancel_id, "transactTime": o.updated, "price": eight(o.price),
        "origQty": eight(o.amount), "executedQty": eight(o.filled),
        "origQuoteOrderQty": eight(o.wish.quote_amount), "cummulativeQuoteQty": eight(o.cost),
        "status": STATUS[o.status], "timeInForce": o.wish.tif, "type": o.wish.tags["type"],
        "side": o.wish.side.upper(), "selfTradePreventionMode": "EXPIRE_MAKER",
    }  # fmt: skip


def trade(fill: Fill) -> Json:
    """One row of GET /api/v3/myTrades."""
    return {
        "symbol": symbol_id(fill.symbol), "id": fill.number, "orderId": fill.order, "orderListId": -1,
        "price": eight(fill.price), "qty": eight(fill.amount), "quoteQty": eight(fill.cost),
        "commission": eight(fill.fee), "commissionAsset": fill.fee_asset, "time": fill.at,
        "isBuyer": fill.side == "buy", "isMaker": fill.maker, "isBestMatch": True,
    }  # fmt: skip


def account(core: Matching, now: int) -> Json:
    """GET /api/v3/account."""
    fees = core.settlement.fees
    rates = {
        "maker": eight(fees.maker),
        "taker": eight(fees.taker),
        "buyer": eight(None),
        "seller": eight(None),
    }
    balances = [
        {"asset": asset, "free": eight(held.free), "locked": eight(held.locked)}
        for asset, held in core.wallet.holdings.items()
    ]
    return {
        "makerCommission": int(fees.maker * 10_000), "takerCommission": int(fees.taker * 10_000),
        "buyerCommission": 0, "sellerCommission": 0, "commissionRates": rates, "canTrade": True,
        "canWithdraw": False, "canDeposit": True, "brokered": False, "requireSelfTradePrevention": False,
        "preventSor": False, "updateTime": now, "accountType": "SPOT", "balances": balances,
        "permissions": ["SPOT"], "uid": 354937868,
    }  # fmt: skip


def restrictions(can_withdraw: bool, ip_bound: bool) -> Json:
    """GET /sapi/v1/account/apiRestrictions."""
    return {
        "ipRestrict": ip_bound, "createTime": 1698645219000, "enableReading": True,
        "enableWithdrawals": can_withdraw, "enableInternalTransfer": False, "enableMargin": False,
        "enableFutures": False, "permitsUniversalTransfer": False, "enableVanillaOptions": False,
        "enableFixApiTrade": False, "enableFixReadOnly": False, "enableSpotAndMarginTrading": True,
        "enablePortfolioMarginTrading": False,
    }  # fmt: skip
