"""Belays forked from a program that has everything imported and compiled: real processes, without the slow start.

``python -m tests.fakes.forked`` reads requests as JSON lines and answers each with one line: ``start`` forks a child
that runs ``main.py``'s words (the answer is its number), ``wait`` and ``poll`` tell its exit code (negative: the
signal that ended it; null: it still runs).
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

from tests.fakes.program import ROOT, Done, environment


def serve() -> None:
    """Single-threaded, so that a fork is a whole copy."""
    import actors.commands.run
    import actors.offline_kill  # noqa: F401
    import main

    nowhere = os.open(os.devnull, os.O_RDWR)
    answers, stdout = os.fdopen(os.dup(1), "w"), os.dup(1)
    os.dup2(nowhere, 1)
    main.main(["warm"])
    os.dup2(stdout, 1)
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            answer: int | None = fork(request)
        else:
            number, status = os.waitpid(request["of"], 0 if request["ask"] == "wait" else os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if number else None
        print(json.dumps(answer), file=answers, flush=True)


def fork(request: dict[str, Any]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        for stream, path in ((0, request["typed"]), (1, request["out"]), (2, request["err"])):
            flags = os.O_RDONLY if stream == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(os.open(path, flags, 0o600), stream)
        if request["most"]:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (request["most"],) * 2)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
        code = run(request["start"])
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run(words: list[str]) -> int:
    """What ``main.py`` does with its words, the last resort included."""
    import main

    sys.argv = ["main.py", *words]
    try:
        return main.main(words)
    except SystemExit as end:
        return int(end.code or 0)
    except Exception as error:  # noqa: BLE001  (as the interpreter's own hook would)
        main.unexpected(type(error), error, error.__traceback__)
        return 1


class Forked:
    """One child, used like a ``subprocess.Popen``."""

    def __init__(self, forker: Forker, words: list[str], typed: str = "", most: int = 0) -> None:
        self.args, self._forker = words, forker
        self._paths = {name: forker.path(name) for name in ("typed", "out", "err")}
        Path(self._paths["typed"]).write_text(typed, encoding="utf-8")
        self.returncode: int | None = None
        self.pid: int = forker.ask({"start": words, "most": most, **self._paths})

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._forker.ask({"ask": "poll", "of": self.pid})
        return self.returncode

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """Output and errors once it has ended."""
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            assert time.monotonic() < deadline, f"{self.args} did not end in time"
            time.sleep(0.002)
        return self._text("out"), self._text("err")

    def _text(self, name: str) -> str:
        path = Path(self._paths[name])
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forker:
    """The forking program; one per thread of a test."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="forked-")
        self._files = count()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.forked"], cwd=ROOT, env=environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def ask(self, request: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the forking program has ended"
        return json.loads(line)

    def start(self, home: Path, *words: str, typed: str = "", most: int = 0) -> Forked:
        """One command that goes on; ``most`` is how many bytes its files may have."""
        return Forked(self, ["--home", str(home), "--json", *words], typed, most)

    def call(self, home: Path, *words: str, typed: str = "", most: int = 0) -> Done:
        """One command to its end."""
        child = self.start(home, *words, typed=typed, most=most)
        out, err = child.communicate()
        return Done(child.args, child.returncode or 0, out, err)

    def path(self, name: str) -> str:
        """A file for one child."""
        return str(Path(self._folder.name, f"{next(self._files)} {name}"))

    def close(self) -> None:
        self._process.communicate()
        self._folder.cleanup()


if __name__ == "__main__":
    serve()
