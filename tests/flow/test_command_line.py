"""The command line as a script sees it: exit codes, sentences on stderr, JSON on stdout, no traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import main as front
from actors.commands.display import missing_display
from actors.commands.parser import make_parser

ROOT = Path(__file__).resolve().parents[2]
Belay = Callable[..., subprocess.CompletedProcess[str]]


def events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_help_names_the_commands_that_are_there(belay: Belay) -> None:
    done = belay("--help")
    assert done.returncode == 0
    there = "run status price orders positions order kill rearm check keys backtest export config"
    for name in there.split():
        assert f"\n    {name} " in done.stdout
    for name in ("warm", "optimise", "sessions", "bundle", "strategies"):
        assert f"\n    {name} " not in done.stdout


def test_the_cheap_commands_import_nothing_heavy() -> None:
    code = (
        "import sys, main\n"
        "try: main.main(['--help'])\n"
        "except SystemExit: pass\n"
        "main.main(['status'])\n"
        "print([name for name in ('numba', 'numpy', 'PySide6', 'polars', 'pykka') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60,
                          check=True)  # fmt: skip
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    "words",
    [
        ("frobnicate",),
        ("optimise",),
        ("run", "--headless", "--bogus"),
        ("run", "--headless", "--mode", "real"),
        ("run", "--headless", "--for", "nan"),
        ("kill", "--stops", "maybe"),
        ("export", "fills"),
        ("export", "everything", "--out", "x"),
        ("backtest",),
        ("keys",),
        ("keys", "set"),
        ("keys", "set", "kraken", "secret-on-the-line"),
        ("price",),
        ("price", "BTCUSDT"),
        ("price", "BTC/USDT", "--venue", "sim"),
        ("price", "BTC/USDT", "--venue", "krakn"),
        ("keys", "test", "sim"),
        ("keys", "test", "krakn"),
        ("check", "--venue", "krakn"),
        ("order",),
        ("order", "place", "BTC/USDT", "buy", "1"),
        ("order", "place", "BTC/USDT", "hold", "1", "--market"),
        ("order", "place", "BTC/USDT", "buy", "nan", "--market"),
        ("order", "place", "BTC/USDT", "buy", "-1", "--market"),
        ("order", "place", "BTC/USDT", "buy", "1", "--market", "--price", "5"),
        ("order", "list", "--mode", "dry-run"),
        ("order", "cancel"),
        ("order", "foreign", "--ignore", "1", "--close", "1"),
        ("orders", "--limit", "0"),
        ("--home", "", "status"),
        ("stat",),
    ],
)
def test_wrong_usage_is_exit_2_with_a_sentence(said: Callable[..., Any], words: tuple[str, ...]) -> None:
    code, out, err = said(*words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert err.rstrip().endswith((".", "?"))
    code, out, err = said(*words, "--json")
    (event,) = events(out)
    assert (code, event["event"], event["exit"]) == (2, "error", 2)
    assert event["text"] == err.rstrip()


# ---------------------------------------------------------------- home, settings, refusals


def test_the_home_is_named_by_option_environment_or_platform(
    said: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from actors.commands.context import make_context

    def home(*words: str) -> Path:
        return make_context(make_parser().parse_args([*words, "status"])).home

    assert home() == Path(os.environ["BELAY_HOME"])
    assert home("--home", str(tmp_path / "x")) == tmp_path / "x"
    monkeypatch.chdir(tmp_path)
    assert home("--home", "rel") == tmp_path / "rel"
    monkeypatch.setenv("BELAY_HOME", "")
    assert home().name == "Belay"
    (tmp_path / "file").touch()
    assert said("--home", str(tmp_path / "file"), "status")[0] == 2


def test_without_a_display_it_says_the_next_line(belay: Belay) -> None:
    for words in ((), ("run",), ("--json",)):
        done = belay(*words)
        assert done.returncode == 2
        assert "There is no display here" in done.stderr
        assert "python main.py run --headless --venue sim" in done.stderr


def test_a_display_that_does_not_answer_is_found_out() -> None:
    assert "does not answer" in missing_display({"DISPLAY": ":60999"}, "linux")
    assert missing_display({"DISPLAY": ""}, "linux")
    assert missing_display({"QT_QPA_PLATFORM": "offscreen"}, "linux") == ""
    assert missing_display({"WAYLAND_DISPLAY": "wayland-0"}, "linux") == ""
    assert missing_display({}, "darwin") == ""


def test_dry_run_wins_over_live_and_says_what_it_is_here(belay: Belay) -> None:
    done = belay("run", "--headless", "--mode", "live", "--dry-run", "--speed", "max", "--for", "0.1")
    assert done.returncode == 0
    assert "nothing leaves this computer" in done.stderr


def test_wrong_settings_start_nothing(said: Callable[..., Any], home: Path) -> None:
    (home / "settings.toml").write_text("[risk]\nmax_order_usd = 60\n[papr]\n")
    code, out, err = said("run", "--headless", "--json", "--cash", "lots")
    assert code == 2
    assert err.splitlines() == [event["text"] for event in events(out)]
    assert "above the ceiling of 50 USD" in err
    assert 'did you mean "paper"?' in err
    assert "--cash: must be a number" in err


def test_a_named_settings_file_must_be_there(said: Callable[..., Any], tmp_path: Path) -> None:
    code, _, err = said("--config", str(tmp_path / "none.toml"), "config", "show")
    assert (code, "does not exist" in err) == (2, True)


# ---------------------------------------------------------------- errors


def test_verbose_shows_where_and_hides_secrets(belay: Belay) -> None:
    wrong = ("run", "--headless", "--cash", "hunter2-hunter2")
    done = belay(*wrong, "--verbose", "--json", EXCHANGE_API_SECRET="hunter2-hunter2")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert "Traceback" not in belay(*wrong).stderr


def test_a_reader_that_has_enough_is_no_error(home: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "main.py", "config", "show"]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_an_error_that_nobody_foresaw_is_a_sentence(belay: Belay, home: Path) -> None:
    code = (
        "import sys, main, actors.commands.dispatch as d\n"
        "sys.argv = ['main.py', 'status']\n"
        "sys.excepthook = main.unexpected\n"
        "raise KeyError('token=hunter2')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60,
                          check=False)  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("Belay fails unexpectedly (KeyError: ")
    assert "hunter2" not in done.stderr


def test_ctrl_c_is_no_traceback(said: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*given: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(front, "dispatch", interrupted)
    assert said("status") == (1, "", "Stopped.\n")


def test_the_window_opens_trades_and_ends_on_a_signal(home: Path) -> None:
    environment = {**os.environ, "BELAY_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    started = subprocess.Popen(
        [sys.executable, "main.py"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 60
        while not (home / "status.json").exists():
            assert started.poll() is None, started.communicate()[1]
            assert time.monotonic() < deadline, "the window's bot did not come up"
            time.sleep(0.05)
        started.send_signal(signal.SIGINT)
        _, err = started.communicate(timeout=60)
    finally:
        started.kill()
    assert (started.returncode, "Traceback" in err) == (0, False)
    assert not (home / "status.json").exists()
