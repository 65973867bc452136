"""The sentences of the proof of a kill, from the evidence alone; pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from core.halt import CancelLine, HaltEvidence, HaltRecord, HaltStep
from core.ids import InstanceId
from core.instrument import Instrument
from core.messages import PartsChecked
from gui.grid import Cell
from gui.order_words import strategy_name
from gui.text import NOT_KNOWN, clock_ms, moment_of, number, plural
from gui.wording import kept_stops


@dataclass(frozen=True, slots=True)
class Step:
    """One of the three steps: ``state`` is ``done``, ``going``, ``open`` or ``waiting``."""

    name: str
    when: str
    words: str
    state: str


def at(iso: str) -> str:
    """``22:20:31.204``; ``not known`` for an empty time."""
    when = moment_of(iso)
    return clock_ms(when) if when is not None else NOT_KNOWN


def verdict(evidence: HaltEvidence | None) -> tuple[str, str]:
    """The large sentence and the one below it."""
    if evidence is None or evidence.step is HaltStep.TRIPPED:
        return (
            "Halted. Nothing is sent any more.",
            "Open orders are looked for. The proof appears here.",
        )
    if evidence.step is HaltStep.CANCELLING:
        return (
            "Halted. Cancelling your orders.",
            "Two reads of open orders follow; before them nothing is verified.",
        )
    if evidence.step is HaltStep.UNVERIFIED:
        left = still_open(evidence)
        may = f"{plural(left, 'order')} may be open." if left else "Open orders cannot be read."
        return (
            f"Halted, but not verified. {may}",
            "Belay sends no order and asks again, for as long as it takes.",
        )
    kept = kept_stops(evidence)
    rest = "Belay sends nothing until you re-arm it, also after a restart."
    if kept:
        return (
            f"Halted. Nothing of yours is open but {plural(kept, 'protective stop')}.",
            f"Read twice. {rest}",
        )
    return "Halted. No order of yours is open.", f"Read twice. {rest}"


def still_open(evidence: HaltEvidence) -> int:
    """Orders whose end is not shown by the last read."""
    return sum((line.read_2 or line.read_1) not in ("gone", "kept") for line in evidence.lines)


def steps(record: HaltRecord, evidence: HaltEvidence | None) -> tuple[Step, Step, Step]:
    """TRIPPED, CANCELLING and VERIFIED (or UNVERIFIED) with times and what each found."""
    return _tripped(record, evidence), _cancelling(evidence), _proof(evidence)


def _tripped(record: HaltRecord, evidence: HaltEvidence | None) -> Step:
    words = f"By {record.cause}. {record.reason.rstrip('.')}." if record.reason else f"By {record.cause}."
    if evidence is not None:
        count = len(evidence.not_sent)
        waited = f"{plural(count, 'order')} waited and was not sent" if count else "nothing waited to be sent"
        took = f"{evidence.latch_ms:.1f} ms" if evidence.latch_ms >= 0.05 else "less than 0.1 ms"
        words += f" The latch was set in {took}; {waited}."
    return Step("TRIPPED", f"{at(record.at)} UTC", words, "done")


def _cancelling(evidence: HaltEvidence | None) -> Step:
    if evidence is None or not evidence.cancel_from:
        return Step("CANCELLING", "", "Not started yet.", "waiting")
    asked = [line for line in evidence.lines if line.sent_at]
    answered = sum(line.answer_ms is not None for line in asked)
    kept = kept_stops(evidence)
    words = f"{answered} of {plural(len(asked), 'cancel')} answered by the venue."
    if not asked and evidence.cancel_to:
        words = "No order had to be cancelled."
    if kept:
        words += f" {plural(kept, 'protective stop')} kept, so that no position is bare."
    if evidence.cancel_to:
        return Step("CANCELLING", f"{at(evidence.cancel_from)} to {at(evidence.cancel_to)}", words, "done")
    state = "open" if evidence.step is HaltStep.UNVERIFIED else "going"
    return Step("CANCELLING", f"since {at(evidence.cancel_from)}", words, state)


def _proof(evidence: HaltEvidence | None) -> Step:
    if evidence is None or evidence.step in (HaltStep.TRIPPED, HaltStep.CANCELLING):
        return Step("NOT VERIFIED YET", "", "Open orders are read twice after the cancels.", "waiting")
    kept = kept_stops(evidence)
    but = f" but {plural(kept, 'kept stop')}" if kept else ""
    reads = [
        f"{name} at {at(when)}: {number(count, 0)} open{but}."
        for name, when, count in (
            ("Read", evidence.read_1_at, evidence.read_1_open),
            ("Read again", evidence.read_2_at, evidence.read_2_open),
        )
        if when and count is not None
    ]
    words = " ".join(reads)
    if evidence.step is HaltStep.VERIFIED:
        return Step("VERIFIED", f"{at(evidence.read_2_at)} UTC", words, "done")
    return Step("UNVERIFIED", f"try {evidence.tries}", words or "Open orders cannot be read.", "open")


def line_cells(line: CancelLine, instrument: Instrument | None = None) -> list[Cell]:
    """One order of the proof, with both reads."""
    is_buy = line.side.startswith("buy")
    sent = at(line.sent_at) if line.sent_at else ""
    answer = (
        Cell(f"{line.answer_ms:.0f} ms", "soft") if line.answer_ms is not None else Cell("no answer", "bad")
    )
    return [
        Cell(line.symbol, is_strong=True),
        Cell(line.side.capitalize(), "up" if is_buy else "down", "up" if is_buy else "down"),
        Cell(_slot(line, is_buy), "soft"),
        Cell(_exact(line.price, instrument.price_places if instrument else 0) or "market"),
        Cell(_exact(line.quantity, instrument.quantity_places if instrument else 0)),
        Cell(sent or "not sent", "soft"),
        answer if sent else Cell("", "soft"),
        _read_cell(line.read_1),
        _read_cell(line.read_2),
    ]


def _slot(line: CancelLine, is_buy: bool) -> str:
    """``Grid B1.32`` for ``grid:BTC/USDT 1.32``, ``Grid Stop`` for a stop that stays; else as it was told."""
    instance, _, place = line.slot.partition(" ")
    if ":" not in instance:
        return line.slot
    is_stop = "kept" in (line.read_1, line.read_2)
    slot = "Stop" if is_stop else f"{'B' if is_buy else 'S'}{place}"
    return f"{strategy_name(InstanceId(instance))} {slot}"


def _exact(digits: str, places: int) -> str:
    """Grouped as everywhere, with at least ``places``; what is no number stays as the venue told it."""
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return digits
    return number(value, max(places, -int(value.as_tuple().exponent))) if value.is_finite() else digits


def _read_cell(read: str) -> Cell:
    return {
        "gone": Cell("gone", "text", "check"),
        "kept": Cell("kept", "text", "lock"),
        "open": Cell("open", "bad", "warning"),
    }.get(read, Cell("not read", "warn", "unknown"))


def conditions(
    evidence: HaltEvidence | None, parts: PartsChecked | None, has_decided: bool
) -> list[tuple[bool, str]]:
    """What must hold before Belay may trade again, each with whether it does."""
    is_proven = evidence is not None and evidence.step is HaltStep.VERIFIED
    if parts is None:
        well = (False, "All parts of Belay answer (not checked yet)")
    elif parts.well == parts.total:
        well = (True, f"All {parts.total} parts of Belay answer")
    else:
        well = (False, f"{parts.well} of {parts.total} parts of Belay answer")
    held = evidence.holdings if evidence is not None else ()
    decided = (has_decided, "You decided to keep what you hold") if held else (True, "You hold nothing")
    return [(is_proven, "The halt is verified"), well, decided if is_proven else (False, decided[1])]
