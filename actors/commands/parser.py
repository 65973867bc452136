"""The grammar of the command line, exactly as scripts rely on it; no import heavier than argparse."""

from __future__ import annotations

import argparse
from decimal import Decimal
from typing import Any, NoReturn

from core.errors import BadSettings

MODES = ("paper", "dry-run", "live")
EXPORTS = ("fills", "trades", "orders", "logs", "ledger")
FORMATS = ("csv", "jsonl", "koinly", "cointracking")
HIDDEN_COMMANDS = ("warm",)
HIDDEN_WORDS = (*HIDDEN_COMMANDS, "koinly", "cointracking")
"""Understood, but not offered: nothing here can do them yet."""
_ABOUT = (
    "Belay trades crypto spot markets, on paper by default, and can be stopped at any moment. Without a "
    "command it opens its window."
)
_AFTER = "Exit codes: 0 done, 1 failed, 2 wrong usage or settings, 3 refused by a safety rule, 4 halted."


class Parser(argparse.ArgumentParser):
    """argparse whose faults are sentences like all others, so ``--json`` and exit codes hold for them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        for name in HIDDEN_WORDS:
            message = message.replace(f", '{name}'", "")
        raise BadSettings(f"{_capital(message)}; `python {self.prog} --help` lists what is known.")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def make_parser() -> Parser:
    """The whole grammar; the parsed ``command`` is None for the window."""
    parser = Parser(prog="main.py", description=_ABOUT, epilog=_AFTER)
    _global(parser, is_top=True)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    shared = Parser(add_help=False)
    _global(shared, is_top=False)

    def add(name: str, does: str) -> argparse.ArgumentParser:
        known: dict[str, Any] = {} if name in HIDDEN_COMMANDS else {"help": does}
        return commands.add_parser(name, description=does, parents=[shared], **known)

    _run(add("run", "run the bot"))
    add("status", "what the running bot does, or what the records say")
    _price(add("price", "the last price of one market"))
    _orders(add("orders", "the orders, newest first"))
    add("positions", "what is held")
    _order(add("order", "place or cancel orders by hand, through judge and gate"))
    _kill(add("kill", "stop everything now and prove it"))
    rearm = add("rearm", "lift the halt with the typed sentence")
    rearm.add_argument("phrase", nargs="*", metavar="WORD", help="the sentence; without it, it is asked for")
    _check(add("check", "preflight: one line per check"))
    _keys(add("keys", "keys of exchanges in the system's keyring"))
    _backtest(add("backtest", "run one strategy over past candles"))
    _export(add("export", "write records to a file"))
    _config(add("config", "the settings file"))
    add("warm", "compile the kernels into the disk cache")
    return parser


def _global(parser: argparse.ArgumentParser, *, is_top: bool) -> None:
    """The options that stand before or after the command; the later place must not undo the earlier."""
    unset: Any = None if is_top else argparse.SUPPRESS
    off: Any = False if is_top else argparse.SUPPRESS
    group = parser.add_argument_group("global options")
    group.add_argument(
        "--home", metavar="DIR", default=unset, help="where Belay keeps everything (else BELAY_HOME)"
    )
    group.add_argument(
        "--config", metavar="FILE", default=unset, help="settings in TOML (else settings.toml there)"
    )
    group.add_argument("--json", action="store_true", default=off, help="one JSON object per line on stdout")
    group.add_argument("--verbose", action="store_true", default=off, help="say more on stderr")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="without a window")
    parser.add_argument(
        "--venue", metavar="VENUE", help="sim, replay:PATH[,PATH...], or an exchange: its id in ccxt, or firi"
    )
    parser.add_argument(
        "--mode", choices=MODES, default="paper", help="paper unless told; live asks for a lot"
    )
    parser.add_argument(
        "--confirm", metavar="TOKEN", help="for live without a terminal: equal to LIVE_CONFIRM_TOKEN"
    )
    parser.add_argument("--dry-run", action="store_true", help="send nothing; wins over everything")
    parser.add_argument("--symbols", metavar="A,B", help="markets, separated by commas")
    parser.add_argument(
        "--strategy", metavar="NAME", action="append", default=[], help="may be given several times"
    )
    parser.add_argument("--timeframe", metavar="T", help="for example 1m")
    parser.add_argument("--speed", metavar="N|max", help="times real time, or as fast as it goes")
    parser.add_argument("--for", metavar="SECONDS", dest="seconds", type=_seconds, help="stop after so long")
    parser.add_argument("--until-end", action="store_true", help="stop when the data ends")
    parser.add_argument("--cash", metavar="AMOUNT", help="what the paper account starts with")


def _orders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="also those that are over")
    parser.add_argument("--limit", metavar="N", type=_count, default=50, help="at most so many (50)")


def _price(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("symbol", metavar="SYMBOL", help="BASE/QUOTE")
    parser.add_argument("--venue", metavar="VENUE", help="ask this exchange, whether a bot runs or not")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--venue", metavar="VENUE", help="check this one instead of venue.name")
    parser.add_argument("--symbols", metavar="A,B", help="and these markets")


def _order(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(
        dest="action", metavar="list|place|cancel|cancel-all|foreign", required=True
    )

    def add(name: str, does: str) -> argparse.ArgumentParser:
        action = actions.add_parser(name, parents=[_shared()], description=does)
        action.add_argument("--venue", metavar="VENUE", help="instead of venue.name of the settings")
        action.add_argument("--mode", choices=("paper", "live"), default="paper", help="placing needs live")
        action.add_argument("--confirm", metavar="TOKEN", help="for live: equal to LIVE_CONFIRM_TOKEN")
        return action

    add("list", "the orders that are open now")
    place = add("place", "one order, through judge and gate")
    place.add_argument("symbol", metavar="SYMBOL", help="BASE/QUOTE")
    place.add_argument("side", choices=("buy", "sell"))
    place.add_argument("quantity", metavar="QUANTITY", type=_amount, help="in base currency")
    how = place.add_mutually_exclusive_group(required=True)
    how.add_argument("--price", metavar="P", type=_amount, help="a limit order at this price")
    how.add_argument("--market", action="store_true", help="at the market")
    place.add_argument("--stop", metavar="P", type=_amount, help="the protective stop of a purchase")
    add("cancel", "one open order").add_argument(
        "id", metavar="ID", help="its client order id, or the venue's id"
    )
    add("cancel-all", "every open order of Belay").add_argument(
        "--symbol", metavar="S", help="of this market only"
    )
    foreign = add("foreign", "open orders at the venue that Belay did not make")
    choice = foreign.add_mutually_exclusive_group()
    choice.add_argument("--ignore", metavar="ID", help="leave it alone and stop naming it; a bot must run")
    choice.add_argument("--close", metavar="ID", help="cancel this one")
    choice.add_argument("--adopt", metavar="ID", help="look after it as if Belay had made it; a bot must run")


def _kill(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--flatten", action="store_true", help="also sell what is held (not in this version)")
    parser.add_argument("--stops", choices=("keep", "cancel"), help="what happens to protective stops")
    parser.add_argument("--reason", metavar="TEXT", default="", help="stands in the record")


def _keys(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="set|list|test|delete", required=True)
    for name, does in (
        ("set", "store keys: typed without echo, or one JSON object on standard input"),
        ("test", "sign in, and show what the keys may do"),
        ("delete", "take the keys out of the keyring"),
    ):
        action = actions.add_parser(name, parents=[_shared()], description=does)
        action.add_argument("venue", metavar="VENUE", help="an exchange: its id in ccxt, or firi")
    actions.add_parser("list", parents=[_shared()], description="the venues whose keys are stored")


def _backtest(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--strategy", metavar="NAME", required=True)
    parser.add_argument("--data", metavar="PATH", help="candles, CSV or Parquet")
    parser.add_argument("--symbol", metavar="S", help="BASE/QUOTE, if the name of the file does not tell it")
    parser.add_argument("--timeframe", metavar="T")
    parser.add_argument("--from", metavar="TIME", dest="since", help="ISO 8601, UTC")
    parser.add_argument("--to", metavar="TIME", dest="until", help="ISO 8601, UTC")
    parser.add_argument("--set", metavar="K=V", dest="params", action="append", default=[], type=_pair)
    parser.add_argument("--fees", metavar="RATE", help="share of the cost, for example 0.001")
    parser.add_argument("--cash", metavar="AMOUNT")
    parser.add_argument(
        "--report", metavar="DIR", help="fills.csv, trades.csv, equity.csv and report.html go here"
    )


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=EXPORTS)
    parser.add_argument(
        "--format", choices=FORMATS, metavar="csv|jsonl", default="csv", help="csv unless told"
    )
    parser.add_argument("--out", metavar="FILE", required=True)


def _config(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="init|show|check", required=True)
    init = actions.add_parser("init", parents=[_shared()], description="write a commented template")
    init.add_argument("--force", action="store_true", help="in place of an existing file")
    show = actions.add_parser("show", parents=[_shared()], description="the settings in force")
    show.add_argument(
        "--reference", action="store_true", help="every key with its default and meaning instead"
    )
    actions.add_parser("check", parents=[_shared()], description="say what is wrong with the settings")


def _shared() -> argparse.ArgumentParser:
    shared = Parser(add_help=False)
    _global(shared, is_top=False)
    return shared


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 1e9:
        raise ValueError(text)
    return seconds


def _amount(text: str) -> Decimal:
    """An exact number above zero; float has no place here."""
    try:
        amount = Decimal(text)
    except ArithmeticError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if not (amount.is_finite() and amount > 0 and abs(amount.adjusted()) <= 30):
        raise argparse.ArgumentTypeError(f"{text!r} must be a number above zero")
    return amount


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key.strip(), value.strip()
