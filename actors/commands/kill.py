"""``kill`` and ``rearm``: the latch from another process, whether a bot runs or not; main thread."""

from __future__ import annotations

import argparse
from time import monotonic, sleep

from actors.commands.context import Context
from actors.executor.killswitch import read_evidence
from actors.home_lock import AlreadyRunning, HomeLock
from actors.session import home_ready
from core.clock import SystemClock
from core.errors import BadSettings, BelayError, Refused
from core.figures import plural
from core.halt import REARM_PHRASE, HaltEvidence, HaltRecord, HaltStep, Latch
from core.ids import Symbol
from core.modes import Mode
from core.venue import Exchange

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
    record = latch.trip(
        "you, on the command line", args.reason or "main.py kill", SystemClock().now(), stops=args.stops or ""
    )
    if args.stops and record.stops != args.stops:
        context.warn("Belay is halted already; its stops stay as the first kill said.")
    if not latch.path or not latch.path.exists():
        context.emit({"event": "kill", "step": "unverified", "orders": []})
        context.say(f"NOT HALTED: the halt file cannot be written: {record.reason}. End Belay by hand.")
        return 1
    context.warn(f"Halted{f' at {record.at}' if record.at else ''}: nothing more is sent.")
    evidence, is_running = _proof(context, record)
    return _say(evidence, context, is_running=is_running)


def _proof(context: Context, record: HaltRecord) -> tuple[HaltEvidence | None, bool]:
    """From the bot that runs, or by our own hands when none does; and whether one runs."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        lock = HomeLock(context.home)
        try:
            lock.take()
        except AlreadyRunning:
            evidence = read_evidence(context.home)
            if evidence is not None and evidence.proves(record):
                return evidence, True
            sleep(LOOK)
            continue
        try:
            return _by_hand(context), False
        finally:
            lock.release()
    evidence = read_evidence(context.home)  # what there is of this halt; an older one's proof proves nothing
    return (evidence if evidence is not None and evidence.record == record else None), True


def _by_hand(context: Context) -> HaltEvidence | None:
    """The proof by our own hands, the caller holds the lock; None where the records do not let us, which is said."""
    from actors.journal import open_journal
    from actors.offline_kill import prove_offline  # heavy: the latch is set before anything is imported

    journal = open_journal(context.home, Mode.PAPER, verbose=context.verbose)
    try:
        return prove_offline(
            context.home,
            keep_stops=_stops_set(context) != "cancel",
            reach=lambda *asked: _reach(context, *asked),
        )
    except BelayError as error:
        context.warn(f"Nothing is proved: {error}")
        return None
    finally:
        journal.close()


def _reach(context: Context, venue: str, symbols: tuple[Symbol, ...]) -> Exchange:
    """The account at a real venue, with the keys from where the settings say."""
    from actors.venues.opening import needed_keys, open_exchange

    settings = context.settings
    return open_exchange(
        venue, settings, needed_keys(venue, settings, context.environment), context.home, symbols
    )


def _stops_set(context: Context) -> str:
    """``kill.stops`` of the settings; faulty settings keep no kill from working and no stop from standing."""
    try:
        return context.settings.kill.stops
    except BelayError:
        return "keep"


def _say(evidence: HaltEvidence | None, context: Context, *, is_running: bool) -> int:
    if evidence is None:
        context.emit({"event": "kill", "step": "unverified", "orders": []})
        context.say(
            "NOT VERIFIED: nothing shows yet that no order is open. Nothing is sent. Run: python main.py kill"
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
            f"Verified: read at {evidence.read_1_at} and {evidence.read_2_at}, {open_but_kept(len(kept))}. "
            f"{len(gone)} cancelled."
        )
        context.say(f'To trade again: python main.py rearm, then type "{REARM_PHRASE}".')
        return 0
    after = plural(evidence.tries, "try", "tries")
    next_step = "Belay keeps trying." if is_running else "Run: python main.py kill"
    context.say(f"NOT VERIFIED after {after}: {_left(evidence.read_2_open)}. {next_step}")
    return 1


def _left(count: int | None) -> str:
    """What the last read found still open, in words."""
    if count is None:
        return "the open orders cannot be read"
    return f"{plural(count, 'order')} {'is' if count == 1 else 'are'} open"


def open_but_kept(kept: int) -> str:
    """What rests after a verified kill, in words."""
    if not kept:
        return "no order of yours is open"
    return f"nothing of yours is open but {plural(kept, 'protective stop')}"


def _known_or_by_hand(context: Context) -> HaltEvidence | None:
    """The proof that stands.  Where no bot runs it is made once more in the records: a bot that ended hard, or lost
    its records, may have proved what they never got."""
    lock = HomeLock(context.home)
    try:
        lock.take()
    except AlreadyRunning:
        return read_evidence(context.home)
    try:
        evidence = read_evidence(context.home)
        stands = evidence is not None and evidence.proves(Latch(context.home).read())
        return _by_hand(context) if stands else evidence
    finally:
        lock.release()


def rearm(args: argparse.Namespace, context: Context) -> int:
    """Lift the latch with the typed sentence, read from the terminal or one line of standard input."""
    latch = Latch(context.home)
    if not latch.is_set():
        context.say("Belay is not halted.")
        return 0
    evidence = _known_or_by_hand(context)
    if evidence is None or not evidence.proves(latch.read()):
        raise Refused("Not re-armed: the halt is not verified. Run: python main.py kill")
    phrase = " ".join(args.phrase)
    if not phrase:
        if context.stdin.isatty():
            context.warn(f'Type the sentence "{REARM_PHRASE}" to let Belay trade again:')
        phrase = context.stdin.readline()
    latch.ask_rearm(phrase)
    context.emit({"event": "rearm"})
    context.say("Re-armed. Belay may trade again when it runs.")
    return 0
