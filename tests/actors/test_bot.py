"""A whole bot of one home: its summary against its exports, the desk's promises, and the modes."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from actors.bot import Bot
from actors.home_lock import AlreadyRunning
from core.errors import Refused
from core.halt import REARM_PHRASE, HaltStep, Latch
from core.messages import Drained, FeedEnded, HaltProgressed, Rearmed, StateChanged
from core.modes import Mode, TradingState
from core.settings import Settings
from tests.fakes.made_candles import write_candles

WAIT = 30.0
SHAPE = [
    "event", "mode", "venue", "candles", "signals", "orders", "fills", "denials", "equity", "profit", "fees",
    "drawdown", "halted", "fees_by_currency",
]  # fmt: skip
MONEY = {
    "orders": ("price", "quantity", "stop", "filled", "cost", "fee"),
    "fills": ("price", "quantity", "fee", "cost"),
    "trades": ("quantity", "bought", "sold", "fees", "net", "risked"),
    "positions": ("quantity", "cost", "realised", "fees"),
    "metrics": ("equity", "profit"),
    "ledger": ("amount",),
}


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "candles.csv", 5_000, seed=3)


def bot_on(home: Path, candles: Path, mode: Mode = Mode.PAPER, speed: str = "max", **more: Any) -> Bot:
    settings = Settings.model_validate(
        {"venue": {"name": f"replay:{candles}", "symbols": ["BTC/USDT"]}, "sim": {"speed": speed}, **more}
    )
    bot = Bot(home, settings, ("ema_cross", "grid"), Latch(home), mode)
    bot.open()
    return bot


def run_to_end(bot: Bot) -> Bot:
    ended: SimpleQueue[FeedEnded] = SimpleQueue()
    bot.hub.subscribe(ended.put, FeedEnded)
    bot.start()
    ended.get(timeout=60)
    bot.stop()
    return bot


def export(bot: Bot, what: str) -> list[dict[str, str]]:
    out = bot.home / f"{what}.csv"
    bot.books.export(what, "csv", out)
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, candles: Path) -> Bot:
    return run_to_end(bot_on(tmp_path_factory.mktemp("home"), candles))


# ---------------------------------------------------------------- the summary


def test_its_shape_is_stable(ended: Bot) -> None:
    summary = ended.summary()
    assert list(summary) == SHAPE
    assert summary["event"] == "summary"
    assert (summary["mode"], summary["venue"], summary["halted"]) == ("paper", "Replay of candles.csv", False)
    for name in ("candles", "signals", "orders", "fills"):
        assert type(summary[name]) is int
    for name in ("equity", "profit", "fees", "drawdown"):
        assert type(summary[name]) is str
        assert Decimal(summary[name]).is_finite()
        assert "e" not in summary[name].lower()
    assert all(type(count) is int for count in summary["denials"].values())
    assert json.loads(json.dumps(summary)) == summary


def test_its_numbers_are_those_of_the_exports(ended: Bot) -> None:
    summary, orders, fills = ended.summary(), export(ended, "orders"), export(ended, "fills")
    assert summary["candles"] == 5_000
    assert summary["fills"] == len(fills) > 50
    assert summary["orders"] == sum(order["status"] != "denied" for order in orders)
    assert sum(summary["denials"].values()) == sum(order["status"] == "denied" for order in orders)
    assert Decimal(summary["fees"]) == sum(Decimal(fill["fee"]) for fill in fills)
    assert summary["signals"] == sum(order["role"] == "declared" for order in orders)
    assert Decimal(summary["profit"]) == Decimal(summary["equity"]) - 10_000
    assert 0 < Decimal(summary["drawdown"]) < 1


def test_equity_is_cash_and_what_is_held_at_the_last_price(ended: Bot, candles: Path) -> None:
    last = Decimal(candles.read_text().splitlines()[-1].split(",")[4])
    cash, held = Decimal(10_000), Decimal(0)
    for fill in export(ended, "fills"):
        sign = 1 if fill["side"] == "buy" else -1
        cash -= sign * Decimal(fill["cost"]) + Decimal(fill["fee"])
        held += sign * Decimal(fill["quantity"])
    assert Decimal(ended.summary()["equity"]) == (cash + held * last).quantize(Decimal("1e-8"))


def test_the_ledger_balances_to_the_last_digit(ended: Bot) -> None:
    entries: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    accounts: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in export(ended, "ledger"):
        entries[line["entry"], line["currency"]] += Decimal(line["amount"])
        accounts[line["account"], line["currency"]] += Decimal(line["amount"])
    assert len(entries) > 50
    assert set(entries.values()) == {Decimal(0)}
    fees = sum((amount for (account, _), amount in accounts.items() if "fee" in account), Decimal(0))
    assert abs(fees) == Decimal(ended.summary()["fees"])


def test_positions_are_the_sum_of_the_fills(ended: Bot) -> None:
    held: Counter[str] = Counter()
    for fill in export(ended, "fills"):
        sign = 1 if fill["side"] == "buy" else -1
        held[fill["strategy"]] += sign * Decimal(fill["quantity"])  # type: ignore[assignment]
    assert {one.instance: one.quantity for one in ended.books.positions()} == dict(held)


@pytest.mark.parametrize("table", MONEY)
def test_no_float_is_in_a_money_column(ended: Bot, table: str) -> None:
    with closing(sqlite3.connect(f"file:{ended.home / 'belay.db'}?mode=ro", uri=True)) as database:
        for column in MONEY[table]:
            kinds = {kind for (kind,) in database.execute(f"SELECT DISTINCT typeof({column}) FROM {table}")}
            assert kinds - {"null"} == {"text"}, f"{table}.{column}"
            for (value,) in database.execute(f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
                assert Decimal(value).is_finite()
                assert "e" not in value.lower()


def test_no_column_of_the_database_holds_a_real(ended: Bot) -> None:
    with closing(sqlite3.connect(f"file:{ended.home / 'belay.db'}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for _, column, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                question = f"SELECT count(*) FROM {table} WHERE typeof({column}) = 'real'"
                assert database.execute(question).fetchone() == (0,), f"{table}.{column}"


def test_its_books_hold(ended: Bot) -> None:
    assert ended.faults() == []


def test_with_nothing_traded(tmp_path: Path) -> None:
    bot = run_to_end(bot_on(tmp_path / "home", write_candles(tmp_path / "few.csv", 10)))
    summary = bot.summary()
    assert (summary["candles"], summary["orders"], summary["fills"]) == (10, 0, 0)
    assert (summary["equity"], summary["profit"], summary["fees"], summary["drawdown"]) == (
        "10000",
        "0",
        "0",
        "0",
    )
    assert bot.faults() == []


# ---------------------------------------------------------------- modes


def test_dry_run_logs_its_orders_and_sends_none(tmp_path: Path, candles: Path) -> None:
    bot = run_to_end(bot_on(tmp_path, candles, Mode.DRY_RUN))
    summary, orders = bot.summary(), export(bot, "orders")
    assert (summary["mode"], summary["fills"], summary["equity"]) == ("dry-run", 0, "10000")
    assert summary["orders"] > 20
    sent = [order for order in orders if order["status"] != "denied"]
    assert {(order["status"], order["mode"]) for order in sent} == {("cancelled", "dry-run")}
    assert {order["reason"] for order in sent} == {"Dry-run: the order is logged and not sent."}
    assert bot.pipeline.venue.open_orders() == ()
    assert bot.books.positions() == ()
    assert bot.faults() == []


def test_paper_and_dry_run_have_books_of_their_own(tmp_path: Path, candles: Path, ended: Bot) -> None:
    paper = run_to_end(bot_on(tmp_path, candles))
    dry = run_to_end(bot_on(tmp_path, candles, Mode.DRY_RUN))
    assert paper.session.plan.book != dry.session.plan.book
    assert paper.summary() == ended.summary()
    assert dry.summary()["fills"] == 0


# ---------------------------------------------------------------- the desk


@pytest.fixture
def running(tmp_path: Path, candles: Path) -> Iterator[tuple[Bot, SimpleQueue[Any]]]:
    """A bot in the middle of its candles, at a hundred candles a second."""
    bot = bot_on(tmp_path, candles, speed="6000")
    facts: SimpleQueue[Any] = SimpleQueue()
    bot.subscribe(facts.put)
    bot.start()
    yield bot, facts
    bot.stop()


def heard(facts: SimpleQueue[Any], kind: type) -> Any:
    while True:
        fact = facts.get(timeout=WAIT)
        if isinstance(fact, kind):
            return fact


def test_killed_and_rearmed_from_the_desk(running: tuple[Bot, SimpleQueue[Any]]) -> None:
    bot, facts = running
    heard(facts, Drained)
    bot.kill("you, in the window", "Kill pressed")
    assert bot.latch.is_set()
    while heard(facts, HaltProgressed).evidence.step is not HaltStep.VERIFIED:
        pass
    evidence = bot.evidence()
    assert evidence is not None
    assert evidence.record.cause == "you, in the window"
    with pytest.raises(Refused, match="exactly"):
        bot.rearm("trade")
    assert bot.latch.is_set()
    bot.rearm(REARM_PHRASE)
    heard(facts, Rearmed)
    heard(facts, Drained)  # it goes on
    assert not bot.latch.is_set()


def test_not_rearmed_on_the_proof_of_an_older_halt(running: tuple[Bot, SimpleQueue[Any]]) -> None:
    bot, facts = running
    bot.kill("you", "one")
    while heard(facts, HaltProgressed).evidence.step is not HaltStep.VERIFIED:
        pass
    old = bot.evidence()
    assert old is not None
    bot.latch.rearm(REARM_PHRASE)
    heard(facts, Rearmed)
    bot.pipeline.kill_switch.close()
    bot.pipeline.kill_switch.join(WAIT)
    bot.kill("you", "two")
    assert bot.evidence() == old
    with pytest.raises(Refused, match="not verified yet"):
        bot.rearm(REARM_PHRASE)
    assert bot.latch.is_set()


def test_paused_and_resumed(running: tuple[Bot, SimpleQueue[Any]]) -> None:
    bot, facts = running
    bot.pause()
    assert heard(facts, StateChanged).state is TradingState.REDUCING
    bot.resume()
    assert heard(facts, StateChanged).state is TradingState.ACTIVE


def test_its_heartbeat_is_there_while_it_runs(running: tuple[Bot, SimpleQueue[Any]]) -> None:
    bot, facts = running
    heard(facts, Drained)
    bot._status.write()
    values = json.loads((bot.home / "status.json").read_text())
    assert (values["mode"], values["halted"]) == ("paper", False)
    assert values["venue"] == "Replay of candles.csv"
    with pytest.raises(AlreadyRunning):
        Bot(bot.home, bot.settings, None, bot.latch)


def test_after_the_stop_the_home_is_free(tmp_path: Path, candles: Path) -> None:
    bot = bot_on(tmp_path, candles)
    bot.start()
    said = bot.stop()
    assert said.endswith(".")
    assert not (tmp_path / "status.json").exists()
    bot.pause()  # after the stop there is nobody to tell, and that is fine
    Bot(tmp_path, bot.settings, None, bot.latch).release()
