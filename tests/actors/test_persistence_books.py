"""What the window and the command line read, and the files that they export."""

from __future__ import annotations

import csv
import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from actors.persistence.books import RecordBooks
from actors.persistence.opening import DATABASE_FILE, open_records
from actors.persistence.queries import connection
from actors.persistence.verify import verify_books
from core.errors import BadData, BadSettings, RecordsLost
from core.intent import Kind, Side
from core.messages import EquitySampled, FeedEnded
from core.ports import Books
from tests.fakes.record_bench import BOOK, BTC, CASH, ETH, START, Hands, Market, denied, moment, order, stage

WHAT = ("fills", "trades", "orders", "ledger")


def trade_some(home: Path, clock: Hands | None = None) -> None:
    """Four round trips, a market order, a denial, a cancel, on two symbols."""
    records = stage(home, clock=clock)
    market = Market(records)
    number = 0
    for sequence in range(1, 9):
        number += 1
        side = Side.BUY if sequence % 2 else Side.SELL
        placed = market.place(number, order(sequence, side, price=str(27000 + 10 * sequence), stop="26000"))
        placed = market.fill(placed, "0.0005", part=1)
        market.drain(number)
        number += 1
        market.fill(placed, part=2)
        market.tell(EquitySampled(number, moment(number), CASH.amount + sequence))
        market.drain(number)
    market.tell(denied(order(9)))
    market.cancel(market.place(number + 1, order(10, symbol=ETH)))
    taker = replace(order(11, slot=1), kind=Kind.MARKET, price=None)
    market.write_ahead(number + 1, taker)
    market.drain(number + 1)
    market.tell(FeedEnded(number + 1))
    records.finish()


def test_record_books_are_books(home: Path) -> None:
    books: Books = RecordBooks(home, BOOK)
    assert books.orders() == []
    assert books.counts().fills == 0


def test_newest_first_in_pages(home: Path) -> None:
    trade_some(home)
    books = RecordBooks(home, BOOK)
    found = [each.identity.sequence for each in books.orders()]
    assert found == [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert [each.identity.sequence for each in books.orders(limit=3, offset=2)] == [9, 8, 7]
    assert len(books.fills()) == 16
    assert books.fills(limit=1)[0].identity.sequence == 8
    assert books.fills(symbol=ETH) == []
    assert len(books.fills(symbol=BTC, offset=10)) == 6
    trades = books.trades()
    assert len(trades) == 4
    assert trades[0].closed > trades[-1].closed
    assert [point.equity for point in books.equity()] == [CASH.amount + n for n in range(1, 9)]
    assert len(books.equity(since=moment(16))) == 1
    events = books.order_events(order(10, symbol=ETH).client_order_id)
    assert [event.happening for event in events] == ["cancelled", "placed", "intent", "signal"]
    assert events[0].detail == "the grid moved"
    assert events[0].written > START
    assert events[0].at == moment(17)  # the newest time the market told


@pytest.mark.parametrize(
    ("states", "text", "sequences"),
    [
        (["denied", "cancelled"], "", [10, 9]),
        ([], "ETH/", [10]),
        ([], "too much", [9]),
        ([], "100%", []),
        (["filled"], "sell", [8, 6, 4, 2]),
        ([], "market", [11]),
    ],
)
def test_orders_are_found(home: Path, states: list[str], text: str, sequences: list[int]) -> None:
    trade_some(home)
    found = RecordBooks(home, BOOK).orders(states=iter(states), text=text)
    assert [each.identity.sequence for each in found] == sequences


def test_any_thread_may_ask(home: Path) -> None:
    trade_some(home)
    books, found = RecordBooks(home, BOOK), []
    threads = [threading.Thread(target=lambda: found.append(len(books.orders()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [11] * 4


def test_reading_does_not_wait_for_the_writer(home: Path) -> None:
    trade_some(home)
    opened = open_records(home, START)
    connection(opened.database).execute("BEGIN EXCLUSIVE")
    try:
        assert len(RecordBooks(home, BOOK).orders()) == 11
    finally:
        opened.database.close()


def test_records_that_cannot_be_read_are_one_sentence(home: Path) -> None:
    (home / DATABASE_FILE).write_bytes(b"this is no database " * 100)
    with pytest.raises(RecordsLost, match=r"is no database\. Move it away"):
        RecordBooks(home, BOOK).orders()


def test_two_runs_export_the_same_bytes(tmp_path: Path) -> None:
    files = []
    for run in ("one", "two"):
        home = tmp_path / run
        clock = Hands()
        clock.at += 99 * (clock.now() - START) if run == "two" else clock.at - clock.at
        trade_some(home, clock)
        for what in WHAT:
            for kind in ("csv", "jsonl"):
                RecordBooks(home, BOOK).export(what, kind, home / f"{what}.{kind}")
        files.append({f"{w}.{k}": (home / f"{w}.{k}").read_bytes() for w in WHAT for k in ("csv", "jsonl")})
    assert files[0] == files[1]
    assert all(files[0].values())


def test_csv_and_jsonl_say_the_same(home: Path) -> None:
    trade_some(home)
    books = RecordBooks(home, BOOK)
    for what, number in (("fills", 16), ("trades", 4), ("orders", 11), ("ledger", 2 + 16 * 5)):
        assert books.export(what, "csv", home / "x.csv") == number
        assert books.export(what, "jsonl", home / "x.jsonl") == number
        with (home / "x.csv").open(encoding="utf-8", newline="") as file:
            table = list(csv.DictReader(file))
        lines = [json.loads(line) for line in (home / "x.jsonl").read_text(encoding="utf-8").splitlines()]
        assert len(table) == len(lines) == number
        for row, line in zip(table, lines, strict=True):
            assert row == {name: plain(cell) for name, cell in line.items()}


def plain(cell: object) -> str:
    """A cell of a JSON line as CSV has it."""
    return "" if cell is None else str(int(cell) if isinstance(cell, bool) else cell)


def test_a_fill_in_the_export(home: Path) -> None:
    trade_some(home)
    RecordBooks(home, BOOK).export("fills", "csv", home / "fills.csv")
    header, first, *_ = (home / "fills.csv").read_text().splitlines()
    assert header.startswith("time,symbol,side,price,quantity,fee,fee_currency,strategy,slot,sequence,cost,")
    ms = int(moment(1).timestamp() * 1000)
    assert first.startswith(f"{ms},BTC/USDT,buy,27010,0.0005,0.013505,USDT,grid:BTC/USDT,0,1,13.505,bly")


def test_logs_are_exported_oldest_first(home: Path) -> None:
    (home / "logs").mkdir()
    lines = [
        {"at": f"2025-05-08T00:00:0{n}.000+00:00", "level": "info", "mode": "paper", "source": "feed",
         "text": f"line {n}", "n": n}
        for n in range(3)
    ]  # fmt: skip
    (home / "logs" / "belay.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    books = RecordBooks(home, BOOK)
    assert [line.text for line in books.log(limit=2)] == ["line 2", "line 1"]
    assert books.export("logs", "jsonl", home / "logs.jsonl") == 3
    first = json.loads((home / "logs.jsonl").read_text().splitlines()[0])
    assert (first["text"], first["mode"], json.loads(first["fields"])) == ("line 0", "paper", {"n": "0"})


@pytest.mark.parametrize(
    ("what", "kind", "sentence"),
    [
        ("fills", "koinly", r"writes csv and jsonl, not koinly"),
        ("fills", "cointracking", r"not cointracking"),
        ("fills", "xml", r"no export format 'xml'"),
        (
            "secrets",
            "csv",
            r"called 'secrets': choose fills, trades, orders, ledger or logs",
        ),
    ],
)
def test_what_cannot_be_exported(home: Path, what: str, kind: str, sentence: str) -> None:
    with pytest.raises(BadSettings, match=sentence):
        RecordBooks(home, BOOK).export(what, kind, home / "out")
    assert not (home / "out").exists()


def test_a_failed_export_leaves_the_old_file(home: Path) -> None:
    trade_some(home)
    books, folder = RecordBooks(home, BOOK), home / "there"
    folder.mkdir()
    with pytest.raises(BadData, match=r"The export to .* fails"):
        books.export("fills", "csv", folder)
    with pytest.raises(BadData, match=r"Choose another file or folder"):
        books.export("fills", "csv", home / "missing" / "fills.csv")
    assert sorted(path.name for path in home.iterdir() if path.suffix == ".part") == []
    kept = home / "fills.csv"
    kept.write_text("old")
    with (home / DATABASE_FILE).open("r+b") as file:  # the table's pages are gone in the middle of the export
        file.seek(8192)
        file.write(b"\xff" * ((home / DATABASE_FILE).stat().st_size - 8192))
    with pytest.raises(RecordsLost, match="damaged"):
        books.export("fills", "csv", kept)
    assert kept.read_text() == "old"


WRONGS = [
    ("UPDATE fills SET quantity = '0.0006' WHERE id = 1", "its fills say"),
    ("UPDATE fills SET client_order_id = 'stranger' WHERE id = 1", "belongs to no order"),
    ("UPDATE fills SET side = 'buy' WHERE id = 3", "does not fit|is not of the order"),
    ("DELETE FROM fills WHERE id = 16", "the fills say"),
    ("UPDATE orders SET filled = '0.001' WHERE id = 1", "says filled"),
    ("UPDATE orders SET status = 'open' WHERE id = 1", "is open with 0.002 of 0.002 filled"),
    ("UPDATE positions SET quantity = '0.00000001'", "Position grid:BTC/USDT BTC/USDT: the row says"),
    ("UPDATE positions SET realised = '1'", "the fills say"),
    ("DELETE FROM positions", "the row says nothing"),
    ("UPDATE trades SET net = '1' WHERE id = 1", "trades on record"),
    ("DELETE FROM trades WHERE id = 2", "The 3 trades on record are not the 4"),
    ("UPDATE ledger SET amount = '0.00051' WHERE id = 3", "does not balance: 0.00001 BTC is left over"),
    (
        "DELETE FROM ledger WHERE entry = 2",
        "Account venue:BTC: the ledger has -0.0005 BTC, the fills make 0 BTC",
    ),
    ("UPDATE ledger SET account = 'fees' WHERE account = 'trading:BTC/USDT'", "Account fees: the ledger has"),
]


def test_good_books_have_no_fault(home: Path) -> None:
    trade_some(home)
    assert verify_books(home, BOOK) == []


@pytest.mark.parametrize(("wrong", "sentence"), WRONGS)
def test_verification_sees(home: Path, wrong: str, sentence: str) -> None:
    trade_some(home)
    opened = open_records(home, START)
    changed = connection(opened.database).execute(wrong).rowcount
    opened.database.close()
    assert changed > 0
    faults = verify_books(home, BOOK)
    assert any(any(part in fault for part in sentence.split("|")) for fault in faults), faults
