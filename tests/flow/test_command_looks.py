"""The commands that look: config, status, price, orders, positions and check."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.halt import Latch
from core.settings_reference import template

ROOT = Path(__file__).resolve().parents[2]
Belay = Callable[..., subprocess.CompletedProcess[str]]


def events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


# ---------------------------------------------------------------- config


def test_config_init_show_check(said: Callable[..., Any], home: Path) -> None:
    assert said("config", "init")[0] == 0
    assert (home / "settings.toml").read_text(encoding="utf-8") == template()
    code, _, err = said("config", "init")
    assert (code, "exists already" in err) == (2, True)
    (home / "settings.toml").write_text("[paper]\ncash = 77\n")
    code, out, _ = said("config", "show")
    assert (code, "cash = 77\n" in out) == (0, True)
    assert said("config", "check")[0] == 0
    assert said("config", "init", "--force")[0] == 0
    assert "cash = 10000" in said("config", "show")[1]
    assert "largest order in USD; ceiling 50" in said("config", "show", "--reference")[1]
    code, out, _ = said("config", "show", "--json", "--config", str(home / "settings.toml"))
    (event,) = events(out)
    assert (event["event"], event["settings"]["paper"]["cash"]) == ("settings", "10000")


def test_config_check_names_every_fault(said: Callable[..., Any], home: Path) -> None:
    (home / "settings.toml").write_text('[paper]\ncash = "x"\n[kill]\nstops = 1\n')
    code, _, err = said("config", "check")
    assert (code, len(err.splitlines())) == (2, 2)
    assert f"{home / 'settings.toml'}, line 2: paper.cash" in err


def test_config_check_knows_the_strategies(said: Callable[..., Any], home: Path) -> None:
    (home / "settings.toml").write_text("[strategies.grd]\n")
    code, _, err = said("config", "check")
    assert (code, "grid" in err) == (2, True)


# ---------------------------------------------------------------- status and its kin


def beat(home: Path, **more: Any) -> None:
    held = {"strategy": "grid:BTC/USDT", "symbol": "BTC/USDT", "quantity": "0.01", "average": "59000"}
    values = {
        "pid": os.getpid(), "at": datetime.now(UTC).isoformat(), "mode": "paper", "venue": "Simulated market",
        "state": "active", "equity": "10012.5", "cash": "9000", "profit": "12.5", "fees": "1.5",
        "drawdown": "0.01", "open_orders": 2, "positions": [held], "halted": False,
        "prices": {"BTC/USDT": {"last": "60000.1", "at": "2026-03-01T12:00:00+00:00"}},
    }  # fmt: skip
    (home / "status.json").write_text(json.dumps({**values, **more}))


def test_status_of_nothing(said: Callable[..., Any], home: Path) -> None:
    code, out, _ = said("status")
    assert (code, "does not run here and has no records yet" in out) == (0, True)
    code, out, _ = said("status", "--json")
    assert events(out) == [{"event": "status", "running": False, "halted": False}]
    assert said("orders")[0] == said("positions")[0] == 0
    assert said("price", "BTC/USDT")[0] == 1
    assert said("export", "fills", "--out", str(home / "x.csv"))[0] == 1
    assert list(home.iterdir()) == []  # looking leaves nothing behind


def test_status_of_a_running_bot(said: Callable[..., Any], home: Path) -> None:
    beat(home)
    code, out, _ = said("status")
    assert code == 0
    for words in (f"Belay runs (process {os.getpid()})", "equity:       10012.5", "0.01 BTC/USDT at 59000"):
        assert words in out
    (event,) = events(said("--json", "status")[1])
    assert (event["running"], event["equity"], event["open_orders"]) == (True, "10012.5", 2)
    assert "BTC/USDT 60000.1 (live" in said("price", "btc/usdt")[1]
    code, _, err = said("price", "SOL/USDT")
    assert (code, "it watches BTC/USDT" in err) == (1, True)
    (event,) = events(said("positions", "--json")[1])
    assert (event["symbol"], event["quantity"]) == ("BTC/USDT", "0.01")


@pytest.mark.parametrize("how", ["old", "dead"])
def test_a_bot_that_ended_without_a_goodbye_does_not_run(
    said: Callable[..., Any], home: Path, how: str
) -> None:
    if how == "old":
        beat(home, at=(datetime.now(UTC) - timedelta(seconds=6)).isoformat())
    else:
        gone = subprocess.Popen([sys.executable, "-c", ""])
        gone.wait()
        beat(home, pid=gone.pid)
    code, out, _ = said("status")
    assert code == 0
    assert "Belay runs" not in out
    assert "ended without a goodbye" in out
    assert said("price", "BTC/USDT")[0] == 1


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"at": "yesterday", "pid": 1}', '{"at": 5, "pid": "x"}']
)
def test_a_damaged_heartbeat_is_none(said: Callable[..., Any], home: Path, text: str) -> None:
    (home / "status.json").write_text(text)
    code, out, _ = said("status")
    assert (code, "does not run" in out) == (0, True)


def test_status_says_halted_even_with_broken_settings(said: Callable[..., Any], home: Path) -> None:
    (home / "settings.toml").write_text("nonsense")
    Latch(home).trip("tray", "stopped by hand", datetime.now(UTC))
    code, out, _ = said("status", "--json")
    assert (code, events(out)[0]["halted"]) == (0, True)
    assert "HALTED by tray" in said("status")[1]


# ---------------------------------------------------------------- check


def lights(out: str) -> dict[str, str]:
    return {event["id"]: event["result"] for event in events(out) if event["event"] == "check"}


def test_check_of_a_good_home(said: Callable[..., Any]) -> None:
    code, out, err = said("check", "--json")
    found = lights(out)
    assert code == 0
    assert list(found) == ["settings", "home", "disk", "database", "keyring", "clock", "latch", "strategies"]
    assert "red" not in found.values()
    assert found["keyring"] == "amber" or "keyring.backends" in err
    assert all(event["advice"] for event in events(out) if event["result"] != "green")


def test_check_shows_red_and_says_what_to_do(said: Callable[..., Any], home: Path) -> None:
    (home / "settings.toml").write_text("[paper]\ncash = 0\n")
    (home / "belay.db").write_bytes(b"no database at all" * 100)
    Latch(home).trip("tray", "by hand", datetime.now(UTC))
    ahead = (datetime.now(UTC) + timedelta(hours=3)).timestamp()
    os.utime(home / "settings.toml", (ahead, ahead))
    code, out, _ = said("check", "--json")
    found = lights(out)
    assert code == 1
    assert {name for name, light in found.items() if light == "red"} >= {
        "settings",
        "database",
        "latch",
        "clock",
    }
    assert said("check")[1].count("->") >= 4


def test_check_is_amber_for_a_market_that_may_not_be_traded(said: Callable[..., Any], home: Path) -> None:
    (home / "settings.toml").write_text('[venue]\nsymbols = ["SOL/USDT"]\n')
    code, out, _ = said("check", "--json")
    assert (code, lights(out)["settings"]) == (0, "amber")


# ---------------------------------------------------------------- after a run


@pytest.fixture(scope="module")
def traded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which a made wave of prices was traded to its end."""
    folder = tmp_path_factory.mktemp("traded")
    closes = [
        round(60_000 + 1_500 * math.sin(minute / 40) + 300 * math.sin(minute / 7), 2)
        for minute in range(1500)
    ]
    rows = ["ts,open,high,low,close,volume"]
    for minute, (before, close) in enumerate(pairwise([closes[0], *closes])):
        high, low = max(before, close) + 5, min(before, close) - 5
        rows.append(f"{minute * 60_000},{before},{high},{low},{close},25")
    (folder / "wave.csv").write_text("\n".join(rows))
    words = ["--home", str(folder), "--json", "run", "--headless", "--venue", f"replay:{folder / 'wave.csv'}",
             "--symbols", "BTC/USDT", "--speed", "max", "--until-end"]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "main.py", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert events(done.stdout)[-1]["fills"] > 0
    return folder


def test_the_records_answer_when_no_bot_runs(said: Callable[..., Any], traded: Path) -> None:
    home = ("--home", str(traded), "--json")
    (status,) = events(said(*home, "status")[1])
    assert (status["running"], status["fills"] > 0, "equity" in status) == (False, True, True)
    assert "this is what its records say" in said("--home", str(traded), "status")[1]
    over = events(said(*home, "orders", "--all", "--limit", "1000")[1])
    assert {event["event"] for event in over} == {"order"}
    assert over[0]["time"] > over[-1]["time"]
    working = events(said(*home, "orders")[1])
    assert len(working) == status["open_orders"]
    held = events(said(*home, "positions")[1])
    assert [event["quantity"] for event in held] == [one["quantity"] for one in status["positions"]]
    symbol = next(event["symbol"] for event in over if event["status"] == "filled")
    (price,) = events(said(*home, "price", symbol)[1])
    assert (price["source"], float(price["last"]) > 0) == ("newest fill", True)


def test_records_are_exported(said: Callable[..., Any], traded: Path, tmp_path: Path) -> None:
    out = tmp_path / "fills.csv"
    code, printed, _ = said("--home", str(traded), "--json", "export", "fills", "--out", str(out))
    (event,) = events(printed)
    assert (code, event["rows"]) == (0, len(out.read_text().splitlines()) - 1)
    code, _, err = said("--home", str(traded), "export", "fills", "--format", "koinly", "--out", str(out))
    assert (code != 0, len(err.splitlines())) == (True, 1)


def test_check_finds_the_records_whole(said: Callable[..., Any], traded: Path) -> None:
    assert lights(said("--home", str(traded), "check", "--json")[1])["database"] == "green"


def test_every_line_of_the_log_names_the_mode(traded: Path) -> None:
    lines = [json.loads(line) for line in (traded / "logs" / "belay.jsonl").read_text().splitlines()]
    assert {line["mode"] for line in lines} == {"paper"}
    assert {"order placed", "order filled"} <= {line["text"] for line in lines}
