"""Own executions out of Firi's account history, and the orders they belong to, which Firi does not say; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal
from typing import Any

from actors.venues.firi.shapes import FiriOrder, moment, number, word
from core.errors import BadData
from core.ids import Currency
from core.intent import Side
from core.money import Money

SLACK = timedelta(seconds=1)
ORE = Decimal("0.01")
_SIDES = {"bid": Side.BUY, "ask": Side.SELL, "buy": Side.BUY, "sell": Side.SELL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One match of ours; ``price`` is None where only quantity and cost are told, ``is_maker`` likewise."""

    id: str
    side: Side
    quantity: Decimal
    cost: Decimal
    fee: Money
    at: datetime
    price: Decimal | None = None
    is_maker: bool | None = None

    def off(self, order: FiriOrder) -> Decimal | None:
        """How far the cost is from what the order's limit makes of it; None: more than rounding explains."""
        if self.price is not None:
            return Decimal(0) if self.price == order.price else None
        distance = abs(order.price * self.quantity - self.cost)
        return distance if distance <= unit_of(self.cost) else None

    def suits(self, order: FiriOrder, *, is_strict: bool = False) -> bool:
        """Whether it can be an execution of this order, by side, time and price; ``is_strict``: without rounding."""
        if self.side is not order.side or self.at < order.created - SLACK:
            return False
        if self.price is not None:
            paid, limit, unit = self.price, Decimal(order.price), Decimal(0)
        else:
            paid, limit = self.cost, order.price * self.quantity
            unit = Decimal(0) if is_strict else unit_of(self.cost)
        return paid <= limit + unit if self.side is Side.BUY else paid >= limit - unit


def from_transactions(
    entries: Iterable[Mapping[str, Any]], base: Currency, quote: Currency
) -> list[Execution]:
    """Executions of one market: two entries ``Match`` (base and quote) and the ``MatchFee`` with one match id.

    A match of which one side is not there yet is left for the next look.
    """
    groups: defaultdict[str, dict[str, Any]] = defaultdict(lambda: {"fees": []})
    loose: list[tuple[datetime, Money]] = []
    for entry in entries:
        kind = str(entry.get("type"))
        if kind not in ("Match", "MatchFee"):
            continue
        money = Money(
            number(entry, "amount", "transaction"), Currency(word(entry, "currency", "transaction").upper())
        )
        at = moment(entry, "date", "transaction")
        details = entry.get("details")
        match = str((details.get("match_id") if isinstance(details, dict) else None) or "")
        if kind == "MatchFee" and not match:
            loose.append((at, money))
        elif kind == "MatchFee":
            groups[match]["fees"].append(money)
        elif match:
            groups[match][money.currency] = money.amount
            groups[match]["at"] = at
        else:
            raise BadData("Firi's transaction of the type Match has no match_id.")
    _spread(groups, loose)
    return [
        _execution(match, group, base, quote)
        for match, group in groups.items()
        if base in group and quote in group
    ]


def _spread(groups: Mapping[str, dict[str, Any]], loose: Iterable[tuple[datetime, Money]]) -> None:
    """A fee without a match id belongs to the only match of its very moment."""
    for at, money in loose:
        same = [group for group in groups.values() if group.get("at") == at]
        if len(same) != 1:
            raise BadData(f"Firi's fee of {money} at {at:%Y-%m-%d %H:%M:%S} names no match.")
        same[0]["fees"].append(money)


def _execution(match: str, group: Mapping[str, Any], base: Currency, quote: Currency) -> Execution:
    fees: list[Money] = group["fees"]
    currency = fees[0].currency if fees else quote
    paid = abs(sum((fee.amount for fee in fees if fee.currency == currency), Decimal(0)))
    if any(fee.currency != currency for fee in fees):
        raise BadData(f"Firi's match {match} has fees in two currencies.")
    return Execution(
        id=match,
        side=Side.BUY if group[base] > 0 else Side.SELL,
        quantity=abs(group[base]),
        cost=abs(group[quote]),
        fee=Money(paid, currency),
        at=group["at"],
    )


def from_trades(
    entries: Iterable[Mapping[str, Any]], market: str, quote: Currency, rate: Decimal
) -> list[Execution]:
    """Executions of one market as the list of trades tells them, which knows no fee: the usual rate is taken."""
    found = []
    for entry in entries:
        if str(entry.get("market", "")).upper() != market:
            continue
        side = _SIDES.get(str(entry.get("side", entry.get("type", ""))).lower())
        if side is None:
            raise BadData(f"Firi's trade has the side {entry.get('side')!r}, which is neither bid nor ask.")
        price, quantity = number(entry, "price", "trade"), number(entry, "amount", "trade")
        cost = number(entry, "cost", "trade") if entry.get("cost") is not None else price * quantity
        maker = entry.get("isMaker", entry.get("is_maker"))
        found.append(
            Execution(
                id=word(entry, "id", "trade"),
                side=side,
                quantity=quantity,
                cost=abs(cost),
                fee=Money((abs(cost) * rate).quantize(ORE, ROUND_UP), quote),
                at=moment(entry, "date" if "date" in entry else "created_at", "trade"),
                price=price,
                is_maker=maker if isinstance(maker, bool) else None,
            )
        )
    return found


def completed(executions: Iterable[Execution], trades: Sequence[Execution]) -> list[Execution]:
    """Executions with the price and the part (maker or taker) that the list of trades knows of them."""
    by_id = {trade.id: trade for trade in trades}
    by_looks = {(trade.at, trade.side, trade.quantity): trade for trade in trades}
    told = []
    for one in executions:
        trade = by_id.get(one.id) or by_looks.get((one.at, one.side, one.quantity))
        told.append(replace(one, price=trade.price, is_maker=trade.is_maker) if trade else one)
    return told


def unit_of(value: Decimal) -> Decimal:
    """One unit of the last place that is written: how far a rounded amount may be off."""
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(min(int(exponent), -2)) if isinstance(exponent, int) else ORE
