"""The long tests in parts: a part is named exactly, and a slip of the pen never means "none"."""

from __future__ import annotations

import pytest

from tests.live.seeds import VARIABLE, named, seeds


def test_all_of_them_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert seeds(4) == [1, 2, 3, 4]
    monkeypatch.setenv(VARIABLE, "3-9")
    assert seeds(4) == [3, 4]


def test_parts_are_ranges_and_numbers() -> None:
    assert named("1-3,7,9-9") == {1, 2, 3, 7, 9}


@pytest.mark.parametrize("wrong", ["", "x", "3-1", "1-", "1,,2"])
def test_what_names_no_seed_is_a_fault(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"names no seed|invalid literal"):
        named(wrong)
