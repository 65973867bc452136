"""``kill`` and ``rearm``: the latch from another process, whether a bot runs or not; main thread."""

from __future__ import annotations

import argparse
from time import monotonic, sleep

from actors.commands.context import Context
from actors.executor.killswitch import read_evidence
from actors.home_lock import AlreadyRunning, HomeLock
from actors.offline_kill import prove_offline
from actors.session import home_ready
from core.clock import SystemClock
from core.errors import BadSettings, Refused
from core.halt import REARM_PHRASE, HaltEvidence, HaltRecord, HaltStep, Latch

PATIENCE = 20.0
"""Seconds to wait for the running bot's proof."""
LOOK = 0.02


def kill(args: argparse.Namespace, context: Context) -> int:
    """Trip the latch, then wait for the proof: 0 verified, 1 not."""
    if args.flatten:
        raise BadSettings(
            "This version does not sell on a kill. Leave --flatten away: stops stay, entries go."
        )
    home_ready(context.home)
    latch = Latch(context.home)
    latch.shut()  # before the time is taken: nothing that is sent is later than the record says
    record = latch.trip("you, on the command line", args.reason or "main.py kill", SystemClock().now())
    context.warn(f"Halted at {record.at}: nothing more is sent.")
    evidence = _proof(context, record, args.stops)
    return _say(evidence, context)


def _proof(context: Context, record: HaltRecord, stops: str | None) -> HaltEvidence | None:
    """From the bot that runs, or by our own hands when none does."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        lock = HomeLock(context.home)
        try:
            lock.take()
        except AlreadyRunning:
            evidence = read_evidence(context.home)
            if evidence is not None and evidence.proves(record):
                return evidence
            sleep(LOOK)
            continue
        try:
            return prove_offline(context.home, keep_stops=stops != "cancel")
        finally:
            lock.release()
    return read_evidence(context.home)


def _say(evidence: HaltEvidence | None, context: Context) -> int:
    if evidence is None:
        context.emit({"event": "kill", "step": "unverified", "orders": []})
        context.say(
            "NOT VERIFIED: the running bot did not answer. Nothing is sent; look at your venue yourself."
        )
        return 1
    verified = evidence.step is HaltStep.VERIFIED
    gone = [line for line in evidence.lines if line.read_2 == "gone"]
    kept = [line for line in evidence.lines if line.read_2 == "kept"]
    context.emit(
        {
            "event": "kill", "step": evidence.step.value, "cause": evidence.record.cause, "at": evidence.record.at,
            "read_1_at": evidence.read_1_at, "read_2_at": evidence.read_2_at, "open": evidence.read_2_open,
            "cancelled": [line.client_order_id for line in gone], "kept": [line.client_order_id for line in kept],
        }
    )  # fmt: skip
    if verified:
        context.say(
            f"Verified: read at {evidence.read_1_at} and {evidence.read_2_at}, no order of yours is open. "
            f"{len(gone)} cancelled, {len(kept)} protective stops kept."
        )
        context.say(f'To trade again: python main.py rearm, then type "{REARM_PHRASE}".')
        return 0
    context.say(
        f"NOT VERIFIED after {evidence.tries} tries: {evidence.read_2_open} orders are open. Belay keeps trying."
    )
    return 1


def rearm(args: argparse.Namespace, context: Context) -> int:
    """Lift the latch with the typed sentence, read from the terminal or one line of standard input."""
    latch = Latch(context.home)
    if not latch.is_set():
        context.say("Belay is not halted.")
        return 0
    evidence = read_evidence(context.home)
    if evidence is None or not evidence.proves(latch.read()):
        raise Refused("Not re-armed: the halt is not verified. Run: python main.py kill")
    if context.stdin.isatty():
        context.warn(f'Type the sentence "{REARM_PHRASE}" to let Belay trade again:')
    latch.ask_rearm(context.stdin.readline())
    context.emit({"event": "rearm"})
    context.say("Re-armed. Belay trades on paper when it runs.")
    return 0
