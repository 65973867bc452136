"""The sentences of the bar, the tray, the status line and the halt page, from how things stand; pure."""

from __future__ import annotations

from core.halt import HaltEvidence, HaltStep
from core.messages import LimitUse
from core.modes import Mode
from gui.standing import Look, Standing
from gui.text import DOT, MINUS, NO_BREAK, NOT_KNOWN, moment_of, number, plural, used_of

PLATE_WORDS = {
    Look.STARTING: "STARTING", Look.STOPPED: "STOPPED", Look.PAPER: "PAPER", Look.DRY_RUN: "DRY-RUN",
    Look.LIVE: "LIVE", Look.HALTED: "HALTED", Look.UNVERIFIED: "HALTED",
}  # fmt: skip
WAYS = {"stream": "streamed", "polling": "polled", "none": "nothing comes"}
STATE_WORDS = {"active": "Active", "reducing": "Reducing", "halted": "Halted"}


def bar_lines(standing: Standing) -> tuple[str, str]:
    """What the two lines beside the plate say: the state, and where."""
    if standing.is_halted:
        return _halted_line(standing.evidence), _halted_by(standing)
    if standing.has_ended:
        return "Not trading", "Nothing is sent"
    if standing.mode is None:
        return "Starting", "Nothing is traded yet"
    if standing.is_reducing:
        return f"{_money_words(standing)}, reducing only", f"Entries paused {standing.why}".rstrip()
    first = {
        Mode.PAPER: f"Practice money, {standing.prices} prices",
        Mode.DRY_RUN: "Live path, nothing is sent",
        Mode.LIVE: f"Real money on {standing.venue}",
    }[standing.mode]
    symbols = plural(len(standing.symbols), "symbol")
    where = symbols if standing.mode is Mode.LIVE else f"{standing.venue}, {symbols}"
    return first, f"{STATE_WORDS[standing.state.value]}{DOT}{where}"


def _money_words(standing: Standing) -> str:
    return {Mode.PAPER: "Practice money", Mode.DRY_RUN: "Nothing is sent", Mode.LIVE: "Real money"}[
        standing.mode or Mode.PAPER
    ]


def _halted_line(evidence: HaltEvidence | None) -> str:
    if evidence is None or evidence.step is HaltStep.TRIPPED:
        return "Nothing is sent"
    if evidence.step is HaltStep.CANCELLING:
        return "Cancelling, not verified yet"
    if evidence.step is HaltStep.UNVERIFIED:
        return f"NOT VERIFIED, try {evidence.tries}"
    kept, left = kept_stops(evidence), evidence.read_2_open or 0
    if kept:
        return f"{plural(kept, 'stop')} kept, {left} other open"
    return f"{left} open orders, read twice"


def _halted_by(standing: Standing) -> str:
    assert standing.record is not None
    cause = standing.record.cause or "unknown"
    mode = f"{DOT}{standing.mode}" if standing.mode is not None else ""
    return f"{cause[:1].upper()}{cause[1:]}{mode}"


def kept_stops(evidence: HaltEvidence) -> int:
    """Protective stops that the last read found and the kill keeps."""
    return sum((line.read_2 or line.read_1) == "kept" for line in evidence.lines)


def kill_lines(standing: Standing) -> tuple[str, str]:
    """The two lines on the Kill plate."""
    if not standing.is_halted:
        return "KILL", "stop everything"
    if standing.look is Look.UNVERIFIED:
        return "KILLED", "asking again"
    at = moment_of(standing.record.at) if standing.record is not None else None
    return "KILLED", f"{at:%H:%M:%S} UTC" if at is not None else "time not known"


def meter_words(limit: LimitUse | None, *, is_short: bool = False) -> str:
    """``0.19 of 4.20 USD``; what is left gives way to the word where the limit is reached."""
    if limit is None:
        return NOT_KNOWN
    if limit.used >= limit.limit:
        return f"reached {number(limit.limit, 0 if limit.limit == limit.limit.to_integral_value() else 2)}"
    unit = "" if limit.unit.lower() == limit.name.lower() else limit.unit  # no "Entries, 0 of 20 entries"
    return used_of(limit.used, limit.limit, unit, is_short=is_short)


def state_mark(state: str) -> tuple[str, str]:
    """Sign and colour of a state that the connection tells in its own words."""
    plain = state.lower()
    if any(word in plain for word in ("down", "none", "lost", "closed", "fail", "refus", "no answer")):
        return "cross", "bad"
    if any(word in plain for word in ("poll", "reconnect", "connecting", "silent", "stale")):
        return "warning", "warn"
    return ("check", "paper") if plain.startswith("stream") else ("dash", "soft")


def offset_words(offset_ms: int | None) -> str:
    """``+12 ms``: the venue's clock is ahead; never shown as 0 where it was not measured."""
    if offset_ms is None:
        return NOT_KNOWN
    sign = "+" if offset_ms > 0 else MINUS if offset_ms < 0 else ""
    return f"{sign}{number(abs(offset_ms), 0)}{NO_BREAK}ms"


def way_words(way: str) -> str:
    """How news comes: ``streamed``, ``polled`` or ``nothing comes``."""
    return WAYS.get(way, way)
