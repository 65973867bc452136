"""The ways an alert reaches a person: terminal, file, desktop; called in the alerts stage's thread only."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from actors.line_file import LineFile
from core.messages import AlertRaised, Fact, Severity

ALERT_FILE = "alerts.jsonl"
LOUDNESS = {severity.value: rank for rank, severity in enumerate(Severity)}

Desktop = Callable[[AlertRaised], object]
"""Shows a notification; given by the window.  It must only hand over, never wait."""


class Channel:
    """One way, with the least severity it is given; ``off`` is given nothing."""

    def __init__(self, name: str, minimum: str, deliver: Desktop) -> None:
        self.name, self._deliver = name, deliver
        self._least = LOUDNESS.get(minimum, len(LOUDNESS))

    def __call__(self, alert: Fact) -> None:
        if isinstance(alert, AlertRaised) and LOUDNESS[alert.severity.value] >= self._least:
            self._deliver(alert)


def to_console(write: Callable[[str], object]) -> Desktop:
    """One line of text; the mode is on every one (B15)."""

    def deliver(alert: AlertRaised) -> None:
        write(f"{alert.at:%Y-%m-%d %H:%M:%S} {alert.mode} {alert.severity} {alert.kind}: {alert.text}\n")

    return deliver


def to_file(home: Path) -> tuple[Desktop, LineFile]:
    """One JSON object per line in ``home/alerts.jsonl``, rotated; the file is returned to be closed."""
    file = LineFile(home / ALERT_FILE)

    def deliver(alert: AlertRaised) -> None:
        line = {
            "at": alert.at.isoformat(timespec="milliseconds"),
            "severity": alert.severity.value,
            "kind": alert.kind,
            "mode": alert.mode.value,
            "text": alert.text,
        }
        file.append(json.dumps(line, ensure_ascii=False))

    return deliver, file
