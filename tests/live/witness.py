"""Eyes at the venue: when an order's request arrives, is its row on the client's disk, and may it come at all?"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from core.clock import millis
from core.ids import CLIENT_ID_PREFIX
from tests.venue.api import Api
from tests.venue.server import VenueServer
from tests.venue.wire import Call, Logged

PLACING = frozenset({"POST /api/v3/order", "POST /api/v3/order/cancelReplace", "ws-api order.place",
                     "ws-api order.cancelReplace", "AddOrder", "EditOrder", "ws-api AddOrder"})  # fmt: skip
CANCELLING = frozenset({"DELETE /api/v3/order", "CancelOrder", "ws-api order.cancel", "ws-api CancelOrder"})
ON_THE_WIRE_MS = 150
"""What was sent in the instant before the latch may arrive in the instant after it."""


def client_id(call: Call) -> str:
    """Our id of the order that a request places."""
    return call.params.get("newClientOrderId") or call.params.get("cl_ord_id") or ""


class Witness:
    """Looks into the client's own SQLite file, from outside, at the moment in which a request arrives."""

    def __init__(self, venue: VenueServer, home: Path) -> None:
        self.home = home
        self.faults: list[str] = []
        self.seen = 0
        venue.api.audit.witnesses.append(self)

    def __call__(self, call: Call) -> None:
        if call.name not in PLACING:
            return
        self.seen += 1
        name = client_id(call)
        if not name.startswith(CLIENT_ID_PREFIX):
            self.faults.append(f"{call.name} came without an id of ours: {name!r}")
            return
        row = self._row(name)
        if row is None:
            self.faults.append(f"{name} came before its row was committed")
        elif row["status"] not in ("intent", "unknown"):  # unknown: proved to be nowhere, and sent once more
            self.faults.append(f"{name} came while its row is {row['status']}, not intent")
        elif row["written_at"] > call.at:
            self.faults.append(f"{name}: its row bears {row['written_at']}, after the request's {call.at} ms")

    def _row(self, name: str) -> Any:
        try:
            path = f"file:{self.home / 'belay.db'}?mode=ro"
            with closing(sqlite3.connect(path, uri=True, timeout=1)) as database:
                database.row_factory = sqlite3.Row
                question = "SELECT status, written_at FROM orders WHERE client_order_id = ?"
                return database.execute(question, (name,)).fetchone()
        except sqlite3.Error as error:
            self.faults.append(f"{name}: the records cannot be read: {error}")
            return None


def placing(api: Api) -> list[Logged]:
    """All requests that place an order, in order."""
    return [line for line in api.audit.lines if line.call.name in PLACING]


def limit_faults(api: Api) -> list[str]:
    """Requests that the venue refused because there were too many of them (not those of a fault plan, nor what
    was on the wire with them)."""
    found = []
    planned = 0
    for line in api.audit.lines:
        if line.fault:
            planned = line.call.at
        elif line.call.at - planned > ON_THE_WIRE_MS and _is_too_many(line):
            found.append(f"{line.call.name} was one too many: {line.answer[:120]}")
    most = getattr(getattr(api, "limits", None), "per_minute", None)
    if most is not None and api.audit.heaviest > most:
        found.append(f"{api.audit.heaviest} of {most} weight in a minute")
    return found


def _is_too_many(line: Logged) -> bool:
    return line.status in (429, 418) or "Rate limit exceeded" in line.answer


def after_latch(api: Api, home: Path, roles: dict[str, str]) -> Iterator[str]:
    """Requests for declared orders that arrived behind the latch; protective ones may still come."""
    record = json.loads((home / "halt.json").read_text(encoding="utf-8"))
    latched = millis(datetime.fromisoformat(record["at"]))
    for line in placing(api):
        late = line.call.at - latched
        if late > ON_THE_WIRE_MS and roles.get(client_id(line.call)) != "protective":
            yield f"{client_id(line.call)} arrived {late} ms after the latch"
