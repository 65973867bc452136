"""The judge in exact words: what it approves and reserves, what it denies and how it says so."""

from __future__ import annotations

import ast
import copy
import pickle
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import core.risk.judge
from core.errors import Refused
from core.ids import Identity, InstanceId, Symbol
from core.intent import Intent, Side
from core.kernel.fold import Fold
from core.kernel.records import DENIED, PENDING
from core.money import Quantity
from core.risk.judge import approve_again, judge
from core.risk.layers import HALTED_STATE, REDUCING_STATE
from core.risk.verdict import Approved, Denied, Reason, halted
from tests.fakes.judge_bench import fold_of, intent, order_of
from tests.fakes.kernel_bench import BTC

AT = datetime(2025, 5, 8, 22, 20, tzinfo=UTC)
ROOT = Path(core.risk.judge.__file__).resolve().parents[2]


def denied(of: Intent, fold: Fold) -> Denied:
    verdict = judge(of, fold)
    assert isinstance(verdict, Denied)
    return verdict


ROOMY = {"symbol_share": 9, "total_share": 9, "max_exposure": 1e6}


def test_an_approval_reserves_what_the_next_one_cannot_have() -> None:
    fold = with_(fold_of(), "limits", **ROOMY)
    fold.arena.account[0]["cash"] = 70.0
    assert isinstance(judge(intent(), fold), Approved)
    account, slot = fold.arena.account[0], fold.arena.slots[0]
    assert (account["reserved"], account["open_entries"], account["signals"]) == (39.6792, 1, 1)  # 0.2 % fee
    assert (slot["status"], slot["live_price"], slot["live_quantity"], slot["live_stop"]) == (
        PENDING, 99, 0.4, 90,
    )  # fmt: skip
    verdict = denied(intent(slot=1), fold)
    assert (verdict.reason, verdict.limit, verdict.asked, verdict.unit) == (
        Reason.BALANCE, Decimal("30.3208"), Decimal("39.6792"), "USDT",
    )  # fmt: skip
    assert fold.arena.slots[1]["status"] == DENIED
    assert (account["reserved"], account["open_entries"], account["signals"]) == (39.6792, 1, 2)


def test_a_market_order_reserves_at_the_last_price() -> None:
    fold = fold_of()
    assert isinstance(judge(intent(price=None), fold), Approved)
    assert fold.arena.account[0]["reserved"] == 40.08


def test_an_exit_reserves_nothing() -> None:
    fold = fold_of()
    fold.arena.slots[0]["held"] = 0.4
    assert isinstance(judge(intent(Side.SELL, stop=None), fold), Approved)
    assert (fold.arena.account[0]["reserved"], fold.arena.account[0]["open_entries"]) == (0, 0)


def halt(fold: Fold, state: int) -> Fold:
    fold.arena.limits[0]["state"] = state
    return fold


def with_(fold: Fold, part: str, **values: float) -> Fold:
    for name, value in values.items():
        getattr(fold.arena, part)[0][name] = value
    return fold


# the limit as told, and what the sentence must name
SAYS = [
    (intent(), halt(fold_of(), HALTED_STATE), Reason.HALTED, "0 orders", "halted…re-arm"),
    (intent(), with_(fold_of(), "limits", mode_allowed=0), Reason.MODE, "0 orders", "mode"),
    (intent(), halt(fold_of(), REDUCING_STATE), Reason.REDUCING, "0 entries", "paused"),
    (intent(), with_(fold_of(), "account", equity=9975.5), Reason.DAILY_LOSS, "20 USD", "24.50 USD…20.00;…00:00 UTC"),
    (intent(), with_(fold_of(), "account", day_entries=20), Reason.DAILY_ENTRIES, "20 entries",
     "entry 21…20…00:00 UTC"),
    (intent(Side.SELL, "0.41", stop=None), with_(fold_of(), "slots", held=0.4), Reason.SIDE, "0.4 BTC",
     "sells 0.410 BTC…holds 0.400"),
    (intent(), fold_of(allowed_symbols=(Symbol("ETH/USDT"),)), Reason.NOT_ALLOWED, "0 orders",
     "BTC/USDT is not…risk.allowed_symbols"),
    (intent(), fold_of(usd_like=("USD",)), Reason.NO_USD_PRICE, "0 USDT", "USDT has no known price in USD"),
    (intent(price=None), fold_of(last=0), Reason.NO_USD_PRICE, "0 USDT", "the market has no price yet"),
    (intent(quantity="0.1"), fold_of(), Reason.BELOW_MINIMUM, "10 USD", "9.90 USD…minimum of 10.00 USD"),
    (intent(quantity="0"), fold_of(), Reason.BELOW_MINIMUM, "10 USD", "0.00 USD…minimum of 10.00 USD"),
    (intent(), fold_of(least="0.5"), Reason.BELOW_MINIMUM, "0.5 BTC", "0.400 BTC…minimum of 0.500 BTC"),
    (intent(quantity="0.6"), fold_of(), Reason.ABOVE_MAXIMUM, "50 USD", "59.40 USD…50.00 USD"),
    (intent(stop=None), fold_of(), Reason.NO_STOP, "99 USDT", "needs a stop below its price"),
    # 0.4 x (99 - 89.82) and 0.2 % of 0.4 x (99 + 89.82)
    (intent(), fold_of(risk_per_trade=Decimal("0.0001")), Reason.RISK_AT_STOP, "1 USDT",
     "3.82 USDT at its stop…1.00 USDT"),
    (intent(price="105.01"), fold_of(), Reason.PRICE, "105 USDT", "price 105.01 is above 105.00,"),
    (intent(Side.SELL, price=None, stop=None), with_(fold_of(last=0), "slots", held=0.4), Reason.PRICE, "0 USDT",
     "the market has no price yet"),
    (intent(), with_(fold_of(), "markets", is_stale=1), Reason.STALE_PRICE, "0 orders", "too old…fresh"),
    (intent(), with_(fold_of(), "markets", seen_spread=0.012), Reason.SPREAD, "0.5 %", "1.20 % apart…0.50 %"),
    (intent(), with_(fold_of(), "markets", seen_slippage=0.03), Reason.SLIPPAGE, "1 %", "3.00 % away…1.00 %"),
    (intent(), fold_of(symbol_share=Decimal("0.001")), Reason.SYMBOL_SHARE, "10 USDT", "hold 39.68 USDT…10.00"),
    (intent(), with_(fold_of(), "markets", quantity=2.2), Reason.POSITION, "250 USD", "hold 259.68 USD…250.00"),
    (intent(), fold_of(total_share=Decimal("0.002")), Reason.TOTAL_SHARE, "20 USDT", "hold 39.68 USDT…20.00"),
    (intent(), with_(fold_of(), "account", cash=9000), Reason.EXPOSURE, "1000 USD", "hold 1,039.68 USD…1,000.00"),
    (intent(), with_(with_(fold_of(), "markets", hurt_at=-60_000), "account", now=30_000), Reason.COOLDOWN,
     "5 minutes", "rests for 5.0 minutes…1.5 have passed"),
    (intent(), with_(with_(fold_of(), "markets", hurt_at=-90_000), "account", now=30_000), Reason.COOLDOWN,
     "5 minutes", "rests for 5 minutes…2 have passed"),
    (intent(), with_(fold_of(), "account", minute=1, minute_entries=10), Reason.ORDER_RATE, "10 entries",
     "entry 11…10"),
    (intent(), with_(with_(fold_of(), "limits", **ROOMY), "account", cash=39.67), Reason.BALANCE,
     "39.67 USDT",
     "needs 39.68 USDT, 39.67 USDT are free"),
]  # fmt: skip


@pytest.mark.parametrize(("of", "fold", "reason", "limit", "named"), SAYS)
def test_what_a_denial_says(of: Intent, fold: Fold, reason: Reason, limit: str, named: str) -> None:
    verdict = denied(of, fold)
    assert verdict.intent is of
    assert verdict.reason is reason
    assert f"{verdict.limit:f} {verdict.unit}" == limit
    assert verdict.sentence.startswith(f"Denied a {of.side} of {of.quantity} BTC: ")
    assert re.fullmatch(r"[^\n]+[^.]\.", verdict.sentence)
    assert len(verdict.sentence) < 140
    for words in named.split("…"):
        assert words in verdict.sentence
    assert str(verdict).startswith(f"{reason}: asked ")
    assert str(verdict).endswith(f" limit {limit}")


def test_every_reason_is_said_above() -> None:
    assert {reason for _, _, reason, _, _ in SAYS} == set(Reason)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 1e300])
def test_an_account_without_a_number_is_said_without_one(value: float) -> None:
    verdict = denied(intent(), with_(fold_of(), "account", equity=-value))
    assert verdict.reason is Reason.DAILY_LOSS
    assert verdict.asked == 0


def test_reasons_print_as_people_read_them() -> None:
    assert str(Reason.BELOW_MINIMUM) == "below-minimum"
    assert {int(reason) for reason in Reason} == set(range(1, 24))


@pytest.mark.parametrize("slot", [-1, 2, 3, 4, 99])
def test_a_slot_of_no_strategy_is_refused(slot: int) -> None:
    fold = fold_of()
    before = fold.dump()
    with pytest.raises(Refused, match="No strategy of this session has the slot"):
        judge(intent(slot=slot), fold)
    assert fold.dump() == before


def test_a_strategy_of_another_session_is_refused() -> None:
    strange = replace(intent(), identity=Identity(InstanceId("other:BTC/USDT"), BTC, 0, 1))
    with pytest.raises(Refused, match="No strategy of this session"):
        judge(strange, fold_of())


# ---------------------------------------------------------------- the seal


def test_nobody_else_makes_an_approval() -> None:
    with pytest.raises(Refused, match="only the judge approves"):
        Approved(intent(), object())
    approved = judge(intent(), fold_of())
    assert isinstance(approved, Approved)
    assert repr(approved) == "Approved(grid:BTC/USDT BTC/USDT slot 0.1)"
    with pytest.raises(AttributeError, match="does not change"):
        approved.intent = intent(quantity="50")
    with pytest.raises(AttributeError):
        approved.other = 1
    for clone in (copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))):
        with pytest.raises(AttributeError, match="does not change"):
            clone(approved)


def test_only_the_judge_holds_the_seal() -> None:
    """In the whole product ``_SEAL`` is named by the verdict and the judge alone, and only they make an Approved."""
    holders, makers = set(), set()
    for path in [
        *(ROOT / "core").rglob("*.py"),
        *(ROOT / "actors").rglob("*.py"),
        *(ROOT / "gui").rglob("*.py"),
    ]:
        source = path.read_text(encoding="utf-8")
        if re.search(r"\b_SEAL\b", source):
            holders.add(path.name)
        for node in ast.walk(ast.parse(source)):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Approved"
            ):
                makers.add(path.name)
    assert holders == {"verdict.py", "judge.py"}
    assert makers == {"judge.py"}


def test_the_denial_of_an_order_that_the_latch_overtook() -> None:
    verdict = halted(intent())
    assert verdict.reason is Reason.HALTED
    assert verdict.sentence == denied(intent(), halt(fold_of(), HALTED_STATE)).sentence


# ---------------------------------------------------------------- after a restart


@pytest.mark.parametrize("wished", [intent(), intent(price=None)])
def test_an_approval_that_was_not_used_is_given_again(wished: Intent) -> None:
    fold, later = fold_of(), fold_of(last=0)
    judge(wished, fold)
    later.load(fold.dump())
    before = later.dump()
    again = approve_again(order_of(wished), later)
    assert again.intent == wished
    assert later.dump() == before  # it is reserved already


@pytest.mark.parametrize(
    "change",
    [
        {"identity": Identity(InstanceId("grid:BTC/USDT"), BTC, 0, 2)},
        {"identity": Identity(InstanceId("grid:BTC/USDT"), BTC, 1, 1)},
        {"identity": Identity(InstanceId("grid:BTC/USDT"), BTC, 2, 1)},
        {"identity": Identity(InstanceId("other:BTC/USDT"), BTC, 0, 1)},
        {"quantity": Quantity("0.401")},
    ],
)
def test_what_was_never_approved_is_not_sent(change: dict[str, Any]) -> None:
    fold = fold_of()
    judge(intent(), fold)
    with pytest.raises(Refused, match=r"Order bly\w+ was never approved; it is not sent"):
        approve_again(replace(order_of(intent()), **change), fold)


def test_a_denied_order_is_not_approved_again() -> None:
    fold = halt(fold_of(), HALTED_STATE)
    judge(intent(), fold)
    with pytest.raises(Refused, match="never approved"):
        approve_again(order_of(intent()), fold)
