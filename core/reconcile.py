"""What one slot needs next at a real venue: its coins always under a stop, its exit made when the price is there.

A venue locks the coins of every open sale, so a slot's coins are either under its protective stop or in its exit,
never in both.  The stop stays at the venue for as long as it can: an exit waits here until the price has reached it.
Where a venue holds no stops, the exit rests there and Belay watches the stop's price itself.

Pure: the executor gives what is, and does what comes back.  The same view always gives the same steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.instrument import Instrument
from core.intent import Kind
from core.money import Price, Quantity
from core.order import RESTING, Order, OrderState
from core.venue import StopSupport

MOST_TRIES = 20
FIRST_SLIP = Decimal("0.005")
"""What the first protective sale of our own gives away below the bid, at most; each further one twice as much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """``patience`` in seconds: how long a sale at its price may rest; ``max_slippage`` as a share of the stop."""

    stops: StopSupport
    can_amend: bool
    patience: float
    max_slippage: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotView:
    """One slot now.  ``held`` counts its fills, fees in base currency taken off; ``stop`` came with its entry.

    ``guards`` are its protective orders that work; ``bid`` is None while the price is not fresh.  ``resting`` is how
    long (seconds) an exit or a sale of our own has rested, ``reached`` how long the bid has been at or below the stop.
    ``tries`` counts protective sales of our own that did not fill; ``has_stopped``: a protective order has traded.
    """

    instrument: Instrument
    held: Decimal
    stop: Price | None
    entry: Order | None = None
    exit: Order | None = None
    guards: tuple[Order, ...] = ()
    bid: Price | None = None
    resting: float = 0.0
    reached: float = 0.0
    tries: int = 0
    has_stopped: bool = False
    is_paced: bool = False
    """A stop was refused a moment ago: no other is placed until the pause is over."""
    is_sale_paced: bool = False
    """The same for sales of our own."""
    is_stopping: bool = False
    """Belay is being stopped: exits wait for its next start, stops are placed still."""


@dataclass(frozen=True, slots=True)
class Protect:
    """Place a protective stop."""

    quantity: Quantity
    price: Price


@dataclass(frozen=True, slots=True)
class Resize:
    """Give an open protective stop another quantity without taking it away."""

    order: Order
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Cancel an order; ``why`` goes into its record."""

    order: Order
    why: str


@dataclass(frozen=True, slots=True)
class Release:
    """Send the exit that waits, with this quantity."""

    order: Order
    quantity: Quantity


@dataclass(frozen=True, slots=True)
class SellNow:
    """Sell at a limit below the bid, because the stop's price is reached and no stop at the venue sells."""

    quantity: Quantity
    price: Price


Step = Protect | Resize | Withdraw | Release | SellNow


def next_steps(view: SlotView, rules: Rules) -> tuple[Step, ...]:
    """What to do now, possibly nothing; orders in doubt are waited for."""
    steps: list[Step] = []
    if view.has_stopped and view.entry is not None and view.entry.status in RESTING:
        steps.append(Withdraw(view.entry, "its stop has traded"))
    if view.held <= 0:
        return tuple(steps)
    sale = _exit_steps(view, rules)
    steps += sale if sale is not None else _protection(view, rules)
    return tuple(steps)


def is_dust(view: SlotView) -> bool:
    """Whether nobody can sell what the slot holds, and nothing is on its way that would change that."""
    is_still = view.entry is None and view.exit is None and not view.guards
    price = max(price for price in (view.stop, view.bid, Decimal(0)) if price is not None)
    rest = view.instrument.quantity(max(view.held, Decimal(0)))
    return view.held > 0 and is_still and price > 0 and not is_tradable(rest, price, view.instrument)


def free_quantity(view: SlotView) -> Quantity:
    """Coins, on the step, that neither a protective order nor a sent exit may still sell."""
    spoken = sum((guard.remaining for guard in view.guards), Decimal(0))
    if view.exit is not None and view.exit.status is not OrderState.WAITING:
        spoken += view.exit.remaining
    return view.instrument.quantity(max(view.held - spoken, Decimal(0)))


def is_tradable(quantity: Decimal, price: Decimal, instrument: Instrument) -> bool:
    """Whether the venue's minima allow such an order."""
    enough = quantity * price >= instrument.min_notional
    return quantity > 0 and quantity >= instrument.min_quantity and enough


def _exit_steps(view: SlotView, rules: Rules) -> list[Step] | None:
    """What the slot's exit needs; None when the coins are protection's business."""
    leaving = view.exit
    if leaving is None or (view.is_stopping and leaving.status is OrderState.WAITING):
        return None
    is_reached = _is_reached(view)
    if leaving.status is OrderState.WAITING:
        if leaving.kind is Kind.MARKET:  # wished at any price
            return _release(view, leaving)
        if rules.stops is StopSupport.NONE and not is_reached:
            return _release(view, leaving)
        return _release(view, leaving) if _is_due(leaving, view.bid) and not is_reached else None
    if leaving.status not in RESTING or leaving.kind is Kind.MARKET:
        return None  # its answer is on the way; coins outside it are protected meanwhile
    if is_reached:
        return [Withdraw(leaving, "the stop's price is reached")]
    if view.is_stopping and rules.stops is not StopSupport.NONE:
        return [Withdraw(leaving, "Belay is stopping; the stop comes back")]
    if rules.stops is not StopSupport.NONE and view.resting > rules.patience:
        return [Withdraw(leaving, "not filled in time; the stop comes back")]
    return None


def _is_due(leaving: Order, bid: Price | None) -> bool:
    return bid is not None and leaving.price is not None and bid >= leaving.price


def _release(view: SlotView, leaving: Order) -> list[Step] | None:
    """The coins are freed first; only then can the exit be sent."""
    resting = [guard for guard in view.guards if guard.status in RESTING]
    if resting:
        return [Withdraw(guard, "its exit is due") for guard in resting]
    if view.guards:
        return []
    quantity = min(Quantity(leaving.quantity), free_quantity(view))
    price = leaving.price or view.bid or view.stop
    if price is None or not is_tradable(quantity, price, view.instrument):
        return [Withdraw(leaving, "what is left is below the venue's minimum")]
    return [Release(leaving, quantity)]


def _is_reached(view: SlotView) -> bool:
    return view.stop is not None and view.bid is not None and view.bid <= view.stop


def _protection(view: SlotView, rules: Rules) -> list[Step]:
    if view.stop is None:
        return []
    late = _late(view, rules)
    if late:
        return late
    resting = [guard for guard in view.guards if guard.status in RESTING]
    surplus = -(view.held - sum((guard.remaining for guard in view.guards), Decimal(0)))
    if surplus > 0 and resting:
        return [_less(resting[-1], surplus, view, rules)]
    free = free_quantity(view)
    if free <= 0:
        return []
    if _is_reached(view):
        return [] if view.is_sale_paced else _sale(view, rules, free)
    if view.is_paced:
        return []
    if rules.stops is StopSupport.NONE or (rules.can_amend and len(resting) < len(view.guards)):
        return []  # a stop whose answer is on its way will be made larger
    if is_tradable(free, view.stop, view.instrument):
        if rules.can_amend and len(resting) == 1 and len(view.guards) == 1:
            return [Resize(resting[0], Quantity(resting[0].quantity + free))]
        return [Protect(free, view.stop)]
    return _merged(view, rules, free, resting)


def _late(view: SlotView, rules: Rules) -> list[Step]:
    """Protective orders whose price was reached and that still rest: take them away, then sell ourselves, lower.

    Not while Belay is being stopped: what rests is all the protection that the coins will have.
    """
    if view.is_stopping:
        return []

    def is_late(guard: Order) -> bool:
        if guard.kind is not Kind.STOP and guard.price is not None and guard.price <= _least(view, rules):
            return False  # as low as it may be: there it waits for the price to come back
        waited = view.reached if guard.kind is Kind.STOP else view.resting
        return guard.status in RESTING and waited > rules.patience

    return [Withdraw(guard, "triggered and not filled") for guard in view.guards if is_late(guard)]


def _less(guard: Order, surplus: Decimal, view: SlotView, rules: Rules) -> Step:
    left = view.instrument.quantity(max(guard.remaining - surplus, Decimal(0)))
    if rules.can_amend and view.stop is not None and is_tradable(left, view.stop, view.instrument):
        return Resize(guard, Quantity(guard.filled + left))
    return Withdraw(guard, "more than is held")


def _sale(view: SlotView, rules: Rules, free: Quantity) -> list[Step]:
    assert view.bid is not None
    assert view.stop is not None
    slip = min(FIRST_SLIP * 2 ** min(view.tries, MOST_TRIES), rules.max_slippage)
    price = view.instrument.price(max(view.bid * (1 - slip), _least(view, rules)))
    return [SellNow(free, price)] if is_tradable(free, price, view.instrument) else []


def _least(view: SlotView, rules: Rules) -> Decimal:
    """The lowest price at which we sell ourselves, on the tick."""
    assert view.stop is not None
    return view.instrument.price(view.stop * (1 - rules.max_slippage))


def _merged(view: SlotView, rules: Rules, free: Quantity, resting: list[Order]) -> list[Step]:
    """A rest too small for a stop of its own: it joins one that is there once the entry brings no more."""
    is_buying = view.entry is not None and view.entry.is_working
    if is_buying or len(resting) != 1 or len(view.guards) != 1 or view.stop is None:
        return []
    if rules.can_amend:
        return [Resize(resting[0], Quantity(resting[0].quantity + free))]
    whole = view.instrument.quantity(Decimal(resting[0].remaining + free))
    if whole > resting[0].remaining and resting[0].filled == 0:
        return [Withdraw(resting[0], "a larger stop takes its place")]
    return []
