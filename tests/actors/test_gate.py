"""The gate: exactly one place sends, only with an approval of the judge's, and the latch is read right before."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actors.executor.gate import DryRun, LatchSet, send
from core.errors import OutcomeUnknown, Refused
from core.halt import Latch
from core.modes import Mode
from core.money import Price, Quantity
from core.risk.verdict import Approved
from tests.fakes.order_bench import ExecutorBench

ROOT = Path(__file__).resolve().parents[2]
GATE = "actors/executor/gate.py"
ADAPTERS = "actors/venues/"
"""Behind the gate: what the gate calls lives here, in methods of these names."""
PLACING = {
    "place",
    "amend",
    "create_order",
    "create_orders",
    "createOrder",
    "createOrders",
    "edit_order",
    "editOrder",
    "place_order",
}
RAW = ("private_post", "privatePost")
"""ccxt's raw private requests: in an adapter they read accounts too, so there the name decides."""
RAW_ORDERS = ("order", "Order", "batch")
"""Methods that make an order at a venue, ours and ccxt's."""
PREFIXES = (
    "create_market_",
    "create_limit_",
    "create_stop_",
    "create_trigger_",
    *RAW,
)


def product() -> Iterator[tuple[str, ast.Module]]:
    files = [ROOT / "main.py"]
    for part in ("core", "actors", "gui"):
        files += (ROOT / part).rglob("*.py")
    for path in files:
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def sends(tree: ast.AST) -> list[str]:
    """Each call that could place an order, and each bound method ``venue.place`` handed around."""
    return [ast.unparse(node) for node in ast.walk(tree) if is_sending(node)]


def is_sending(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return is_placing(node.attr) and "venue" in ast.unparse(node.value).lower()
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Attribute) and is_placing(node.func.attr):
        return True
    named = [each.value for each in node.args if isinstance(each, ast.Constant)]
    by_name = ast.unparse(node.func).split(".")[-1] in ("getattr", "methodcaller", "attrgetter")
    return by_name and any(is_placing(str(name)) for name in named)


def is_placing(name: str) -> bool:
    return name in PLACING or name.startswith(PREFIXES)


def test_only_the_gate_calls_a_venues_placing_methods() -> None:
    found = {path: sends(tree) for path, tree in product() if not path.startswith(ADAPTERS)}
    assert {path: calls for path, calls in found.items() if calls} == {
        GATE: [
            "venue.place(order)",
            "venue.amend(order)",
            "venue.place",
            "venue.amend",
        ]  # calls, and their methods
    }


def outside_of(tree: ast.Module, names: set[str]) -> ast.Module:
    """The module without the functions of these names."""

    class Cut(ast.NodeTransformer):
        def generic_visit(self, node: ast.AST) -> Any:
            is_named = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in names
            return None if is_named else super().generic_visit(node)

    return ast.fix_missing_locations(Cut().visit(tree))


def makes_orders(node: ast.AST) -> bool:
    """A call that makes or changes an order at a real venue."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    name = node.func.attr
    is_raw = name.startswith(RAW) and name.endswith(RAW_ORDERS)
    return is_raw or (is_placing(name) and not name.startswith(RAW))


def test_an_adapter_makes_orders_in_place_and_amend_alone() -> None:
    found = {
        path: [
            ast.unparse(node) for node in ast.walk(outside_of(tree, {"place", "amend"})) if makes_orders(node)
        ]
        for path, tree in product()
        if path.startswith(ADAPTERS)
    }
    assert {path: calls for path, calls in found.items() if calls} == {}


@pytest.mark.parametrize(
    "line",
    [
        "v.place(o)",
        "send = venue.place",
        "self._venue.place(x)",
        "getattr(v, 'place')(o)",
        "await ex.create_order(a)",
        "ex.create_market_buy_order(a)",
    ],
)
def test_the_search_finds_every_way(line: str) -> None:
    assert sends(ast.parse(f"async def f():\n    {line}"))


def test_the_latch_is_read_right_before_the_call() -> None:
    tree = dict(product())[GATE]
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    last = functions["_check"].body[-1]
    assert isinstance(last, ast.If)
    assert ast.unparse(last.test) == "latch.is_set()"
    assert isinstance(last.body[0], ast.Raise)
    for name, sending in (("send", "return venue.place(order)"), ("change", "venue.amend(order)")):
        *_, check, call = functions[name].body
        assert ast.unparse(check) == "_check(approved, order, latch)"
        assert ast.unparse(call) == sending


def test_only_the_judge_makes_an_approval() -> None:
    makers = {
        path
        for path, tree in product()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Approved"
    }
    assert makers == {"core/risk/judge.py"}
    with pytest.raises(Refused, match="only the judge"):
        Approved(ExecutorBench().judged.intent(), object())


@pytest.fixture
def bench() -> ExecutorBench:
    return ExecutorBench()


def test_it_sends_what_was_approved_and_nothing_else(bench: ExecutorBench) -> None:
    approved, other = bench.judged.approved(0), bench.judged.approved(1)
    order = bench.table.new(approved.intent)
    assert order is not None
    dearer, larger = replace(order, price=Price("49991")), replace(order, quantity=Quantity("0.0009"))
    for words, wrong, why in (
        ("its own approval", order, other),
        ("not the one", dearer, approved),
        ("not the one", larger, approved),
    ):
        with pytest.raises(Refused, match=words):
            send(why, wrong, bench.venue, bench.latch)
    with pytest.raises(Refused, match="own approval"):
        send(approved.intent, order, bench.venue, bench.latch)  # type: ignore[arg-type]
    assert bench.sent() == []
    send(approved, order, bench.venue, bench.latch)
    assert bench.sent() == [order.client_order_id]


def test_no_order_passes_the_latch_or_dry_run(bench: ExecutorBench) -> None:
    approved = bench.judged.approved()
    order = bench.table.new(approved.intent)
    assert order is not None
    with pytest.raises(DryRun):
        send(approved, replace(order, mode=Mode.DRY_RUN), bench.venue, bench.latch)
    bench.latch.trip("test", "now", datetime.now(UTC))
    with pytest.raises(LatchSet):
        send(approved, order, bench.venue, bench.latch)
    assert bench.sent() == []


@pytest.mark.parametrize("content", ["", "{", "null", "[]", '{"at": 1}', "\x00\xff"])
def test_whatever_the_latch_file_holds_it_means_halted(
    bench: ExecutorBench, tmp_path: Path, content: str
) -> None:
    approved = bench.judged.approved()
    order = bench.table.new(approved.intent)
    assert order is not None
    (tmp_path / "halt.json").write_text(content, encoding="latin-1")
    with pytest.raises(LatchSet):
        send(approved, order, bench.venue, Latch(tmp_path))
    record = Latch(tmp_path).read()
    assert record is not None
    assert record.reason == "the halt file cannot be read, which counts as halted"


def test_a_dangling_link_in_the_latchs_place_means_halted(bench: ExecutorBench, tmp_path: Path) -> None:
    (tmp_path / "halt.json").symlink_to(tmp_path / "nowhere")
    assert Latch(tmp_path).is_set()


def test_a_lost_answer_is_passed_on(bench: ExecutorBench) -> None:
    approved = bench.judged.approved()
    order = bench.table.new(approved.intent)
    assert order is not None
    bench.venue.place_raises = OutcomeUnknown("no answer")
    with pytest.raises(OutcomeUnknown):
        send(approved, order, bench.venue, bench.latch)
