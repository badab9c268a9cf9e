"""A run's history at a glance: what a table of a thousand runs needs, without the steps in between."""

import json
from pathlib import Path

from mnist_core.runs.history import NOT_OURS, History, HistoryReader

STEP = b'{"event":"step"'  # how `HistoryWriter` begins the lines that nearly all are


def glance(path: Path) -> History:
    """The history of a file, of its steps only the last before each other event.

    Everything but the columns of steps is as `HistoryReader` has it: epochs, times, the last event.
    """
    try:
        data = path.read_bytes()
    except OSError:  # not there, or not a file
        return History()
    lines = data[: data.rfind(b"\n") + 1].splitlines()
    history = History()
    places = [place for place, line in enumerate(lines) if not line.startswith(STEP)]
    for place in [*places, len(lines)]:
        if place and lines[place - 1].startswith(STEP):
            _take(history, lines[place - 1])
        if place < len(lines):
            steps = len(history.step)
            _take(history, lines[place])
            if len(history.step) < steps:  # steps were lost and made again: which came before them is not known here
                return HistoryReader(path).read()
    return history


def _take(history: History, line: bytes) -> None:
    if not line.strip():
        return
    try:
        history.add(json.loads(line))
    except NOT_OURS:
        history.damaged_lines += 1
