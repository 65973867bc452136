"""A live Belay on a wire-level venue for one test: started, watched, stopped, and compared to the last digit."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actors.persistence.books import latest_book
from actors.persistence.verify import verify_books
from tests.fakes.forked import Forked
from tests.fakes.live_forked import LiveForker
from tests.fakes.live_home import SLOTS, LiveHome
from tests.live.agreement import Ours, Theirs, bare, faults, ours, theirs
from tests.live.witness import Witness, limit_faults
from tests.venue.binance import Binance
from tests.venue.day import EVENING, Day, listens
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer

MARKETS = {"binance": ("BTC/USDT", "ETH/USDT"), "kraken": ("BTC/USD", "ETH/USD")}
SETTLE = 90.0
"""Seconds in which everything in doubt must be cleared up once the faults have ended."""
PROTECTED = 5.0
"""Seconds after a start in which every held coin must be under a stop again."""


class Session:
    """The venue, the home and the eyes of one test."""

    def __init__(self, venue: VenueServer, live: LiveHome) -> None:
        self.venue, self.live = venue, live
        self.witness = Witness(venue, live.home)
        self.process: Forked | None = None

    def start(self, *more: str, failpoint: str = "") -> Forked:
        """The real program, live."""
        self.process = self.live.start(*more, failpoint=failpoint)
        return self.process

    def day(self, **given: Any) -> Day:
        """A day that begins as soon as somebody listens to both markets and the account."""
        symbols = self.live.symbols
        return Day(self.venue, symbols, **{"ready": listens(self.venue, symbols), **given})

    def books(self) -> tuple[Theirs, Ours]:
        """Ours are read first: what came in between shows as a difference and is looked at again."""
        here = ours(self.live.home)
        return theirs(self.venue), here

    def differences(self) -> list[str]:
        """Everything in which venue and records differ now, bare coins included."""
        there, here = self.books()
        return [*faults(there, here), *bare(there, here, SLOTS)]

    def settle(self, seconds: float = SETTLE) -> list[str]:
        """Waits until nothing differs; what is left after so long."""
        return self._until_none(self.differences, seconds)

    def bare_after(self, seconds: float = PROTECTED) -> list[str]:
        """Waits until every held coin is covered; what is not after so long."""
        return self._until_none(lambda: bare(*self.books(), SLOTS), seconds)

    def _until_none(self, look: Callable[[], list[str]], seconds: float) -> list[str]:
        deadline = time.monotonic() + seconds
        while (found := look()) and time.monotonic() < deadline:
            if self.process is not None and self.process.poll() is not None:
                return [*found, f"and the program has ended: {self.process.communicate()}"]
            time.sleep(0.05)
        return found

    def stop(self) -> dict[str, Any]:
        """A graceful end; the summary."""
        assert self.process is not None
        self.process.terminate()
        out, err = self.process.communicate(timeout=60)
        assert self.process.returncode in (0, 4), (self.process.returncode, out[-500:], err[-3000:])
        event: dict[str, Any] = json.loads(out.splitlines()[-1])
        assert event["event"] == "summary", event
        return {**event, "stderr": err}

    def final_faults(self) -> list[str]:
        """All invariants, once everything stands still."""
        book = latest_book(self.live.home)
        books = verify_books(self.live.home, book) if book is not None else ["there are no books"]
        return [*self.differences(), *self.witness.faults, *limit_faults(self.venue.api), *books]

    def exports(self, name: str) -> list[dict[str, Any]]:
        """``main.py export`` of this home as a script reads it."""
        out = self.live.home / f"{name}.jsonl"
        done = self.live.call("export", name, "--format", "jsonl", "--out", str(out))
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]


def made_venue(kind: str, seed: int) -> VenueServer:
    """A fresh venue in the evening, with money and nothing else."""
    if kind == "binance":
        return VenueServer(Binance({"USDT": "10000"}, seed=seed, start=EVENING))
    return VenueServer(Kraken({"USD": "10000"}, seed=seed, start=EVENING))


@contextmanager
def session(
    kind: str, home: Path, forker: LiveForker, seed: int, symbols: Sequence[str] = (), **given: Any
) -> Iterator[Session]:
    """Venue and home; what still runs at the end is ended."""
    with made_venue(kind, seed) as venue:
        made = Session(venue, LiveHome(home, venue, forker, symbols or MARKETS[kind], **given))
        try:
            yield made
        finally:
            if made.process is not None and made.process.poll() is None:
                made.process.kill()
                made.process.communicate()
