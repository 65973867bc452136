"""A halted bot tells its account: at once after the kill, and again after a restart, when no candle comes."""

from __future__ import annotations

from pathlib import Path

from actors.bot import Bot
from core.halt import HaltStep, Latch
from core.messages import AccountMarked, HaltProgressed
from core.modes import Mode, TradingState
from core.settings import Settings
from tests.fakes.screen import until

SETTINGS = Settings.model_validate({"sim": {"speed": 2400}})


class Heard:
    """The newest account and evidence of a bot."""

    def __init__(self, bot: Bot) -> None:
        self.account: AccountMarked | None = None
        self.proof: HaltProgressed | None = None
        bot.subscribe(self)

    def __call__(self, fact: object) -> None:
        if isinstance(fact, AccountMarked):
            self.account = fact
        elif isinstance(fact, HaltProgressed):
            self.proof = fact

    @property
    def is_verified(self) -> bool:
        return self.proof is not None and self.proof.evidence.step is HaltStep.VERIFIED


def start(home: Path, mode: Mode = Mode.PAPER) -> tuple[Bot, Heard]:
    bot = Bot(home, SETTINGS, None, Latch(home), mode)
    heard = Heard(bot)
    bot.open()
    bot.start()
    return bot, heard


def test_the_account_of_a_halt_is_true_at_once_and_after_a_restart(home: Path) -> None:
    bot, heard = start(home)
    try:
        until(
            lambda: heard.account and heard.account.holdings and bot.pipeline.venue.open_orders(),
            "a position",
            60,
        )
        bot.kill("you", "test")
        until(lambda: heard.is_verified, "VERIFIED")
        account, proof = heard.account, heard.proof
        assert account is not None
        assert proof is not None
        assert account.state is TradingState.HALTED
        assert len(proof.evidence.holdings) == len(account.holdings)
        exposure = next(limit.used for limit in account.limits if limit.name == "Exposure")
        held = sum(one.quantity * one.price for one in account.holdings)
        assert abs(exposure - held) < 1  # what was reserved for cancelled orders is free again
    finally:
        bot.stop()
    again, heard = start(home)
    try:
        until(lambda: heard.is_verified, "VERIFIED again")
        assert heard.account is not None
        assert heard.account.equity == account.equity
        assert heard.account.holdings == account.holdings
        assert heard.account.at.date() == account.at.date()
        assert heard.proof is not None
        assert heard.proof.evidence.holdings == proof.evidence.holdings
    finally:
        words = again.stop()
    kept = sum(line.read_2 == "kept" for line in proof.evidence.lines)
    assert words.startswith(f"{kept} paper order" if kept else "No order rests")


def test_a_dry_run_leaves_nothing_open(home: Path) -> None:
    bot, heard = start(home, Mode.DRY_RUN)
    until(lambda: heard.account, "an account", 60)
    assert bot.stop() == "Nothing was sent, so nothing stays open."
