"""Firi's JSON: amounts as texts with sixteen decimals, ids as numbers for orders and texts for matches."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tests.venue.matching import Matching
from tests.venue.orders import Fill, Order, Status
from tests.venue.rules import Market
from tests.venue.tape import Print, Tape
from tests.venue.wire import Json

TYPES = {"buy": "bid", "sell": "ask"}


def long(value: Decimal) -> str:
    """Sixteen decimals, as Firi writes amounts."""
    return f"{value:.16f}"


def iso(ms: int) -> str:
    """``2021-07-21T20:39:04.609Z``."""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def name(market: Market) -> str:
    """``BTCNOK``."""
    return market.base + market.quote


def market(tape: Tape, now: int) -> Json:
    """A market's last day, which may be a quiet one."""
    day = [one for one in tape.prints if one.at > now - 86_400_000] or [tape.prints[-1]]
    prices, volume = [one.price for one in day], sum((one.amount for one in day), Decimal(0))
    change = (tape.last / prices[0] - 1) * 100
    numbers = {"last": tape.last, "high": max(prices), "change": change, "low": min(prices), "volume": volume}
    return {"id": name(tape.market)} | {key: f"{value:.2f}" for key, value in numbers.items()}


def ticker(tape: Tape) -> Json:
    """The best prices, without the market's name."""
    bid, ask = tape.book.bids(1)[0][0], tape.book.asks(1)[0][0]
    return {"bid": long(bid), "ask": long(ask), "spread": long(ask - bid)}


def depth(tape: Tape) -> Json:
    """The book: best levels first."""
    return {
        "bids": [[long(price), long(size)] for price, size in tape.book.bids()],
        "asks": [[long(price), long(size)] for price, size in tape.book.asks()],
    }


def public_trade(made: Print) -> Json:
    """A trade of anyone; the type is the taker's side."""
    return {
        "type": "ask" if made.buyer_made else "bid",
        "amount": long(made.amount),
        "price": long(made.price),
        "created_at": iso(made.at),
        "total": long(made.price * made.amount),
    }


def order(core: Matching, one: Order) -> Json:
    """An order of the account."""
    left = one.remaining if one.status.is_open else Decimal(0)
    cancelled = one.remaining if one.status in (Status.CANCELED, Status.EXPIRED) else Decimal(0)
    assert one.price is not None
    return {
        "id": one.number,
        "market": name(core.tapes[one.symbol].market),
        "type": TYPES[one.wish.side],
        "price": long(one.price),
        "amount": long(one.amount),
        "remaining": long(left),
        "matched": long(one.filled),
        "cancelled": long(cancelled),
        "created_at": iso(one.created),
    }


def match_id(fill: Fill) -> str:
    """A match's id, which is no number."""
    return f"b5a6c1e0-0000-4000-8000-{fill.number:012d}"


def trade(core: Matching, fill: Fill) -> Json:
    """An execution in the list of trades, which knows neither order nor fee."""
    market = core.tapes[fill.symbol].market
    return {
        "id": match_id(fill),
        "market": name(market),
        "price": long(fill.price),
        "price_currency": market.quote,
        "amount": long(fill.amount),
        "amount_currency": market.base,
        "cost": long(fill.cost),
        "cost_currency": market.quote,
        "side": TYPES[fill.side],
        "isMaker": fill.maker,
        "date": iso(fill.at),
    }


def transactions(core: Matching, fill: Fill) -> list[Json]:
    """An execution in the account's history: what came, what went, and the fee."""
    market, sign = core.tapes[fill.symbol].market, 1 if fill.side == "buy" else -1
    moves = [
        ("Match", market.base, sign * fill.amount),
        ("Match", market.quote, -sign * fill.cost),
        ("MatchFee", fill.fee_asset, -fill.fee),
    ]
    return [
        {
            "id": f"{match_id(fill)}-{letter}",
            "amount": long(amount),
            "currency": currency,
            "type": kind,
            "date": iso(fill.at),
            "details": {"match_id": match_id(fill)},
        }
        for letter, (kind, currency, amount) in zip("xyz", moves, strict=True)
    ]


def balances(core: Matching) -> list[Json]:
    """All wallets."""
    wallet = core.wallet
    return [
        {
            "currency": asset,
            "balance": long(wallet.total(asset)),
            "hold": long(wallet.locked(asset)),
            "available": long(wallet.free(asset)),
        }
        for asset in sorted(wallet.holdings)
    ]
