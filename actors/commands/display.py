"""Whether a window can open here, found out without Qt, which would abort; main thread."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

_LOCAL = re.compile(r"(?:unix)?:(\d+)(?:\.\d+)?")
NEXT_LINE = "python main.py run --headless --venue sim"


def missing_display(environment: Mapping[str, str], platform: str = sys.platform) -> str:
    """Why no window can open, with the line to type instead; empty where one can."""
    if platform in ("win32", "darwin"):
        return ""
    if environment.get("QT_QPA_PLATFORM", "").partition(":")[0] in (
        "offscreen",
        "minimal",
        "vnc",
        "linuxfb",
        "eglfs",
    ):
        return ""
    if environment.get("WAYLAND_DISPLAY"):
        return ""
    display = environment.get("DISPLAY", "")
    if not display:
        return f"There is no display here, so no window can open. Run without one: {NEXT_LINE}"
    local = _LOCAL.fullmatch(display)
    if local is not None and not _answers(int(local[1])):
        return f"The display {display} does not answer, so no window can open. Run without one: {NEXT_LINE}"
    return ""


def _answers(number: int) -> bool:
    """Whether an X server listens at the local display of this number."""
    path = str(Path("/tmp/.X11-unix") / f"X{number}")
    for address in (path, "\0" + path):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(1)
            try:
                probe.connect(address)
            except OSError:
                continue
            return True
    return False
