"""The log: JSON lines with the mode, no secret in any form, rotated, and quiet when the disk is full."""

from __future__ import annotations

import io
import json
import logging
import os
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import structlog

from actors.journal import Journal, open_journal
from actors.line_file import LineFile, numbered
from actors.log_reading import LOG_FILE, iterate_log, read_log
from actors.redaction import HIDDEN, Redactor
from core.modes import Mode

SECRET = "hunter2-hunter2"  # what a key looks like; invented
HEAD = {"at": "2026-01-01T00:00:00+00:00", "level": "info", "mode": "paper", "source": "x"}
log = structlog.get_logger("part")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    opened = open_journal(tmp_path, Mode.DRY_RUN, secrets=(SECRET,))
    yield opened
    opened.close()


def lines(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (home / LOG_FILE).read_text(encoding="utf-8").splitlines()]


def test_a_line_has_time_level_mode_source_and_text(journal: Journal, tmp_path: Path) -> None:
    log.info("order placed", price=Decimal("60000.10"), symbol="BTC/USDT", many=(1, Decimal("1E+2")))
    journal.mode = Mode.PAPER
    logging.getLogger("library").warning("from %s", "elsewhere")
    first, second = lines(tmp_path)
    assert list(first)[:5] == ["at", "level", "mode", "source", "text"]
    assert [first[name] for name in (*HEAD, "text")] == [
        first["at"], "info", "dry-run", "part", "order placed"
    ]  # fmt: skip
    assert (first["price"], first["many"]) == ("60000.1", [1, "100"])
    assert (second["mode"], second["source"], second["text"]) == ("paper", "library", "from elsewhere")


def test_an_error_brings_its_traceback_and_its_secrets_are_hidden(journal: Journal, tmp_path: Path) -> None:
    try:
        raise ValueError(f"bad answer to {SECRET}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("library").exception("failed too")
    for line in lines(tmp_path):
        assert "ValueError: bad answer to [hidden]" in str(line["exception"])


@pytest.mark.parametrize(
    "fields",
    [
        {"apiKey": SECRET[:5]},
        {"key": "abc"},
        {"api_secret": "abc"},
        {"deep": {"list": [{"Password": "abc"}]}},
        {"TELEGRAM_BOT_TOKEN": "abc"},
        {"url": "https://host/path?timestamp=1&signature=abc"},
        {"url": "https://user:abc@host/"},
        {"text": "{'apiKey': 'abc', 'b': 1}"},
        {"text": json.dumps({"secret": "abc"})},
        {"text": json.dumps(json.dumps({"secret": "abc"}))},
        {"text": "Authorization: Bearer abc"},
        {"error": ValueError("passphrase=abc")},
        {"pem": "-----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY-----"},
    ],
)
def test_secrets_are_taken_out_by_name(journal: Journal, tmp_path: Path, fields: dict[str, object]) -> None:
    log.info("said", **fields)
    raw = (tmp_path / LOG_FILE).read_text(encoding="utf-8")
    assert "abc" not in raw
    assert SECRET[:5] not in raw
    assert HIDDEN in raw


@pytest.mark.parametrize(
    "secret",
    [SECRET, 'a"b\\c\nd-quoted', "with space/and+sign=", "-----BEGIN X-----\nMIIEvQIBADANBgkqhkiG9w0\n"],
)
def test_a_known_secret_is_hidden_in_every_form(secret: str) -> None:
    from urllib.parse import quote

    redactor = Redactor()
    redactor.hide(secret)
    for form in (secret, f"x{secret}y", quote(secret, safe=""), repr(secret), repr({"x": [secret]})):
        hidden = redactor.text(form)
        assert secret.strip() not in hidden
        assert quote(secret.strip(), safe="") not in hidden
        assert repr(secret.strip())[1:-1] not in hidden


def test_what_is_no_secret_stays() -> None:
    redactor = Redactor("abc")  # too short to be looked for in every text
    kept = {"symbol": "BTC/USDT", "price": "1", "text": "grid: abc at 12:30", "monkey": 1, "keyring": "x"}
    assert redactor.clean(kept) == kept


def test_lines_come_back_newest_first_and_filtered(journal: Journal, tmp_path: Path) -> None:
    for number in range(20):
        log.info("number", n=number)
    log.warning("careful", why="Spread too WIDE")
    (newest, *rest) = read_log(tmp_path)
    assert (newest.text, newest.level, newest.mode) == ("careful", "warning", "dry-run")
    assert newest.fields == (("why", "Spread too WIDE"),)
    assert [dict(line.fields)["n"] for line in rest] == [str(n) for n in reversed(range(20))]
    assert len(read_log(tmp_path, limit=3)) == 3
    assert [line.text for line in read_log(tmp_path, text="too wide")] == ["careful"]
    assert [line.text for line in read_log(tmp_path, levels=["warning", "error"])] == ["careful"]
    assert read_log(tmp_path, source="other") == []


def test_a_torn_line_is_left_out(journal: Journal, tmp_path: Path) -> None:
    log.info("before")
    with (tmp_path / LOG_FILE).open("a") as file:
        file.write('{"at": "2026-01-01T00:00:00+00:00", "level": "in\n[]\n')
    log.info("after")
    assert [line.text for line in read_log(tmp_path)] == ["after", "before"]


def test_no_log_yet_is_an_empty_one(tmp_path: Path) -> None:
    assert read_log(tmp_path) == []


def test_files_rotate_and_are_read_across(tmp_path: Path) -> None:
    file = LineFile(tmp_path / LOG_FILE, rotate_bytes=1000, kept=3)
    for number in range(60):
        assert file.append(json.dumps({**HEAD, "text": "é" * 20, "n": number}, ensure_ascii=False))
    file.close()
    names = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert names == ["belay.jsonl", "belay.jsonl.1", "belay.jsonl.2"]
    assert all(numbered(tmp_path / LOG_FILE, n).stat().st_size < 1200 for n in range(3))
    numbers = [int(dict(line.fields)["n"]) for line in iterate_log(tmp_path)]
    assert numbers == list(range(59, 59 - len(numbers), -1))
    assert len(numbers) > 10


def test_long_files_are_read_backwards_in_blocks(tmp_path: Path) -> None:
    file = LineFile(tmp_path / LOG_FILE)
    for number in range(300):
        file.append(json.dumps({**HEAD, "text": "x" * (number * 7), "n": number}))
    file.close()
    assert (tmp_path / LOG_FILE).stat().st_size > 3 * 65_536
    assert [dict(line.fields)["n"] for line in iterate_log(tmp_path)] == [
        str(n) for n in reversed(range(300))
    ]


def test_two_writers_share_a_file_and_follow_its_rotation(tmp_path: Path) -> None:
    one, two = (LineFile(tmp_path / "x", rotate_bytes=100, kept=2) for _ in range(2))
    one.append("a" * 99)
    two.append("b")
    one.append("c")  # rotates: the file is full
    two.append("d")
    assert (tmp_path / "x").read_text() == "c\nd\n"
    assert (tmp_path / "x.1").read_text().endswith("b\n")
    one.close()
    two.close()


def test_many_threads_write_whole_lines(tmp_path: Path) -> None:
    file = LineFile(tmp_path / "x", rotate_bytes=20_000)

    def write(letter: str) -> None:
        for _ in range(200):
            file.append(letter * 50)

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file.close()
    written = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert sorted(written) == sorted(letter * 50 for letter in "abcd" for _ in range(200))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a device that is always full")
def test_a_full_disk_never_raises_and_is_counted(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / LOG_FILE).symlink_to("/dev/full")
    journal = open_journal(tmp_path, Mode.PAPER)
    try:
        log.info("lost")
        log.error("lost too")
        assert journal.dropped == 2
        (tmp_path / LOG_FILE).unlink()
        log.info("space again")
        assert journal.dropped == 2
        assert [line.text for line in read_log(tmp_path)] == ["space again"]
    finally:
        journal.close()


def test_a_folder_in_the_place_of_the_log_never_raises(tmp_path: Path) -> None:
    (tmp_path / LOG_FILE).mkdir(parents=True)
    journal = open_journal(tmp_path, Mode.PAPER)
    log.info("lost")
    journal.close()
    assert journal.dropped == 1


def test_a_line_cut_short_does_not_spoil_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = LineFile(tmp_path / "x")
    whole = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: whole(fd, data[:3]))
    assert not file.append("first")
    monkeypatch.undo()
    assert file.append("second")
    file.close()
    assert (tmp_path / "x").read_text() == "fir\nsecond\n"
    assert file.dropped == 1


def test_verbose_speaks_to_people_without_secrets(tmp_path: Path) -> None:
    stream = io.StringIO()
    journal = open_journal(tmp_path, Mode.PAPER, secrets=(SECRET,), verbose=True, stream=stream)
    log.debug("looking", at_price=1, note=f"<{SECRET}>")
    journal.close()
    assert "paper debug part: looking at_price=1 note=<[hidden]>" in stream.getvalue()


def test_without_verbose_the_terminal_stays_quiet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    journal = open_journal(tmp_path, Mode.PAPER)
    log.error("not for the terminal")
    log.debug("not for the file either")
    journal.close()
    assert capsys.readouterr() == ("", "")
    assert [line.text for line in read_log(tmp_path)] == ["not for the terminal"]


def test_closing_takes_everything_back(tmp_path: Path) -> None:
    before = list(logging.getLogger().handlers)
    open_journal(tmp_path, Mode.PAPER).close()
    assert logging.getLogger().handlers == before
