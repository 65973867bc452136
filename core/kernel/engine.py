"""The backtest loop: the whole bot in one compiled pass, in the order in which the actors do the same.

Per candle: the fills it causes, then their effect on account and slots, then the steps of the symbol's instances,
then the judge on all new wishes, then the cancels, then the new orders.
"""

from __future__ import annotations

from typing import Any

from core.kernel.account import apply, approve, deny, mark
from core.kernel.compiled import inlined, unlocked
from core.kernel.matching import accept, match_symbol, remove
from core.kernel.records import PENDING, PLACE, TRADED, WITHDRAW
from core.kernel.steps import run_steps
from core.risk.layers import weigh


@inlined
def _judge(wishes: Any, n: int, limits: Any, account: Any, market: Any, slots: Any, verdict: Any, denials: Any
           ) -> None:  # fmt: skip
    """Weigh every new order, in order; an approval counts for the next."""
    for w in range(n):
        slot = slots[wishes[w].flat]
        if wishes[w].what == WITHDRAW:
            continue
        account.signals += 1
        reason = weigh(limits, account, market, slot, market.last, verdict[0])
        denials[reason] += 1
        if reason:
            deny(slot)
        else:
            approve(account, market, slot)


@inlined
def _execute(
    wishes: Any, n: int, ts: int, symbol: int, book: Any, market: Any, slots: Any, reports: Any
) -> int:
    """First all cancels, then all approved orders; the number of reports."""
    k = 0
    for w in range(n):
        if wishes[w].what == WITHDRAW:
            k = remove(book, wishes[w].flat, ts, reports, k)
    for w in range(n):
        slot = slots[wishes[w].flat]
        if wishes[w].what == PLACE and slot.status == PENDING:
            k = accept(book, wishes[w].flat, ts, symbol, slot.live_sequence, slot.live_side, slot.live_kind,
                       slot.live_price, slot.live_quantity, slot.live_stop, market, reports, k)  # fmt: skip
    return k


@unlocked
def run(candles: Any, symbols: Any, frame_ms: int, roster: Any, slot_instance: Any, instance_symbol: Any,
        account_of: Any, positions: Any, markets: Any, limits_of: Any, slots: Any, book: Any, view: Any, state: Any,
        params: Any, wishes: Any, verdict: Any, reports: Any, fills: Any, equity: Any, denials: Any, first: int,
        last: int) -> int:  # fmt: skip
    """Run candles from ``first`` up to ``last``; the number of the first candle that was not run.

    ``candles`` in order of time with ``symbols`` beside it (index of each candle's symbol); ``fills`` takes copies of
    the TRADED reports, and when one more candle might not fit the loop returns early, to be called again with more
    room.  ``equity`` takes one value per candle, ``denials`` one count per reason.  Everything else is state: calling
    twice with adjoining ranges equals calling once.
    """
    account = account_of[0]
    limits = limits_of[0]
    for i in range(first, last):
        if account.fills + reports.shape[0] > fills.shape[0]:
            return i
        symbol = symbols[i]
        market = markets[symbol]
        k = match_symbol(candles[i], symbol, roster, book, market, reports)
        for r in range(k):
            if reports[r].happening == TRADED:
                reports[r].event = i + 1
                reports[r].place = r
                fills[account.fills] = reports[r]
            apply(account, positions, slots, slot_instance, instance_symbol, markets, reports[r])
        ts = candles[i].ts
        mark(account, positions, instance_symbol, markets, symbol, ts, frame_ms, candles[i].close)
        equity[i] = account.equity
        n = run_steps(
            candles, i, symbol, roster, account, positions, markets, slots, view, state, params, wishes
        )
        if n:
            _judge(wishes, n, limits, account, market, slots, verdict, denials)
            k = _execute(wishes, n, ts + frame_ms, symbol, book, market, slots, reports)
            for r in range(k):
                apply(account, positions, slots, slot_instance, instance_symbol, markets, reports[r])
    return last
