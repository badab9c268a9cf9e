"""A run's history at a glance: what a table of a thousand runs needs, without the steps in between."""

from collections.abc import Iterator
from pathlib import Path

from mnist_core.decode import DamagedFileError, open_regular, read_lines
from mnist_core.runs.history import MAX_BYTES, History, HistoryReader, take_all

STEP = b'{"event":"step"'  # how `HistoryWriter` begins the lines that nearly all are


def glance(path: Path) -> History:
    """The history of a file, of its steps only the last before each other event.

    Everything but the columns of steps is as `HistoryReader` has it: epochs, times, the last event.
    """
    history = History()
    try:
        for lines in _without_most_steps(path):
            steps = len(history.step)
            if not take_all(history, lines):
                break
            if len(history.step) < steps + sum(line.startswith(STEP) for line in lines):
                # steps were lost and made again: which came before them is not known here
                return HistoryReader(path).read()
    except (FileNotFoundError, DamagedFileError):  # not there, or not to be read
        pass
    return history


def _without_most_steps(path: Path) -> Iterator[list[bytes]]:
    """Some lines at a time: each that is no step, after the last step before it if there is one; at the end that."""
    step: list[bytes] = []
    with open_regular(path) as file:
        for lines, _ in read_lines(file, most=MAX_BYTES):
            kept: list[bytes] = []
            for line in lines:
                if line.startswith(STEP):
                    step = [line]
                else:
                    kept += [*step, line]
                    step = []
            yield kept
    yield step
