"""The colours of the state bar in each of its states: the louder the bar, the more real the money; pure."""

from __future__ import annotations

from dataclasses import dataclass

from gui.standing import Look


@dataclass(frozen=True, slots=True, kw_only=True)
class Dress:
    """Tokens (or plain colours).  ``line`` is how the lower edge is drawn: solid, dashed, stripes or none."""

    ground: str = "surface"
    ink: str = "text"
    soft: str = "soft"
    track: str = "line"
    edge: str = "edge"
    mark: str = "mark-duo"
    mark_ink: str = "text"
    line: str = "none"
    accent: str = "edge"
    plate_icon: str = "ring"
    plate_ground: str = ""
    plate_ink: str = "soft"
    near: str = "warn"


_STARTING = Dress(plate_icon="dash", line="solid", accent="line")
_PAPER = Dress(line="solid", accent="paper", plate_icon="sheet", plate_ink="paper")
_DRY_RUN = Dress(line="dashed", accent="dry", plate_icon="ring", plate_ink="dry")
_LIVE = Dress(
    ground="live", ink="on_live", soft="on_live", track="#DD7A7F", edge="on_live", mark="mark",
    mark_ink="on_live", plate_icon="disc", plate_ground="on_live", plate_ink="live", near="on_live",
)  # fmt: skip
_HALTED = Dress(
    ground="on_halt", ink="halt", soft="#FFFFFF", track="#3A3A3A", edge="halt", mark="mark",
    mark_ink="halt", line="stripes", accent="halt", plate_icon="kill", plate_ground="halt",
    plate_ink="on_halt", near="#FFFFFF",
)  # fmt: skip

DRESSES = {
    Look.STARTING: _STARTING,
    Look.STOPPED: _STARTING,
    Look.PAPER: _PAPER,
    Look.DRY_RUN: _DRY_RUN,
    Look.LIVE: _LIVE,
    Look.HALTED: _HALTED,
    Look.UNVERIFIED: _HALTED,
}
