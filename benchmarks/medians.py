"""Several measurements of one thing, and of several things in turns."""

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence

PAUSE_SECONDS = 0.2  # the threads of NumPy's products spin on for a while, and would be in the way of whoever is next


def in_turns(ways: Mapping[str, Callable[[], object]], times: int) -> dict[str, list[float]]:
    """Seconds of each way, one after the other, so that a slow minute is shared. A round before them does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(times + 1):
        for name, way in ways.items():
            time.sleep(PAUSE_SECONDS)
            begin = time.perf_counter()
            way()
            if turn:
                seconds[name].append(time.perf_counter() - begin)
    return seconds


def summary(values: Sequence[float]) -> dict[str, float | int]:
    return {"n": len(values), "median": statistics.median(values), "least": min(values), "most": max(values)}


def said(summed: Mapping[str, float], unit: str = "s", digits: int = 2) -> str:
    """A summary for people. Args: unit: `s` or `ms`, of what was measured in seconds."""
    factor = 1000 if unit == "ms" else 1
    median, least, most = (f"{factor * summed[name]:.{digits}f}" for name in ("median", "least", "most"))
    return f"{median} {unit} ({least} to {most}), n = {summed['n']}"


def load() -> float:
    """Programs that wanted a processor, on average over the last minute."""
    return round(os.getloadavg()[0], 1)
