"""The judge in exact words: typed verdicts around the compiled layers; the only maker of ``Approved``."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.errors import Refused
from core.figures import MONEY_PLACES, apart
from core.instrument import Instrument
from core.intent import Intent, Side
from core.kernel.account import approve, deny
from core.kernel.fold import Fold
from core.kernel.records import PENDING
from core.money import text, to_amount
from core.order import Order
from core.risk.layers import weigh
from core.risk.verdict import _SEAL, Approved, Denied, Reason, denied_order

_UNITS = {
    Reason.HALTED: "orders",
    Reason.MODE: "orders",
    Reason.REDUCING: "entries",
    Reason.DAILY_LOSS: "USD",
    Reason.DAILY_ENTRIES: "entries",
    Reason.NOT_ALLOWED: "orders",
    Reason.BELOW_MINIMUM: "USD",
    Reason.ABOVE_MAXIMUM: "USD",
    Reason.POSITION: "USD",
    Reason.EXPOSURE: "USD",
    Reason.SPREAD: "%",
    Reason.SLIPPAGE: "%",
    Reason.STALE_PRICE: "orders",
    Reason.COOLDOWN: "minutes",
    Reason.ORDER_RATE: "entries",
}


def _unit(intent: Intent, reason: Reason, limit: Decimal, asked: Decimal, instrument: Instrument) -> str:
    """What limit and asked count; a minimum may be one of money or one of coins."""
    in_coins = (reason, limit, asked) == (Reason.BELOW_MINIMUM, instrument.min_quantity, intent.quantity)
    if reason is Reason.SIDE or in_coins:
        return instrument.base
    return _UNITS.get(reason, instrument.quote)


def _places(reason: Reason, unit: str, instrument: Instrument, asked: Decimal) -> int:
    """Digits after the point in the sentence: those of the tick, of the step, of money; of minutes few."""
    if unit == "minutes":
        return 0 if asked == asked.to_integral_value() else 1
    if reason is Reason.PRICE:
        return instrument.price_places
    if unit == instrument.base:
        return instrument.quantity_places
    return 0 if unit in ("orders", "entries") else MONEY_PLACES


def _sentence(intent: Intent, reason: Reason, least: Decimal, given: Decimal, unit: str, places: int) -> str:
    symbol = intent.identity.symbol
    if given == 0 and reason in (Reason.NO_USD_PRICE, Reason.PRICE):
        return f"{denied_order(intent)}: the market has no price yet."
    limit, asked = apart(least, given, places)
    why = {
        Reason.HALTED: "Belay is halted; re-arm it to trade again",
        Reason.MODE: "this mode does not send orders",
        Reason.REDUCING: "entries are paused, only exits pass",
        Reason.DAILY_LOSS: f"{asked} USD lost today, the limit is {limit}; again from 00:00 UTC",
        Reason.DAILY_ENTRIES: f"entry {asked} today, the limit is {limit}; again from 00:00 UTC",
        Reason.SIDE: f"it sells {asked} {unit}, but its slot holds {limit}",
        Reason.NOT_ALLOWED: f"{symbol} is not on the list of allowed symbols (risk.allowed_symbols)",
        Reason.NO_USD_PRICE: f"{unit} has no known price in USD, so no limit can be checked",
        Reason.BELOW_MINIMUM: f"{asked} {unit} is below the minimum of {limit} {unit}",
        Reason.ABOVE_MAXIMUM: f"{asked} USD is above the {limit} USD that one order may cost",
        Reason.NO_STOP: "an entry needs a stop below its price",
        Reason.RISK_AT_STOP: f"it would lose {asked} {unit} at its stop, the limit is {limit} {unit}",
        Reason.PRICE: f"its price {asked} is above {limit}, too far from the market",
        Reason.STALE_PRICE: "the newest price is too old; entries wait for a fresh one",
        Reason.SPREAD: f"bid and ask are {asked} % apart, the limit is {limit} %",
        Reason.SLIPPAGE: f"it would trade {asked} % away from the last price, the limit is {limit} %",
        Reason.SYMBOL_SHARE: f"{symbol} would hold {asked} {unit}, its share of the account is {limit}",
        Reason.POSITION: f"{symbol} would hold {asked} USD, the limit of one market is {limit}",
        Reason.TOTAL_SHARE: f"all markets would hold {asked} {unit}, their share of the account is {limit}",
        Reason.EXPOSURE: f"all markets would hold {asked} USD, the limit is {limit}",
        Reason.COOLDOWN: f"{symbol} rests for {limit} minutes after a loss or a stop, {asked} have passed",
        Reason.ORDER_RATE: f"entry {asked} within a minute, the limit is {limit}",
        Reason.BALANCE: f"it needs {asked} {unit}, {limit} {unit} are free",
    }[reason]
    return f"{denied_order(intent)}: {why}."


def _exact(value: float) -> Decimal:
    """A kernel number for people: eight significant places after the point, never a float again."""
    return to_amount(Decimal(repr(value))).normalize() if abs(value) < 1e15 else Decimal(0)


def _declare(slot: Any, intent: Intent) -> None:
    """The intent as the slot's newest order."""
    slot["live_sequence"] = intent.identity.sequence
    slot["live_side"], slot["live_kind"] = int(intent.side), int(intent.kind)
    slot["live_price"] = intent.price or 0
    slot["live_quantity"], slot["live_stop"] = intent.quantity, intent.stop or 0
    slot["filled"] = slot["paid"] = slot["reserved"] = 0.0


def judge(intent: Intent, fold: Fold) -> Approved | Denied:
    """Weigh one order against the account in ``fold``; an approval reserves cash and an entry there."""
    arena = fold.arena
    flat = fold.flat(intent.identity)
    if flat is None or flat >= fold.plan.slot_count:
        raise Refused(f"No strategy of this session has the slot of {intent.identity}.")
    slot, account = arena.slots[flat], arena.account[0]
    market = arena.markets[fold.place[intent.identity.symbol]]
    _declare(slot, intent)
    account["signals"] += 1
    code = int(weigh(arena.limits[0], account, market, slot, market["last"], arena.verdict[0]))
    if code == 0:
        approve(account, market, slot)
        return Approved(intent, _SEAL)
    deny(slot)
    reason, verdict = Reason(code), arena.verdict[0]
    limit, asked = _exact(float(verdict["limit"])), _exact(float(verdict["asked"]))
    if reason in (Reason.SPREAD, Reason.SLIPPAGE):
        limit, asked = (limit * 100).normalize(), (asked * 100).normalize()
    instrument = fold.plan.instruments[fold.place[intent.identity.symbol]]
    unit = _unit(intent, reason, limit, asked, instrument)
    sentence = _sentence(intent, reason, limit, asked, unit, _places(reason, unit, instrument, asked))
    return Denied(intent, reason, limit, asked, unit, sentence)


def approve_again(order: Order, fold: Fold) -> Approved:
    """After a restart: the approval that was committed with the order's row but not yet used.

    The restored account is the witness; ``Refused`` when it does not hold this order as approved and pending.
    """
    flat = fold.flat(order.identity)
    slot = fold.arena.slots[flat] if flat is not None and flat < fold.plan.slot_count else None
    if (
        slot is None
        or slot["status"] != PENDING
        or slot["live_sequence"] != order.identity.sequence
        or Decimal(repr(float(slot["live_quantity"]))) != order.quantity
    ):
        raise Refused(f"Order {order.client_order_id} was never approved; it is not sent.")
    last = Decimal(repr(float(fold.arena.markets[fold.place[order.identity.symbol]]["last"])))
    return Approved(
        Intent(
            identity=order.identity, side=order.side, kind=order.kind, price=order.price, quantity=order.quantity,
            reference=fold.plan.instruments[fold.place[order.identity.symbol]].price(last), stop=order.stop,
            at=order.time,
        ),
        _SEAL,
    )  # fmt: skip


def approve_reducing(intent: Intent, held: Decimal) -> Approved | Denied:
    """Judge a sale that follows from what is held: a protective order, or an exit that waited for its price.

    It needs no limit but one: it sells no more than ``held`` (base units of its slot that nothing else may sell), so
    it can only lower a position.
    """
    if intent.side is Side.SELL and 0 < intent.quantity <= held:
        return Approved(intent, _SEAL)
    sentence = f"{denied_order(intent)}: only {text(held)} of it are free to be sold."
    return Denied(intent, Reason.SIDE, held, intent.quantity, "", sentence)
