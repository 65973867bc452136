"""A private D-Bus session with a real keyring of its own, away from the person's, and Belay started inside it."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "test-password"
needs_session = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-daemon") and shutil.which("dbus-send")),
    reason="needs gnome-keyring-daemon and dbus (apt-get install gnome-keyring dbus)",
)


TAKES_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    "os.execv(sys.executable, [sys.executable, 'main.py', *sys.argv[1:]])"
)
"""Standard input becomes the terminal that getpass finds as /dev/tty; then it is Belay."""


class Session:
    """A private bus with a private keyring, away from the person's own, and Belay started inside it."""

    def __init__(self, folder: Path) -> None:
        places = {"HOME": folder, "XDG_RUNTIME_DIR": folder / "run", "BELAY_HOME": folder / "belay"}
        places |= {f"XDG_{name}_HOME": folder / name.lower() for name in ("DATA", "CACHE", "CONFIG")}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        dropped = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND")
        self.environment = {key: value for key, value in os.environ.items() if key not in dropped}
        self.environment |= {key: str(place) for key, place in places.items()}
        self.daemon = 0
        self._bus = 0

    def start(self) -> None:
        bus = self._run("dbus-daemon", "--session", "--fork", "--print-address=1", "--print-pid=1")
        address, pid = bus.splitlines()[:2]
        self._bus = int(pid)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address
        unlock = ("gnome-keyring-daemon", "--daemonize", "--unlock", "--components=secrets")
        self._run(*unlock, typed=PASSWORD)
        deadline = time.monotonic() + 20
        while "true" not in self._asked("NameHasOwner"):
            assert time.monotonic() < deadline, "the keyring did not come up"
        self.daemon = self.owner()
        assert self.daemon > 1  # zero would be this very process group

    def _run(self, *command: str, typed: str = "") -> str:
        done = subprocess.run(
            command, input=typed, env=self.environment, capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout

    def _asked(self, question: str) -> str:
        """What the session's own bus says of the keyring, so only its own daemon is ever meant."""
        bus = ("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/")
        return self._run(*bus, f"org.freedesktop.DBus.{question}", "string:org.freedesktop.secrets")

    def belay(self, *words: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "main.py", *words],
            cwd=ROOT,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            env=self.environment | environment,
            check=False,
        )

    def at_terminal(self, *words: str, answers: Mapping[str, str]) -> tuple[int, str]:
        """Belay with a terminal of its own: types each answer when its question stands there; code and screen."""
        mine, its = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", TAKES_TERMINAL, *words], cwd=ROOT, env=self.environment, stdin=its, stdout=its,
            stderr=its, start_new_session=True,
        )  # fmt: skip
        os.close(its)
        screen, waiting = "", dict(answers)
        try:
            while select.select([mine], [], [], 60)[0]:
                try:
                    screen += os.read(mine, 4096).decode(errors="replace")
                except OSError:  # the other end is closed
                    break
                for question in [one for one in waiting if one in screen]:
                    os.write(mine, f"{waiting.pop(question)}\n".encode())
            return process.wait(60), screen
        finally:
            process.kill()
            os.close(mine)

    def python(self, code: str) -> str:
        command = (sys.executable, "-c", code)
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=True
        ).stdout

    def owner(self) -> int:
        """The process that holds the keyring now: the bus may have started another one."""
        if "true" not in self._asked("NameHasOwner"):
            return 0
        return int(self._asked("GetConnectionUnixProcessID").split()[-1])

    def kill_keyring(self) -> None:
        """It ends hard; the bus brings it back locked as soon as somebody asks for it."""
        os.kill(self.daemon, signal.SIGKILL)
        self.daemon = 0

    def stop(self) -> None:
        """The keyring first, while the bus still says whose number is its; each by its own number."""
        if not self._bus:
            return
        for pid in (self.owner(), self._bus):
            if pid > 1:
                try:
                    os.kill(pid, signal.SIGCONT)
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    continue
        self._bus = 0
