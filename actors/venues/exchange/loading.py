"""ccxt, one exchange at a time: the packages' ``__init__`` would load a hundred (twice the time and the memory).

A stand-in package has the real one's path and gives each name when it is asked for; what it does not know is
answered by running the real ``__init__`` in it, so nothing can tell the difference but by the time.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import pkgutil
import sys
import threading
from types import ModuleType
from typing import Any

import structlog

log = structlog.get_logger("ccxt")

_LOCK = threading.Lock()


class _Package(ModuleType):
    """A ccxt package whose ``__init__`` has not run."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        found = _known(self.__name__, name)
        if found is None:
            self.__class__ = ModuleType  # type: ignore[assignment]  # modules may change their class
            assert self.__spec__ is not None
            assert self.__spec__.loader is not None
            self.__spec__.loader.exec_module(self)
            return getattr(self, name)
        self.__dict__[name] = found
        return found

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system puts the module here; the real package has the class of that name in its place.
        found = value.__dict__.get(name) if isinstance(value, ModuleType) else None
        super().__setattr__(name, found if isinstance(found, type) else value)


def exchange_class(venue: str) -> type | None:
    """ccxt's class of this id: with streams where it has them, else for requests only; None: ccxt has none."""
    if not venue.isidentifier():
        return None
    _prepare()
    for package in ("pro", "async_support"):
        if venue in _ids(package):
            return _class_in(package, venue)
    return None


def venue_ids() -> tuple[str, ...]:
    """All ids that ccxt has; cheap, nothing of ccxt is run."""
    _prepare()
    return tuple(sorted({*_ids("pro"), *_ids("async_support")}))


def _class_in(package: str, venue: str) -> type:
    try:
        module = importlib.import_module(f"ccxt.{package}.{venue}")
    except (ImportError, AttributeError) as error:  # the stand-ins lack something: the slow, safe way
        log.warning("ccxt is loaded whole", error=str(error))
        for name in [name for name in sys.modules if name == "ccxt" or name.startswith("ccxt.")]:
            del sys.modules[name]
        importlib.import_module("ccxt.pro")
        module = importlib.import_module(f"ccxt.{package}.{venue}")
    found: type = getattr(module, venue)
    return found


def _ids(package: str) -> set[str]:
    """The exchanges' modules in a package (a frozen program has them too)."""
    parent = sys.modules[f"ccxt.{package}"]
    return {
        found.name
        for found in pkgutil.iter_modules(parent.__path__)
        if not found.ispkg and found.name != "base"
    }


def _prepare() -> None:
    """Puts stand-ins where ccxt's packages have not been imported yet."""
    with _LOCK:
        for name in ("ccxt", "ccxt.async_support", "ccxt.pro"):
            if name in sys.modules:
                continue
            spec = importlib.util.find_spec(name)
            if spec is None:
                raise ImportError(f"{name} is not installed")
            package = importlib.util.module_from_spec(spec)
            package.__class__ = _Package
            sys.modules[name] = package
            parent, _, child = name.rpartition(".")
            if parent:
                setattr(sys.modules[parent], child, package)
        # At DEBUG it would write whole requests, with keys and signatures.
        logging.getLogger("ccxt").setLevel(logging.WARNING)


def _known(package: str, name: str) -> Any:
    """What a package gives under a name without running its ``__init__``; None when that is not known."""
    errors = importlib.import_module("ccxt.base.errors")
    if hasattr(errors, name):
        return getattr(errors, name)
    home = f"{package}.".removeprefix("ccxt.")
    if name == "__version__":
        return importlib.import_module("ccxt.base.exchange").__version__
    if name == "Exchange":
        home = "async_support." if home else ""
        return importlib.import_module(f"ccxt.{home}base.exchange").Exchange
    if importlib.util.find_spec(f"ccxt.{home}{name}") is None:
        return None
    module = importlib.import_module(f"ccxt.{home}{name}")
    found = module.__dict__.get(name)
    return found if isinstance(found, type) else module
