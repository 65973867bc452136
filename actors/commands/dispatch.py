"""From the name of a command to its function, importing nothing but that one; main thread."""

from __future__ import annotations

import argparse

from actors.commands.context import Context
from core.errors import BadSettings


def dispatch(args: argparse.Namespace, context: Context) -> int:
    """Carry out one command; the exit code."""
    match args.command:
        case "status" | "orders" | "positions":
            return _look(args, context)
        case "price":
            from actors.commands.price import price

            return price(args, context)
        case "order":
            from actors.commands.order import order
            from actors.commands.venue_check import choose_venue

            choose_venue(args, context)
            return order(args, context)
        case "kill" | "rearm":
            from actors.commands.kill import kill, rearm

            return kill(args, context) if args.command == "kill" else rearm(args, context)
        case "run":
            from actors.commands.run import run

            return run(args, context)
        case "check":
            from actors.commands.check import check

            return check(args, context)
        case "keys":
            from actors.commands.keys import keys

            return keys(args, context)
        case "backtest":
            from actors.commands.backtest import backtest

            return backtest(args, context)
        case "export":
            from actors.commands.export import export

            return export(args, context)
        case "config":
            from actors.commands.config import config

            return config(args, context)
        case "warm":
            from actors.commands.warm import warm

            return warm(args, context)
        case _:
            raise BadSettings(f"There is no command {args.command!r}.")


def _look(args: argparse.Namespace, context: Context) -> int:
    from actors.commands import status

    commands = {
        "status": status.status,
        "orders": status.orders,
        "positions": status.positions,
    }
    return commands[args.command](args, context)
