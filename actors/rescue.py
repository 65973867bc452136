"""One order by hand with no bot running: the same judge, the same rows, the same gate, then its protective stop (D18).

Main thread; the venue's executor runs in its own for as long as the order needs.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic

from actors.home_lock import HomeLock
from actors.hub import FactHub
from actors.live_side import LiveSide
from actors.persistence.restart import load_restart
from actors.persistence.stage import PersistenceStage
from actors.session import book_of, home_salt, limits_of, with_account
from actors.stage import Address
from core.clock import SystemClock, millis
from core.errors import BadSettings, Refused
from core.halt import Latch
from core.ids import BookId, Identity, Symbol
from core.intent import Intent, Kind, Side
from core.kernel.fold import Fold
from core.kernel.records import CANCELLED, DENIED, FILLED, NONE, REFUSED
from core.market import Bar, Quote
from core.messages import (
    Execute,
    Fact,
    Keep,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    QuoteSeen,
    UnitClosed,
)
from core.modes import Mode
from core.money import Money, Price, Quantity
from core.order import UNACKNOWLEDGED, WORKING, Order, OrderState, Role
from core.plan import Costs, Plan
from core.plan_text import plan_to_json
from core.records import Restart
from core.risk.judge import judge
from core.risk.verdict import Denied
from core.settings import Settings
from core.strategies.library import BY_HAND, lay_out
from core.venue import Exchange

READY = 30.0
PATIENCE = 20.0
"""Seconds for the venue to take the order, and for a fill's stop to rest."""
FREE = (NONE, FILLED, CANCELLED, DENIED, REFUSED)
RECORDED = (
    OrderPlaced,
    OrderAmended,
    OrderRefused,
    OrderCancelled,
    OrderFilled,
    OrderLost,
    OrderDenied,
    UnitClosed,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asks for; ``price`` None: at the market.  ``last`` is the market's last price."""

    symbol: Symbol
    side: Side
    quantity: Decimal
    price: Decimal | None
    stop: Decimal | None
    last: Decimal


@dataclass(frozen=True, slots=True)
class Done:
    """What became of it: the order, and the orders of its slot that rest now."""

    order: Order
    resting: tuple[Order, ...]


def place(home: Path, settings: Settings, exchange: Exchange, asked: Asked) -> Done:
    """Judge it, write it down, send it, see it through; ``exchange`` is open.  ``Refused`` in the judge's words."""
    with ExitStack() as end:
        lock = HomeLock(home)
        lock.take()
        end.callback(lock.release)
        latch = Latch(home)
        if latch.is_set():
            raise Refused("Belay is halted: nothing is sent. Re-arm with: python main.py rearm")
        plan = _plan(home, settings, exchange, asked.symbol)
        restart = load_restart(home, plan.book)
        fold = Fold(plan)
        fold.catch_up(restart.filled)
        fold.settle(restart.newest)
        now = SystemClock().now()
        fold.mark(asked.symbol, Bar(millis(now), *(float(asked.last),) * 4, 0.0))
        verdict = judge(_intent(plan, fold, restart, asked), fold)
        if isinstance(verdict, Denied):
            raise Refused(verdict.sentence)
        hub = FactHub()
        records = Address(
            lambda: PersistenceStage.start(
                hub, home, plan.book, Mode.LIVE, SystemClock(), Money(plan.cash, plan.instruments[0].quote)
            ), "persistence", hub,
        )  # fmt: skip
        records.bring_up(READY)
        end.callback(records.stop, READY)
        hub.subscribe(records.tell, *RECORDED)
        records.tell(Keep(0, "plan", plan_to_json(plan).encode()))
        heard: SimpleQueue[Fact] = SimpleQueue()
        hub.subscribe(heard.put, *RECORDED)
        side = LiveSide(exchange, plan, latch)
        make = side.executor(hub, records, plan, settings.orders, latch, SystemClock(), restart)
        executor = Address(make, "executor", hub)
        executor.bring_up(READY)
        end.callback(executor.stop, READY)
        side.reconcile(executor)
        price = plan.instruments[0].price(asked.last)
        hub.publish(
            QuoteSeen(Quote(asked.symbol, price, price, price, now))
        )  # what a waiting sale is measured by
        executor.tell(Execute(restart.number + 1, now, (verdict,)))
        order = _seen_through(heard, verdict.intent.identity)
        side.settle(executor)
        return Done(order, side.resting())


def _plan(home: Path, settings: Settings, exchange: Exchange, symbol: Symbol) -> Plan:
    instruments = tuple(settings.instrument(one) for one in exchange.instruments((symbol,)))
    plan = Plan(
        book=BookId(""), mode=Mode.LIVE, timeframe="1m", instruments=instruments,
        instances=lay_out([(BY_HAND, symbol, {})]), costs=Costs(), limits=limits_of(settings, (symbol,)),
        cash=Decimal(1),
    )  # fmt: skip
    plan = replace(
        plan, book=book_of(plan, exchange.name, f"by-hand:{exchange.name}{home_salt(home, Mode.LIVE)}")
    )
    return with_account(plan, exchange, home)


def _intent(plan: Plan, fold: Fold, restart: Restart, asked: Asked) -> Intent:
    """The order in the first slot that can take it: an empty one to buy, one that holds enough to sell."""
    instrument, instance = plan.instruments[0], plan.instances[0]
    quantity, price = instrument.quantity(asked.quantity), asked.price
    if quantity != asked.quantity or (price is not None and instrument.price(price) != price):
        raise BadSettings(
            f"{asked.symbol} trades in steps of {instrument.step} at prices in steps of {instrument.tick}."
        )
    if asked.side is Side.BUY and asked.stop is None:
        raise Refused("A purchase needs a protective stop: add --stop with a price below it.")
    if asked.side is Side.SELL and price is not None and price > asked.last:
        raise Refused(
            f"A sale above the price ({asked.last}) would wait for it, and no bot runs to wait: use --market."
        )
    slots = fold.arena.slots_of(0)
    taken = {order.identity.slot for order in restart.working if order.role is not Role.PROTECTIVE}
    fits: Callable[[int], bool] = (
        (lambda k: slots[k]["held"] == 0)
        if asked.side is Side.BUY
        else (lambda k: slots[k]["held"] >= float(quantity))
    )
    free = [
        k for k in range(instance.slots) if k not in taken and int(slots[k]["status"]) in FREE and fits(k)
    ]
    if not free:
        words = (
            "All slots for purchases by hand are taken"
            if asked.side is Side.BUY
            else "Nothing bought by hand"
        )
        more = (
            "; sell one first."
            if asked.side is Side.BUY
            else " is that large; a strategy's coins are its own."
        )
        raise Refused(f"{words}{more}")
    slot = free[0]
    sequence = restart.sequences.get((instance.id, asked.symbol, slot), 0) + 1
    _declare(slots[slot], asked, sequence)
    return Intent(
        identity=Identity(instance.id, asked.symbol, slot, sequence),
        side=asked.side,
        kind=Kind.MARKET if price is None else Kind.LIMIT,
        price=None if price is None else Price(price),
        quantity=Quantity(quantity),
        reference=instrument.price(asked.last),
        stop=None if asked.stop is None else instrument.price(asked.stop),
        at=SystemClock().now(),
    )


def _declare(slot: object, asked: Asked, sequence: int) -> None:
    """What the judge reads, as a strategy's step would have left it."""
    values = {
        "live_sequence": sequence, "live_side": int(asked.side), "filled": 0.0, "paid": 0.0, "reserved": 0.0,
        "live_kind": int(Kind.MARKET if asked.price is None else Kind.LIMIT), "live_price": float(asked.price or 0),
        "live_quantity": float(asked.quantity), "live_stop": float(asked.stop or 0),
    }  # fmt: skip
    for name, value in values.items():
        slot[name] = value  # type: ignore[index]  # a numpy record


def _seen_through(heard: SimpleQueue[Fact], identity: Identity) -> Order:
    """The order once the venue has said what it is: resting, traded or refused."""
    newest: Order | None = None
    deadline = monotonic() + PATIENCE
    while True:
        try:
            fact = heard.get(timeout=max(0.0, deadline - monotonic()))
        except Empty:
            if newest is not None:
                return newest
            raise Refused("The venue has not answered yet; look with: python main.py order list") from None
        order: Order | None = getattr(fact, "order", None)
        if order is None or order.identity != identity:
            continue
        newest = order
        is_waiting = order.status is OrderState.WAITING
        if order.status not in WORKING or (
            order.status not in UNACKNOWLEDGED and not is_waiting and order.price is not None
        ):
            return order
