"""Money is rounded as the code says, not as a thread's context says: ccxt changes that where it formats a number."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path

import pytest

from core.money import to_amount

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_RULE = {"quantize": 2, "to_integral_value": 1, "to_integral_exact": 1}
"""Methods that round, and the number of arguments from which on a rounding is among them."""


def breaches(path: str, source: str) -> Iterator[str]:
    """Each rounding that leaves its direction to the context; a comparison of a value with its whole part cannot."""
    tree = ast.parse(source, path)
    compared = {
        id(side) for node in ast.walk(tree) if isinstance(node, ast.Compare) for side in node.comparators
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or id(node) in compared:
            continue
        least = WITHOUT_RULE.get(node.func.attr)
        told = len(node.args) + sum(word.arg == "rounding" for word in node.keywords)
        if least is not None and told < least:
            yield f"{path}:{node.lineno}: {node.func.attr} without a rounding"


def test_every_rounding_says_its_direction() -> None:
    files = [path for top in ("core", "actors", "gui") for path in sorted((ROOT / top).rglob("*.py"))]
    found = [
        line for path in files for line in breaches(str(path.relative_to(ROOT)), path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("x.quantize(ONE)", 1),
        ("x.quantize(ONE, ROUND_DOWN)", 0),
        ("x.quantize(ONE, rounding=way)", 0),
        ("x.to_integral_value()", 1),
        ("x.to_integral_value(ROUND_UP)", 0),
        ("y = x == x.to_integral_value()", 0),
    ],
)
def test_what_the_rule_sees(line: str, count: int) -> None:
    assert len(list(breaches("core/one.py", line))) == count


@pytest.mark.parametrize("rounding", [ROUND_HALF_UP, ROUND_HALF_EVEN])
def test_a_context_changes_no_amount(rounding: str) -> None:
    with localcontext(rounding=rounding):
        assert to_amount(Decimal("0.019950665")) == Decimal("0.01995066")
