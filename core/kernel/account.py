"""The account as a fold: what each report, candle and approval does to cash, positions and slots.

The backtest loop, the strategy stage and the risk stage run these same functions over their own records, so the
same reports in the same order leave the same bits.
"""

from __future__ import annotations

from typing import Any

from core.kernel.compiled import checked, compiled, inlined
from core.kernel.records import (
    CANCELLED,
    DENIED,
    FILLED,
    GONE,
    MARKET,
    OPEN,
    PENDING,
    PLACED,
    REFUSED,
    TRADED,
    TURNED_DOWN,
)  # fmt: skip
from core.kernel.rounding import on_amount, on_step, quantity_sum

DAY_MS = 86_400_000
MINUTE_MS = 60_000
ALMOST = 1.0 - 1e-12


@inlined
def roll_day(account: Any, ts: int) -> None:
    """At 00:00 UTC the daily counters start again and the day's start equity is the equity then (A6, A7)."""
    if ts >= (account.day + 1) * DAY_MS:  # never backwards: a clock set back resets nothing
        account.day = ts // DAY_MS
        account.day_start_equity = account.equity
        account.day_entries = 0
        account.day_realised = 0.0
        account.day_fees = 0.0
        account.day_won = 0
        account.day_lost = 0
        account.day_even = 0


@inlined
def mark(
    account: Any, positions: Any, instance_symbol: Any, markets: Any, symbol: int, ts: int, frame_ms: int,
    close: float,
) -> None:  # fmt: skip
    """A candle of ``symbol`` has closed at ``close``: equity, peak and drawdown at the newest prices."""
    roll_day(account, ts)
    account.now = max(account.now, ts + frame_ms)
    markets[symbol].last = close
    account.candles += 1
    equity = account.cash
    for j in range(positions.shape[0]):
        if positions[j].quantity > 0.0:
            equity += positions[j].quantity * markets[instance_symbol[j]].last
    account.equity = on_amount(equity)
    if account.equity > account.peak_equity:
        account.peak_equity = account.equity
    fallen = account.peak_equity - account.equity
    # the product spares most candles the division
    if fallen > account.drawdown * account.peak_equity * ALMOST and account.peak_equity > 0.0:
        account.drawdown = max(account.drawdown, fallen / account.peak_equity)


@inlined
def reserve(account: Any, market: Any, slot: Any, price: float, taker: float) -> None:
    """Keep back what the open rest of a buy may still cost; called again after each fill and with rest 0 at the end."""
    rest = slot.live_quantity - slot.filled
    amount = on_amount(rest * price * (1.0 + taker)) if slot.live_side > 0 else 0.0
    account.reserved = on_amount(account.reserved - slot.reserved + amount)
    market.reserved = on_amount(market.reserved - slot.reserved + amount)
    slot.reserved = amount


@inlined
def approve(account: Any, market: Any, slot: Any) -> None:
    """The judge said yes: cash and one entry of the day and of the minute are spoken for."""
    slot.status = PENDING
    if slot.live_side > 0:
        account.open_entries += 1
        minute = account.now // MINUTE_MS
        account.minute_entries = account.minute_entries + 1 if account.minute == minute else 1
        account.minute = minute
        price = market.last if slot.live_kind == MARKET else slot.live_price
        reserve(account, market, slot, price, market.taker)


@inlined
def _end(account: Any, market: Any, slot: Any, status: int) -> None:
    """A working order is over: what it had spoken for is free again."""
    if slot.live_side > 0 and slot.reserved > 0.0:
        if slot.filled == 0.0:
            account.open_entries -= 1
        account.reserved = on_amount(account.reserved - slot.reserved)
        market.reserved = on_amount(market.reserved - slot.reserved)
        slot.reserved = 0.0
    slot.status = status


@compiled
def _bought(account: Any, position: Any, slot: Any, market: Any, report: Any) -> None:
    spent = on_amount(report.cost + report.fee)
    account.cash = on_amount(account.cash - spent)
    is_late = report.sequence != slot.live_sequence  # of an older order: the slot's newer one has not traded
    if is_late or slot.filled == 0.0:
        account.day_entries += 1
        if slot.reserved > 0.0 and not is_late:
            account.open_entries -= 1
    position.cost = on_amount(position.cost + spent)
    position.quantity = quantity_sum(position.quantity, report.quantity, market)
    market.quantity = quantity_sum(market.quantity, report.quantity, market)
    slot.held = quantity_sum(slot.held, report.quantity, market)


@checked
def _sold(account: Any, position: Any, slot: Any, market: Any, report: Any) -> None:
    gained = on_amount(report.cost - report.fee)
    account.cash = on_amount(account.cash + gained)
    if report.quantity > position.quantity:
        raise ValueError("a venue reports more sold than was held")
    sells_all = report.quantity == position.quantity
    spent = position.cost if sells_all else on_amount(position.cost * report.quantity / position.quantity)
    result = on_amount(gained - spent)
    position.cost = on_amount(position.cost - spent)
    position.quantity = quantity_sum(position.quantity, -report.quantity, market)
    market.quantity = quantity_sum(market.quantity, -report.quantity, market)
    position.realised = on_amount(position.realised + result)
    position.trip = on_amount(position.trip + result)
    account.realised = on_amount(account.realised + result)
    account.day_realised = on_amount(account.day_realised + result)
    slot.held = quantity_sum(slot.held, -report.quantity, market)
    if slot.held < 0.0:  # coins that an earlier order had left over went along
        position.dust = max(0.0, quantity_sum(position.dust, slot.held, market))
        slot.held = 0.0
    if slot.held > 0.0 and on_step(slot.held, market) == 0.0:
        position.dust = quantity_sum(position.dust, slot.held, market)
        slot.held = 0.0
    if position.quantity <= position.dust:
        if position.trip > 0.0:
            account.day_won += 1
        elif position.trip < 0.0:
            account.day_lost += 1
            market.hurt_at = max(market.hurt_at, report.ts)
        else:
            account.day_even += 1
        position.trip = 0.0


@checked
def _traded(account: Any, position: Any, slot: Any, market: Any, report: Any, is_guard: bool) -> None:
    roll_day(account, report.ts)
    if report.side > 0:
        _bought(account, position, slot, market, report)
    else:
        _sold(account, position, slot, market, report)
    account.fees = on_amount(account.fees + report.fee)
    account.day_fees = on_amount(account.day_fees + report.fee)
    account.fills += 1
    if is_guard:
        market.hurt_at = max(market.hurt_at, report.ts)
        if report.complete:
            slot.guard_price = 0.0
        return
    if report.sequence != slot.live_sequence:
        return
    slot.filled = quantity_sum(slot.filled, report.quantity, market)
    slot.paid = on_amount(slot.paid + report.cost)
    if report.complete:
        _end(account, market, slot, FILLED)
    elif slot.reserved > 0.0:
        rest = slot.live_quantity - slot.filled + report.quantity
        reserve(account, market, slot, slot.reserved / rest, 0.0)


@inlined
def apply(account: Any, positions: Any, slots: Any, slot_instance: Any, instance_symbol: Any, markets: Any,
          report: Any) -> None:  # fmt: skip
    """Fold one report in.  Flat numbers of ``len(slots)`` and above are the protective stops."""
    count = slots.shape[0]
    is_guard = report.flat >= count
    flat = report.flat - count if is_guard else report.flat
    slot = slots[flat]
    j = slot_instance[flat]
    market = markets[instance_symbol[j]]
    if report.happening == TRADED:
        _traded(account, positions[j], slot, market, report, is_guard)
    elif is_guard:
        if report.happening == GONE:
            slot.guard_price = 0.0
        else:
            slot.guard_price = report.price
            slot.guard_sequence = report.sequence
    elif report.happening == PLACED:
        if slot.status == PENDING:
            slot.status = OPEN
    elif report.happening == GONE:
        _end(account, market, slot, CANCELLED)
    elif report.happening == TURNED_DOWN:
        _end(account, market, slot, REFUSED)


@inlined
def deny(slot: Any) -> None:
    """The judge said no: the slot is free for a new wish."""
    slot.status = DENIED
