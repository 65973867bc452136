"""Settings: defaults trade on paper, each fault is a sentence with its place, secrets are refused (K1-K4)."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.errors import BadSettings
from core.instrument import Instrument
from core.settings import Settings
from core.settings_file import load_settings, parse_settings
from core.settings_given import Given, from_environment, is_live_allowed, secrets_in
from core.settings_lines import line_numbers
from core.settings_reference import describe, in_force, template

ROOT = Path(__file__).resolve().parents[2]


def parse(toml: str, environment: dict[str, str] | None = None, *given: Given) -> Settings:
    return parse_settings(toml, "belay.toml", environment or {}, given)


def faults(toml: str, environment: dict[str, str] | None = None, *given: Given) -> tuple[str, ...]:
    with pytest.raises(BadSettings) as caught:
        parse(toml, environment, *given)
    return caught.value.faults


def test_nothing_set_is_paper_on_the_simulated_market() -> None:
    settings = parse("")
    assert settings == Settings()
    assert settings.venue.name == "sim"
    assert settings.venue.symbols == ("BTC/USDT", "ETH/USDT")
    assert settings.paper.cash == 10_000
    assert settings.kill.stops == "keep"
    assert settings.keys.source == "keyring"


def test_decimals_are_exact() -> None:
    settings = parse('[paper]\nmaker_fee = 0.1e-3\ntaker_fee = "0.0026"\ncash = 250')
    assert str(settings.paper.maker_fee) == "0.0001"
    assert settings.paper.taker_fee == Decimal("0.0026")
    assert type(settings.paper.cash) is Decimal


def test_a_float_is_refused() -> None:
    with pytest.raises(ValidationError, match="must be a number"):
        Settings.model_validate({"paper": {"cash": 0.1}})


def test_settings_do_not_change_and_travel_to_other_processes() -> None:
    settings = parse("[strategies.grid]\nlevels = 3")
    with pytest.raises(ValidationError, match="frozen"):
        settings.paper.cash = Decimal(1)  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(settings)) == settings


FAULTS = (
    ("[paper]\n\ncash = 'lots'", "3: paper.cash must be a number, not 'lots'."),
    ("[paper]\ncash = nan", "2: paper.cash must be a number, not nan."),
    ("[paper]\ncash = 0", "2: paper.cash is 0; write a number above 0."),
    ("[paper]\ncash = 1e999999",
     "2: paper.cash is no amount of anything; write a number of ordinary "
     "size."),
    ("[paper]\nmaker_fee = 0.1", "2: paper.maker_fee is 0.1; write a number below 0.1."),
    ("[paper]\nparticipation = 2", "2: paper.participation is 2; write 1 or less."),
    ("[paper]\nmaker_fe = 0.1", "2: paper.maker_fe is not a setting; did you mean \"maker_fee\"?"),
    ("[papr]\ncash = 1", "1: papr is not a setting; did you mean \"paper\"?"),
    ("[kill]\nqqq = 1", "2: kill.qqq is not a setting; known here: stops."),
    ("[kill]\nstops = 'maybe'", "2: kill.stops is 'maybe'; write 'keep' or 'cancel'."),
    ("[sim]\nseed = 1.5", "2: sim.seed must be a whole number, not 1.5."),
    ("[sim]\nseed = -1", "2: sim.seed is -1; write 0 or more."),
    ("[sim]\nspeed = 'fast'",
     "2: sim.speed is 'fast'; write \"max\" or a number above 0 (1 is real "
     "time)."),
    ("[venue]\ntimeframe = '7m'",
     "2: venue.timeframe is '7m'; write one of 1m, 3m, 5m, 15m, 30m, 1h, 2h, 4h, "
     "1d."),
    ("[venue]\nname = 'A b'",
     "2: venue.name is 'A b'; write sim, replay:PATH or an exchange, for example kraken."),
    ("[venue]\nsymbols = []", "2: venue.symbols is empty; name at least one market, for example BTC/USDT."),
    ("[venue]\nsymbols = ['A/B', 'a/b']", "2: venue.symbols names A/B twice."),
    ("[venue]\nsymbols = 3",
     "2: venue.symbols must be a list of names such as [\"BTC/USDT\", \"ETH/USDT\"], not "
     "3."),
    ("[strategies.grid]\nenabled = 'yes'", "2: strategies.grid.enabled must be true or false, not 'yes'."),
    ("[strategies.grid]\nlevels = [1]",
     "2: strategies.grid.levels must be a number, a text, true or "
     "false."),
    ("strategies = 3", "1: strategies must be a table of keys, not 3."),
    ("[instruments.'A/B']\ntick = 0", "2: instruments.\"A/B\".tick is 0; write a number above 0."),
    ("[instruments.A]\ntick = 1",
     "1: instruments.A cannot be used: 'A' is not a market; write BASE/QUOTE, for example "
     "BTC/USDT."),
    ("[risk]\nmax_order_usd = 51",
     "2: risk.max_order_usd is 51, above the ceiling of 50 USD; write 50 or "
     "less."),
    ("[risk]\ndaily_entries = 21",
     "2: risk.daily_entries is 21, above the ceiling of 20 entries a day; write 20 or "
     "less."),
)  # fmt: skip


@pytest.mark.parametrize(("toml", "fault"), FAULTS)
def test_each_fault_is_one_sentence_with_its_place(toml: str, fault: str) -> None:
    assert faults(toml) == (f"belay.toml, line {fault}",)


@pytest.mark.parametrize(
    ("toml", "place"),
    [
        ("a = \nb = 1", "line 1, column 5"),
        ("[a\n", "line 1, column 3"),
        ("\na = 1\na = 2\n", "line 3, column"),
        ('a = """', "end of the file"),
    ],
)
def test_a_fault_of_the_toml_names_line_and_column(toml: str, place: str) -> None:
    (fault,) = faults(toml)
    assert fault.startswith(f"belay.toml, {place}")
    assert fault.endswith("correct the TOML there.")


def test_all_faults_come_together_in_the_order_of_the_file() -> None:
    found = faults("[paper]\ncash = 'x'\n[risk]\nmax_order_usd = 60\n[kill]\nstop = 1\n[sim]\nseed = 'a'")
    assert [fault.split(":")[0] for fault in found] == [f"belay.toml, line {n}" for n in (2, 4, 6, 8)]


def test_what_contradicts_is_found() -> None:
    (fault,) = faults('[venue]\nsymbols = ["BTC/USDT"]\n[strategies.grid]\nsymbols = ["SOL/USDT"]')
    assert fault.startswith("belay.toml, line 4: strategies.grid.symbols names SOL/USDT, which venue.symbols")


@pytest.mark.parametrize(
    "toml",
    [
        '[venues.kraken.ccxt]\napiKey = "hunter2"',
        '[venues.kraken.ccxt]\noptions = { x = 1, secret = "hunter2" }',
        '[venues.kraken]\nccxt = { password = "hunter2" }',
        '[keys]\napi_secret = "hunter2"',
        'bot-token = "hunter2"',
        '[[accounts]]\nPrivateKey = "hunter2"',
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_quoted(toml: str) -> None:
    found = " ".join(faults(toml))
    assert "python main.py keys set" in found
    assert "hunter2" not in found


def test_a_free_ccxt_table_passes() -> None:
    settings = parse('[venues.kraken.ccxt]\nhostname = "here"\nurls = { api = { public = "http://here" } }')
    assert settings.venues["kraken"].ccxt["urls"] == {"api": {"public": "http://here"}}


def test_strategies_keep_their_own_parameters() -> None:
    settings = parse("[strategies.grid]\nlevels = 12\nspacing = 0.5\nenabled = false")
    assert settings.strategies["grid"].params == {"levels": 12, "spacing": Decimal("0.5")}
    assert not settings.strategies["grid"].enabled


def test_the_command_line_goes_before_the_environment_before_the_file_before_the_defaults() -> None:
    toml, environment = '[venue]\nname = "kraken"', {"EXCHANGE": "binance"}
    line = Given(("venue", "name"), "sim", "--venue")
    assert parse("").venue.name == "sim"
    assert parse(toml).venue.name == "kraken"
    assert parse(toml, environment).venue.name == "binance"
    assert parse(toml, environment, line).venue.name == "sim"


def test_a_fault_names_where_it_was_given() -> None:
    cash = Given(("paper", "cash"), "x", "--cash")
    assert faults("[paper]\ncash = 5", {}, cash) == ("--cash: must be a number, not 'x'.",)
    (fault,) = faults("", {"ALLOWED_SYMBOLS": "BTC/USDT,foo"})
    assert fault.startswith("ALLOWED_SYMBOLS in the environment: 'FOO' is not a market")


def test_the_environment() -> None:
    settings = parse("", {"EXCHANGE": "coinbasepro", "ALLOWED_SYMBOLS": "xlm/usd, BTC/USDT"})
    assert settings.venue.name == "coinbase"
    assert settings.limits.allowed_symbols == ("XLM/USD", "BTC/USDT")
    assert from_environment({"EXCHANGE": " "}) == []
    assert secrets_in({"EXCHANGE_API_SECRET": "s", "LIVE_CONFIRM_TOKEN": "", "HOME": "x"}) == ("s",)
    assert [is_live_allowed({"ALLOW_LIVE": value}) for value in ("1", "0", "")] == [True, False, False]
    with pytest.raises(BadSettings, match="ALLOW_LIVE"):
        is_live_allowed({"ALLOW_LIVE": "yes"})


def test_a_market_is_overridden() -> None:
    settings = parse('[instruments."BTC/USDT"]\ntick = 0.5\nmin_notional = 7')
    found = Instrument("BTC/USDT", Decimal("0.01"), Decimal("0.001"))  # type: ignore[arg-type]
    assert settings.instrument(found) == Instrument(
        "BTC/USDT", Decimal("0.5"), Decimal("0.001"), Decimal(0), Decimal(7)  # type: ignore[arg-type]
    )  # fmt: skip
    other = Instrument("ETH/USDT", Decimal("0.01"), Decimal("0.001"))  # type: ignore[arg-type]
    assert settings.instrument(other) is other


def test_lines_are_found_through_values_of_several_lines() -> None:
    toml = '# one\na = [\n  "x", # "]"\n]\n[b."c/d"]\ne = """\nf = 1\n"""\ng.h = 2\n[[i]]\nj = 1\n'
    lines = line_numbers(toml)
    assert lines[("a",)] == 2
    assert lines[("b", "c/d", "e")] == 6
    assert lines[("b", "c/d", "g", "h")] == 9
    assert lines[("i", "j")] == 11
    assert ("b", "c/d", "f") not in lines


def test_the_template_is_the_one_in_resources_and_changes_nothing() -> None:
    assert (ROOT / "resources" / "settings.toml").read_text(encoding="utf-8") == template()
    assert parse(template()) == Settings()


def test_every_default_of_the_template_may_be_uncommented() -> None:
    lines = [line.removeprefix("# ") if " = " in line or line.startswith("# [") else line
             for line in template().splitlines()[4:]]  # fmt: skip
    settings = parse("\n".join(lines))
    assert settings.paper == Settings().paper
    assert settings.risk == Settings().risk
    assert set(settings.strategies) == {"grid"}


def test_the_reference_names_every_key() -> None:
    reference = describe()
    for name, field in Settings.model_fields.items():
        assert (f"[{name}" in reference) == (
            name != "venues"
        )  # nothing reads those before there are exchanges
        assert field.annotation is not None
    for key in ("max_order_usd = 50", "participation = 0.1", 'stops = "keep"', 'source = "keyring"'):
        assert key in reference


def test_what_is_in_force_reads_back_as_the_same() -> None:
    toml = (
        '[strategies.grid]\nlevels = 3\non = true\nname = "é\\"x"\n[venues.kraken.ccxt]\nurls = {a = "b"}\n'
        '[instruments."BTC/USDT"]\ntick = 0.10\n[sim]\nspeed = "max"'
    )
    settings = parse(toml)
    assert parse(in_force(settings)) == settings


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="does not exist"):
        load_settings(tmp_path / "none.toml", {})
    with pytest.raises(BadSettings, match="cannot be read"):
        load_settings(tmp_path, {})
    path = tmp_path / "latin.toml"
    path.write_bytes(b'a = "\xff"')
    with pytest.raises(BadSettings, match="UTF-8"):
        load_settings(path, {})
    path.write_bytes(b"\xef\xbb\xbf[paper]\ncash = 5\n")
    assert load_settings(path, {}).paper.cash == 5
