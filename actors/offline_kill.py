"""A kill when no bot runs: the records say what rests on the paper venue, and it is taken away and proved there."""

from __future__ import annotations

from pathlib import Path

from actors.executor.killswitch import KillSwitch
from actors.hub import FactHub
from actors.persistence.books import latest_book
from actors.persistence.restart import load_restart
from actors.persistence.stage import PersistenceStage
from actors.stage import Address
from actors.venues.paper import PaperVenue
from core.clock import SystemClock
from core.errors import HaltTrading
from core.halt import HaltEvidence, Latch
from core.messages import Flush, HaltProgressed, HaltTripped, Keep, OrderCancelled, Ping
from core.plan_text import plan_from_json
from core.ports import OrderVenue

WAIT = 30.0


class NoVenue:
    """Nothing was ever placed from this home."""

    def place(self, order: object) -> None:
        raise HaltTrading("Nothing is placed while no bot runs.")

    def cancel(self, order: object) -> None:
        raise HaltTrading("There is nothing to cancel.")

    def open_orders(self) -> tuple[()]:
        return ()


def prove_offline(home: Path, *, keep_stops: bool) -> HaltEvidence:
    """Cancel what rests in the newest book, in its records too, and read it twice.  The caller holds the lock."""
    hub, clock, latch = FactHub(), SystemClock(), Latch(home)
    book = latest_book(home)
    restart = load_restart(home, book) if book is not None else None
    if book is None or restart is None or "plan" not in restart.pieces:
        return _switch(latch, NoVenue(), hub, home, keep_stops).prove()
    plan = plan_from_json(restart.pieces["plan"].decode())
    records = Address(lambda: PersistenceStage.start(hub, home, book, plan.mode, clock), "persistence", hub)
    records.start()
    records.ask(Ping(), timeout=WAIT)
    hub.subscribe(records.tell, OrderCancelled, HaltTripped, HaltProgressed)
    venue = PaperVenue(plan)
    if "venue" in restart.pieces:
        venue.restore(restart.pieces["venue"], restart.working)
    evidence = _switch(latch, venue, hub, home, keep_stops).prove()
    records.tell(Keep(restart.number, "venue", venue.snapshot()))
    records.ask(Flush(), timeout=WAIT)
    records.stop(WAIT)
    return evidence


def _switch(latch: Latch, venue: OrderVenue, hub: FactHub, home: Path, keep_stops: bool) -> KillSwitch:
    return KillSwitch(
        latch, venue, hub, home, SystemClock(), keep_stops=keep_stops, between=0.1, kept=lambda: None
    )
