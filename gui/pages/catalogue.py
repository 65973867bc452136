"""Which pages there are; a page is imported when made, after the first paint (charts cost 0.4 s)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.pages.page import Page


@dataclass(frozen=True, slots=True)
class PageEntry:
    """Enough to draw the navigation; ``make`` imports and builds the page."""

    group: str
    title: str
    icon: str
    make: Callable[[], Page]


def _dashboard() -> Page:
    from gui.pages.dashboard import DashboardPage

    return DashboardPage()


def _market() -> Page:
    from gui.pages.market import MarketPage

    return MarketPage()


def _orders() -> Page:
    from gui.pages.orders import OrdersPage

    return OrdersPage()


def _trades() -> Page:
    from gui.pages.trades import TradesPage

    return TradesPage()


def _logs() -> Page:
    from gui.pages.logs import LogsPage

    return LogsPage()


def _connection() -> Page:
    from gui.pages.venue import VenuePage

    return VenuePage()


def _keys() -> Page:
    from gui.pages.keys import KeysPage

    return KeysPage()


PAGES = (
    PageEntry("Watch", "Dashboard", "dashboard", _dashboard),
    PageEntry("Watch", "Market", "market", _market),
    PageEntry("Watch", "Orders", "orders", _orders),
    PageEntry("Watch", "Trades", "trades", _trades),
    PageEntry("Look back", "Logs", "logs", _logs),
    PageEntry("Set up", "Connection", "strategies", _connection),
    PageEntry("Set up", "Keys", "lock", _keys),
)
"""The navigation, in order; an entry stands here only when its page exists."""
