"""The dashboard's day so far, and the room that the limits leave; the window's thread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.messages import AccountMarked
from gui.meter import NEAR, share
from gui.panels import Change, Meter, Pair, Panel, column, label
from gui.text import duration, money, number
from gui.wording import meter_words


class TodayPanel(Panel):
    """Filled by ``AccountMarked``; before the first one every value is not known."""

    def __init__(self) -> None:
        super().__init__("Today", note="since 00:00 UTC", gap=7)
        self.equity, self.closed = Change(), Change()
        self.trips = Pair("Trades", "not known")
        self.fees = Pair("Fees paid", "not known")
        self.cash = Pair("Cash", "not known")
        self.equity.show_change(None, "not known")
        self.closed.show_change(None, "not known")
        self.add(Pair("Equity", self.equity), Pair("Closed trades, net", self.closed))
        self.add(self.trips, self.fees, self.cash, 4)
        self._until = label("Room left until 00:00 UTC", 12, 400, "faint")
        self.add(self._until)
        self._limits: list[tuple[Pair, Meter]] = []
        self._room = column(gap=8)
        self.add(self._room, None)

    def marked(self, account: AccountMarked) -> None:
        grown = account.equity - account.day_start_equity
        self.equity.show_change(grown, money(grown, account.currency, signed=True))
        closed = account.realised_today
        self.closed.show_change(closed, money(closed, account.currency, signed=True))
        won, lost, even = account.won_today, account.lost_today, account.even_today
        total = number(won + lost + even, 0)
        self.trips.set_value(f"{total}: {won} won, {lost} lost, {even} even" if won + lost + even else "none")
        self.fees.set_value(money(account.fees_today, account.currency))
        self.cash.set_value(money(account.cash, account.currency))
        left = until_midnight(account.at)
        self._until.setText(f"Room left until 00:00 UTC, in {duration(left)}")
        self._show_limits(account)

    def _show_limits(self, account: AccountMarked) -> None:
        box = self._room.layout()
        assert box is not None
        while len(self._limits) < len(account.limits):
            pair, meter = Pair(""), Meter()
            self._limits.append((pair, meter))
            box.addWidget(column(pair, meter, gap=3))
        for at, (pair, meter) in enumerate(self._limits):
            if at >= len(account.limits):
                continue
            limit = account.limits[at]
            pair.name.setText(limit.name)
            near = limit.used >= limit.limit or share(limit.used, limit.limit) >= NEAR
            pair.set_value(meter_words(limit), "warn" if near else "text")
            meter.setAccessibleName(f"{limit.name}, {meter_words(limit)}")
            meter.show_use(limit.used, limit.limit)


def until_midnight(at: datetime) -> timedelta:
    """From ``at`` to the next 00:00 UTC, where the daily counters start again."""
    utc = at.astimezone(UTC)
    return (utc + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0) - utc
