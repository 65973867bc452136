"""A program that trades into a home until it is killed: ``python -m tests.fakes.record_writer HOME SEED``.

Each order is written ahead at event *n* (its sequence), said on stdout, placed at *n* and filled in two parts
at *n* + 1; quiet events, flushes and pings come by chance.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from actors.persistence.restart import load_restart
from core.intent import Side
from core.messages import Flush, Keep, OrderPlaced, Ping, UnitClosed, WriteAhead
from core.order import Happening, Order, OrderState
from tests.fakes.record_bench import BOOK, Market, moment, order, stage

KEYS = ("strategy", "risk", "venue")


def pieces(number: int) -> tuple[Keep, ...]:
    """The state after event ``number``: enough bytes to cover more than one page."""
    return tuple(Keep(number, key, f"{key} {number} ".encode() * 400) for key in KEYS)


class Writer:
    def __init__(self, home: Path, chance: random.Random) -> None:
        self._records, self._chance = stage(home), chance
        self._market = Market(self._records)
        found = load_restart(home, BOOK)
        self._number = found.number
        self._holds = any(position.quantity for position in found.positions)
        if found.number > found.drained:
            self._placed(found.working[0])
        elif found.working:
            self._filled(found.working[0])

    def trade(self) -> None:
        """Events without end."""
        while True:
            self._number += 1
            new = order(self._number, Side.SELL if self._holds else Side.BUY)
            at, number = moment(self._number), self._number
            self._market.tell(WriteAhead(number, at, (new,), (), pieces(number)))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            self._placed(new)
            for _ in range(self._chance.choice((0, 0, 1, 5))):
                self._number += 1
                self._close()

    def _placed(self, new: Order) -> None:
        assert new.status is OrderState.INTENT
        placed = new.after(Happening.ACKNOWLEDGED)
        self._market.tell(OrderPlaced(placed))
        self._close()
        self._filled(placed)

    def _filled(self, placed: Order) -> None:
        self._number += 1
        part = self._market.fill(placed, "0.0005", part=1)
        self._records.on_receive(Ping())  # a beat in the middle of a unit
        self._market.fill(part, part=2)
        self._holds = placed.side is Side.BUY
        self._close()

    def _close(self) -> None:
        self._market.tell(UnitClosed(self._number, pieces(self._number)))
        if self._chance.random() < 0.2:
            self._market.tell(Flush())


if __name__ == "__main__":
    Writer(Path(sys.argv[1]), random.Random(int(sys.argv[2]))).trade()
