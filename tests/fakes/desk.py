"""A desk without a pipeline: a real latch in memory, books in lists, and facts published by script."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.errors import BelayError, Refused
from core.halt import HaltEvidence, Latch
from core.ids import ClientOrderId, Symbol
from core.instrument import Instrument
from core.messages import Fact, Rearmed, StateChanged
from core.modes import Mode, TradingState
from core.order import Fill, Order
from core.ports import Books, Subscriber
from core.records import Counts, EquityPoint, LogLine, OrderEvent, RoundTrip
from core.venue import Capabilities, KeyRights
from tests.fakes import made


class FakeBooks:
    """In-memory books; the lists are kept newest first, the equity oldest first."""

    def __init__(self) -> None:
        self.kept_orders: list[Order] = []
        self.kept_events: dict[ClientOrderId, list[OrderEvent]] = {}
        self.kept_fills: list[Fill] = []
        self.kept_trades: list[RoundTrip] = []
        self.kept_equity: list[EquityPoint] = []
        self.kept_log: list[LogLine] = []
        self.denials: dict[str, int] = {}

    @classmethod
    def filled(cls) -> FakeBooks:
        """Books after a day of trading, from ``made``."""
        books = cls()
        books.kept_orders = made.orders()
        books.kept_events = {order.client_order_id: made.events(order) for order in books.kept_orders}
        books.kept_fills = made.fills()
        books.kept_trades = made.trades()
        books.kept_equity = made.equity()
        books.kept_log = made.log_lines()
        books.denials = {"above-maximum": 3, "cooldown": 1}
        return books

    def orders(
        self, *, states: Iterable[str] = (), text: str = "", limit: int = 500, offset: int = 0
    ) -> list[Order]:
        wanted = set(states)
        found = [
            order
            for order in self.kept_orders
            if (not wanted or order.status in wanted)
            and text.lower() in f"{order.identity} {order.client_order_id} {order.side}".lower()
        ]
        return found[offset : offset + limit]

    def order_events(self, client_order_id: ClientOrderId) -> list[OrderEvent]:
        return list(self.kept_events.get(client_order_id, []))

    def fills(self, *, symbol: Symbol | None = None, limit: int = 500, offset: int = 0) -> list[Fill]:
        found = [fill for fill in self.kept_fills if symbol in (None, fill.identity.symbol)]
        return found[offset : offset + limit]

    def trades(self, *, limit: int = 500, offset: int = 0) -> list[RoundTrip]:
        return self.kept_trades[offset : offset + limit]

    def equity(self, *, since: datetime | None = None) -> list[EquityPoint]:
        return [point for point in self.kept_equity if since is None or point.at >= since]

    def counts(self) -> Counts:
        states: dict[str, int] = {}
        for order in self.kept_orders:
            states[str(order.status)] = states.get(str(order.status), 0) + 1
        return Counts(tuple(states.items()), len(self.kept_fills), tuple(self.denials.items()))

    def log(self, *, limit: int = 500, text: str = "", levels: Iterable[str] = ()) -> list[LogLine]:
        wanted = set(levels)
        found = [
            line
            for line in self.kept_log
            if (not wanted or line.level in wanted) and text.lower() in f"{line.source} {line.text}".lower()
        ]
        return found[:limit]

    def export(self, what: str, kind: str, out: Path) -> int:
        kept: dict[str, Sequence[object]] = {
            "orders": self.kept_orders,
            "fills": self.kept_fills,
            "trades": self.kept_trades,
            "logs": self.kept_log,
        }
        rows = kept[what]
        out.write_text("".join(json.dumps(str(row)) + "\n" for row in rows), encoding="utf-8")
        return len(rows)


class FakeKeyRing:
    """Keys in a dict.  ``fault`` is raised by every call, ``gate`` closed lets every call hang until it is opened.

    ``threads`` are the names of the threads that asked.
    """

    def __init__(self, *venues: str, rights: KeyRights | None = None) -> None:
        self.kept: dict[str, tuple[str, str, str | None]] = dict.fromkeys(venues, ("k", "s", None))
        self.name = "keyring.backends.SecretService.Keyring"
        self.rights = rights or KeyRights(may_trade=True, may_withdraw=False, is_ip_bound=True)
        self.fault: BelayError | None = None
        self.test_fault: BelayError | None = None
        self.gate, self.test_gate = threading.Event(), threading.Event()
        self.gate.set()
        self.test_gate.set()
        self.threads: set[str] = set()
        self.tested: list[str] = []

    def _asked(self) -> None:
        self.threads.add(threading.current_thread().name)
        self.gate.wait(60)
        if self.fault is not None:
            raise self.fault

    def backend(self) -> str:
        self._asked()
        return self.name

    def venues(self) -> tuple[str, ...]:
        self._asked()
        return tuple(sorted(self.kept))

    def put(self, venue: str, api_key: str, secret: str, password: str | None) -> None:
        self._asked()
        self.kept[venue] = (api_key, secret, password)

    def delete(self, venue: str) -> None:
        self._asked()
        self.kept.pop(venue, None)

    def test(self, venue: str) -> KeyRights:
        self.tested.append(venue)
        self.threads.add(threading.current_thread().name)
        self.test_gate.wait(60)
        if self.test_fault is not None:
            raise self.test_fault
        return self.rights


class FakeDesk:
    """Shaped like ``core.ports.Desk``.  ``calls`` is what was asked of it, in order; ``say`` publishes."""

    def __init__(
        self,
        mode: Mode = Mode.PAPER,
        venue_label: str = "Simulated market",
        books: FakeBooks | None = None,
        rearm_fault: BelayError | None = None,
        capabilities: Capabilities | None = None,
        keyring: FakeKeyRing | None = None,
    ) -> None:
        self.mode = mode
        self.venue_label = venue_label
        self.symbols: tuple[Symbol, ...] = (made.BTC, made.ETH)
        self.timeframe = "1m"
        self.instruments: tuple[Instrument, ...] = made.INSTRUMENTS
        self.latch = Latch(None)
        self.books: Books = books or FakeBooks()
        self.calls: list[str] = []
        self.kept_evidence: HaltEvidence | None = None
        self.rearm_fault = rearm_fault
        self.capabilities = capabilities
        self.keyring = keyring or FakeKeyRing()
        self.foreign_fault: BelayError | None = None
        self._subscribers: list[Subscriber] = []

    def subscribe(self, subscriber: Subscriber) -> None:
        self._subscribers.append(subscriber)

    def say(self, *facts: Fact) -> None:
        for fact in facts:
            for subscriber in self._subscribers:
                subscriber(fact)

    def kill(self, cause: str, reason: str) -> None:
        self.calls.append(f"kill by {cause}")
        self.latch.trip(cause, reason, datetime.now(UTC))

    def rearm(self, phrase: str) -> None:
        self.calls.append(f"rearm {phrase}")
        if self.rearm_fault is not None:
            raise self.rearm_fault
        if self.kept_evidence is not None and self.kept_evidence.step != "verified":
            raise Refused("Not re-armed: the halt is not verified yet.")
        self.latch.rearm(phrase)
        now = datetime.now(UTC)
        self.say(Rearmed(now), StateChanged(TradingState.ACTIVE, "re-armed", now))

    def evidence(self) -> HaltEvidence | None:
        return self.kept_evidence

    def pause(self) -> None:
        self.calls.append("pause")
        self.say(StateChanged(TradingState.REDUCING, "you paused entries", datetime.now(UTC)))

    def resume(self) -> None:
        self.calls.append("resume")
        self.say(StateChanged(TradingState.ACTIVE, "you resumed entries", datetime.now(UTC)))

    def foreign(self, venue_id: str, action: str) -> None:
        self.calls.append(f"{action} {venue_id}")
        if self.foreign_fault is not None:
            raise self.foreign_fault

    def stop(self) -> str:
        self.calls.append("stop")
        return "3 orders rest in the simulated market; they go on at the next start."
