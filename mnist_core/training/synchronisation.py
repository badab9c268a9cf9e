"""When the results of steps are fetched from the device: from a GPU rarely, so that it works ahead meanwhile.

To ask a GPU for a number is to wait until it has done all that it was told; a CPU has its numbers at hand.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor

from mnist_core.types import StepEnd

STEPS_AT_ONCE = {"cpu": 1, "cuda": 50}  # made before their figures are asked for


@dataclass(frozen=True, eq=False)
class StepOnDevice:
    """A step that has been made, or that a GPU has at least been told to make; its figures are still there."""

    epoch: int
    step: int
    loss: Tensor  # scalar float32
    correct: Tensor  # scalar int64
    learning_rate: float
    images: int


def fetch(steps: Iterator[StepOnDevice], device: torch.device) -> Iterator[StepEnd]:
    """The same steps with their figures, as many at a time as suits the device: those are all made before the first
    of them is handed out."""
    while made := list(islice(steps, STEPS_AT_ONCE[device.type])):
        losses = torch.stack([step.loss for step in made]).tolist()
        counts = torch.stack([step.correct for step in made]).tolist()
        for step, loss, correct in zip(made, losses, counts, strict=True):
            yield StepEnd(step.epoch, step.step, loss, correct / step.images, step.learning_rate, step.images)
