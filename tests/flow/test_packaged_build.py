"""The packaged build opens, trades on paper, proves its kill and starts again without compiling."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_packaged_build_works() -> None:
    if not (ROOT / "dist" / "belay" / "belay").exists():
        pytest.skip("needs the packaged build in dist/: make package")
    if shutil.which("Xvfb") is None:
        pytest.skip("needs Xvfb, a screen of its own for the packaged window")
    smoke = subprocess.run(
        [sys.executable, ROOT / "packaging" / "smoke.py"],
        capture_output=True,
        text=True,
        timeout=880,
        check=False,
    )
    assert smoke.returncode == 0, smoke.stdout + smoke.stderr
    assert "none changed by the second start" in smoke.stdout
