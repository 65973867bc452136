"""Console rescue with no bot running: an order by hand through judge and gate, its stop, cancels, and a kill there."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.live_home import TOKEN, toml
from tests.fakes.program import Done, command, environment, events
from tests.venue.binance import Binance
from tests.venue.server import VenueServer, ccxt_config

BTC = "BTC/USDT"


class Desk:
    """The command line of one home with keys for a venue on loopback."""

    def __init__(self, home: Path, venue: VenueServer) -> None:
        self.home, self.venue = home, venue
        home.mkdir(exist_ok=True)
        self._settings = home / "live.toml"
        access = toml(ccxt_config(venue, keys=False))
        self._settings.write_text(f'[keys]\nsource = "environment"\n\n[venues.binance]\nccxt = {access}\n')

    def say(self, *words: str, keys: bool = True) -> Done:
        given = (
            {"EXCHANGE_API_KEY": self.venue.api.key, "EXCHANGE_API_SECRET": self.venue.api.secret}
            if keys
            else {}
        )
        return subprocess.run(
            command(self.home, "--config", str(self._settings), *words), capture_output=True, text=True, timeout=60,
            check=False, env=environment(ALLOW_LIVE="1", LIVE_CONFIRM_TOKEN=TOKEN, **given),
        )  # fmt: skip

    def order(self, *words: str) -> Done:
        return self.say("order", *words, "--venue", "binance", "--mode", "live", "--confirm", TOKEN)

    def resting(self) -> list[tuple[str, str, str]]:
        """Side, price or trigger, and amount of what is open at the venue itself."""
        found = self.venue.do(self.venue.api.core.open_orders)
        return sorted(
            (one.wish.side, str(one.wish.price or one.wish.stop), str(one.wish.amount)) for one in found
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with VenueServer(Binance({"USDT": "1000"}, seed=1)) as venue:
        venue.set_price(BTC, "50000")
        yield Desk(tmp_path / "home", venue)


def said(done: Done, code: int = 0) -> list[dict[str, Any]]:
    assert done.returncode == code, done.stderr + done.stdout
    return events(done.stdout)


def buy(*how: str) -> Sequence[str]:
    return ("place", BTC, "buy", "0.0004", *how)


def test_a_purchase_rests_is_listed_and_cancelled(desk: Desk) -> None:
    (placed,) = said(desk.order(*buy("--price", "49000", "--stop", "48000")))
    assert (placed["status"], placed["price"]) == ("open", "49000")
    assert placed["client_order_id"].startswith("bly")
    (listed,) = said(desk.order("list"))
    assert (listed["client_order_id"], listed["ours"]) == (placed["client_order_id"], True)
    (gone,) = said(desk.order("cancel", placed["client_order_id"]))
    assert gone["orders"] == [placed["venue_id"]]
    assert desk.resting() == []
    assert "No open order has the id" in desk.order("cancel", "bly-nothing").stderr


def test_what_is_bought_is_guarded_and_can_be_sold(desk: Desk) -> None:
    (bought,) = said(desk.order(*buy("--market", "--stop", "49000")))
    assert bought["status"] == "filled"
    assert [one["kind"] for one in bought["resting"]] == ["stop"]
    ((side, trigger, amount),) = desk.resting()
    assert (side, float(trigger), float(amount)) == ("sell", 49000, 0.00039)  # the fee was taken in coins
    (sold,) = said(desk.order("place", BTC, "sell", "0.00039", "--market"))
    assert sold["status"] == "filled"
    assert desk.resting() == []
    again = desk.order("place", BTC, "sell", "0.00039", "--market")
    assert again.returncode == 3
    assert "a strategy's coins are its own" in again.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ("place", BTC, "buy", "0.01", "--market", "--stop", "49000"),
            "above the 50.00 USD that one order may cost",
        ),
        (("place", BTC, "buy", "0.0004", "--market"), "needs a protective stop"),
        (("place", BTC, "buy", "0.0004", "--market", "--stop", "51000"), "stop"),
        (("place", "DOGE/USDT", "buy", "100", "--market", "--stop", "0.1"), "DOGE/USDT"),
        (("place", BTC, "buy", "0.00040001", "--market", "--stop", "49000"), "steps of"),
    ],
)
def test_the_judge_and_the_market_have_their_say(desk: Desk, words: tuple[str, ...], sentence: str) -> None:
    done = desk.order(*words)
    assert done.returncode in (1, 2, 3), done.stderr
    assert sentence in done.stderr
    assert desk.venue.api.audit.named("POST /api/v3/order") == []


def test_a_kill_without_a_bot_goes_to_the_venue(desk: Desk) -> None:
    said(desk.order(*buy("--price", "49000", "--stop", "48000")))
    said(desk.order(*buy("--market", "--stop", "49000")))
    blind = desk.say("kill", keys=False)
    assert blind.returncode == 1
    assert "EXCHANGE_API_KEY" in blind.stderr
    assert len(desk.resting()) == 2
    (killed,) = said(desk.say("kill"))
    assert (killed["step"], killed["open"]) == ("verified", 0)
    assert len(killed["cancelled"]) == len(killed["kept"]) == 1
    ((side, _, _),) = desk.resting()
    assert side == "sell"
    halted = desk.order(*buy("--market", "--stop", "49000"))
    assert halted.returncode == 3
    assert "Belay is halted" in halted.stderr
    (killed,) = said(desk.say("kill", "--stops", "cancel"))
    assert killed["kept"], "the first kill's word on stops holds"
