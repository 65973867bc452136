"""A screen of its own for a test: Xvfb, a window manager and, if wanted, a tray; and the hands of xdotool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TypeVar

import pytest

TOOLS = ("Xvfb", "openbox", "xdotool", "trayer")
SIZE = (1600, 1000)
QUIET_S = 0.01
AGAIN_S, CLOSED_S = 4.0, 30.0
Seen = TypeVar("Seen")


def need_tools() -> None:
    """Skips where the tools are missing; `make deps` brings them on Debian and Ubuntu."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if sys.platform != "linux" or missing:
        pytest.skip(f"needs an X server with tools, here missing: {', '.join(missing) or sys.platform}")


def until(look: Callable[[], Seen | None], what: str, seconds: float = 30.0) -> Seen:
    """The first answer that is neither None nor empty; fails with ``what`` when it does not come in time."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(QUIET_S)


class Screen:
    """``with Screen(tray=True) as screen``: everything that it started is ended at the end, by its own pid."""

    def __init__(self, *, tray: bool = False) -> None:
        self._wants_tray = tray
        self._started: list[subprocess.Popen[bytes]] = []
        self.display = ""

    def __enter__(self) -> Screen:
        read, write = os.pipe()
        size = "x".join(map(str, SIZE))
        self._start(
            ["Xvfb", "-displayfd", str(write), "-screen", "0", f"{size}x24", "-nolisten", "tcp"], (write,)
        )
        os.close(write)
        with os.fdopen(read) as told:  # Xvfb takes a free number and tells it once it listens
            self.display = f":{told.readline().strip()}"
        self._start(["openbox"])
        until(lambda: self.do("search", "--class", "openbox", check=False), "openbox is up", 10)
        if self._wants_tray:
            self._start(
                ["trayer", "--edge", "bottom", "--align", "right", "--widthtype", "request", "--height", "24"]
            )
            until(lambda: self.do("search", "--class", "trayer", check=False), "trayer is up", 10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in reversed(self._started):
            process.terminate()
            process.wait(10)

    @property
    def environment(self) -> dict[str, str]:
        """For what shall show on this screen; without a session bus the tray is the plain X one."""
        taken = ("WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "QT_QPA_PLATFORM", "PYTHONDONTWRITEBYTECODE")
        plain = {key: value for key, value in os.environ.items() if key not in taken}
        return {**plain, "DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def _start(self, words: Sequence[str], pass_fds: tuple[int, ...] = ()) -> None:
        quiet = subprocess.DEVNULL
        environment = self.environment if self.display else None
        process = subprocess.Popen(words, env=environment, stdout=quiet, stderr=quiet, pass_fds=pass_fds)
        self._started.append(process)

    # ------------------------------------------------------------ hands and eyes

    def do(self, *words: str | int, check: bool = True) -> list[str]:
        """One xdotool command; what it printed, in words."""
        done = subprocess.run(
            ["xdotool", *map(str, words)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=check,
        )
        return done.stdout.split()

    def click(self, at: Sequence[int], button: int = 1) -> None:
        """Move the pointer there and press."""
        self.do("mousemove", at[0], at[1], "click", button)

    def close(self, window: str) -> None:
        """By the window manager's key, as often as it takes: on a busy machine one may go to nobody."""
        deadline = time.monotonic() + CLOSED_S
        while self.windows():
            if time.monotonic() > deadline:
                pytest.fail(f"not within {CLOSED_S:g} s: the window is closed")
            self.do("windowactivate", window, check=False)  # to wait for it would hang on a window that goes
            self.do("key", "alt+F4")
            again = time.monotonic() + AGAIN_S
            while self.windows() and time.monotonic() < again:
                time.sleep(QUIET_S)

    def windows(self) -> list[str]:
        """The visible windows with Belay's title."""
        return self.do("search", "--onlyvisible", "--name", "^Belay$", check=False)

    def place(self, window: str) -> tuple[int, int, int, int]:
        """Left, top, width and height of a window's inside."""
        told = dict(line.split("=") for line in self.do("getwindowgeometry", "--shell", window))
        return int(told["X"]), int(told["Y"]), int(told["WIDTH"]), int(told["HEIGHT"])

    def tray_icon(self) -> tuple[int, int]:
        """The middle of the one icon in the tray, once the tray has made room for it."""

        def look() -> tuple[int, int] | None:
            left, top, width, height = self.place(self.do("search", "--onlyvisible", "--class", "trayer")[0])
            return (left + width // 2, top + height // 2) if width >= 16 else None

        return until(look, "an icon in the tray")
