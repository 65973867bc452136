"""The rules of size and shape: short modules and functions, honest names, no blind except, exact money."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULE_LINES = 300
FUNCTION_LINES = 60

# Functions that may be longer, by "path:name", each with its reason; an entry that is not needed fails.
LONG_FOR_A_REASON: dict[str, str] = {}

VAGUE = {"utils", "util", "helpers", "helper", "manager", "managers", "base", "common", "misc"}
MAY_CATCH_ALL = {"actors/stage.py", "actors/hub.py", "gui/app.py"}
ALL = {"Exception", "BaseException"}
EXACT = ("core/money", "core/ledger", "core/position")  # a module, or a package of that name
FLOATS = {"float", "float64", "float32"}


def module_breaches(path: str, source: str) -> list[str]:
    """What is wrong with the size and the name of a module."""
    lines = len(source.splitlines())
    found = [f"{path}: {lines} lines, the limit is {MODULE_LINES}"] if lines > MODULE_LINES else []
    if VAGUE & {part.removesuffix(".py") for part in path.split("/")}:
        found.append(f"{path}: the name says nothing about what is inside")
    return found


def long_functions(path: str, source: str) -> dict[str, int]:
    """The functions over the limit as "path:name", with their lines (decorators not counted)."""
    return {
        f"{path}:{node.name}": lines
        for node in ast.walk(ast.parse(source, path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }


def blind_excepts(path: str, source: str) -> list[str]:
    """Handlers (and suppress calls) that take any exception, outside the three places that must."""
    return [] if path in MAY_CATCH_ALL else [f"{path}:{line}: {what}" for line, what in _blind(source)]


def _blind(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield node.lineno, "bare except"
            elif _names(node.type) & ALL:
                yield node.lineno, "except takes every exception"
        elif isinstance(node, ast.Call) and "suppress" in _names(node.func):
            for argument in node.args:
                if _names(argument) & ALL:
                    yield node.lineno, "suppress takes every exception"


def float_breaches(path: str, source: str) -> list[str]:
    """Calls, annotations and literals of float in the exact modules; isinstance(x, float) may stay."""
    if not any(path in (f"{home}.py",) or path.startswith(f"{home}/") for home in EXACT):
        return []
    return [f"{path}:{line}: {what}" for line, what in sorted(set(_floats(source)))]


def _floats(source: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _names(node.func) & FLOATS:
            yield node.lineno, "makes a float"
        elif isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, f"the literal {node.value} is a float"
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if annotation is not None and _names(annotation) & FLOATS:
                yield annotation.lineno, "is annotated as a float"


def _names(node: ast.AST) -> set[str]:
    """The last part of every name in an expression; a quoted annotation is read too."""
    found = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.isidentifier():
            found.add(part.value)
    return found


def read(*names: str) -> list[tuple[str, str]]:
    """Path and text of every module in these folders, and of main.py."""
    files = [path for name in names for path in sorted((ROOT / name).rglob("*.py"))]
    files += [path for path in [ROOT / "main.py"] if path.exists()]
    return [(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")) for path in files]


PRODUCT = ("core", "actors", "gui")


def test_modules_are_short_and_named() -> None:
    found = [line for path, source in read(*PRODUCT, "tests") for line in module_breaches(path, source)]
    assert not found, "\n".join(found)


def test_functions_are_short() -> None:
    long: dict[str, int] = {}
    for path, source in read(*PRODUCT, "tests"):
        long |= long_functions(path, source)
    over = [f"{name}: {n} lines, the limit is {FUNCTION_LINES}" for name, n in long.items()]
    assert long.keys() <= LONG_FOR_A_REASON.keys(), "\n".join(over)
    assert long.keys() >= LONG_FOR_A_REASON.keys(), "some are short now: take them out of LONG_FOR_A_REASON"


def test_nothing_is_caught_blindly() -> None:
    found = [line for path, source in read(*PRODUCT) for line in blind_excepts(path, source)]
    assert not found, "\n".join(found)


def test_money_holds_no_float() -> None:
    found = [line for path, source in read("core") for line in float_breaches(path, source)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "path", ["core/utils.py", "gui/pages/base.py", "actors/common/rows.py", "gui/manager.py"]
)
def test_a_vague_name_is_caught(path: str) -> None:
    assert module_breaches(path, "")


def test_length_is_caught() -> None:
    assert module_breaches("core/x.py", "x = 1\n" * 301)
    assert not module_breaches("core/x.py", "x = 1\n" * 300)
    body = "    x = 1\n"
    assert long_functions("core/x.py", "def f():\n" + body * 60) == {"core/x.py:f": 61}
    assert long_functions("core/x.py", "class A:\n    async def f(self):\n" + f"    {body}" * 60)
    assert not long_functions("core/x.py", "@njit\ndef f():\n" + body * 59)


@pytest.mark.parametrize(
    "handler",
    [
        "except:",
        "except Exception:",
        "except BaseException as e:",
        "except (OSError, Exception):",
        "except builtins.Exception:",
    ],
)
def test_a_blind_except_is_caught(handler: str) -> None:
    source = f"try:\n    f()\n{handler}\n    pass\n"
    assert blind_excepts("actors/risk/actor.py", source)
    assert blind_excepts("main.py", source)
    assert not blind_excepts("actors/stage.py", source)


def test_a_blind_suppress_is_caught() -> None:
    assert blind_excepts("core/x.py", "with contextlib.suppress(Exception):\n    f()")
    assert not blind_excepts("core/x.py", "with suppress(OSError):\n    f()")
    assert not blind_excepts(
        "core/x.py", "try:\n    f()\nexcept (OSError, ValueError):\n    raise Exception from None"
    )


@pytest.mark.parametrize(
    "source",
    [
        "x = float('1')",
        "x = np.float64(1)",
        "def f(x: float): ...",
        "def f(x: Decimal | float): ...",
        "def f() -> float: ...",
        "def f() -> 'float': ...",
        "class A:\n    x: list[float]",
        "def f(*, x: int = 1, **rest: float): ...",
        "half = x * 0.5",
    ],
)
def test_a_float_in_money_is_caught(source: str) -> None:
    assert float_breaches("core/money.py", source)
    assert float_breaches("core/ledger/lots.py", source)
    assert not float_breaches("core/kernel/fills.py", source)


def test_refusing_a_float_is_no_breach() -> None:
    assert not float_breaches("core/money.py", "if isinstance(x, float):\n    raise TypeError('no float')")
