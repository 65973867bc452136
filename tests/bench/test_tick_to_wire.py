"""From a closed candle at the venue to the order request that arrives there, the whole bot and both wires between."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from tests.fakes.live_forked import LiveForker
from tests.live.session import session
from tests.venue.day import Day
from tests.venue.wire import Call

pytestmark = pytest.mark.bench
CANDLES, PACE = 240, 5.0
"""So slow that each candle's orders are there long before the next."""
MOST = 0.25
"""Seconds that p99 must stay below, on a busy machine too."""


class Marked(Day):
    """Notes when each minute opens: what closes the one before."""

    opened = 0.0

    def _step(self, step: int) -> None:
        if step == 0:
            Marked.opened = perf_counter()
        super()._step(step)


def test_candle_to_request_bytes(tmp_path: Path) -> None:
    forker = LiveForker()
    try:
        with session("binance", tmp_path / "home", forker, 21) as made:
            took = _requests(made)
            made.stop()
    finally:
        forker.close()
    p50, p99 = np.percentile(took, [50, 99])
    print(
        f"\ncandle to order request on the wire: {len(took)} entries, p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms"
    )
    statistics = _streams_saved(made, CANDLES)
    print(statistics)
    assert p99 < MOST


def _requests(made: Any) -> list[float]:
    """How long after its candle each purchase arrived."""
    took: list[float] = []

    def arrived(call: Call) -> None:
        if call.name == "POST /api/v3/order" and call.params.get("side") == "BUY" and Marked.opened:
            took.append(perf_counter() - Marked.opened)

    made.venue.api.audit.witnesses.append(arrived)
    process = made.start()
    ready = made.day().__dict__["_ready"]
    with Marked(made.venue, made.live.symbols, candles=CANDLES, per_second=PACE, seed=21, ready=ready) as day:
        while not day.wait(0.2):
            assert process.poll() is None, process.communicate()
    return took


def _streams_saved(made: Any, candles: int) -> str:
    """Requests made, against those of a bot that asks for each candle and for its orders each second."""
    lines = made.venue.api.audit.lines
    reads = sum(line.call.method == "GET" for line in lines)
    polled = candles * len(made.live.symbols) + int(candles / PACE) * 3
    return f"reads: {reads}; a bot that polls candles, orders and trades once a second would make {polled}"
