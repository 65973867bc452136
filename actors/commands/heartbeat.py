"""The running bot as others see it: ``status.json``, which it writes each second; any thread."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.clock import instant

STATUS_FILE = "status.json"
FRESH = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The newest one; ``values`` are the fields as written."""

    at: datetime
    pid: int
    values: Mapping[str, Any]

    def is_fresh(self, now: datetime) -> bool:
        """The bot that wrote it lives and still writes."""
        return abs(now - self.at) <= FRESH and _is_alive(self.pid)


def read_heartbeat(home: Path) -> Heartbeat | None:
    """None where there is none, or none that can be read (it is replaced whole, so that means damaged)."""
    try:
        values = json.loads((home / STATUS_FILE).read_text(encoding="utf-8"))
        at = values["at"]
        when = instant(at) if isinstance(at, int) else datetime.fromisoformat(at)
        pid = int(values["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Heartbeat(when, pid, values) if when.tzinfo is not None else None


def _is_alive(pid: int) -> bool:
    """Whether a process of this number exists; on Windows, where asking would end it, it is assumed."""
    if os.name == "nt" or pid < 1:
        return pid > 0
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another person's process
        return True
    return True
