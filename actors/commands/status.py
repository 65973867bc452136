"""``status``, ``price``, ``orders``, ``positions``: from the running bot, else the records; main thread."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from actors.commands.context import Context
from actors.commands.heartbeat import Heartbeat, read_heartbeat
from actors.home_lock import is_running
from core.errors import BadData, BadSettings, BadValue
from core.halt import Latch
from core.ids import Symbol
from core.instrument import split_symbol
from core.money import text

_LINES = (
    ("mode", "mode"), ("venue", "venue"), ("state", "state"), ("equity", "equity"),
    ("equity_at", "equity as of"), ("cash", "cash"),
    ("profit", "profit"), ("fees", "fees"), ("drawdown", "drawdown"), ("open_orders", "open orders"),
)  # fmt: skip


def running(context: Context) -> Heartbeat | None:
    """The heartbeat of a bot that runs now, else None."""
    found = read_heartbeat(context.home)
    return found if found is not None and found.is_fresh(datetime.now(UTC)) else None


def status(args: argparse.Namespace, context: Context) -> int:
    """One screen of what is; exit 0 whether a bot runs or not."""
    newest, beat, halted = read_heartbeat(context.home), running(context), Latch(context.home).read()
    values: dict[str, Any] = dict(beat.values) if beat is not None else _recorded(context)
    hangs = beat is None and newest is not None and is_running(context.home)
    context.emit({"event": "status", "running": beat is not None, **values, "halted": halted is not None})
    if beat is not None:
        context.say(f"Belay runs (process {beat.pid}).")
    elif newest is not None and hangs:
        context.say(
            f"Belay runs, but gives no sign of life since {newest.at.isoformat()}. If it stays so, it hangs: "
            "python main.py kill, then end the process. This is what its records say."
        )
    elif values:
        context.say("Belay does not run; this is what its records say.")
    else:
        context.say("Belay does not run here and has no records yet; start it with: python main.py")
    if beat is None and newest is not None and not hangs:
        context.say(
            f"The last one ended without a goodbye; its last sign of life is {newest.at.isoformat()}."
        )
    for key, label in _LINES:
        if key in values:
            context.say(f"{label + ':':14}{_count(values[key]) if key == 'open_orders' else values[key]}")
    for position in values.get("positions", ()):
        context.say(f"{'holds:':14}{_position_line(position)}")
    if halted is not None:
        context.say(f"HALTED by {halted.cause} {halted.at}: {halted.reason}".rstrip())
        context.say("Re-arm with: python main.py rearm")
    return 0


def _count(value: object) -> object:
    return len(value) if isinstance(value, list) else value


def price(args: argparse.Namespace, context: Context) -> int:
    """The last price the running bot saw, else that of the newest fill in the records."""
    try:
        split_symbol(args.symbol.upper())
    except BadValue as error:
        raise BadSettings(f"{error}.") from None
    symbol = args.symbol.upper()
    beat = running(context)
    if beat is not None:
        prices: Mapping[str, Any] = beat.values.get("prices", {})
        if symbol not in prices:
            known = ", ".join(prices) or "none"
            raise BadData(f"The running bot has no price of {symbol}; it watches {known}.")
        return _say_price(context, symbol, prices[symbol]["last"], prices[symbol]["at"], "live")
    from actors.persistence.books import RecordBooks, latest_book

    book = latest_book(context.home)
    fills = RecordBooks(context.home, book).fills(symbol=Symbol(symbol), limit=1) if book is not None else []
    if not fills:
        raise BadData(f"Belay does not run, and its records have no price of {symbol}; start the bot first.")
    at = fills[0].at.isoformat(timespec="milliseconds")
    return _say_price(context, symbol, text(fills[0].price), at, "newest fill")


def _say_price(context: Context, symbol: str, last: object, at: object, source: str) -> int:
    context.emit({"event": "price", "symbol": symbol, "last": str(last), "at": at, "source": source})
    context.say(f"{symbol} {last} ({source}, {at})")
    return 0


def orders(args: argparse.Namespace, context: Context) -> int:
    """Working orders, newest first; with ``--all`` also those that are over."""
    from actors.persistence.books import RecordBooks, latest_book
    from core.order import WORKING

    book = latest_book(context.home)
    states = () if args.all else sorted(state.value for state in WORKING)
    found = (
        RecordBooks(context.home, book).orders(states=states, limit=args.limit) if book is not None else []
    )
    for order in found:
        priced = text(order.price) if order.price is not None else None
        line: dict[str, Any] = {
            "time": order.time.isoformat(timespec="milliseconds"),
            "client_order_id": order.client_order_id,
            "symbol": order.identity.symbol,
            "side": str(order.side),
            "kind": str(order.kind),
            "price": priced,
            "quantity": text(order.quantity),
            "filled": text(order.filled),
            "status": order.status.value,
            "strategy": order.identity.instance,
            "slot": order.identity.slot,
            "sequence": order.identity.sequence,
            "mode": order.mode.value,
            "reason": order.reason,
        }
        context.emit({"event": "order", **line})
        context.say(
            f"{line['time'][:19]}  {line['mode']}  {line['symbol']:<10} {line['side']:<4} {line['kind']:<9} "
            f"{line['quantity']} at {priced or 'market'}  {line['status']}  {line['strategy']}"
        )
    if not found:
        context.say("No orders." if args.all else "No working orders; --all shows those that are over.")
    return 0


def positions(args: argparse.Namespace, context: Context) -> int:
    """What is held, by strategy and market."""
    beat = running(context)
    found = list(beat.values.get("positions", ())) if beat is not None else _recorded_positions(context)
    for position in found:
        context.emit({"event": "position", **position})
        context.say(_position_line(position))
    if not found:
        context.say("Nothing is held.")
    return 0


def _position_line(position: Mapping[str, Any]) -> str:
    owner = position.get("strategy") or position.get("instance") or ""
    average = f" at {position['average']}" if position.get("average") is not None else ""
    return f"{position.get('quantity')} {position.get('symbol')}{average}  {owner}".rstrip()


def _recorded_positions(context: Context) -> list[dict[str, Any]]:
    from actors.persistence.books import latest_book
    from actors.persistence.restart import load_restart

    book = latest_book(context.home)
    held = load_restart(context.home, book).positions if book is not None else ()
    return [
        {
            "strategy": one.instance,
            "symbol": one.symbol,
            "quantity": text(one.quantity),
            "average": text(one.average) if one.average is not None else None,
            "realised": text(one.realised),
        }
        for one in held
        if one.quantity
    ]


def _recorded(context: Context) -> dict[str, Any]:
    """The newest book as a status: what is known without a market."""
    from actors.persistence.books import RecordBooks, latest_book
    from actors.persistence.restart import load_restart

    book = latest_book(context.home)
    if book is None:
        return {}
    books = RecordBooks(context.home, book)
    points, counted = books.equity(), books.counts()
    values: dict[str, Any] = {
        "book": book,
        "open_orders": len(load_restart(context.home, book).working),
        "fills": counted.fills,
        "orders_by_state": dict(counted.by_state),
        "positions": _recorded_positions(context),
    }
    if points:
        values = {"equity": text(points[-1].equity), "equity_at": points[-1].at.isoformat(), **values}
    return values
