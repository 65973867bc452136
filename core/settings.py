"""Everything a person can set, typed and validated, with defaults that trade on paper; pure.

Secrets have no place here: they live in the operating system's keyring (``main.py keys set VENUE``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.ids import Symbol
from core.instrument import Instrument
from core.limits import Limits
from core.settings_types import (
    Amount,
    AmountOrZero,
    AnyNumber,
    Currencies,
    Minimum,
    Rate,
    Share,
    Speed,
    Symbols,
    TimeFrame,
    VenueId,
)

_DEFAULT = Limits()


class Section(BaseModel):
    """One table of the settings: unknown keys are faults, values never change, nothing is coerced."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, validate_default=False)


class Venue(Section):
    """Where Belay trades."""

    name: VenueId = Field("sim", description='"sim", "replay:PATH" or an exchange, for example "kraken"')
    symbols: Symbols = Field(
        (Symbol("BTC/USDT"), Symbol("ETH/USDT")), description="the spot markets to trade, BASE/QUOTE"
    )
    timeframe: TimeFrame = Field("1m", description="length of a candle: 1m 3m 5m 15m 30m 1h 2h 4h 1d")


class Paper(Section):
    """The paper account and its honest costs."""

    cash: Amount = Field(Decimal(10_000), description="what the paper account starts with, in quote currency")
    maker_fee: Rate = Field(Decimal("0.001"), description="share of the cost of a resting order")
    taker_fee: Rate = Field(Decimal("0.001"), description="share of the cost of an order that takes at once")
    spread: Rate = Field(Decimal("0.0001"), description="bid-ask distance as a share of the price")
    slippage: Rate = Field(Decimal("0.0001"), description="further loss of a market or stop order")
    participation: Share = Field(Decimal("0.1"), description="share of a candle that one fill may take")


class Risk(Section):
    """Your limits; where a ceiling is named, only tighter."""

    max_order_usd: AnyNumber = Field(_DEFAULT.max_order_usd, description="largest order in USD; ceiling 50")
    risk_per_trade: AnyNumber = Field(
        _DEFAULT.risk_per_trade, description="largest loss at the stop, as a share of equity; ceiling 0.01"
    )
    daily_entries: int = Field(_DEFAULT.daily_entries, description="entries per UTC day; ceiling 20")
    daily_loss_pct: AnyNumber = Field(
        _DEFAULT.daily_loss_pct,
        description="day's loss that stops trading, as a share of equity; ceiling 0.05",
    )
    daily_loss_usd: AnyNumber = Field(
        _DEFAULT.daily_loss_usd, description="day's loss in USD that stops trading"
    )
    min_order_usd: AnyNumber = Field(_DEFAULT.min_order_usd, description="smallest order in USD")
    allowed_symbols: Symbols = Field(
        _DEFAULT.allowed_symbols, description="the only markets that may be traded"
    )
    price_band: AnyNumber = Field(
        _DEFAULT.price_band, description="how far a limit price may be from the last price, as a share"
    )
    max_spread: AnyNumber = Field(
        _DEFAULT.max_spread,
        description="widest distance of bid and ask for an entry, as a share of the price",
    )
    max_slippage: AnyNumber = Field(
        _DEFAULT.max_slippage, description="how far from the last price an entry may trade, as a share"
    )
    symbol_share: AnyNumber = Field(
        _DEFAULT.symbol_share,
        description="what one market may hold, open entries included, as a share of equity",
    )
    max_position_usd: AnyNumber = Field(_DEFAULT.max_position_usd, description="the same in USD")
    total_share: AnyNumber = Field(
        _DEFAULT.total_share, description="what all markets may hold together, as a share of equity"
    )
    max_exposure_usd: AnyNumber = Field(_DEFAULT.max_exposure_usd, description="the same in USD")
    cooldown_minutes: int = Field(
        _DEFAULT.cooldown_minutes,
        description="minutes without entries in a market after a loss or a stop there",
    )
    entries_per_minute: int = Field(
        _DEFAULT.entries_per_minute, description="entries of all markets within one minute"
    )
    usd_like: Currencies = Field(
        _DEFAULT.usd_like, description="currencies that count as USD; may only be narrowed"
    )


class Strategy(Section):
    """One strategy by its name; every further key is one of its own parameters."""

    model_config = ConfigDict(extra="allow")

    enabled: bool = Field(True, description="whether it runs")
    symbols: Symbols = Field((), description="its markets; all of venue.symbols when empty")

    @property
    def params(self) -> Mapping[str, Any]:
        """Its own parameters as written: int, Decimal, bool or text."""
        return self.model_extra or {}


class VenueAccess(Section):
    """How one exchange is reached."""

    ccxt: Mapping[str, Any] = Field(
        default_factory=dict,
        description="merged into ccxt's constructor (urls, hostname, options); no keys here",
    )


class InstrumentOverride(Section):
    """What to use instead of a market's own facts."""

    tick: Amount | None = Field(None, description="smallest price step", examples=[Decimal("0.01")])
    step: Amount | None = Field(None, description="smallest quantity step", examples=[Decimal("0.00001")])
    min_quantity: AmountOrZero | None = Field(
        None, description="smallest quantity, in base currency", examples=[Decimal("0.00001")]
    )
    min_notional: AmountOrZero | None = Field(
        None, description="smallest cost, in quote currency", examples=[Decimal(5)]
    )

    def applied(self, instrument: Instrument) -> Instrument:
        """``instrument`` with what is set here."""
        return replace(instrument, **self.model_dump(exclude_none=True))


class Sim(Section):
    """The simulated market and the pace of a replay."""

    seed: int = Field(1, ge=0, description="same seed, same prices")
    speed: Speed = Field(Decimal(60), description='how many times real time, or "max"')


class Orders(Section):
    """How orders are looked after on a real venue."""

    expire_hours: Amount = Field(Decimal(24), description="an entry that rests longer is cancelled")
    patience_seconds: Amount = Field(
        Decimal(5), description="how long a sale at its limit may wait before its stop comes back"
    )
    max_slippage: Rate = Field(
        Decimal("0.03"), description="most that a protective sale gives away below its trigger, as a share"
    )
    reconcile_seconds: Amount = Field(
        Decimal(60), description="how often orders, fills and balances are compared with the venue"
    )


class Alerts(Section):
    """The least severity each channel is given: info, warning, error, critical, or off."""

    console: Minimum = Field("warning", description="standard error of the terminal")
    file: Minimum = Field("info", description="alerts.jsonl in the home folder")
    desktop: Minimum = Field("error", description="a notification of the desktop, while the window runs")


class Kill(Section):
    """What the kill switch does with protective stops."""

    stops: Literal["keep", "cancel"] = Field(
        "keep", description='"keep" leaves them on the venue, "cancel" removes them and leaves positions bare'
    )


class Window(Section):
    """How the window looks at its first start; it remembers later choices itself."""

    theme: Literal["system", "light", "dark"] = Field("system", description="system, light or dark")


class Keys(Section):
    """Where the keys of exchanges come from."""

    source: Literal["keyring", "environment"] = Field(
        "keyring",
        description='"environment" is for containers only: EXCHANGE_API_KEY and EXCHANGE_API_SECRET',
    )


class Settings(Section):
    """All settings; ``core.settings_file`` reads them from a file, the environment and the command line."""

    venue: Venue = Venue()
    paper: Paper = Paper()
    risk: Risk = Risk()
    strategies: Mapping[str, Strategy] = Field(default_factory=dict)
    venues: Mapping[str, VenueAccess] = Field(default_factory=dict)
    instruments: Mapping[Symbol, InstrumentOverride] = Field(default_factory=dict)
    sim: Sim = Sim()
    orders: Orders = Orders()
    alerts: Alerts = Alerts()
    kill: Kill = Kill()
    window: Window = Window()
    keys: Keys = Keys()

    @property
    def limits(self) -> Limits:
        """The limits as the judge takes them; ``BadSettings`` above a ceiling."""
        return Limits(**self.risk.model_dump())

    def instrument(self, found: Instrument) -> Instrument:
        """``found`` with what the settings say of its symbol."""
        override = self.instruments.get(found.symbol)
        return override.applied(found) if override is not None else found
