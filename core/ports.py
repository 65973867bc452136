"""The shapes that stages, venues and the window have for each other; no implementation lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from core.halt import HaltEvidence, Latch
from core.ids import ClientOrderId, Symbol
from core.instrument import Instrument
from core.market import Bar, Quote
from core.messages import CandleDropped, Fact
from core.modes import Mode
from core.order import Fill, Order
from core.records import Counts, EquityPoint, LogLine, OrderEvent, RoundTrip
from core.venue import Capabilities, KeyRights

# ---------------------------------------------------------------- stages and facts


class Mailbox(Protocol):
    """A stage as others see it: pykka stays behind it."""

    @property
    def name(self) -> str: ...

    def tell(self, message: object) -> None:
        """Leave a message; never blocks, never raises (a dead stage is published as StageFailed)."""

    def ask(self, message: object, *, timeout: float) -> Any:
        """Wait for the answer; ``StageGone`` or ``StageSilent``."""


Subscriber = Callable[[Any], object]
"""Takes the facts it subscribed for."""


class Hub(Protocol):
    """The fact lane: many receivers, each guarded from the others."""

    def publish(self, fact: Fact) -> None: ...

    def subscribe(self, subscriber: Subscriber, *facts: type) -> None:
        """``subscriber`` is called in the publisher's thread and must not block; no types: every fact."""


# ---------------------------------------------------------------- venues


@dataclass(frozen=True, slots=True)
class MarketEvent:
    """One thing that a market source releases: a closed candle (``bar``), or a quote and the forming bar.

    ``dropped`` is a candle that was left out because it could not be used.  ``is_past`` marks a candle behind which
    the market has gone on already (warm-up, a gap that was filled): strategies see it, and no order follows from it.
    """

    symbol: Symbol
    bar: Bar | None = None
    forming: Bar | None = None
    quote: Quote | None = None
    dropped: CandleDropped | None = None
    is_past: bool = False
    fact: Fact | None = None
    """Anything else the source has to say (the age of its streams), published as it is."""


class MarketSource(Protocol):
    """Prices in the order of their time.  Pulled by the feed, one event at a time; owned by its thread."""

    label: str
    """For people: ``Simulated market``, ``Replay of FILE``."""
    fingerprint: str
    """Same text, same events: a session goes on only with the source it started with."""
    timeframe: str
    total: int | None
    """Closed candles in all, None when endless."""

    def instruments(self) -> tuple[Instrument, ...]: ...

    def history(self, symbol: Symbol) -> Sequence[Bar]:
        """Closed candles in front of the first event, oldest first (possibly none)."""

    def skip(self, candles: int) -> None:
        """Go on behind the first ``candles`` closed candles (over all symbols): a restart."""

    def pull(self) -> MarketEvent | None:
        """The next event; None at the end, or when a live source has nothing yet."""


@runtime_checkable
class LiveSource(MarketSource, Protocol):
    """A market that goes on by itself and is never at its end: ``pull`` gives None when there is nothing yet, and
    the function given to ``start`` is called (from the source's own thread) as soon as there is."""

    def resume(self, last: Mapping[Symbol, int]) -> None:
        """Before ``start``: go on behind these candles (open time in ms); what is missing comes as past."""

    def start(self, wake: Callable[[], None]) -> None:
        """Begin to listen; returns at once."""

    def close(self) -> None:
        """Let go of connections and threads."""


class OrderVenue(Protocol):
    """Where orders rest.  Requests raise ``GiveUpOrder`` (refused) or ``OutcomeUnknown`` (answer lost)."""

    def place(self, order: Order) -> str | None: ...

    def cancel(self, order: Order) -> None: ...

    def open_orders(self) -> tuple[Order, ...]: ...


# ---------------------------------------------------------------- what the window is given


class Books(Protocol):
    """Read-only questions to the records; any thread, its own connection, newest first."""

    def orders(self, *, states: Iterable[str] = (), text: str = "", limit: int = 500, offset: int = 0
               ) -> list[Order]: ...  # fmt: skip

    def order_events(self, client_order_id: ClientOrderId) -> list[OrderEvent]: ...

    def fills(self, *, symbol: Symbol | None = None, limit: int = 500, offset: int = 0) -> list[Fill]: ...

    def trades(self, *, limit: int = 500, offset: int = 0) -> list[RoundTrip]: ...

    def equity(self, *, since: datetime | None = None) -> list[EquityPoint]:
        """Oldest first."""

    def counts(self) -> Counts: ...

    def log(self, *, limit: int = 500, text: str = "", levels: Iterable[str] = ()) -> list[LogLine]: ...

    def export(self, what: str, kind: str, out: Path) -> int:
        """Write fills, trades, orders, logs or ledger as csv or jsonl; the number of rows."""


class KeyRing(Protocol):
    """The operating system's keyring with the keys of venues; a secret goes in and never comes out.

    Any thread but the window's: every call blocks, for a bounded time.  ``Refused`` where there is no safe keyring,
    ``TryAgain`` where it is locked or does not answer.
    """

    def backend(self) -> str:
        """The name of the backend in use, as keyring names it."""

    def venues(self) -> tuple[str, ...]:
        """The venues whose keys are stored."""

    def put(self, venue: str, api_key: str, secret: str, password: str | None) -> None:
        """Store keys in the place of older ones; ``BadSettings`` for what cannot be keys, never quoting it."""

    def delete(self, venue: str) -> None:
        """Forget the keys of a venue."""

    def test(self, venue: str) -> KeyRights:
        """Sign in with the stored keys and ask what they may do; ``KeysRefused``, ``TryAgain``."""


class Desk(Protocol):
    """All that the window may do and see; ``main.py`` makes it from the running pipeline."""

    mode: Mode
    venue_label: str
    symbols: tuple[Symbol, ...]
    timeframe: str
    instruments: tuple[Instrument, ...]
    latch: Latch

    @property
    def capabilities(self) -> Capabilities | None:
        """What the venue in use can do; None for a simulated or recorded market."""

    @property
    def keyring(self) -> KeyRing: ...

    @property
    def books(self) -> Books: ...

    def subscribe(self, subscriber: Subscriber) -> None: ...

    def kill(self, cause: str, reason: str) -> None:
        """Trip the latch at once in the caller's thread; the cancelling and its proof follow as facts."""

    def rearm(self, phrase: str) -> None:
        """``Refused`` with the reason unless everything holds."""

    def evidence(self) -> HaltEvidence | None:
        """The proof of the last kill, also after a restart."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def foreign(self, venue_id: str, action: str) -> None:
        """Decide over an open order that Belay did not make: ``ignore`` it, ``close`` it at the venue, or ``adopt`` it.

        Blocks until it is asked for; how it went is seen in the next ``ForeignSeen``.  ``Refused``: no such order now.
        """

    def stop(self) -> str:
        """Stop trading gracefully and flush; blocks (call it from a helper thread); says what stays open."""
