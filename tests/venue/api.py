"""What the server asks of a venue: one account behind REST calls and sockets."""

from __future__ import annotations

from typing import Protocol

from tests.venue.faults import Fault, FaultPlan
from tests.venue.matching import Matching
from tests.venue.sockets import Socket
from tests.venue.wire import Answer, Audit, Call, VenueClock


class Session(Protocol):
    """What a venue makes of one socket."""

    def hear(self, text: str) -> None:
        """Takes a text frame of the client."""

    def beat(self, now: int) -> None:
        """Some time went by (``now`` in ms)."""

    def streams(self) -> list[str]:
        """What it subscribed to, in the venue's words."""

    def close(self) -> None:
        """The connection is over."""


class Api(Protocol):
    """One venue behind the server: Binance or Kraken."""

    ccxt_id: str
    core: Matching
    clock: VenueClock
    plan: FaultPlan
    audit: Audit
    key: str
    secret: str

    def name_of(self, method: str, path: str) -> str:
        """What fault plans and logs call this kind of request."""

    def handle(self, call: Call) -> Answer:
        """Processes a call; may raise ``Stop``."""

    def spent(self, call: Call) -> tuple[int, int]:
        """The call's weight and what the current window holds with it."""

    def trouble(self, fault: Fault, call: Call) -> Answer:
        """The venue's own words for a fault that it answers itself."""

    def falsify(self, answer: Answer) -> None:
        """Makes the balances in an answer wrong."""

    def open(self, socket: Socket) -> Session:
        """A client connected."""
