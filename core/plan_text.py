"""A plan as JSON text and back, so that the records alone can say what a session ran; pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from core.ids import BookId, InstanceId, Symbol
from core.instrument import Instrument
from core.limits import EXACT, Limits
from core.modes import Mode
from core.plan import Costs, Instance, Plan


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} has no place in a plan")


def plan_to_json(plan: Plan) -> str:
    """Stable text: the same plan gives the same bytes."""
    return json.dumps(asdict(plan), default=_plain, sort_keys=True)


def plan_from_json(text: str) -> Plan:
    """The plan of ``plan_to_json``."""
    raw = json.loads(text)
    limits = dict(raw["limits"])
    limits |= {name: Decimal(limits[name]) for name in EXACT if name in limits}
    limits |= {name: tuple(limits[name]) for name in ("allowed_symbols", "usd_like")}
    return Plan(
        book=BookId(raw["book"]),
        mode=Mode(raw["mode"]),
        timeframe=raw["timeframe"],
        instruments=tuple(
            Instrument(
                Symbol(one["symbol"]), Decimal(one["tick"]), Decimal(one["step"]), Decimal(one["min_quantity"]),
                Decimal(one["min_notional"]),
            )
            for one in raw["instruments"]
        ),
        instances=tuple(
            Instance(
                id=InstanceId(one["id"]), strategy=one["strategy"], symbol=Symbol(one["symbol"]),
                params=tuple((name, Decimal(value)) for name, value in one["params"]), first=one["first"],
                slots=one["slots"],
            )
            for one in raw["instances"]
        ),
        costs=Costs(**{name: Decimal(value) for name, value in raw["costs"].items()}),
        limits=Limits(**limits),
        cash=Decimal(raw["cash"]),
    )  # fmt: skip
