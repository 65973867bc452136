"""The kill switch, in a thread and with hands of its own: after the latch, cancel what rests and prove it.

It depends on no actor, no window and no queue (parts that answer in time are let finish).  It waits for the latch, in
memory or its file written by another process, cancels at the venue itself, then reads the open orders until two reads
show nothing of ours but kept stops.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from time import perf_counter

import structlog

from core.clock import Clock
from core.errors import UNFORESEEN, BelayError, GiveUpOrder, OutcomeUnknown, TryAgain
from core.halt import NOT_SENT, WRITING, CancelLine, HaltEvidence, HaltRecord, HaltStep, Latch
from core.instrument import split_symbol
from core.messages import (
    AccountMarked,
    HaltProgressed,
    HaltTripped,
    Holding,
    OrderCancelled,
    OrderDenied,
    Rearmed,
)
from core.money import text
from core.order import Happening, Order, OrderState, Role
from core.ports import Hub, OrderVenue
from core.risk.verdict import Reason
from core.strategies.titles import title_of

log = structlog.get_logger("kill switch")
EVIDENCE_FILE = "halt-evidence.json"
WHY = "the kill switch"
POLL = 0.05
"""Seconds between two looks at the latch's file."""
LONGEST_WAIT = 30.0


def stamp(at: datetime) -> str:
    """ISO 8601 with milliseconds, as in all evidence."""
    return at.isoformat(timespec="milliseconds")


class KillSwitch(Thread):
    """``between`` is the time between the two reads in seconds; ``kept`` is called after each change of the venue.

    ``arrived`` waits, for a bounded time, until what was on its way when the latch tripped has arrived, ``settled``
    until the records have what was cancelled.  ``on_the_way`` counts order requests that may still take effect: with
    one there is no proof.  ``known`` are the orders that should rest.  ``told`` hears of each cancel (else it is
    published).  ``held`` are the holdings in words until an account tells them.
    """

    def __init__(self, latch: Latch, venue: OrderVenue, hub: Hub, home: Path, clock: Clock, *, keep_stops: bool,
                 between: float, kept: Callable[[], None], arrived: Callable[[], None] = lambda: None,
                 settled: Callable[[], None] = lambda: None, held: tuple[str, ...] = (),
                 on_the_way: Callable[[], int] = lambda: 0, told: Callable[[Order], None] | None = None,
                 known: Callable[[], tuple[Order, ...]] = lambda: (),
                 ) -> None:  # fmt: skip
        super().__init__(name="kill switch", daemon=True)
        self._latch, self._venue, self._hub, self._clock = latch, venue, hub, clock
        self._path = home / EVIDENCE_FILE
        self._keep_stops, self._between = keep_stops, between
        self._kept, self._arrived, self._settled = kept, arrived, settled
        self._on_the_way, self._told, self._known = on_the_way, told or self._publish, known
        self._over = Event()
        self.evidence = read_evidence(home)
        self._not_sent: list[str] = []
        self._held = held
        hub.subscribe(self._account, AccountMarked)
        hub.subscribe(self._note, OrderDenied, OrderCancelled)

    def run(self) -> None:
        """Wait for the latch, prove the halt, wait for the re-arming; until ``close``."""
        self._latch.forget_rearm()
        while not self._over.is_set():
            if self._latch.wait(POLL):
                self._latch.adopt()
                self.prove()
                self._wait_for_rearm()

    def close(self) -> None:
        """Let the thread end at its next look."""
        self._over.set()

    def _wait_for_rearm(self) -> None:
        while not self._over.wait(POLL):
            if self._latch.heed_rearm() or not self._latch.is_set():
                self._not_sent.clear()
                self._hub.publish(Rearmed(self._clock.now()))
                return
            if self.evidence is not None and self._latch.read() != self.evidence.record:
                return  # lifted and tripped again between two looks: another halt, another proof

    def prove(self, *, most_tries: int | None = None) -> HaltEvidence:
        """TRIPPED, CANCELLING, then VERIFIED, or UNVERIFIED and once more, ever slower, until it holds.

        ``most_tries`` ends it earlier, where nobody would wait for ever.
        """
        record = self._record()
        self._hub.publish(HaltTripped(record))
        known = self.evidence
        if (
            known is not None and known.record == record
        ):  # this halt was proved before a restart: read once more
            evidence = known
        else:
            evidence = HaltEvidence(record=record, step=HaltStep.TRIPPED, latch_ms=self._latch.took_ms)
            self._show(evidence)
            evidence = replace(evidence, step=HaltStep.CANCELLING, cancel_from=stamp(self._clock.now()))
            self._show(evidence)
        self._arrived()
        wait = self._between
        while True:
            evidence = self._try(evidence)
            self._show(evidence)
            if evidence.step is HaltStep.VERIFIED or self._over.wait(min(wait, LONGEST_WAIT)):
                return evidence
            if most_tries is not None and evidence.tries >= most_tries:
                return evidence
            wait *= 2

    def _record(self) -> HaltRecord:
        """Who tripped it: the latch is set a moment before its record is there."""
        deadline = perf_counter() + WRITING
        while (record := self._latch.read()) is None and perf_counter() < deadline:
            self._over.wait(0.001)
        return record or HaltRecord(stamp(self._clock.now()), "unknown", "")

    def _try(self, evidence: HaltEvidence) -> HaltEvidence:
        """Cancel all, read twice; a venue that does not answer leaves it unverified."""
        tries = evidence.tries + 1
        try:
            lines = {line.client_order_id: line for line in evidence.lines}
            for order in self._listed(lines):
                lines[order.client_order_id] = self._cancel(order) if self._must_go(order) else _kept(order)
            self._settled()
            cancelled = stamp(self._clock.now())
            first, first_at = self._read()
            self._over.wait(self._between)
            second, second_at = self._read()
        except (BelayError, *UNFORESEEN) as error:  # whatever the venue does, this thread goes on
            log.warning("halt not verified", attempt=tries, why=str(error), exc_info=error)
            return replace(evidence, step=HaltStep.UNVERIFIED, tries=tries)
        bad_1 = sum(self._must_go(order) for order in first.values())
        bad_2 = sum(self._must_go(order) for order in second.values())
        return replace(
            evidence,
            step=HaltStep.UNVERIFIED if bad_1 or bad_2 else HaltStep.VERIFIED,
            tries=tries,
            cancel_to=cancelled,
            read_1_at=first_at,
            read_2_at=second_at,
            read_1_open=bad_1,
            read_2_open=bad_2,
            not_sent=tuple(dict.fromkeys((*evidence.not_sent, *self._not_sent))),
            holdings=self._held or evidence.holdings,
            lines=tuple(
                replace(line, read_1=self._seen(first.get(key)), read_2=self._seen(second.get(key)))
                for key, line in lines.items()
            ),
        )

    def _listed(self, lines: dict[str, CancelLine]) -> tuple[Order, ...]:
        """The open orders; where they cannot be read, those we know of are cancelled before that is said."""
        try:
            return self._venue.open_orders()
        except (BelayError, *UNFORESEEN):
            for order in self._known():
                if self._must_go(order):
                    lines[order.client_order_id] = self._cancel(order)
            raise

    def _note(self, fact: OrderDenied | OrderCancelled) -> None:
        """Orders that the latch kept from being sent."""
        stopped = isinstance(fact, OrderDenied) and fact.why.reason is Reason.HALTED
        if stopped or fact.order.reason == NOT_SENT:
            self._not_sent.append(_in_words(fact.order))

    def _account(self, fact: AccountMarked) -> None:
        self._held = tuple(_holding(one) for one in fact.holdings)

    def _must_go(self, order: Order) -> bool:
        record = self._latch.read()
        stops = record.stops if record is not None else ""
        keep = stops != "cancel" if stops else self._keep_stops
        return order.role is not Role.PROTECTIVE or not keep

    def _seen(self, order: Order | None) -> str:
        if order is None:
            return "gone"
        return "open" if self._must_go(order) else "kept"

    def _read(self) -> tuple[dict[str, Order], str]:
        if self._on_the_way():
            raise TryAgain("An order request has no answer yet: it may still rest or trade.")
        found = {str(order.client_order_id): order for order in self._venue.open_orders()}
        return found, stamp(self._clock.now())

    def _cancel(self, order: Order) -> CancelLine:
        """One cancel, timed; an order that went in the meantime shows as gone in the reads."""
        sent_at, start = stamp(self._clock.now()), perf_counter()
        try:
            self._venue.cancel(order)
        except GiveUpOrder as error:
            log.info("nothing to cancel", order=order.client_order_id, why=str(error))
        except (OutcomeUnknown, TryAgain, *UNFORESEEN) as error:
            # The reads tell what became of it; the others are cancelled too.
            log.warning("cancel not answered", order=order.client_order_id, why=str(error))
            return _line(order, sent_at, None)
        else:
            self._told(order)
            self._kept()
        return _line(order, sent_at, round((perf_counter() - start) * 1000, 3))

    def _publish(self, order: Order) -> None:
        asked = order if order.status is OrderState.CANCELLING else order.after(Happening.CANCEL_ASKED)
        self._hub.publish(OrderCancelled(asked.after(Happening.CANCELLED, reason=WHY)))

    def _show(self, evidence: HaltEvidence) -> None:
        """On disk for the command line and the next start, and out as a fact; a full disk stops neither."""
        self.evidence = evidence
        try:
            fresh = self._path.with_suffix(".new")
            fresh.write_text(evidence.as_json(), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            log.error("evidence not written", why=str(error))
        self._hub.publish(HaltProgressed(evidence))


def _in_words(order: Order) -> str:
    at = f" at {text(order.price)}" if order.price is not None else ""
    return f"{order.side} {text(order.quantity)} {order.identity.symbol}{at}, {order.identity.instance}"


def _holding(one: Holding) -> str:
    base, quote = split_symbol(one.symbol)
    whose = title_of(one.instance.partition(":")[0])
    return f"{text(one.quantity)} {base}, worth {one.quantity * one.price:.2f} {quote}, {whose}"


def _line(order: Order, sent_at: str, answer_ms: float | None) -> CancelLine:
    return CancelLine(
        client_order_id=order.client_order_id,
        symbol=order.identity.symbol,
        side=str(order.side),
        slot=f"{order.identity.instance} {order.identity.slot}.{order.identity.sequence}",
        price=text(order.price) if order.price is not None else "",
        quantity=text(order.quantity),
        sent_at=sent_at,
        answer_ms=answer_ms,
    )


def _kept(order: Order) -> CancelLine:
    return _line(order, "", None)


def read_evidence(home: Path) -> HaltEvidence | None:
    """The proof of the last kill, None when there is none or it cannot be read."""
    try:
        return HaltEvidence.from_json((home / EVIDENCE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, KeyError):
        return None
