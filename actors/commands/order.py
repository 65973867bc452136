"""``order list|place|cancel|cancel-all|foreign``: console rescue on a real venue, with the window down; main thread."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from time import monotonic, sleep

from actors.commands.admission import admit
from actors.commands.context import Context
from actors.commands.spoken_log import spoken_log
from actors.commands.venue_check import VenueDoors, bounded, opened
from actors.executor.orders import order_told
from actors.home_lock import is_running
from actors.venues.opening import needed_keys, open_exchange
from actors.venues.venue_ids import checked_venue, is_real
from core.errors import BadData, BadSettings, BelayError, GiveUpOrder, Refused
from core.ids import CLIENT_ID_PREFIX, Identity, InstanceId, Symbol
from core.instrument import split_symbol
from core.intent import Side
from core.modes import Mode
from core.money import text
from core.order import Order, OrderState
from core.venue import Exchange, VenueOrder

GONE_S = 15.0
"""Seconds for a cancelled order to be gone from the venue's open orders."""


def order(args: argparse.Namespace, context: Context) -> int:
    """Carry out one; 0 done, 1 not proved, 3 refused."""
    venue = context.settings.venue.name
    if not is_real(venue) or (args.mode != "live" and args.action == "place"):
        raise BadSettings(
            "Orders by hand go to a real venue: add --venue and --mode live. On paper, strategies place the orders."
        )
    checked_venue(venue)
    with spoken_log(context):
        return _carried_out(args, context)


def _carried_out(args: argparse.Namespace, context: Context) -> int:
    if args.action == "place":
        return _place(args, context)
    with opened(_exchange(context, context.settings.venue.symbols)) as exchange:
        if args.action == "list":
            return _list(exchange, context)
        if args.action == "foreign":
            return _foreign(args, exchange, context)
        return _cancel(args, exchange, context)


def _exchange(context: Context, symbols: tuple[Symbol, ...]) -> Exchange:
    settings, venue = context.settings, context.settings.venue.name
    return open_exchange(
        venue, settings, needed_keys(venue, settings, context.environment), context.home, symbols
    )


# ---------------------------------------------------------------- place


def _place(args: argparse.Namespace, context: Context) -> int:
    from actors.rescue import Asked, place

    symbol = Symbol(args.symbol.upper())
    split_symbol(symbol)
    admit(argparse.Namespace(**{**vars(args), "dry_run": False}), context)
    doors = VenueDoors(context.settings.venue.name, context.settings, context.home, (symbol,))
    last = bounded(GONE_S, lambda: doors.prices((symbol,))).get(symbol)
    if last is None:
        raise BadData(f"The venue tells no price of {symbol}, so the order cannot be judged.")
    asked = Asked(
        symbol=symbol, side=Side.BUY if args.side == "buy" else Side.SELL, quantity=args.quantity, price=args.price,
        stop=args.stop, last=last,
    )  # fmt: skip
    with opened(_exchange(context, (symbol,))) as exchange:
        done = place(context.home, context.settings, exchange, asked)
    one = done.order
    context.emit({"event": "order", **_values(one), "resting": [_values(other) for other in done.resting]})
    context.say(f"{one.status.value}: {_words(one)}{f' ({one.reason})' if one.reason else ''}")
    for other in done.resting:
        if other.client_order_id != one.client_order_id:
            context.say(f"rests: {_words(other)}")
    if one.side is Side.BUY and one.is_working:
        context.warn(
            "It rests at the venue, and no bot looks after it: when it trades, NOBODY places its stop. Run an order "
            "command again after it has traded, or cancel it: python main.py order cancel-all"
        )
    return 0 if one.status not in (OrderState.REFUSED, OrderState.UNKNOWN) else 1


# ---------------------------------------------------------------- look and cancel


def _list(exchange: Exchange, context: Context) -> int:
    found = exchange.open_orders()
    for one in found:
        context.emit({"event": "order", **_told(one)})
        context.say(_line(one))
    if not found:
        context.say("No order is open at the venue.")
    return 0


def _is_ours(one: VenueOrder) -> bool:
    return one.client_order_id.startswith(CLIENT_ID_PREFIX)


def _cancel(args: argparse.Namespace, exchange: Exchange, context: Context) -> int:
    """One order by either id, or all of Belay's; done when none of them is open any more."""
    found = exchange.open_orders()
    if args.action == "cancel":
        chosen = [one for one in found if args.id in (one.client_order_id, one.venue_id)]
        if not chosen:
            raise BadData(f"No open order has the id {args.id}; see: python main.py order list")
    else:
        wanted = args.symbol.upper() if args.symbol else None
        chosen = [one for one in found if _is_ours(one) and wanted in (None, one.symbol)]
        if not chosen:
            context.emit({"event": "cancelled", "orders": []})
            context.say("No order of Belay is open there.")
            return 0
    if is_running(context.home):
        context.warn(
            "A bot runs here: its strategies may place such orders again. To stop it: python main.py kill"
        )
    return _see_gone(exchange, chosen, context)


def _see_gone(exchange: Exchange, chosen: list[VenueOrder], context: Context) -> int:
    """Cancel and read until they are gone: an answer proves nothing."""
    ids = {one.venue_id for one in chosen}
    deadline = monotonic() + GONE_S
    while True:
        left = [one for one in exchange.open_orders() if one.venue_id in ids]
        if not left or monotonic() > deadline:
            break
        for one in left:
            _ask(exchange, one, context)
        sleep(0.2)
    context.emit({"event": "cancelled", "orders": sorted(ids - {one.venue_id for one in left}),
                  "open": [one.venue_id for one in left]})  # fmt: skip
    for one in chosen:
        still = any(one.venue_id == other.venue_id for other in left)
        context.say(f"{'STILL OPEN' if still else 'gone'}: {_line(one)}")
    return 1 if left else 0


def _ask(exchange: Exchange, one: VenueOrder, context: Context) -> None:
    try:
        exchange.make_ready(is_urgent=True)
        exchange.cancel(order_told(one, Identity(InstanceId(""), one.symbol, 0, 0), Mode.LIVE))
    except GiveUpOrder:
        pass  # it went by itself; the next read shows it
    except BelayError as error:
        context.warn(str(error))


def _foreign(args: argparse.Namespace, exchange: Exchange, context: Context) -> int:
    foreign = [one for one in exchange.open_orders() if not _is_ours(one)]
    if args.close:
        chosen = [one for one in foreign if one.venue_id == args.close]
        if not chosen:
            raise BadData(f"No such order is open: {args.close}. See: python main.py order foreign")
        return _see_gone(exchange, chosen, context)
    if args.ignore or args.adopt:
        raise Refused("Ignoring and adopting need the running bot: start it and use the page Connection.")
    for one in foreign:
        context.emit({"event": "foreign", **_told(one)})
        context.say(_line(one))
    if not foreign:
        context.say(
            "Every open order is Belay's own." if exchange.open_orders() else "No order is open at the venue."
        )
    return 0


# ---------------------------------------------------------------- words


def _told(one: VenueOrder) -> dict[str, object]:
    return {
        "venue_id": one.venue_id, "client_order_id": one.client_order_id, "symbol": one.symbol, "side": str(one.side),
        "kind": str(one.kind), "price": text(one.price) if one.price is not None else None,
        "quantity": text(one.quantity), "filled": text(one.filled), "ours": _is_ours(one),
    }  # fmt: skip


def _line(one: VenueOrder) -> str:
    at = f" at {text(one.price)}" if one.price is not None else ""
    whose = "" if _is_ours(one) else "  not Belay's"
    return f"{one.venue_id}  {one.symbol} {one.side} {text(one.quantity)} {one.kind}{at}{whose}"


def _values(one: Order) -> dict[str, object]:
    return {
        "client_order_id": one.client_order_id, "venue_id": one.venue_id, "symbol": one.identity.symbol,
        "side": str(one.side), "kind": str(one.kind), "price": text(one.price) if one.price is not None else None,
        "quantity": text(one.quantity), "filled": text(one.filled), "status": one.status.value, "reason": one.reason,
    }  # fmt: skip


def _words(one: Order) -> str:
    at = f" at {text(one.price)}" if one.price is not None else ""
    filled: Iterable[str] = (f", {text(one.filled)} filled",) if one.filled else ()
    return f"{one.identity.symbol} {one.side} {text(one.quantity)} {one.kind}{at}{''.join(filled)}"
