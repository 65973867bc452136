"""Several live sessions at once in one test: most of their time is waiting for a venue's limits and a day's pace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

PLACES = 4
"""On two small cores: one session needs a quarter of a core."""


def together(stories: Mapping[str, Callable[[], object]]) -> None:
    """Runs them all to their end, the first ones first; each error bears the name of its story."""
    with ThreadPoolExecutor(PLACES) as pool:
        running = {name: pool.submit(story) for name, story in stories.items()}
    errors = {name: error for name, one in running.items() if (error := one.exception()) is not None}
    for name, error in errors.items():
        error.add_note(f"in the story: {name}")
    if errors:
        raise BaseExceptionGroup(", ".join(errors), list(errors.values()))
