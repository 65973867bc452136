"""The one actor class: a stage's thread, and Address, the only way in which others hold it.

pykka's holes end here: an error in ``begin`` or on a ``tell`` is published as StageFailed (pykka would end the
actor silently), a message to a dead stage never raises in the sender, asks have a timeout.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Any

import pykka
import structlog

from core.errors import BelayError, HaltTrading, StageGone, StageSilent
from core.messages import Ping, StageFailed, StageStarted
from core.ports import Hub

log = structlog.get_logger("stage")


class Stage(pykka.ThreadingActor):
    """Subclass it with ``title``, ``receive`` and, where needed, ``begin`` and ``finish``.

    ``__init__`` runs in the creator's thread: open sockets, files and databases in ``begin``.
    """

    use_daemon_thread = True  # a hung stage must not keep the process from ending
    title = "stage"

    def __init__(self, hub: Hub) -> None:
        super().__init__()
        self.hub = hub

    @classmethod
    def _create_actor_inbox(cls) -> Any:
        return queue.SimpleQueue()  # five times pykka's own throughput (one C call instead of a condition)

    def begin(self) -> str:
        """Open what the stage needs, in its own thread; the answer is a note on what was loaded."""
        return ""

    def receive(self, message: Any) -> Any:
        """Handle one message; what it returns is the answer to an ask."""
        raise NotImplementedError

    def finish(self) -> None:
        """Close what ``begin`` opened, in the stage's own thread."""

    def remind(self, message: object) -> None:
        """Leave a message for oneself, from any thread; a stage that has ended hears nothing."""
        try:
            self.actor_ref.tell(message)
        except pykka.ActorDeadError:
            pass

    @property
    def is_idle(self) -> bool:
        """Nothing waits in the inbox."""
        return bool(self.actor_inbox.empty())

    def on_start(self) -> None:
        try:
            note = self.begin()
        except Exception as error:
            self._failed(error)
            raise
        self.hub.publish(StageStarted(self.title, note))

    def on_receive(self, message: Any) -> Any:
        if type(message) is Ping:
            return self.title
        return self.receive(message)

    def on_stop(self) -> None:
        try:
            self.finish()
        except Exception as error:
            self._failed(error)

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
        self._failed(exception_value)

    def _failed(self, error: BaseException | None) -> None:
        log.error("stage failed", stage=self.title, exc_info=error)
        self.hub.publish(StageFailed(self.title, f"{type(error).__name__}: {error}", error))


class Address:
    """A stage as others see it (a ``core.ports.Mailbox``); ``make`` starts its actor and gives pykka's reference."""

    def __init__(self, make: Callable[[], object], title: str, hub: Hub) -> None:
        self._make, self._title, self._hub = make, title, hub
        self._ref: pykka.ActorRef[Any] | None = None
        self._is_stopped = False  # on purpose: what is still told then is nobody's failure
        self.failure: BaseException | None = None
        """What ended the actor, if anything did."""
        hub.subscribe(self._hear, StageFailed)

    def _hear(self, failed: StageFailed) -> None:
        if failed.stage == self._title and failed.error is not None:
            self.failure = failed.error

    @property
    def name(self) -> str:
        return self._title

    def start(self) -> None:
        """Start the actor (again): its state comes from the records, never from the dead one."""
        ref = self._make()
        assert isinstance(ref, pykka.ActorRef)
        self._ref, self._is_stopped = ref, False

    def bring_up(self, timeout: float) -> None:
        """Start the actor and wait until it answers; else the ``BelayError`` that kept it from coming up."""
        self.start()
        try:
            self.ask(Ping(), timeout=timeout)
        except BelayError:
            if isinstance(self.failure, BelayError):
                raise self.failure from None
            raise HaltTrading(
                f"The {self._title} did not come up: {self.failure or 'no answer'}."
            ) from self.failure

    @property
    def is_alive(self) -> bool:
        return self._ref is not None and self._ref.is_alive()

    @property
    def waiting(self) -> int:
        """Messages in the inbox."""
        inbox: Any = self._ref.actor_inbox if self._ref is not None else None
        return int(inbox.qsize()) if inbox is not None else 0

    def tell(self, message: object) -> None:
        try:
            if self._ref is not None:
                self._ref.tell(message)
                return
        except pykka.ActorDeadError:
            pass
        if not self._is_stopped and not isinstance(message, StageFailed):
            self._hub.publish(StageFailed(self._title, f"gone: {type(message).__name__} was not delivered"))

    def ask(self, message: object, *, timeout: float) -> Any:
        if self._ref is None:
            raise StageGone(f"The {self._title} is not running.")
        try:
            return self._ref.ask(message, timeout=timeout)
        except pykka.ActorDeadError:
            raise StageGone(f"The {self._title} has stopped.") from None
        except pykka.Timeout:
            raise StageSilent(f"The part {self._title} does not answer within {timeout:g} s.") from None

    def stop(self, timeout: float) -> None:
        """Let the inbox run empty and end the actor; ``StageSilent`` if it does not in time."""
        if self._ref is None:
            return
        self._is_stopped = True
        try:
            self._ref.stop(timeout=timeout)
        except pykka.Timeout:
            raise StageSilent(f"The {self._title} did not stop within {timeout:g} s.") from None
