"""``run --headless``: the bot without a window, until its end, its time or a signal; main thread waits."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

from actors.bot import Bot
from actors.commands.admission import chosen_mode
from actors.commands.context import Context
from actors.commands.kill import open_but_kept
from actors.commands.spoken_log import spoken_log
from actors.venue_keys import VenueKeys
from core.errors import BelayError, HaltTrading
from core.halt import HaltStep, Latch
from core.messages import (
    Fact,
    FeedEnded,
    FeedProgressed,
    HaltProgressed,
    HaltTripped,
    StageFailed,
    StageStarted,
)
from core.modes import Mode
from core.settings_given import secrets_in

HALTED = 4
MONEY_WAY = ("persistence", "executor", "risk", "strategy", "feed")
"""Stages whose end is the end of the run."""
BRIEF_FIELDS = ("candles", "signals", "orders", "fills", "equity", "profit", "fees", "drawdown")


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the bot; the exit code: 0 done, 4 halted, 1 failed."""
    bot = Bot(
        context.home, context.settings, args.strategy or None, Latch(context.home), chosen_mode(args),
        verbose=context.verbose, secrets=secrets_in(context.environment), keys=live_keys(args, context),
    )  # fmt: skip
    try:
        if bot.latch.is_set():
            record = bot.latch.read()
            why = (
                f"{record.at}, {record.cause}: {record.reason}"
                if record is not None
                else "the halt file is there"
            )
            context.warn(f"Belay is halted ({why}). Re-arm with: python main.py rearm")
            return HALTED
        with spoken_log(context):  # the journal is not open yet, and standard output is for scripts
            bot.open()
        return _run(bot, args, context)
    finally:
        bot.release()


def live_keys(args: argparse.Namespace, context: Context) -> VenueKeys | None:
    """The keys of the venue, in live mode alone: paper and dry-run never touch them."""
    if chosen_mode(args) is not Mode.LIVE:
        return None
    from actors.venues.opening import needed_keys

    return needed_keys(context.settings.venue.name, context.settings, context.environment)


def _run(bot: Bot, args: argparse.Namespace, context: Context) -> int:
    inbox: SimpleQueue[Fact | int] = SimpleQueue()
    bot.hub.subscribe(
        inbox.put, FeedEnded, HaltProgressed, HaltTripped, StageFailed, StageStarted, FeedProgressed
    )
    before = {
        number: signal.signal(number, lambda n, _: inbox.put(n)) for number in (signal.SIGINT, signal.SIGTERM)
    }
    context.warn(
        f"{bot.venue_label}, {', '.join(bot.symbols)}, mode {bot.mode}. Stop with Ctrl+C or: python main.py kill"
    )
    if bot.mode is Mode.DRY_RUN:
        context.warn("Dry-run: every order is judged and written down, nothing leaves this computer.")
    try:
        bot.start()
        failure = _wait(inbox, args, context)
        left = bot.stop()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return _end(bot, context, failure, left)


def _wait(inbox: SimpleQueue[Fact | int], args: argparse.Namespace, context: Context) -> BaseException | None:
    """Until something ends the run; the error that did, if one did."""
    deadline = monotonic() + args.seconds if args.seconds else None
    said = 0
    while True:
        try:
            fact = inbox.get(timeout=max(0.0, deadline - monotonic()) if deadline is not None else None)
        except Empty:
            return None
        match fact:
            case int():
                context.warn("Stopping.")
                return None
            case StageFailed() if fact.stage in MONEY_WAY:
                return fact.error or HaltTrading(f"The part {fact.stage} fails: {fact.why}.")
            case FeedEnded() if args.until_end:
                return None
            case HaltTripped():
                context.warn(f"Halted by {fact.record.cause}: {fact.record.reason.rstrip('.')}.")
                if fact.record.cause == "the records":
                    return HaltTrading(fact.record.reason)
            case HaltProgressed() if fact.evidence.step is HaltStep.VERIFIED:
                kept = sum(line.read_2 == "kept" for line in fact.evidence.lines)
                context.warn(f"Verified: {open_but_kept(kept)} ({fact.evidence.read_2_at}).")
                if args.until_end:
                    return None
            case StageStarted():
                context.warn(f"{fact.stage}: {fact.note}")
            case FeedProgressed() if fact.total and (share := fact.number * 10 // fact.total) > said:
                said = share
                context.warn(f"{said * 10} % of {fact.total:,} candles")


def _end(bot: Bot, context: Context, failure: BaseException | None, left: str) -> int:
    """Check the books, say what was done, choose the exit code."""
    faults = bot.faults() if failure is None else []
    summary: Mapping[str, Any] = bot.summary() if failure is None else {}
    for fault in faults:
        context.warn(f"The books do not add up: {fault}")
    if failure is not None:
        raise (
            failure if isinstance(failure, BelayError) else HaltTrading(f"Belay stopped: {failure}.")
        ) from failure
    context.warn(left)
    context.say(", ".join(f"{name} {summary[name]}" for name in BRIEF_FIELDS))
    for reason, count in summary["denials"].items():
        context.say(f"denied {count}: {reason}")
    context.emit(summary)
    return 1 if faults else HALTED if summary["halted"] else 0
