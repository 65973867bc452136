"""Belay's front door: one command line in, one command run, errors out as sentences and an exit code."""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from actors.commands.context import Context, make_context
from actors.commands.dispatch import dispatch
from actors.commands.display import missing_display
from actors.commands.parser import make_parser
from actors.redaction import Redactor
from core.errors import BadSettings, BelayError
from core.settings_given import secrets_in

if TYPE_CHECKING:
    from core.halt import Latch
    from core.ports import Desk, Subscriber


def main(argv: Sequence[str]) -> int:
    """Run ``argv`` (without the program's name); the exit code of the README's list."""
    is_json, is_verbose = "--json" in argv, "--verbose" in argv
    try:
        args = make_parser().parse_args(argv)
        context = make_context(args)
        if args.command == "run":
            from actors.commands.admission import admit

            admit(args, context)
        if args.command is None or (args.command == "run" and not args.headless):
            return open_window(args, context)
        return dispatch(args, context)
    except BelayError as error:
        return report(error, is_json=is_json, is_verbose=is_verbose)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader, such as `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def open_window(args: argparse.Namespace, context: Context) -> int:
    """The window; where there is no display, the line to type instead."""
    fault = missing_display(context.environment)
    if fault:
        raise BadSettings(fault)
    _ = context.settings  # what is wrong with them is said here, before anything opens
    from actors.session import home_ready
    from core.halt import Latch
    from gui.app import run

    home_ready(context.home)
    latch = Latch(context.home)
    return run(
        lambda show: start_bot(args, context, latch, show),
        home=context.home,
        latch=latch,
        theme=context.settings.window.theme,
    )


def start_bot(args: argparse.Namespace, context: Context, latch: Latch, show: Subscriber) -> Desk:
    """The bot behind the window, brought up in its own thread; ``show`` takes all facts from the first on."""
    from actors.bot import Bot
    from actors.commands.admission import chosen_mode
    from actors.commands.run import live_keys
    from actors.commands.spoken_log import spoken_log
    from core.messages import AlertDue
    from core.modes import Mode

    strategies, secrets = getattr(args, "strategy", None) or None, secrets_in(context.environment)
    mode = chosen_mode(args) if args.command == "run" else Mode.PAPER
    # the latch is the window's own, so that Kill works before the bot is up
    keys = live_keys(args, context) if args.command == "run" else None
    bot = Bot(
        context.home,
        context.settings,
        strategies,
        latch,
        mode,
        verbose=context.verbose,
        secrets=secrets,
        keys=keys,
    )
    bot.desktop = lambda alert: show(AlertDue(alert))
    try:
        bot.subscribe(show)
        with spoken_log(context):
            bot.open()
        bot.start()
    except BelayError:
        bot.release()
        raise
    return bot


def report(error: BelayError, *, is_json: bool, is_verbose: bool) -> int:
    """Each sentence of an error on stderr and, with ``--json``, as an event on stdout; its exit code."""
    if is_verbose:
        traced(error)
    for sentence in safe(str(error)).splitlines():
        print(sentence, file=sys.stderr)
        if is_json:
            event = {
                "event": "error",
                "kind": type(error).__name__,
                "text": sentence,
                "exit": error.exit_code,
            }
            print(json.dumps(event), flush=True)
    return error.exit_code


def safe(text: str) -> str:
    """``text`` without the secrets of the environment and whatever looks like one."""
    return Redactor(*secrets_in(os.environ)).text(text)


def traced(error: BaseException) -> None:
    """Where an error came from, on stderr."""
    print(safe("".join(traceback.format_exception(error))), file=sys.stderr, end="")


def unexpected(kind: type[BaseException], error: BaseException, at: TracebackType | None) -> None:
    """The last resort for what nobody foresaw: a sentence, and with --verbose where it came from."""
    if "--verbose" in sys.argv:
        traced(error)
    print(
        f"Belay fails unexpectedly ({kind.__name__}: {safe(str(error))}); --verbose shows where.",
        file=sys.stderr,
    )


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a terminal that lacks a sign shows "?" and does not fail
            stream.reconfigure(errors="replace")
    sys.excepthook = unexpected
    sys.exit(main(sys.argv[1:]))
