"""A whole Belay in a process of its own on a test's screen: real window, real bot, simulated market."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.fakes.screen import Screen, until

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = '[sim]\nspeed = 1200\n[window]\ntheme = "dark"\n'
START_S = 90.0
"""A first start compiles the kernels."""


class RealBelay:
    """``with RealBelay(screen, home)``: the window is up; at the end the process is ended, whatever happened.

    ``watched`` puts eyes inside (``watched_window.py``); without it, it is main.py and nothing else.
    """

    def __init__(self, screen: Screen, home: Path, *words: str, watched: bool = False) -> None:
        self.screen, self.home = screen, home
        settings = home / "settings.toml"
        if not settings.exists():
            settings.write_text(SETTINGS, encoding="utf-8")
        program = "tests/fakes/watched_window.py" if watched else "main.py"
        self._words = [sys.executable, program, "--home", str(home), *words]
        self.opened_s = 0.0
        """From the start of the process until its window is on the screen."""

    def __enter__(self) -> RealBelay:
        begin = time.monotonic()
        self.process = subprocess.Popen(
            self._words, cwd=ROOT, env=self.screen.environment, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.window = until(self.screen.windows, "the window is on the screen", START_S)[0]
        self.opened_s = time.monotonic() - begin
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    # ------------------------------------------------------------ what the home tells

    def status(self) -> dict[str, Any]:
        """The newest heartbeat; empty before the first."""
        try:
            found: dict[str, Any] = json.loads((self.home / "status.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found

    def wait_for_orders(self) -> None:
        """The bot trades: something rests at the venue."""
        until(lambda: self.status().get("open_orders"), "an open order", START_S)

    def market_time(self) -> str:
        """The time of the newest price."""
        return max((price["at"] for price in self.status().get("prices", {}).values()), default="")

    def halt(self) -> dict[str, Any]:
        """What halt.json holds; empty while there is none or it is being written."""
        return _json(self.home / "halt.json")

    def evidence(self) -> dict[str, Any]:
        return _json(self.home / "halt-evidence.json")

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """main.py of the same home, in a further process."""
        return subprocess.run(
            [sys.executable, "main.py", "--home", str(self.home), *words], cwd=ROOT, text=True,
            env=self.screen.environment, capture_output=True, timeout=60, check=False,
        )  # fmt: skip

    # ------------------------------------------------------------ eyes inside, where it is watched

    def ask(self, question: str) -> Any:
        """One answer of ``watched_window.py``."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{question}\n")
        return self.told()

    def told(self) -> Any:
        """The next line that it says."""
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def find(self, words: str) -> list[int]:
        """Where a visible part is, once it is there."""
        found: list[int] = until(lambda: self.ask(f"find {words}"), f"{words!r} is visible")
        return found

    def click(self, words: str, button: int = 1) -> None:
        """A real click on a visible part."""
        self.screen.click(self.find(words), button)

    def read(self, words: str) -> str:
        """The whole label that holds these words, once one does."""
        found: str = until(lambda: self.ask(f"text {words}"), f"a label with {words!r}")
        return found


def _json(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found
