"""One column of a table: how a row becomes text, order, colour and copy; the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

Row = TypeVar("Row")


class Store(Protocol):
    """Where columns are remembered: ``Preferences``, a QSettings, or anything with their two methods."""

    def value(self, key: str, /) -> object: ...

    def setValue(self, key: str, value: object, /) -> None: ...


def no_sign(_row: object) -> str:
    """No sign in front of the text."""
    return ""


def body_ink(_row: object) -> str:
    """The colour of ordinary values."""
    return "text"


def quiet_ink(_row: object) -> str:
    """The colour of what is beside the point."""
    return "soft"


@dataclass(frozen=True, kw_only=True)  # no slots: Column[Row](...) could not be made in Python 3.11
class Column(Generic[Row]):
    """``text`` is for reading; ``plain`` for copying (decimal text, ISO times), ``order`` for sorting.

    ``sign`` names an icon in front of the word, ``ink`` the colour token of both; ``share`` (0 to 1) draws
    a bar in front of the text.  ``width`` in pixels; a column that ``stretches`` takes what is left.
    """

    key: str
    head: str
    text: Callable[[Row], str]
    order: Callable[[Row], Any]
    plain: Callable[[Row], str] | None = None
    sign: Callable[[Row], str] = no_sign
    ink: Callable[[Row], str] = body_ink
    sign_ink: Callable[[Row], str] | None = None
    share: Callable[[Row], float] | None = None
    width: int = 96
    weight: int = 400
    is_number: bool = False
    is_mono: bool = False
    stretches: bool = False

    def copied(self, row: Row) -> str:
        """The value as it goes to the clipboard."""
        return (self.plain or self.text)(row)
