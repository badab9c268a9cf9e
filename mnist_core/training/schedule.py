"""The learning rate of every step: up to its peak and down again once a cycle, or constant."""

import math
from typing import assert_never

from mnist_core.training.config import TrainConfig

WARM_UP = 0.3  # fraction of a one-cycle schedule in which the rate rises; as in Smith and Topin 2018
START, END = 1 / 25, 1e-4 / 25  # rate at the two ends of a cycle, as fractions of its peak


def learning_rate(config: TrainConfig, step: int, total: int) -> float:
    """The rate of one step of a cycle, counted from 1, out of `total`.

    Source: Smith and Topin 2018, "Super-convergence", with cosine ramps as in torch's OneCycleLR.
    """
    match config.schedule:
        case "constant":
            return config.learning_rate
        case "one-cycle":
            position, peak = step - 1, max(1.0, WARM_UP * total - 1)
            if position <= peak:
                return config.learning_rate * _cosine(START, 1.0, position / peak)
            return config.learning_rate * _cosine(1.0, END, (position - peak) / max(1.0, total - 1 - peak))
        case _:
            assert_never(config.schedule)


def cycle_of(epoch: int, cycles: tuple[int, ...]) -> tuple[int, int]:
    """Where in the schedule an epoch, counted from 1, lies: the epochs before its cycle, and those in it.

    Args:
        cycles: the epochs of each cycle; a run that is extended begins another one.
    """
    before = 0
    for epochs in cycles:
        if epoch <= before + epochs:
            return before, epochs
        before += epochs
    raise ValueError(f"epoch {epoch} is not one of {before}")


def _cosine(start: float, end: float, fraction: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * min(1.0, fraction))) / 2
