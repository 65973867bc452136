"""Belays that trade live, forked from a program that has the exchange's library imported too (see ``forked.py``).

``python -m tests.fakes.live_forked`` takes the requests of ``forked.py``; ``start`` may bring an ``environment``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from itertools import count
from threading import Lock, local
from typing import Any

from tests.fakes import forked
from tests.fakes.program import ROOT, environment


def serve() -> None:
    """Everything heavy is imported before the first fork; the library starts no thread by itself."""
    import ccxt.pro  # noqa: F401

    plain, fork = forked.fork, dict(os.environ)

    def fork_with(request: dict[str, Any]) -> int:
        os.environ.update(request.get("environment", {}))
        try:
            return plain(request)
        finally:  # in the parent: a child never comes here
            os.environ.clear()
            os.environ.update(fork)

    forked.fork = fork_with
    forked.serve()


class LiveForker(forked.Forker):
    """The forking program, for any thread; ``environment`` is what the next children of the same thread get."""

    def __init__(self) -> None:
        self._lock, self._here = Lock(), local()
        self._folder = tempfile.TemporaryDirectory(prefix="forked-")
        self._files = count()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.live_forked"], cwd=ROOT, env=environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        found: dict[str, str] = getattr(self._here, "environment", {})
        return found

    @environment.setter
    def environment(self, given: dict[str, str]) -> None:
        self._here.environment = given

    def ask(self, request: dict[str, Any]) -> Any:
        """As the plain one, and a start brings the environment."""
        known = {"environment": self.environment} if "start" in request else {}
        with self._lock:
            return super().ask({**request, **known})


if __name__ == "__main__":
    serve()
