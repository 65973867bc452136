"""No file of the project tells of the machine it was written on, nor of an index of packages."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {".git", ".venv", "build", "dist", "htmlcov", "__pycache__", ".hypothesis"}

# Written in pieces, so that this file does not find itself.
FOREIGN = ["/" + "simple/", "--" + "index-url", "/" + "root/"]


def places(root: Path) -> re.Pattern[bytes]:
    """What no file may hold: the foreign words, and the path of the working folder unless short as a word."""
    words = [re.escape(word) for word in FOREIGN]
    if len(root.parts) > 2:
        words.append(rf"(?<![\w.-]){re.escape(str(root))}(?![\w-])")
    return re.compile("|".join(words).encode())


def breaches(name: str, content: bytes, pattern: re.Pattern[bytes]) -> list[str]:
    """Each line that holds something of the machine."""
    return [
        f"{name}:{number}: {match[0].decode()}"
        for number, line in enumerate(content.splitlines(), 1)
        for match in pattern.finditer(line)
    ]


def project_files(root: Path) -> list[Path]:
    """Tracked and new files as git sees them; without git, all but the environment and the caches."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = (
        subprocess.run(command, cwd=root, capture_output=True, check=False) if shutil.which("git") else None
    )
    if listing is not None and listing.returncode == 0:
        return [path for name in listing.stdout.split(b"\0") if (path := root / os.fsdecode(name)).is_file()]
    found: list[Path] = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
        found += [Path(folder) / name for name in names if not name.startswith(".coverage")]
    return found


def test_no_file_tells_of_the_machine() -> None:
    files = project_files(ROOT)
    assert len(files) > 10
    pattern = places(ROOT)
    found = [
        line for path in files for line in breaches(str(path.relative_to(ROOT)), path.read_bytes(), pattern)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("word", [*FOREIGN, "/srv/belay", "cd /srv/belay/core", "'/srv/belay'"])
def test_a_place_is_caught(word: str) -> None:
    assert breaches("x", f"one\n# {word}\n".encode(), places(Path("/srv/belay")))


@pytest.mark.parametrize(
    "line", ["gui/srv/belay", "/srv/belay-old", "/usr/bin", "a simple/index url", "index-url"]
)
def test_an_innocent_line_passes(line: str) -> None:
    assert not breaches("x", line.encode(), places(Path("/srv/belay")))


def test_a_short_working_folder_is_not_looked_for() -> None:
    assert not breaches("Dockerfile", b"WORKDIR /app", places(Path("/app")))


def test_without_git_the_environment_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "core/a.py",
        ".venv/b.py",
        "gui/__pycache__/c.pyc",
        ".mypy_cache/d.json",
        "build/e",
        ".coverage",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "none"))
    assert project_files(tmp_path) == [tmp_path / "core/a.py"]
