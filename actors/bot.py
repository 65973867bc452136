"""A running bot: lock, log, pipeline, status file and books of one home, for the terminal and the window alike."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from actors.commands.key_ring import SystemKeyRing
from actors.executor.killswitch import read_evidence
from actors.home_lock import HomeLock
from actors.hub import FactHub
from actors.journal import open_journal
from actors.persistence.books import RecordBooks, all_books
from actors.persistence.restart import load_restart
from actors.persistence.verify import verify_books
from actors.pipeline import Pipeline
from actors.risk.stage import HEAD
from actors.session import Session, home_ready, open_session
from actors.status_file import StatusFile
from actors.venue_keys import VenueKeys
from actors.warmth import ensure_warm
from core.clock import SystemClock
from core.errors import Refused
from core.figures import plural
from core.halt import HaltEvidence, Latch
from core.kernel.exact import exact_amount
from core.kernel.fold import Fold
from core.messages import (
    AcceptBalances,
    AlertRaised,
    HandleForeign,
    PauseEntries,
    ResumeEntries,
    StageStarted,
)
from core.modes import Mode
from core.money import text
from core.ports import KeyRing, Subscriber
from core.settings import Settings

FOREIGN = 15.0
SWITCH_SECONDS = 0.0005
"""How long one thread may hold the interpreter: the default of 5 ms would make the work lane wait for a busy window."""


class Bot:
    """Implements ``core.ports.Desk``.  ``start`` and ``stop`` block; everything else answers at once."""

    def __init__(self, home: Path, settings: Settings, strategies: Sequence[str] | None, latch: Latch,
                 mode: Mode = Mode.PAPER, *, verbose: bool = False, secrets: tuple[str, ...] = (),
                 keys: VenueKeys | None = None) -> None:  # fmt: skip
        self.home, self.settings, self.latch, self.mode = home, settings, latch, mode
        home_ready(home)
        self._lock = HomeLock(home)
        self._lock.take()
        self.hub, self.clock = FactHub(), SystemClock()
        self.keyring: KeyRing = SystemKeyRing(settings, home)
        self._strategies, self._verbose, self._keys = strategies, verbose, keys
        self._secrets = (*secrets, *(keys.secrets() if keys is not None else ()))
        self.desktop: Callable[[AlertRaised], object] | None = None

    def open(self) -> Session:
        """Read the market and make the plan; ``BadSettings`` or ``BadData`` in sentences."""
        session = open_session(self.settings, self._strategies, self.mode, self.home, self._keys)
        plan = session.plan
        self.symbols, self.timeframe = plan.symbols, plan.timeframe
        self.instruments, self.venue_label = plan.instruments, session.source.label
        self.capabilities = session.capabilities
        self.session = session
        return session

    def start(self) -> None:
        """Bring the pipeline up; a ``BelayError`` says in one sentence what did not come up."""
        session = self.session
        if ensure_warm(lambda text: self.hub.publish(StageStarted("engine", text, is_up=False))):
            self.hub.publish(StageStarted("engine", "prepared"))
        sys.setswitchinterval(SWITCH_SECONDS)
        self.journal = open_journal(self.home, self.mode, secrets=self._secrets, verbose=self._verbose)
        self.pipeline = Pipeline(
            self.home, session.plan, session.source, session.pace, self.settings, self.latch, self.clock, self.hub,
            self.desktop, session.exchange,
        )  # fmt: skip
        self.pipeline.start()
        self.books = RecordBooks(self.home, session.plan.book)
        self._name_other_books()
        self._status = StatusFile(
            self.home,
            self.mode,
            self.venue_label,
            self.hub,
            self.latch,
            self.clock,
            self.pipeline.open_orders,
        )
        self._status.start()
        gc.collect()
        gc.freeze()  # what is there now stays; the collector need not look at it again

    def _name_other_books(self) -> None:
        """What this home holds under other settings stays there, and is said once."""
        others = [
            load_restart(self.home, book) for book in all_books(self.home) if book != self.session.plan.book
        ]
        held = sum(position.quantity > 0 for one in others for position in one.positions)
        if held:
            words = f"{plural(held, 'open position')} of earlier settings or markets "
            words += "stays in its own books" if held == 1 else "stay in their own books"
            self.hub.publish(StageStarted("other books", words))

    # ------------------------------------------------------------ the desk

    def subscribe(self, subscriber: Subscriber) -> None:
        self.hub.subscribe(subscriber)

    def kill(self, cause: str, reason: str) -> None:
        self.latch.shut()
        self.latch.trip(cause, reason, self.clock.now())

    def rearm(self, phrase: str) -> None:
        evidence = self.evidence()
        if self.latch.is_set() and (evidence is None or not evidence.proves(self.latch.read())):
            raise Refused("Not re-armed: the halt is not verified yet.")
        dead = [name for name, part in self.pipeline.stages.items() if not part.is_alive]
        if dead:
            raise Refused(f"Not re-armed: the part {dead[0]} has stopped. Start Belay again.")
        self.latch.rearm(phrase)

    def evidence(self) -> HaltEvidence | None:
        return read_evidence(self.home)

    def pause(self) -> None:
        self._tell_risk(PauseEntries("by you"))

    def resume(self) -> None:
        self._tell_risk(ResumeEntries())
        executor = self.pipeline.stages.get("executor")
        if executor is not None and self.session.exchange is not None:
            executor.tell(AcceptBalances())

    def foreign(self, venue_id: str, action: str) -> None:
        """A person's word on an open order that Belay did not make: ``ignore``, ``close`` or ``adopt``."""
        executor = self.pipeline.stages.get("executor")
        if executor is None or self.session.exchange is None:
            raise Refused("There are no orders of others on paper.")
        executor.ask(HandleForeign(venue_id, action), timeout=FOREIGN)

    def _tell_risk(self, command: PauseEntries | ResumeEntries) -> None:
        """After the stop there are no entries to pause."""
        risk = self.pipeline.stages.get("risk")
        if risk is not None:
            risk.tell(command)

    def stop(self) -> str:
        open_orders = self.pipeline.open_orders()
        self.pipeline.stop()
        self._status.close()
        self.journal.close()
        gc.unfreeze()
        self.release()
        if self.mode is Mode.DRY_RUN:
            return "Nothing was sent, so nothing stays open."
        if not open_orders:
            return "No order rests. The account goes on at the next start."
        if self.mode.is_real:
            rest = "1 order stays" if open_orders == 1 else f"{open_orders} orders stay"
            return f"{rest} open at the venue; the next start takes over. To end them: python main.py kill"
        rest = "1 paper order rests" if open_orders == 1 else f"{open_orders} paper orders rest"
        return f"{rest} in the records and go{'es' * (open_orders == 1)} on at the next start."

    def release(self) -> None:
        """Let another Belay have this home."""
        self._lock.release()

    # ------------------------------------------------------------ afterwards

    def faults(self) -> list[str]:
        """What does not add up in the books; none is the only good answer."""
        return verify_books(self.home, self.session.plan.book)

    def summary(self) -> dict[str, Any]:
        """The last line of a run; call it after ``stop``."""
        plan, totals = self.session.plan, self.books.totals()
        fold = Fold(plan)
        raw = load_restart(self.home, plan.book).pieces.get("risk")
        if raw is not None:
            fold.load(raw[HEAD.size :])
        account = fold.arena.account[0]
        equity = Decimal(repr(float(account["equity"])))
        return {
            "event": "summary",
            "mode": plan.mode.value,
            "venue": self.venue_label,
            "candles": totals.candles,
            "signals": totals.signals,
            "orders": totals.orders,
            "fills": totals.fills,
            "denials": dict(totals.denials),
            "equity": text(equity),
            "profit": text(equity - plan.cash),
            "fees": text(totals.fees.get(plan.instruments[0].quote, Decimal(0))),
            "drawdown": text(exact_amount(account["drawdown"])),
            "halted": self.latch.is_set(),
            "fees_by_currency": {currency: text(amount) for currency, amount in sorted(totals.fees.items())},
        }
