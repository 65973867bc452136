"""Made news of a venue for the window's tests and pictures: what it can do, its connection, foreign orders."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from core.ids import Currency, Symbol, VenueName
from core.intent import Kind, Side
from core.market import Freshness
from core.messages import Difference, Fact, ForeignSeen, LinkNoted, Reconciled, SymbolAged
from core.money import Price, Quantity
from core.order import OrderState
from core.venue import BudgetUse, Capabilities, LinkStatistics, StopSupport, VenueOrder, VenueStatus
from tests.fakes import made

KRAKEN = VenueName("kraken")
CAPS = Capabilities(
    venue=KRAKEN, title="Kraken", stops=StopSupport.MARKET, can_amend=True, has_post_only=True, can_find=True,
    cancels_all=False, dead_man=True, has_sandbox=False, tells_key_rights=True,
    streams={"candles": True, "ticker": True, "orders": True, "own_trades": True, "balance": False},
    maker=Decimal("0.0025"), taker=Decimal("0.004"), settle_seconds=15.0, rank="first class",
    notes=(
        "Kraken's cancel-all ignores the market, so Belay never uses it.",
        "The dead man's switch would strip protective stops from positions.",
    ),
)  # fmt: skip
BARE = Capabilities(
    venue=VenueName("firi"), title="Firi", stops=StopSupport.NONE, can_amend=False, has_post_only=False,
    can_find=False, cancels_all=True, dead_man=False, has_sandbox=False, tells_key_rights=False,
    streams={"candles": False}, maker=Decimal("0.005"), taker=Decimal("0.005"), settle_seconds=90.0,
    rank="any ccxt venue",
)  # fmt: skip


def budgets(used: float = 1240.0) -> tuple[BudgetUse, ...]:
    """Three limits: one at ease, one near its end, one in another unit."""
    return (
        BudgetUse(name="Requests, 1 min", used=used, limit=6000.0, unit="weight"),
        BudgetUse(name="Orders, 10 s", used=88.0, limit=100.0, unit="orders"),
        BudgetUse(name="Private counter", used=2.5, limit=20.0, unit=""),
    )


def noted(public: str = "streams", private: str = "streams", **more: object) -> LinkNoted:
    """The connection as it is after an hour."""
    told = LinkStatistics(
        requests=1843, retries=4, waits=12, wait_seconds=7.4, rate_limited=0, reconnects=1,
        stream_messages=48_213, offset_ms=12, budgets=budgets(),
    )  # fmt: skip
    return LinkNoted(KRAKEN, public, private, replace(told, **more))  # type: ignore[arg-type]


def aged(symbol: Symbol = made.BTC, state: Freshness = Freshness.FRESH, age: float = 0.4, way: str = "stream"
         ) -> SymbolAged:  # fmt: skip
    return SymbolAged(symbol=symbol, freshness=state, age=age, way=way)


def foreign(venue_id: str = "OQCLML-BW3P3-BUCMWZ", **more: object) -> VenueOrder:
    """A sell of ETH that somebody placed by hand."""
    order = VenueOrder(
        venue_id=venue_id, client_order_id="", symbol=made.ETH, side=Side.SELL, kind=Kind.LIMIT,
        price=Price("3999.50"), quantity=Quantity("0.2500"), filled=Quantity(0), status=VenueStatus.OPEN, at=made.NOW,
    )  # fmt: skip
    return replace(order, **more)  # type: ignore[arg-type]


def strangers() -> ForeignSeen:
    """Two foreign orders: the sell of ETH, and a stop on BTC."""
    stop = foreign("OB5VMB-B4U2U-DK2WRW", symbol=made.BTC, kind=Kind.STOP, price=Price("52000.00"),
                   quantity=Quantity("0.01000"))  # fmt: skip
    return ForeignSeen((foreign(), stop))


def compared(*, agrees: bool = True) -> Reconciled:
    """A comparison that agrees, or one with a balance too small and an order not found."""
    if agrees:
        return Reconciled(made.NOW, "every minute", (), ())
    gap = Difference(currency=Currency("ETH"), venue=Decimal("0.2"), ours=Decimal("0.25"))
    lost = made.order(5, Side.BUY, "57407.14", "0.00078", state=OrderState.UNKNOWN)
    return Reconciled(made.NOW, "own streams were down", (gap,), (lost,))


def running() -> list[Fact]:
    """What comes in while Belay trades on Kraken."""
    return [noted(), aged(), aged(made.ETH, Freshness.STALE, 14.0, "polling"), compared()]
