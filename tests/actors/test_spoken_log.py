"""What the parts of Belay log during a command: cleaned on stderr with --verbose, else nowhere, never on stdout."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import structlog

from actors.commands.context import Context
from actors.commands.spoken_log import spoken_log

log = structlog.get_logger("made")


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(
        home=tmp_path, config=None, environment={"EXCHANGE_API_KEY": "invented-key"}, stdout=io.StringIO(),
        stderr=io.StringIO(),
    )  # fmt: skip


def test_it_is_dropped_unless_asked_for(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    with spoken_log(context):
        log.error("something", secret="x")
    assert capsys.readouterr() == ("", "")
    assert (context.stderr.getvalue(), list(context.home.iterdir())) == ("", [])  # type: ignore[attr-defined]


def test_it_is_cleaned(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    context.verbose = True
    with spoken_log(context, "invented-secret"):
        log.info("asked", url="https://x/?key=invented-key&signature=abc", secret="y")
        try:
            raise KeyError("invented-secret")
        except KeyError:
            log.exception("it fails")
    said = context.stderr.getvalue()  # type: ignore[attr-defined]
    assert "info asked" in said
    assert "KeyError" in said
    assert not [word for word in ("invented", "abc") if word in said]
    assert capsys.readouterr() == ("", "")


def test_one_inside_another_leaves_it_as_it_was(context: Context, capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    with spoken_log(context):
        with spoken_log(context):
            pass
        log.warning("not on stdout")
    assert structlog.get_config() == before
    assert capsys.readouterr() == ("", "")
