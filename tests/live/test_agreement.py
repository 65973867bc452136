"""The comparison itself: faultless records agree, and every single thing that is wrong with them is found."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.live_books import write_books
from tests.live.agreement import account_of, bare, faults, ours
from tests.venue.api import Api
from tests.venue.binance import Binance
from tests.venue.day import EVENING
from tests.venue.kraken import Kraken
from tests.venue.orders import Kind, Order, Wish

SLOTS = {"grid": 5}


def place(api: Api, name: str, side: str, kind: Kind, quantity: str, **more: str) -> Order:
    symbol = next(iter(api.core.tapes))
    prices = {key: Decimal(value) for key, value in more.items()}
    made = Wish(symbol=symbol, side=side, kind=kind, amount=Decimal(quantity), client_id=name,
                tags={"type": "LIMIT", "userref": "0"}, **prices)  # type: ignore[arg-type]  # fmt: skip
    return api.core.place(made)


@pytest.fixture(params=[Binance, Kraken])
def api(request: pytest.FixtureRequest, tmp_path: Path) -> Api:
    """A buy that is held under a stop, a limit that is half filled, one that rests and one that was cancelled."""
    made: Api = request.param(seed=2, start=EVENING)
    place(made, "blybought", "buy", Kind.MARKET, "0.002")
    place(made, "blystop", "sell", Kind.STOP, "0.00199", stop="45000")
    made.core.fill(place(made, "blyhalf", "buy", Kind.LIMIT, "0.002", price="49000"), "0.001")
    place(made, "blyrests", "buy", Kind.LIMIT, "0.002", price="48000")
    made.core.cancel(place(made, "blygone", "buy", Kind.LIMIT, "0.002", price="47000"))
    place(made, "stranger", "buy", Kind.LIMIT, "0.002", price="46000")
    write_books(tmp_path, made)
    return made


def said(api: Api, home: Path) -> str:
    return "\n".join(faults(account_of(api), ours(home)))


def change(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "belay.db")) as database, database:
        assert database.execute(statement).rowcount == 1


def test_faultless_records_agree(api: Api, tmp_path: Path) -> None:
    assert said(api, tmp_path) == ""


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("DELETE FROM orders WHERE client_order_id = 'blyrests'", "orphan"),
        ("UPDATE orders SET client_order_id = 'blyother' WHERE client_order_id = 'blyrests'", "never heard"),
        ("UPDATE orders SET status = 'open' WHERE client_order_id = 'blyhalf'", "is open, at the venue part"),
        ("UPDATE orders SET status = 'filled' WHERE client_order_id = 'blygone'", "is filled, at the venue"),
        ("UPDATE orders SET status = 'refused' WHERE client_order_id = 'blygone'", "and the venue has it"),
        ("UPDATE orders SET status = 'unknown' WHERE client_order_id = 'blyrests'", "unsettled: unknown"),
        ("UPDATE orders SET status = 'intent' WHERE client_order_id = 'blyrests'", "unsettled: intent"),
        ("UPDATE orders SET quantity = '0.003' WHERE client_order_id = 'blyrests'", "the row says"),
        ("UPDATE orders SET price = '48000.1' WHERE client_order_id = 'blyrests'", "price is 48000.1"),
        ("DELETE FROM fills WHERE client_order_id = 'blyhalf'", "fills are missing"),
        (
            "UPDATE fills SET price = price || '1' WHERE client_order_id = 'blyhalf'",
            "fills are missing 0.001",
        ),
        ("UPDATE fills SET fee = '0' WHERE client_order_id = 'blyhalf'", "our fills moved"),
        ("UPDATE fills SET cost = '49' || '.1' WHERE client_order_id = 'blyhalf'", "our fills moved"),
        (
            "UPDATE ledger SET amount = '1' WHERE id = (SELECT id FROM ledger WHERE account LIKE 'venue:%' LIMIT 1)",
            "our ledger moved",
        ),
    ],
)
def test_each_difference_is_found(api: Api, tmp_path: Path, statement: str, found: str) -> None:
    change(tmp_path, statement)
    assert found in said(api, tmp_path)


def test_an_identity_placed_twice_is_found(api: Api, tmp_path: Path) -> None:
    place(
        api, "blygone", "buy", Kind.LIMIT, "0.002", price="47000"
    )  # a venue takes an id again once it is over
    assert "blygone is at the venue 2 times" in said(api, tmp_path)


def test_money_that_a_stranger_moved_is_not_ours(api: Api, tmp_path: Path) -> None:
    place(api, "stranger2", "buy", Kind.MARKET, "0.002")
    found = said(api, tmp_path)
    assert found == ""


def test_held_coins_without_a_stop_are_found(api: Api, tmp_path: Path) -> None:
    assert bare(account_of(api), ours(tmp_path), SLOTS) != []  # the half that was bought has none
    held = "0.00099" if isinstance(api, Binance) else "0.001"
    place(api, "blystop2", "sell", Kind.STOP, held, stop="45000")
    write_books(tmp_path, api)
    assert bare(account_of(api), ours(tmp_path), SLOTS) == []
    stop = api.core.find(client_id="blystop")
    assert stop is not None
    api.core.cancel(stop)
    write_books(tmp_path, api)
    assert "has no stop" in bare(account_of(api), ours(tmp_path), SLOTS)[0]
