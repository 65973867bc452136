"""The fact lane: every stage publishes here, whoever subscribed is called in the publisher's thread.

One failing subscriber never stops another (J5); its error is logged and published as StageFailed.
"""

from __future__ import annotations

from collections import defaultdict

import structlog

from core.messages import Fact, StageFailed
from core.ports import Subscriber

log = structlog.get_logger("hub")


class FactHub:
    """Subscriptions are made before the pipeline runs; publishing takes no lock."""

    def __init__(self) -> None:
        self._by_type: defaultdict[type, tuple[Subscriber, ...]] = defaultdict(tuple)
        self._every: tuple[Subscriber, ...] = ()

    def subscribe(self, subscriber: Subscriber, *facts: type) -> None:
        """Call ``subscriber`` with each fact of these types, or with every fact when none is named."""
        for fact in facts:
            self._by_type[fact] = (*self._by_type[fact], subscriber)
        if not facts:
            self._every = (*self._every, subscriber)

    def publish(self, fact: Fact) -> None:
        """Hand ``fact`` to its subscribers, the typed ones first, each in the order of subscription."""
        for subscriber in (*self._by_type.get(type(fact), ()), *self._every):
            try:
                subscriber(fact)
            except Exception as error:  # a subscriber's fault is its own
                log.exception("subscriber failed", fact=type(fact).__name__)
                if not isinstance(fact, StageFailed):
                    self.publish(StageFailed("a subscriber of facts", f"{type(error).__name__}: {error}"))
