"""The account in exact numbers for people: built from the risk stage's records a few times a second."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from core.kernel.exact import exact_amount, exact_price, exact_quantity
from core.kernel.fold import Fold
from core.messages import AccountMarked, Holding, LimitUse
from core.modes import TradingState
from core.money import Quantity


def _holding(fold: Fold, at: int) -> Holding | None:
    plan, arena = fold.plan, fold.arena
    position, instance = arena.positions[at], plan.instances[at]
    if position["quantity"] <= position["dust"]:
        return None
    where = int(arena.instance_symbol[at])
    instrument, market = plan.instruments[where], arena.markets[where]
    real = plan.mode.is_real  # a fee taken in coins leaves a rest finer than the step
    quantity = (
        Quantity(exact_amount(position["quantity"]))
        if real
        else exact_quantity(position["quantity"], instrument)
    )
    price = instrument.price(Decimal(repr(float(market["last"]))))
    cost, dust = exact_amount(position["cost"]), exact_amount(position["dust"])
    slots = arena.slots_of(at)
    guarded = [s for s in slots if s["guard_price"] > 0 and s["held"] > 0]
    stops = [exact_price(s["guard_price"], instrument) for s in guarded]
    kept = [exact_amount(s["held"]) if real else exact_quantity(s["held"], instrument) for s in guarded]
    proceeds = sum((stop * held for stop, held in zip(stops, kept, strict=True)), Decimal(0))
    return Holding(
        instance=instance.id,
        symbol=instance.symbol,
        quantity=quantity,
        average=cost / quantity,
        price=price,
        open_profit=quantity * price - cost,
        realised=exact_amount(position["realised"]),
        stop=min(stops, default=None),
        loss_at_stop=cost - proceeds * (1 - plan.costs.taker) if sum(kept) + dust == quantity else None,
    )


def day_loss(fold: Fold) -> tuple[Decimal, Decimal]:
    """What the day has lost, and what it may lose: the tighter of A4 and A5, in quote currency."""
    limits, account = fold.plan.limits, fold.arena.account[0]
    start = exact_amount(account["day_start_equity"])
    lost = max(Decimal(0), start - exact_amount(account["equity"]))
    return lost, min(limits.daily_loss_pct * start, limits.daily_loss_usd)


def _limits(fold: Fold, account: Any) -> tuple[LimitUse, ...]:
    limits = fold.plan.limits
    lost, allowed = day_loss(fold)
    exposed = (
        exact_amount(account["equity"]) - exact_amount(account["cash"]) + exact_amount(account["reserved"])
    )
    return (
        LimitUse(name="Loss today", used=lost, limit=allowed, unit="USD"),
        LimitUse(name="Entries", used=Decimal(int(account["day_entries"]) + int(account["open_entries"])),
                 limit=Decimal(limits.daily_entries), unit="entries"),
        LimitUse(name="Exposure", used=exposed, unit="USD",
                 limit=min(limits.total_share * exact_amount(account["equity"]), limits.max_exposure_usd)),
    )  # fmt: skip


def marked(fold: Fold, at: datetime, state: TradingState, why: str) -> AccountMarked:
    """The account now."""
    plan, account = fold.plan, fold.arena.account[0]
    equity, start = exact_amount(account["equity"]), exact_amount(account["start_equity"])
    holdings = (_holding(fold, j) for j in range(len(plan.instances)))
    return AccountMarked(
        at=at,
        mode=plan.mode,
        state=state,
        state_why=why,
        currency=plan.instruments[0].quote,
        equity=equity,
        cash=exact_amount(account["cash"]),
        start_equity=start,
        day_start_equity=exact_amount(account["day_start_equity"]),
        peak_equity=exact_amount(account["peak_equity"]),
        realised_today=exact_amount(account["day_realised"]),
        fees_today=exact_amount(account["day_fees"]),
        fees=exact_amount(account["fees"]),
        profit=equity - start,
        won_today=int(account["day_won"]),
        lost_today=int(account["day_lost"]),
        even_today=int(account["day_even"]),
        limits=_limits(fold, account),
        holdings=tuple(one for one in holdings if one is not None),
    )
