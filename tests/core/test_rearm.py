"""Lifting the latch: the sentence, a note for another process, and threads that trip meanwhile."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import Refused
from core.halt import LATCH_FILE, REARM_FILE, REARM_PHRASE, HaltRecord, Latch

AT = datetime(2025, 5, 8, 22, 20, 31, 123_000, tzinfo=UTC)
RECORD = HaltRecord("2025-05-08T22:20:31.123+00:00", "you", "lunch")


def tripped(home: Path) -> Latch:
    latch = Latch(home)
    latch.trip("you", "lunch", AT)
    return latch


@pytest.fixture(params=["on disk", "in memory"])
def latch(request: pytest.FixtureRequest, home: Path) -> Latch:
    return Latch(home if request.param == "on disk" else None)


@pytest.mark.parametrize(
    "phrase", ["", "yes", REARM_PHRASE.upper(), f"{REARM_PHRASE}.", REARM_PHRASE[:-1], "  "]
)
def test_only_the_sentence_rearms(latch: Latch, phrase: str) -> None:
    latch.trip("you", "lunch", AT)
    for rearm in (latch.rearm, latch.ask_rearm):
        with pytest.raises(Refused, match="Not re-armed: type the sentence"):
            rearm(phrase)
    assert latch.is_set()
    assert latch.read() == RECORD


def test_the_sentence_rearms(latch: Latch) -> None:
    latch.trip("you", "lunch", AT)
    latch.rearm(f" {REARM_PHRASE}\n")
    assert not latch.is_set()
    assert latch.read() is None
    assert latch.took_ms == 0
    assert latch.trip("you", "dinner", AT).reason == "dinner"
    assert latch.took_ms > 0


def test_rearming_what_is_not_halted_is_nothing(latch: Latch) -> None:
    latch.rearm(REARM_PHRASE)
    latch.ask_rearm(REARM_PHRASE)
    assert not latch.heed_rearm()
    assert not latch.is_set()


def test_a_rearm_from_another_process(home: Path) -> None:
    bot, other = tripped(home), Latch(home)
    other.ask_rearm(REARM_PHRASE)
    assert not other.is_set()
    assert bot.is_set()  # until it heeds the note
    assert bot.heed_rearm()
    assert not bot.is_set()
    assert not bot.heed_rearm()
    assert list(home.iterdir()) == []


def test_a_vanished_file_rearms_nobody(home: Path) -> None:
    bot = tripped(home)
    (home / LATCH_FILE).unlink()
    assert bot.is_set()
    assert not bot.heed_rearm()
    assert bot.is_set()


def test_an_old_note_lifts_no_later_halt(home: Path) -> None:
    tripped(home)
    Latch(home).ask_rearm(REARM_PHRASE)  # no bot was there to heed it
    note = (home / REARM_FILE).read_bytes()
    bot = Latch(home)
    bot.trip("you", "dinner", AT)
    assert not (home / REARM_FILE).exists()
    (home / REARM_FILE).write_bytes(note)
    assert not bot.heed_rearm()
    assert bot.is_set()
    assert not (home / REARM_FILE).exists()


def test_a_halt_after_the_note_stays(home: Path) -> None:
    bot, other = tripped(home), Latch(home)
    other.ask_rearm(REARM_PHRASE)
    (home / LATCH_FILE).write_text(json.dumps(asdict(HaltRecord("later", "them", ""))), encoding="utf-8")
    assert bot.heed_rearm()  # its own halt is lifted, the new file is not touched
    assert bot.is_set()
    assert (bot.read() or RECORD).at == "later"


@pytest.mark.parametrize(
    "note",
    [b"", b"{", b"[1, 2, 3]", b"\xff", b'["let belay trade again", null]', b'["yes", {}]', b"[" * 100_000,
     json.dumps(["yes", asdict(RECORD)]).encode()],
)  # fmt: skip
def test_a_note_that_says_something_else_rearms_nobody(home: Path, note: bytes) -> None:
    bot = tripped(home)
    (home / REARM_FILE).write_bytes(note)
    assert not bot.heed_rearm()
    assert bot.is_set()
    assert not (home / REARM_FILE).exists()


def test_a_note_that_cannot_go_harms_nobody(home: Path) -> None:
    bot = tripped(home)
    (home / REARM_FILE).mkdir()
    assert not bot.heed_rearm()
    bot.forget_rearm()
    assert bot.is_set()
    Latch(None).forget_rearm()


# ---------------------------------------------------------------- threads


def test_a_trip_while_a_rearm_ends_is_not_lost() -> None:
    """The re-arm had the lock when the trip came, and clears the event after the trip has set it."""

    class EndingRearm:
        def __init__(self, latch: Latch) -> None:
            self.latch = latch

        def __enter__(self) -> None:
            self.latch._forget()

        def __exit__(self, *of: object) -> None:
            pass

    latch = Latch(None)
    latch._lock = EndingRearm(latch)  # type: ignore[assignment]
    assert latch.trip("you", "lunch", AT) == RECORD
    assert latch.is_set()


def test_a_waiting_thread_wakes_at_the_trip() -> None:
    latch, woke = Latch(None), threading.Event()
    waiter = threading.Thread(target=lambda: woke.set() if latch.wait(60) else None, daemon=True)
    waiter.start()
    latch.trip("you", "lunch", AT)
    assert woke.wait(10)


def test_many_threads_trip_one_record(home: Path) -> None:
    """Half of them in this process, half with latches of their own as other processes have."""
    shared, found, go = Latch(home), list[HaltRecord](), threading.Barrier(16)

    def trip(number: int) -> None:
        latch = shared if number % 2 else Latch(home)
        go.wait()
        found.append(latch.trip(f"thread {number}", "", AT))

    threads = [threading.Thread(target=trip, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert Latch(home).read() == shared.read() == found[0]
    assert [path.name for path in home.iterdir()] == [LATCH_FILE]
