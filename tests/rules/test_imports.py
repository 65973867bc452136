"""The rule of imports: one way down, main -> {actors, gui} -> core, and one home for each outside library."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Each library, and the only places (files, or folders ending in /) of the product that may import it.
HOMES = {
    "pykka": ("actors/stage.py", "actors/pipeline.py"),
    "peewee": ("actors/persistence/",),
    "playhouse": ("actors/persistence/",),
    "keyring": ("actors/keys.py",),
    "secretstorage": ("actors/keys.py",),
    "jeepney": ("actors/keys.py",),
    "ccxt": ("actors/venues/",),
    "PySide6": ("gui/",),
    "shiboken6": ("gui/",),
    "qasync": ("gui/",),
    "pyqtgraph": ("gui/",),
}
# What core must not know, besides the libraries above: threads, sockets, event loops and stores.
IMPURE = {
    "threading", "_thread", "asyncio", "socket", "_socket", "socketserver", "ssl", "select", "selectors",
    "http", "aiohttp", "requests", "websockets", "sqlite3",
}  # fmt: skip
LATCH = "core/halt.py"  # the one file of core that may hold an event and a lock
LATCH_NAMES = {"Event", "Lock"}
MAY_NOT_IMPORT = {
    "core": {"actors", "gui", "main", "tests"},
    "actors": {"gui", "main", "tests"},
    "gui": {"actors", "main", "tests"},
    "main.py": {"main", "tests"},
}
UNKNOWN = "?"


def breaches(path: str, source: str) -> list[str]:
    """What the module at this path (from the root, with slashes) imports against the rule, as sentences."""
    tree = ast.parse(source, path)
    found = [_judge(path, line, module, names) for line, module, names in _imports(path, tree)]
    return [sentence for sentence in [*found, *_latch_breaches(path, tree)] if sentence]


def _judge(path: str, line: int, module: str, names: set[str]) -> str | None:
    top = module.split(".")[0]
    package = path.split("/")[0]
    if top == UNKNOWN:
        return f"{path}:{line}: imports by a name that cannot be read here"
    if top in MAY_NOT_IMPORT.get(package, set()):
        return f"{path}:{line}: {package} must not import {top}"
    if top in HOMES and not path.startswith(HOMES[top]):
        return f"{path}:{line}: {top} is imported only in {', '.join(HOMES[top])}"
    if package == "core" and top in IMPURE:
        if path == LATCH and module == "threading" and names <= LATCH_NAMES:
            return None
        return f"{path}:{line}: core must not import {module}"
    return None


def _imports(path: str, tree: ast.AST) -> Iterator[tuple[int, str, set[str]]]:
    """Line, absolute module and imported names of each import, inside functions and by call alike."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name, set()
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(path, node.level, node.module or "")
            if module:
                yield node.lineno, module, {alias.name for alias in node.names}
            else:  # `from .. import gui`, seen from a package of the top level
                for alias in node.names:
                    yield node.lineno, alias.name, set()
        elif isinstance(node, ast.Call) and _is_import_call(node.func):
            name = _leading_text(node)
            level = len(name) - len(name.lstrip("."))
            yield node.lineno, _absolute(path, level, name.lstrip(".")) or UNKNOWN, set()


def _absolute(path: str, level: int, module: str) -> str:
    if level == 0:
        return module
    above = path.split("/")[:-level]
    return ".".join([*above, module]) if module else ".".join(above)


def _is_import_call(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in ("import_module", "__import__")


def _leading_text(call: ast.Call) -> str:
    """The name a call imports; of an f-string the part before its first hole, if that names the library."""
    named = [word.value for word in call.keywords if word.arg == "name"]
    argument = (call.args or named or [None])[0]
    if isinstance(argument, ast.JoinedStr) and argument.values:
        argument = argument.values[0]
        return argument.value if isinstance(argument, ast.Constant) and "." in argument.value else UNKNOWN
    return (
        argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else UNKNOWN
    )


def _latch_breaches(path: str, tree: ast.AST) -> Iterator[str]:
    """`import threading` in the latch would be free to use all of it, so its uses are looked at."""
    if path != LATCH:
        return
    aliases = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name == "threading"
    }
    for node in ast.walk(tree):
        is_use = isinstance(node, ast.Attribute) and getattr(node.value, "id", None) in aliases
        if is_use and node.attr not in LATCH_NAMES:
            yield f"{path}:{node.lineno}: the latch may use only an Event and a Lock of threading"


def product_modules() -> list[Path]:
    """Every module of the product, main.py too."""
    folders = [path for name in ("core", "actors", "gui") for path in (ROOT / name).rglob("*.py")]
    return sorted(folders) + [path for path in [ROOT / "main.py"] if path.exists()]


def test_the_product_keeps_the_rule() -> None:
    modules = product_modules()
    assert len(modules) > 10
    found = [
        sentence
        for path in modules
        for sentence in breaches(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/risk/judge.py", "import threading"),
        ("core/clock.py", "from threading import Event"),
        ("core/clock.py", "import asyncio.events"),
        ("core/clock.py", "import socket as s"),
        ("core/clock.py", "def f():\n    import sqlite3"),
        ("core/ports.py", "if TYPE_CHECKING:\n    from PySide6.QtCore import QObject"),
        ("core/ports.py", "import numpy, pykka"),
        ("core/ports.py", "import ccxt.pro"),
        ("core/ports.py", "from peewee import Model"),
        ("core/ports.py", "import qasync"),
        ("core/ports.py", "import keyring.errors"),
        ("core/ports.py", "import pyqtgraph as pg"),
        ("core/ports.py", "from actors.feed import x"),
        ("core/ports.py", "from gui import x"),
        ("core/ports.py", "import main"),
        ("core/ports.py", "from .. import gui"),
        ("core/risk/judge.py", "from ...gui.window import x"),
        ("core/halt.py", "import threading\nthreading.Thread()"),
        ("core/halt.py", "import threading as t\nt.Timer(1, f)"),
        ("core/halt.py", "from threading import Event, Thread"),
        ("core/halt.py", "from threading import *"),
        ("actors/hub.py", "import pykka"),
        ("actors/hub.py", "import importlib\nimportlib.import_module('pykka')"),
        ("actors/hub.py", "from importlib import import_module\nimport_module(name='pykka.messages')"),
        ("actors/hub.py", "__import__('pykka')"),
        ("actors/hub.py", "import_module(chosen)"),
        ("actors/hub.py", "import_module(f'{chosen}.x')"),
        ("actors/hub.py", "import_module(f'ccxt.{chosen}')"),
        ("actors/hub.py", "import_module('..gui', 'actors')"),
        ("actors/hub.py", "import_module()"),
        ("actors/risk/actor.py", "from ...gui import app"),
        ("actors/risk/actor.py", "import gui.bridge"),
        ("actors/risk/actor.py", "import main"),
        ("actors/executor/rows.py", "from playhouse.sqlite_ext import x"),
        ("actors/keysmith.py", "import keyring"),
        ("actors/feed/socket.py", "import ccxt.pro as ccxt"),
        ("actors/feed/actor.py", "from PySide6 import QtCore"),
        ("gui/bridge.py", "import pykka"),
        ("gui/bridge.py", "from actors.stage import Address"),
        ("gui/pages/keys.py", "import keyring"),
        ("gui/app.py", "from main import run"),
        ("main.py", "def run():\n    from PySide6 import QtWidgets"),
        ("main.py", "import pykka"),
        ("main.py", "from tests.fakes import x"),
    ],
)
def test_a_breach_is_caught(path: str, source: str) -> None:
    assert breaches(path, source)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("core/halt.py", "from threading import Event, Lock"),
        ("core/halt.py", "import threading\nlatch = threading.Event()"),
        ("core/kernel/loop.py", "import numba\nfrom numpy import float64"),
        ("core/risk/judge.py", "from ..money import Price\nfrom . import limits\nfrom core import order"),
        ("core/settings.py", "import pydantic, decimal"),
        ("actors/stage.py", "import pykka, threading"),
        ("actors/pipeline.py", "from pykka import ActorRegistry"),
        ("actors/persistence/tables.py", "from peewee import Model"),
        ("actors/keys.py", "import keyring"),
        ("actors/venues/ccxt_venue.py", "import ccxt.pro\nimport_module(f'ccxt.pro.{x}')"),
        ("actors/feed/actor.py", "import asyncio, socket\nfrom core.messages import Fact"),
        ("gui/app.py", "import qasync\nfrom PySide6 import QtCore\nimport pyqtgraph"),
        ("gui/pages/home.py", "from ..theme import x\nfrom core import money"),
        ("main.py", "import actors.pipeline\nfrom gui.app import show\nfrom core import settings"),
    ],
)
def test_what_the_design_allows_passes(path: str, source: str) -> None:
    assert breaches(path, source) == []
