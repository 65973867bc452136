"""A program with everything imported and compiled that forks a Belay per line: lives cost what they do, not a start.

``python -m tests.fakes.forked``: each line on stdin is a JSON list of words for ``main.py``.  The answer is the
child's process number, then its exit code (negative: the signal that ended it).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.fakes.program import ROOT, environment


def serve() -> None:
    import actors.commands.run  # noqa: F401  (imported here so that no child imports it again)
    import main

    main.main(["warm", "--json"])
    for line in sys.stdin:
        words = json.loads(line)
        child = os.fork()
        if child == 0:
            live(words)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def live(words: list[str]) -> None:
    """The child: a process of its own with the same program, silent, until its end or its killer."""
    import main

    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        code = main.main(words)
    finally:
        os._exit(code)


class Forker:
    """The test's side: one child at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.forked"], cwd=ROOT, env=environment(), text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def start(self, home: Path, *words: str) -> int:
        """The process number of a Belay that has just begun."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(["--home", str(home), "--json", *words]) + "\n")
        self._process.stdin.flush()
        return self._number()

    def wait(self) -> int:
        """The exit code of the child."""
        return self._number()

    def _number(self) -> int:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the forking program has ended"
        return int(line)

    def close(self) -> None:
        self._process.communicate()


if __name__ == "__main__":
    serve()
