"""Made data for the window's tests and pictures: one plausible day, the same every time."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from core.halt import CancelLine, HaltEvidence, HaltRecord, HaltStep
from core.ids import BookId, ExecutionId, Identity, InstanceId, Symbol, client_order_id
from core.instrument import Instrument
from core.intent import Kind, Side
from core.market import Bar, Candle, Freshness, Quote
from core.messages import AccountMarked, FeedProgressed, Holding, LimitUse, PartsChecked, StrategyNoted
from core.modes import Mode, TradingState
from core.money import Money, Price, Quantity
from core.order import Fill, Order, OrderState, Role
from core.records import EquityPoint, LogLine, OrderEvent, RoundTrip

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
GRID, TREND = InstanceId("grid:BTC/USDT"), InstanceId("trend:ETH/USDT")
NOW = datetime(2025, 5, 8, 22, 20, 31, tzinfo=UTC)
BOOK = BookId("paper sim")
INSTRUMENTS = (
    Instrument(BTC, Decimal("0.01"), Decimal("0.00001"), min_notional=Decimal(10)),
    Instrument(ETH, Decimal("0.01"), Decimal("0.0001"), min_notional=Decimal(10)),
)
USDT = INSTRUMENTS[0].quote


def order(
    slot: int, side: Side, price: str, quantity: str, *, symbol: Symbol = BTC, sequence: int = 1,
    kind: Kind = Kind.LIMIT, state: OrderState = OrderState.OPEN, reason: str = "", minutes: int = 30,
    mode: Mode = Mode.PAPER, stop: str | None = None, filled: str | None = None,
) -> Order:  # fmt: skip
    """One order of the grid on BTC or the trend on ETH, wished ``minutes`` before ``NOW``."""
    identity = Identity(GRID if symbol == BTC else TREND, symbol, slot, sequence)
    done = Decimal(filled or (quantity if state is OrderState.FILLED else "0"))
    return Order(
        client_order_id=client_order_id(identity, BOOK), identity=identity, side=side, kind=kind,
        price=None if kind is Kind.MARKET else Price(price), quantity=Quantity(quantity),
        stop=Price(stop) if stop else None, mode=mode, time=NOW - timedelta(minutes=minutes),
        role=Role.PROTECTIVE if kind is Kind.STOP else Role.DECLARED, status=state, filled=Quantity(done),
        cost=done * Decimal(price), fee=done * Decimal(price) / 1000, reason=reason,
    )  # fmt: skip


def orders() -> list[Order]:
    """Newest first: working ones, a denied, a refused, an unknown, filled and cancelled ones."""
    s = OrderState
    return [
        order(7, Side.BUY, "3871.40", "0.0118", symbol=ETH, state=s.DENIED, minutes=0, sequence=9,
              reason="Denied a buy of 0.0118 ETH: cooldown after a loss, 4 min 12 s left"),
        order(1, Side.BUY, "58629.76", "0.00077", minutes=4),
        order(2, Side.BUY, "58219.36", "0.00077", minutes=5),
        order(3, Side.BUY, "57811.82", "0.00078", minutes=6, state=s.PART_FILLED, filled="0.00030"),
        order(4, Side.SELL, "59456.37", "0.00076", minutes=8),
        order(5, Side.BUY, "57407.14", "0.00078", minutes=9, state=s.UNKNOWN,
              reason="The venue did not answer; the slot is blocked until the order is found"),
        order(6, Side.SELL, "57436.04", "0.00076", kind=Kind.STOP, minutes=10),
        order(0, Side.BUY, "3800.00", "0.0120", symbol=ETH, state=s.REFUSED, minutes=18,
              reason="it is post-only and would trade at once at 58,629.76."),
        order(1, Side.SELL, "3828.40", "0.0120", symbol=ETH, state=s.FILLED, minutes=26, kind=Kind.STOP),
        order(0, Side.SELL, "59040.17", "0.00077", state=s.FILLED, minutes=45, sequence=2),
        order(0, Side.BUY, "58629.76", "0.00077", state=s.FILLED, minutes=60, sequence=1),
        order(8, Side.BUY, "59043.07", "0.00076", state=s.FILLED, minutes=110, stop="57436.04"),
        order(9, Side.BUY, "57000.00", "0.00079", state=s.CANCELLED, minutes=180,
              reason="Cancelled: the grid moved"),
    ]  # fmt: skip


def fill(of: Order) -> Fill:
    """The whole of ``of`` as one execution at its price."""
    price = of.price or Price("59000")
    quantity = of.filled or of.quantity
    return Fill(
        execution_id=ExecutionId(f"x-{of.client_order_id}"), client_order_id=of.client_order_id,
        identity=of.identity, side=of.side, price=price, quantity=Quantity(quantity), cost=price * quantity,
        fee=Money(price * quantity / 1000, USDT), is_maker=of.kind is Kind.LIMIT, at=of.time,
    )  # fmt: skip


def fills() -> list[Fill]:
    return [fill(each) for each in orders() if each.filled]


def events(of: Order) -> list[OrderEvent]:
    """The life of an order as the books tell it, newest first."""
    steps = [("wished", str(of.identity)), ("judged", "approved"), ("placed", "the venue took it")]
    if of.status is OrderState.DENIED:
        steps = [("wished", str(of.identity)), ("denied", of.reason)]
    elif of.filled:
        steps.append(("filled", f"{of.filled} at {of.price}"))
    return [
        OrderEvent(of.client_order_id, of.time + timedelta(milliseconds=40 * n), of.time, what, detail)
        for n, (what, detail) in reversed(list(enumerate(steps)))
    ]


def trades() -> list[RoundTrip]:
    """Sixteen round trips, newest first: mostly small wins, one stop."""
    made = []
    for n in range(16):
        lost = n == 3
        net = Decimal("-0.88") if lost else Decimal("0.00") if n == 9 else Decimal(20 + 3 * n) / 100
        symbol = ETH if lost else BTC
        closed = NOW - timedelta(minutes=26 + 37 * n)
        made.append(
            RoundTrip(
                instance=TREND if lost else GRID,
                symbol=symbol,
                opened=closed - timedelta(minutes=12 + n),
                closed=closed,
                quantity=Quantity("0.0120" if lost else "0.00077"),
                bought=Price("3894.00" if lost else "58629.76"),
                sold=Price("3828.40" if lost else "59040.17"),
                fees=Decimal("0.09"),
                net=net,
                risked=Decimal("1.10"),
                ended_by="stop" if lost else "exit",
                mode=Mode.PAPER,
            )
        )
    return made


def equity() -> list[EquityPoint]:
    """Seven days by the hour from 1,000 to 1,008.40, with a fall in the middle."""
    start, seed, value, walk = NOW - timedelta(days=7), 7, 0, []
    for _ in range(169):
        seed = (seed * 1_103_515_245 + 12_345) % 2**31
        value += seed // 65_536 % 200 - 100
        walk.append(value)
    drift = [840 * n // 168 - value * n // 168 for n in range(169)]
    return [
        EquityPoint(start + timedelta(hours=n), Decimal(100_000 + walk[n] + drift[n]) / 100)
        for n in range(169)
    ]


def log_lines() -> list[LogLine]:
    said = [("info", "feed", "Candle closed"), ("warning", "risk", "Denied a buy of 0.0118 ETH"),
            ("info", "executor", "Placed a buy of 0.00077 BTC at 58,629.76"),
            ("error", "feed", "The stream was silent for 14 s")]  # fmt: skip
    return [
        LogLine(NOW - timedelta(seconds=7 * n), level, "paper", source, text, (("number", str(400 - n)),))
        for n in range(40)
        for level, source, text in [said[n % 4]]
    ]


def account(state: TradingState = TradingState.ACTIVE, why: str = "", mode: Mode = Mode.PAPER,
            loss: str = "0") -> AccountMarked:  # fmt: skip
    """1,008.47 USD with two positions."""
    return AccountMarked(
        at=NOW, mode=mode, state=state, state_why=why, currency="USD", equity=Decimal("1008.47"),
        cash=Decimal("915.06"), start_equity=Decimal(1000), day_start_equity=Decimal("1003.48"),
        peak_equity=Decimal("1008.49"), realised_today=Decimal("2.27"), fees_today=Decimal("1.35"),
        fees=Decimal("4.02"), profit=Decimal("8.47"), won_today=14, lost_today=1, even_today=0,
        limits=(LimitUse(name="Loss today", used=Decimal(loss), limit=Decimal(20), unit="USD"),
                LimitUse(name="Entries", used=Decimal(13), limit=Decimal(20), unit=""),
                LimitUse(name="Exposure", used=Decimal("228.60"), limit=Decimal(300), unit="USD")),
        holdings=(
            Holding(instance=GRID, symbol=BTC, quantity=Quantity("0.00076"), average=Decimal("59043.07"),
                    price=Price("59010.01"), open_profit=Decimal("-0.03"), realised=Decimal("2.72"),
                    stop=Price("57436.04"), loss_at_stop=Decimal("1.31")),
            Holding(instance=TREND, symbol=ETH, quantity=Quantity("0.0124"), average=Decimal("3871.40"),
                    price=Price("3906.12"), open_profit=Decimal("0.43"), realised=Decimal("-0.88"),
                    stop=None, loss_at_stop=None)),
    )  # fmt: skip


def notes() -> list[StrategyNoted]:
    return [
        StrategyNoted(GRID, BTC, True, "Next buy at 58,629.76, 0.64 % below the price.",
                      (("EMA 20", 59005.2), ("EMA 50", 58950.7))),
        StrategyNoted(TREND, ETH, True, "Holds 0.0124 ETH. The trailing stop moved up to 3,790.00."),
        StrategyNoted(InstanceId("grid:ETH/USDT"), ETH, False,
                      "ATR is 41 % above its baseline, the limit is 30 %."),
    ]  # fmt: skip


def quote(price: str = "59010.01", symbol: Symbol = BTC) -> Quote:
    last = Decimal(price)
    return Quote(symbol, Price(last - 1), Price(last + 1), Price(last), NOW)


def candle(minute: int, close: str = "59010.00", *, closed: bool = True, symbol: Symbol = BTC) -> Candle:
    last = Decimal(close)
    at = NOW.replace(second=0) + timedelta(minutes=minute)
    return Candle(symbol, "1m", at, Price(last - 5), Price(last + 10), Price(last - 12), Price(last),
                  Quantity("3.5"), closed)  # fmt: skip


def bars(count: int = 600, symbol: Symbol = BTC) -> tuple[Bar, ...]:
    """One-minute candles up to ``NOW``, oldest first."""
    middle = 59_000.0 if symbol == BTC else 3_900.0
    first = int((NOW - timedelta(minutes=count)).replace(second=0).timestamp() * 1000)
    closes = [middle * (1 + 0.006 * math.sin(n / 41) + 0.002 * math.sin(n / 7.3)) for n in range(count + 1)]
    return tuple(
        Bar(first + n * 60_000, a, max(a, b) * 1.0004, min(a, b) * 0.9996, b, 2.0 + math.sin(n / 3) ** 2 * 5)
        for n, (a, b) in enumerate(pairwise(closes))
    )


def progress(freshness: Freshness = Freshness.FRESH, number: int = 412) -> FeedProgressed:
    return FeedProgressed(number, None, NOW, freshness, "real time")


def parts(well: int = 6, total: int = 6, silent: tuple[str, ...] = ()) -> PartsChecked:
    return PartsChecked(well, total, silent, NOW - timedelta(seconds=1))


def evidence(step: HaltStep = HaltStep.VERIFIED) -> HaltEvidence:
    """A kill at 22:20:31.204 that met seven orders and kept one protective stop."""
    rows = [
        (BTC, "sell", "S1", "59456.37", "0.00076"),
        (BTC, "buy", "B1", "58629.76", "0.00077"),
        (BTC, "buy", "B2", "58219.36", "0.00077"),
        (BTC, "buy", "B3", "57811.82", "0.00078"),
        (ETH, "sell", "T1", "4022.40", "0.0124"),
        (BTC, "sell stop", "Stop", "57436.04", "0.00076"),
    ]
    good = step is HaltStep.VERIFIED
    lines = tuple(
        CancelLine(
            client_order_id=f"bly{n}", symbol=symbol, side=side, slot=slot, price=price, quantity=quantity,
            sent_at="" if slot == "Stop" else f"2025-05-08T22:20:31.{212 + 64 * n}+00:00",
            answer_ms=None if slot == "Stop" or (not good and n > 3) else 113.0 + 3 * n,
            read_1=("kept" if slot == "Stop" else "gone") if good else "",
            read_2=("kept" if slot == "Stop" else "gone") if good else "",
        )
        for n, (symbol, side, slot, price, quantity) in enumerate(rows)
    )  # fmt: skip
    return HaltEvidence(
        record=HaltRecord("2025-05-08T22:20:31.204+00:00", "you, in the window", "Kill pressed"), step=step,
        latch_ms=0.4, cancel_from="2025-05-08T22:20:31.206+00:00",
        cancel_to="2025-05-08T22:20:31.981+00:00" if good else "",
        read_1_at="2025-05-08T22:20:32.398+00:00" if good else "",
        read_2_at="2025-05-08T22:20:33.402+00:00" if good else "",
        read_1_open=0 if good else None, read_2_open=0 if good else None, tries=1 if good else 4, lines=lines,
        not_sent=("buy 0.00077 BTC, grid B4",), holdings=("0.00076 BTC, 44.97 USD", "0.0124 ETH, 48.44 USD"),
    )  # fmt: skip
