"""From settings to a session: the same settings give the same book, another market another one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actors.session import book_of, home_ready, open_session
from core.errors import BadSettings
from core.modes import Mode
from core.plan import Costs
from core.settings import Settings
from tests.fakes.made_candles import write_candles
from tests.fakes.order_bench import plan_of
from tests.fakes.program import BOTH

HOME = Path()
"""No record is read for a market on paper."""


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "candles.csv", 60)


def settings(candles: Path, **more: Any) -> Settings:
    venue = {"name": f"replay:{candles}", "symbols": ["BTC/USDT"]}
    return Settings.model_validate({"venue": venue, **more})


def test_the_book_follows_from_what_must_not_mix(candles: Path, tmp_path: Path) -> None:
    plain = open_session(settings(candles), None, Mode.PAPER, HOME).plan
    same = open_session(settings(candles, risk={"max_order_usd": 30}), None, Mode.PAPER, HOME).plan
    assert same.book == plain.book  # limits may change within a book
    assert same.limits.max_order_usd == 30
    others = [
        open_session(settings(candles), ("grid",), Mode.PAPER, HOME),
        open_session(settings(candles, paper={"cash": 500}), None, Mode.PAPER, HOME),
        open_session(settings(candles, paper={"taker_fee": "0.002"}), None, Mode.PAPER, HOME),
        open_session(settings(candles), None, Mode.DRY_RUN, HOME),
        open_session(settings(write_candles(tmp_path / "o.csv", 60, seed=8)), None, Mode.PAPER, HOME),
    ]
    books = [plain.book, *(one.plan.book for one in others)]
    assert len(set(books)) == len(books)
    assert plain.book.startswith("paper/replay/")
    assert others[3].plan.book.startswith("dry-run/")


def test_what_it_runs(candles: Path) -> None:
    plan = open_session(settings(candles), None, Mode.PAPER, HOME).plan
    assert [one.id for one in plan.instances] == ["grid:BTC/USDT", "ema_cross:BTC/USDT"]
    off = {"grid": {"enabled": False}}
    (only,) = open_session(settings(candles, strategies=off), None, Mode.PAPER, HOME).plan.instances
    assert only.strategy == "ema_cross"
    own = {"grid": {"levels": 3}}
    instance = open_session(settings(candles, strategies=own), None, Mode.PAPER, HOME).plan.instances[0]
    assert dict(instance.params)["levels"] == Decimal(3)
    assert instance.slots == 3


@pytest.mark.parametrize(
    ("more", "names", "words"),
    [
        ({"strategies": {"moon": {}}}, None, "no strategy is called 'moon'"),
        ({"strategies": {name: {"enabled": False} for name in BOTH}}, None, "Every strategy is disabled"),
        ({}, ("grid", "grid"), "named twice"),
        ({}, ("moon",), "No strategy is called 'moon'"),
        ({"strategies": {"grid": {"levels": "2.5"}}}, None, "whole numbers"),
        ({"strategies": {"grid": {"wings": 2}}}, None, "no parameter 'wings'"),
    ],
)
def test_what_cannot_be_run_is_a_sentence(candles: Path, more: Any, names: Any, words: str) -> None:
    with pytest.raises(BadSettings, match=words):
        open_session(settings(candles, **more), names, Mode.PAPER, HOME)


def test_markets_named_by_a_person_are_allowed_unless_a_list_was_set(tmp_path: Path) -> None:
    path = write_candles(tmp_path / "c.csv", 60, symbol="SOL/USDT")
    venue = {"name": f"replay:{path}", "symbols": ["SOL/USDT"]}
    free = open_session(Settings.model_validate({"venue": venue}), None, Mode.PAPER, HOME).plan.limits
    assert "SOL/USDT" in free.allowed_symbols
    listed = Settings.model_validate({"venue": venue, "risk": {"allowed_symbols": ["BTC/USDT"]}})
    assert open_session(listed, None, Mode.PAPER, HOME).plan.limits.allowed_symbols == ("BTC/USDT",)


def test_an_exchange_that_is_none_is_a_sentence() -> None:
    with pytest.raises(BadSettings, match="Did you mean kraken"):
        open_session(Settings.model_validate({"venue": {"name": "krakn"}}), None, Mode.PAPER, HOME)


def test_a_real_book_outlives_fees_ticks_and_balances() -> None:
    """What the venue changes by itself opens no new books; another market or strategy does."""
    plan = plan_of("grid", mode=Mode.LIVE)
    finer = replace(plan.instruments[0], tick=Decimal("0.001"), min_notional=Decimal(7))
    changed = replace(plan, instruments=(finer,), cash=Decimal(77), costs=Costs(maker=Decimal("0.002")))
    assert book_of(changed, "binance", "x") == book_of(plan, "binance", "x")
    assert book_of(changed, "replay", "x") != book_of(plan, "replay", "x")
    assert book_of(plan_of("ema_cross", mode=Mode.LIVE), "binance", "x") != book_of(plan, "binance", "x")
    assert book_of(plan, "kraken", "x") != book_of(plan, "binance", "x")


def test_a_home_is_made_or_refused_in_a_sentence(tmp_path: Path) -> None:
    home_ready(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings, match=r"cannot be made: .*Choose another with --home"):
        home_ready(tmp_path / "file" / "home")
