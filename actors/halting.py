"""Before a halt is called verified: what was on its way through the parts arrives, what was cancelled is on disk.

The kill switch's thread; bounded in time, because a part that hangs must not keep it.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

import structlog

from actors.stage import Address
from core.errors import BelayError, StageGone, StageSilent
from core.messages import Flush, Ping

log = structlog.get_logger("kill switch")
ARRIVAL = 0.25
"""Most seconds for which the kill switch waits for what is on its way."""


def let_arrive(stages: Mapping[str, Address]) -> None:
    """Once the latch is set: the one event on its way goes through each part in its order, so that the kill
    switch and the executor do not write of the same order at once.  A part that hangs is not waited for."""
    deadline = monotonic() + ARRIVAL
    for name in ("feed", "executor", "feed", "strategy", "risk", "executor", "feed"):
        stage, left = stages.get(name), deadline - monotonic()
        if stage is None or left <= 0:
            return
        try:
            stage.ask(Ping(), timeout=left)
        except StageGone:
            pass  # what it had passed on still goes its way
        except StageSilent:
            return


def let_settle(stages: Mapping[str, Address]) -> None:
    """The kill switch has cancelled: what it told goes to disk before it calls itself verified.  Records that are
    lost keep nothing from being verified at the venue; ``rearm`` then proves it once more in the records."""
    for name, question in (("executor", Ping()), ("persistence", Flush())):
        stage = stages.get(name)
        try:
            if stage is not None:
                stage.ask(question, timeout=ARRIVAL)
        except BelayError as error:
            log.warning("a halt is not in the records yet", stage=name, why=str(error))
