"""How long a run will go on training: by its own speed, or before its first steps by that of runs like it."""

from collections.abc import Iterable

from mnist_core.runs.history import History
from mnist_core.runs.run import Run

MIN_STEPS = 5  # before them its own speed is not known: the first take as long as hundreds after them


def seconds_left(run: Run, history: History, others: Iterable[tuple[Run, History]]) -> float | None:
    """Seconds of training until a run has made all its steps; None if nothing tells.

    Args:
        others: runs to compare with and their histories, which need not have every step; newest first.
    """
    made, planned = len(history.step), history.total_steps
    if made >= MIN_STEPS and planned:
        a_step = (history.elapsed_seconds - history.step_seconds[0]) / (made - 1)  # epochs' ends count, the start not
        return a_step * max(0, planned - history.step[-1])
    images = _images(run) * run.epochs
    for other, known in others:
        if is_alike(run, other) and known.epochs and known.elapsed_seconds > 0:
            return known.elapsed_seconds * images / (_images(other) * known.last_epoch)
    return None


def is_alike(run: Run, other: Run) -> bool:
    """Whether an image takes both about the same time."""
    return all(
        getattr(one, name) == getattr(two, name)
        for one, two, names in (
            (run, other, ("model", "device", "precision", "threads", "machine", "base")),
            (run.train, other.train, ("batch_size", "augment", "optimizer")),
        )
        for name in names
    )


def _images(run: Run) -> float:
    """In an epoch."""
    return run.split_sizes["train"] * run.train.train_share
