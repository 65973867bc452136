"""The account in exact numbers for people: built from the risk stage's records a few times a second."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from core.kernel.fold import Fold
from core.messages import AccountMarked, Holding, LimitUse
from core.modes import TradingState
from core.money import AMOUNT_PLACES, Price, Quantity, from_units


def amount(value: float) -> Decimal:
    """An amount of the kernel as the Decimal that it names."""
    return from_units(round(float(value) * 10**AMOUNT_PLACES), AMOUNT_PLACES)


def _holding(fold: Fold, at: int) -> Holding | None:
    plan, arena = fold.plan, fold.arena
    position, instance = arena.positions[at], plan.instances[at]
    if position["quantity"] <= 0:
        return None
    where = int(arena.instance_symbol[at])
    instrument, market = plan.instruments[where], arena.markets[where]
    quantity = Quantity(from_units(round(float(position["quantity"]) * 10**instrument.quantity_places),
                                   instrument.quantity_places))  # fmt: skip
    price = instrument.price(Decimal(repr(float(market["last"]))))
    cost = amount(position["cost"])
    slots = arena.slots_of(at)
    guarded = [s for s in slots if s["guard_price"] > 0 and s["held"] > 0]
    stop = min((float(s["guard_price"]) for s in guarded), default=0.0)
    fully = bool(guarded) and sum(float(s["held"]) for s in guarded) >= float(position["quantity"]) * (
        1 - 1e-9
    )
    proceeds = sum(float(s["held"]) * float(s["guard_price"]) for s in guarded) * (1 - float(market["taker"]))
    return Holding(
        instance=instance.id,
        symbol=instance.symbol,
        quantity=quantity,
        average=cost / quantity,
        price=price,
        open_profit=quantity * price - cost,
        realised=amount(position["realised"]),
        stop=Price(instrument.price(Decimal(repr(stop)))) if stop > 0 else None,
        loss_at_stop=cost - amount(proceeds) if fully else None,
    )


def _limits(fold: Fold, account: Any) -> tuple[LimitUse, ...]:
    limits = fold.plan.limits
    start = amount(account["day_start_equity"])
    lost = max(Decimal(0), start - amount(account["equity"]))
    exposed = amount(account["equity"]) - amount(account["cash"]) + amount(account["reserved"])
    return (
        LimitUse(name="Loss today", used=lost, limit=min(limits.daily_loss_pct * start, limits.daily_loss_usd),
                 unit="USD"),
        LimitUse(name="Entries", used=Decimal(int(account["day_entries"]) + int(account["open_entries"])),
                 limit=Decimal(limits.daily_entries), unit="entries"),
        LimitUse(name="Exposure", used=exposed, limit=amount(account["equity"]), unit="USD"),
    )  # fmt: skip


def marked(fold: Fold, at: datetime, state: TradingState, why: str) -> AccountMarked:
    """The account now."""
    plan, account = fold.plan, fold.arena.account[0]
    equity, start = amount(account["equity"]), amount(account["start_equity"])
    holdings = (_holding(fold, j) for j in range(len(plan.instances)))
    return AccountMarked(
        at=at,
        mode=plan.mode,
        state=state,
        state_why=why,
        currency=plan.instruments[0].quote,
        equity=equity,
        cash=amount(account["cash"]),
        start_equity=start,
        day_start_equity=amount(account["day_start_equity"]),
        peak_equity=amount(account["peak_equity"]),
        realised_today=amount(account["day_realised"]),
        fees_today=amount(account["day_fees"]),
        fees=amount(account["fees"]),
        profit=equity - start,
        won_today=int(account["day_won"]),
        lost_today=int(account["day_lost"]),
        even_today=int(account["day_even"]),
        limits=_limits(fold, account),
        holdings=tuple(one for one in holdings if one is not None),
    )
