"""A call that may hang for ever, made in a thread of its own and waited for only so long.

The thread is a daemon: whoever gives up on it can still end the process at once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")


class Late(TimeoutError):
    """The call has not come back in time; its thread is left behind."""


class Broken(RuntimeError):
    """The call ended with an error that was not expected; the log has it."""


class _Answer(Generic[T]):
    __slots__ = ("error", "value")

    def __init__(self, value: T | None = None, error: Exception | None = None) -> None:
        self.value, self.error = value, error


def within(seconds: float, call: Callable[[], T], expected: tuple[type[Exception], ...]) -> T:
    """What ``call`` returns or, if ``expected``, raises; ``Late`` after ``seconds``, ``Broken`` otherwise."""
    answers: SimpleQueue[_Answer[T]] = SimpleQueue()

    def run() -> None:
        answer = _Answer[T](error=Broken("the call ended without an answer"))
        try:
            answer = _Answer(call())
        except expected as error:
            answer = _Answer[T](error=error)
        finally:
            answers.put(answer)

    threading.Thread(target=run, name="deadline", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise Late(f"no answer within {seconds:g} s") from None
    if answer.error is not None:
        raise answer.error
    return answer.value  # type: ignore[return-value]  # a call that returned has a value, if only None
