"""How a venue's limits stood, in a small file: a quick restart goes on from there.  Called under the keeper's lock."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import structlog

from core.budget import Bucket, Standing

log = structlog.get_logger("limits")

AHEAD, FEW = 0.25, 20.0
"""The file holds this share of a limit more than is used, so that it is written seldom; a limit of so few calls is
exact, since a restart would wait for what was never used."""
FORGOTTEN_S = 5.0
"""A bucket that is empty sooner than this needs no memory: no start is quicker."""
SLACK_S = 1.0


class StandingFile:
    """One venue's under one key.  ``wall`` is the clock that goes on while no process runs, in seconds."""

    def __init__(self, path: Path, wall: Callable[[], float] = time.time) -> None:
        self.path = path
        self._wall = wall
        self._written = Standing({})
        self._written_at = 0.0

    def read(self) -> tuple[Standing, float] | None:
        """What was written last, and its age; None when there is nothing that can be read."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))
            levels = {str(name): _number(level) for name, level in found["levels"].items()}
            standing = Standing(levels, _number(found["ordinary"]), _number(found["urgent"]))
            age = self._wall() - float(found["at"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            log.warning("what was used of the limits cannot be read", path=str(self.path), error=str(error))
            return None
        return standing, max(0.0, age)  # a clock that was set back has let no time pass

    def covers(self, standing: Standing, buckets: tuple[Bucket, ...], now: float) -> bool:
        """Whether the file says at least as much, at ``now`` of the keeper's steady clock."""
        passed, written = now - self._written_at, self._written
        if standing.ordinary > max(0.0, written.ordinary - passed) + SLACK_S:
            return False
        if standing.urgent > max(0.0, written.urgent - passed) + SLACK_S:
            return False
        return all(
            standing.levels.get(limit.name, 0.0)
            <= max(0.0, written.levels.get(limit.name, 0.0) - limit.decay * passed)
            for limit in _remembered(buckets)
        )

    def write(self, standing: Standing, buckets: tuple[Bucket, ...], now: float, *, ahead: bool) -> None:
        """Atomically; a folder that cannot be written costs no more than a refusal after a quick restart."""
        levels = {
            limit.name: min(limit.limit, level + AHEAD * limit.limit)
            if ahead and limit.limit > FEW
            else level
            for limit in _remembered(buckets)
            if (level := standing.levels.get(limit.name, 0.0)) > 0
        }
        self._written, self._written_at = Standing(levels, standing.ordinary, standing.urgent), now
        told = {
            "at": self._wall(),
            "levels": levels,
            "ordinary": standing.ordinary,
            "urgent": standing.urgent,
        }
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(told), encoding="utf-8")
            fresh.replace(self.path)
        except OSError as error:
            log.warning("what is used of the limits cannot be kept", path=str(self.path), error=str(error))


def _remembered(buckets: tuple[Bucket, ...]) -> Iterable[Bucket]:
    return (one for one in buckets if one.limit > FORGOTTEN_S * one.decay)


def _number(value: object) -> float:
    number = float(str(value))
    if not 0 <= number < 1e6:
        raise ValueError(f"{value} is no level")
    return number
