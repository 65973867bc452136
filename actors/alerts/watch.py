"""What only shows over time: a loss coming near, a day that ends, prices that stop; the alerts thread."""

from __future__ import annotations

from decimal import Decimal

from actors.alerts.wording import Notice
from core.figures import day, money
from core.market import Freshness
from core.messages import AccountMarked, FeedProgressed, Severity

NEAR = Decimal("0.8")
"""Share of a loss limit from which a warning is due."""


class Watch:
    """Remembers what it said, so that each thing is said once a day."""

    def __init__(self) -> None:
        self._newest: AccountMarked | None = None
        self._said: set[tuple[str, str]] = set()
        self._is_stale = False

    def account(self, fact: AccountMarked) -> list[Notice]:
        """A summary of the day before when a UTC day begins, and the loss limits near or reached."""
        notices: list[Notice] = []
        before, self._newest = self._newest, fact
        if before is not None and before.at.date() < fact.at.date():
            self._said.clear()
            notices.append(_summary(before))
        for limit in fact.limits:
            if "loss" in limit.name.lower() and limit.limit > 0 and limit.used >= limit.limit * NEAR:
                is_reached = limit.used >= limit.limit
                key = (limit.name, "reached" if is_reached else "near")
                if key in self._said:
                    continue
                self._said.add(key)
                used = f"{money(limit.used)} of {money(limit.limit)} {limit.unit}"
                what = f"{limit.name} {'has reached' if is_reached else 'is near'} its limit: {used}."
                severity = Severity.CRITICAL if is_reached else Severity.WARNING
                notices.append(Notice(severity, "risk limit", what, what, "loss limits", fact.mode, fact.at))
        return notices

    def feed(self, fact: FeedProgressed) -> list[Notice]:
        """Prices that become too old to trade on, and fresh again."""
        is_stale = fact.freshness is Freshness.STALE
        if is_stale == self._is_stale or fact.freshness is Freshness.UNKNOWN:
            return []
        self._is_stale = is_stale
        what = (
            "There is no new price; strategies wait for the next candle."
            if is_stale
            else "The prices are fresh again."
        )
        severity = Severity.WARNING if is_stale else Severity.INFO
        return [Notice(severity, "connection", what, what, "changes of freshness", at=fact.at)]


def _summary(last: AccountMarked) -> Notice:
    profit = money(last.equity - last.day_start_equity, signed=True)
    trades = f"{last.won_today} won, {last.lost_today} lost, {last.even_today} even"
    what = (
        f"{day(last.at)}: {profit} {last.currency}, {trades}, fees {money(last.fees_today)} {last.currency}; "
        f"equity {money(last.equity)} {last.currency}."
    )
    return Notice(
        Severity.INFO, "daily summary", what, "daily summary", "daily summaries", last.mode, last.at
    )
