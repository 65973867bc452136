"""Turns facts into alerts, publishes and delivers them; its own thread, never on the trading path.

Subscribe its address at the hub for ``AlertsStage.wanted``.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from actors.alerts.channels import Channel, Desktop, to_console, to_file
from actors.alerts.grouping import Grouping
from actors.alerts.watch import Watch
from actors.alerts.wording import NOTICES, Notice
from actors.fact_log import LOGGED, log_fact
from actors.hub import FactHub
from actors.stage import Stage
from core.clock import Clock
from core.messages import AccountMarked, AlertRaised, FeedProgressed, PartsChecked
from core.modes import Mode
from core.ports import Hub
from core.settings import Settings

REMEMBERED = 1000


class AlertsStage(Stage):
    """``desktop`` is the window's notifier, None without one; ``write`` takes the console's lines."""

    title = "alerts"
    wanted: tuple[type, ...] = tuple(
        dict.fromkeys((*NOTICES, *LOGGED, AccountMarked, FeedProgressed, PartsChecked, AlertRaised))
    )
    """The facts to subscribe for.  ``PartsChecked`` is the beat on which counted alerts go out."""

    def __init__(
        self,
        hub: Hub,
        home: Path,
        settings: Settings,
        clock: Clock,
        *,
        mode: Mode = Mode.PAPER,
        desktop: Desktop | None = None,
        write: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__(hub)
        self._home, self._settings, self._clock, self._mode = home, settings, clock, mode
        self._desktop, self._write = desktop, write or sys.stderr.write
        self._grouping, self._foreign, self._watch = Grouping(), Grouping(), Watch()
        self._own: deque[AlertRaised] = deque(maxlen=REMEMBERED)
        # A hub of their own keeps one channel's failure from another's delivery, and from this stage.
        self._channels = FactHub()

    def begin(self) -> str:
        minimum = self._settings.alerts
        deliver, self._file = to_file(self._home)
        channels = [
            Channel("file", minimum.file, deliver),
            Channel("console", minimum.console, to_console(self._write)),
        ]
        if self._desktop is not None:
            channels.append(Channel("desktop", minimum.desktop, self._desktop))
        for channel in channels:
            self._channels.subscribe(channel, AlertRaised)
        return f"alerts go to {', '.join(channel.name for channel in channels)}"

    def receive(self, message: Any) -> None:
        """One fact; what is due of the counted ones goes out with it."""
        now = self._clock.now()
        log_fact(message)
        self._say_due(now)
        if type(message) is AlertRaised:
            self._deliver_foreign(message, now)
            return
        for notice in self._notices(message):
            admitted = self._grouping.admit(notice, now)
            if admitted is not None:
                self._raise(admitted)

    def finish(self) -> None:
        self._say_due(self._clock.now(), is_last=True)
        self._file.close()

    def _say_due(self, now: datetime, *, is_last: bool = False) -> None:
        for notice in self._grouping.due(now, is_last=is_last):
            self._raise(notice)
        for notice in self._foreign.due(now, is_last=is_last):
            self._channels.publish(self._alert(notice))

    def _deliver_foreign(self, alert: AlertRaised, now: datetime) -> None:
        """An alert that another stage published: it is delivered, and not published again."""
        if any(own is alert for own in self._own):
            return
        notice = Notice(
            alert.severity, alert.kind, alert.text, alert.text, f"alerts ({alert.kind})", alert.mode, alert.at
        )
        admitted = self._foreign.admit(notice, now)
        if admitted is not None:
            self._channels.publish(self._alert(admitted))

    def _notices(self, fact: Any) -> list[Notice]:
        word = NOTICES.get(type(fact))
        if word is not None:
            notice = word(fact)
            return [notice] if notice is not None else []
        if type(fact) is AccountMarked:
            return self._watch.account(fact)
        if type(fact) is FeedProgressed:
            return self._watch.feed(fact)
        return []

    def _raise(self, notice: Notice) -> None:
        alert = self._alert(notice)
        self._own.append(alert)
        self._channels.publish(alert)
        self.hub.publish(alert)

    def _alert(self, notice: Notice) -> AlertRaised:
        at = notice.at or self._clock.now()
        return AlertRaised(at, notice.severity, notice.kind, notice.text, notice.mode or self._mode)
