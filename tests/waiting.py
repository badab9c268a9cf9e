"""Waiting for what a test has brought about: for the event itself, however long a busy machine takes over it."""

import time
from collections.abc import Callable

HANG_SECONDS = 240.0  # a guard against waiting for ever, shorter than pytest's own, which would not say for what
LOOK_SECONDS = 0.02


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Return as soon as `condition` holds."""
    end = time.monotonic() + HANG_SECONDS
    while not condition():
        assert time.monotonic() < end, f"{what} has not come within {HANG_SECONDS:.0f} s"
        time.sleep(LOOK_SECONDS)
