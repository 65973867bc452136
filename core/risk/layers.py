"""The judge's layers, compiled: one small rule each, in the fixed order of A17; the first that fails is the answer.

The backtest loop and the risk stage call ``weigh`` itself, so what is denied on paper is denied live.  All numbers
are float64 on the kernel's side; money limits are in USD, converted with ``market.usd`` (NaN: denied).
Orders that only sell what their slot holds pass the entry layers untouched.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kernel.account import MINUTE_MS
from core.kernel.compiled import inlined
from core.kernel.records import MARKET
from core.kernel.rounding import on_amount

HALTED, MODE, REDUCING, DAILY_LOSS, DAILY_ENTRIES, SIDE, NOT_ALLOWED = 1, 2, 3, 4, 5, 6, 7
NO_USD_PRICE, BELOW_MINIMUM, ABOVE_MAXIMUM, NO_STOP, RISK_AT_STOP, PRICE, STALE_PRICE = (
    8,
    9,
    10,
    11,
    12,
    13,
    14,
)
SPREAD, SLIPPAGE, SYMBOL_SHARE, POSITION, TOTAL_SHARE, EXPOSURE, COOLDOWN = 15, 16, 17, 18, 19, 20, 21
ORDER_RATE, BALANCE = 22, 23
ACTIVE_STATE, REDUCING_STATE, HALTED_STATE = 0, 1, 2


@inlined
def _say(verdict: Any, reason: int, limit: float, asked: float) -> int:
    verdict.reason = reason
    verdict.limit = limit
    verdict.asked = asked
    return reason


@inlined
def loss_allowed(limits: Any, day_start_equity: float) -> float:
    """The tighter of A4 (share of day-start equity) and A5 (USD)."""
    return min(limits.daily_loss_share * day_start_equity, limits.daily_loss)


@inlined
def _standing(limits: Any, account: Any, verdict: Any, is_exit: bool) -> int:
    """Latch, mode, trading state and the day's limits: nothing here looks at the order's numbers."""
    if limits.state >= HALTED_STATE:
        return _say(verdict, HALTED, 0.0, 1.0)
    if not limits.mode_allowed:
        return _say(verdict, MODE, 0.0, 1.0)
    if is_exit:
        return 0
    if limits.state >= REDUCING_STATE:
        return _say(verdict, REDUCING, 0.0, 1.0)
    allowed = loss_allowed(limits, account.day_start_equity)
    lost = on_amount(account.day_start_equity - account.equity)
    if not -np.inf < lost < allowed:
        return _say(verdict, DAILY_LOSS, allowed, lost)
    entries = account.day_entries + account.open_entries + 1
    if entries > limits.daily_entries:
        return _say(verdict, DAILY_ENTRIES, limits.daily_entries, entries)
    return 0


@inlined
def _size(limits: Any, market: Any, verdict: Any, price: float, quantity: float) -> int:
    """Whitelist, USD price, minima and maximum."""
    if not market.allowed:
        return _say(verdict, NOT_ALLOWED, 0.0, 1.0)
    if not price * market.usd > 0.0:
        return _say(verdict, NO_USD_PRICE, 0.0, price)
    usd = price * quantity * market.usd
    venue_least = market.min_notional * market.usd
    if not (usd >= limits.min_order and usd >= venue_least):
        return _say(verdict, BELOW_MINIMUM, max(limits.min_order, venue_least), usd)
    if not quantity >= market.min_quantity:
        return _say(verdict, BELOW_MINIMUM, market.min_quantity, quantity)
    if not usd <= limits.max_order:
        return _say(verdict, ABOVE_MAXIMUM, limits.max_order, usd)
    return 0


@inlined
def loss_at_stop(price: float, stop: float, quantity: float, market: Any) -> float:
    """What the trade loses at its stop in quote units, both fees and the stop's slippage included (A2)."""
    sold = stop * (1.0 - 0.5 * market.spread - market.slippage)
    return (price - sold) * quantity + (price + sold) * quantity * market.taker


@inlined
def _market(limits: Any, market: Any, verdict: Any, price: float, reference: float) -> int:
    """The price is near, fresh, and the market trades close to it."""
    highest = reference * (1.0 + limits.price_band)
    if not price <= highest < np.inf:
        return _say(verdict, PRICE, highest, price)
    if market.is_stale:
        return _say(verdict, STALE_PRICE, 0.0, 1.0)
    if not 0.0 <= market.seen_spread <= limits.max_spread:
        return _say(verdict, SPREAD, limits.max_spread, market.seen_spread)
    if not market.seen_slippage <= limits.max_slippage:
        return _say(verdict, SLIPPAGE, limits.max_slippage, market.seen_slippage)
    return 0


@inlined
def _exposure(limits: Any, account: Any, market: Any, verdict: Any, cost: float) -> int:
    """What one market and all may hold together, this order and the open entries included (A10)."""
    here = on_amount(market.quantity * market.last + market.reserved + cost)
    if not here <= limits.symbol_share * account.equity:
        return _say(verdict, SYMBOL_SHARE, limits.symbol_share * account.equity, here)
    if not here * market.usd <= limits.max_position:
        return _say(verdict, POSITION, limits.max_position, here * market.usd)
    everywhere = on_amount(account.equity - account.cash + account.reserved + cost)
    if not everywhere <= limits.total_share * account.equity:
        return _say(verdict, TOTAL_SHARE, limits.total_share * account.equity, everywhere)
    if not everywhere * market.usd <= limits.max_exposure:
        return _say(verdict, EXPOSURE, limits.max_exposure, everywhere * market.usd)
    return 0


@inlined
def _pace(limits: Any, account: Any, market: Any, verdict: Any) -> int:
    """Rest after a loss or a stop (A30), and no burst of entries (A29)."""
    rested = account.now - market.hurt_at
    if rested < limits.cooldown:
        return _say(verdict, COOLDOWN, limits.cooldown / MINUTE_MS, max(rested, 0) / MINUTE_MS)
    entries = 1 + (account.minute_entries if account.minute == account.now // MINUTE_MS else 0)
    if entries > limits.entry_rate:
        return _say(verdict, ORDER_RATE, limits.entry_rate, entries)
    return 0


@inlined
def _entry(
    limits: Any, account: Any, market: Any, verdict: Any, price: float, reference: float, cost: float
) -> int:
    """Market, exposure and pace, in this order."""
    failed = _market(limits, market, verdict, price, reference)
    if failed:
        return failed
    failed = _exposure(limits, account, market, verdict, cost)
    if failed:
        return failed
    return _pace(limits, account, market, verdict)


@inlined
def weigh(limits: Any, account: Any, market: Any, slot: Any, reference: float, verdict: Any) -> int:
    """Judge the order in ``slot``'s live fields at ``reference`` (the last close); 0 approves.

    The verdict holds the first failing layer with its limit and what was asked, in the layer's own unit.
    """
    is_exit = slot.live_side < 0
    failed = _standing(limits, account, verdict, is_exit)
    if failed:
        return failed
    price = reference if slot.live_kind == MARKET else slot.live_price
    quantity = slot.live_quantity
    if is_exit:
        if not 0.0 < quantity <= slot.held:
            return _say(verdict, SIDE, slot.held, quantity)
        return _say(verdict, 0 if 0.0 < price < np.inf else PRICE, 0.0, price)
    if slot.live_side != 1:
        return _say(verdict, SIDE, 1.0, slot.live_side)
    failed = _size(limits, market, verdict, price, quantity)
    if failed:
        return failed
    if not 0.0 < slot.live_stop < price:
        return _say(verdict, NO_STOP, price, slot.live_stop)
    worst = limits.risk_share * account.equity
    loss = loss_at_stop(price, slot.live_stop, quantity, market)
    if not 0.0 < loss <= worst:
        return _say(verdict, RISK_AT_STOP, worst, loss)
    cost = price * quantity * (1.0 + market.taker)
    failed = _entry(limits, account, market, verdict, price, reference, cost)
    if failed:
        return failed
    free = on_amount(account.cash - account.reserved)
    if not cost <= free < np.inf:
        return _say(verdict, BALANCE, free, cost)
    return _say(verdict, 0, 0.0, 0.0)
