"""Running the steps of a symbol's instances and collecting what their wishes changed."""

from __future__ import annotations

from typing import Any

from core.kernel.compiled import inlined
from core.kernel.pointers import address_of, call_step
from core.kernel.records import (
    CANCELLED,
    CANCELLING,
    DENIED,
    FILLED,
    NONE,
    OPEN,
    PENDING,
    PLACE,
    REFUSED,
    WITHDRAW,
)
from core.kernel.rounding import on_step, on_tick, quantity_sum


@inlined
def _is_free(status: int) -> bool:
    return status in (NONE, FILLED, CANCELLED, DENIED, REFUSED)


@inlined
def _take_over(slot: Any, market: Any) -> None:
    """The declaration becomes the slot's newest order, on tick and step."""
    slot.live_sequence = slot.sequence
    slot.live_side = slot.side
    slot.live_kind = slot.kind
    slot.live_price = on_tick(slot.price, market) if slot.kind != 0 else 0.0
    slot.live_quantity = on_step(slot.quantity, market)
    slot.live_stop = on_tick(slot.stop, market) if slot.stop > 0.0 else 0.0
    slot.filled = 0.0
    slot.paid = 0.0
    slot.reserved = 0.0
    slot.status = PENDING


@inlined
def _collect(slots: Any, first: int, last: int, market: Any, wishes: Any, n: int) -> int:
    """Compare what each slot declares with what is.

    A new sequence waits while the slot's older order is still working: that order is withdrawn first, so a slot
    never has two.
    """
    for flat in range(first, last):
        slot = slots[flat]
        is_new = slot.active and slot.sequence > slot.live_sequence
        if is_new and _is_free(slot.status):
            _take_over(slot, market)
            wishes[n].what = PLACE
        elif slot.status == OPEN and (is_new or not slot.active):
            slot.status = CANCELLING
            wishes[n].what = WITHDRAW
        else:
            continue
        wishes[n].flat = flat
        wishes[n].sequence = slot.live_sequence
        n += 1
    return n


@inlined
def run_steps(candles: Any, i: int, symbol: int, roster: Any, account: Any, positions: Any, markets: Any, slots: Any,
              view: Any, state: Any, params: Any, wishes: Any) -> int:  # fmt: skip
    """Step every instance of ``symbol`` with ``candles[i]``; the number of wishes that changed, in roster order."""
    n = 0
    view[0].cash = account.cash
    view[0].equity = account.equity
    for j in range(roster.shape[0]):
        one = roster[j]
        if one.symbol != symbol:
            continue
        held = positions[j].quantity
        if positions[j].dust > 0.0:
            held = quantity_sum(held, -positions[j].dust, markets[symbol])
        view[0].quantity = held
        view[0].average = positions[j].cost / held if held > 0.0 else 0.0
        call_step(
            one.address,
            address_of(candles, i),
            address_of(view, 0),
            address_of(state, one.state),
            address_of(params, one.params),
            address_of(slots, one.first),
        )
        n = _collect(slots, one.first, one.first + one.slots, markets[symbol], wishes, n)
    return n
