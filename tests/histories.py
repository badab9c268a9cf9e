"""Histories of runs that were never trained, and what stands on the figures made of them."""

from typing import Any

import plotly.graph_objects as go

from mnist_core.runs.history import History
from mnist_core.types import EpochEnd


def history(steps: int, *, planned: int = 4, per_epoch: int = 100) -> History:
    """A run of `steps` steps whose loss falls and whose accuracy rises."""
    made = History(steps_per_epoch=per_epoch, planned_epochs=planned)
    for step in range(1, steps + 1):
        made.step.append(step)
        made.step_loss.append(2.3 / (1 + step / 20))
        made.step_accuracy.append(1 - 0.9 / (1 + step / 20))
        made.step_seconds.append(step / 50)
        if step % per_epoch == 0:
            made.epochs.append(EpochEnd(step // per_epoch, step, 0.3, 0.9, 20 / step, 1 - 4 / step))
            made.epoch_seconds.append(step / 50)
    return made


def texts(fig: go.Figure) -> list[str]:
    return [annotation.text for annotation in fig.layout.annotations]


def trace(fig: go.Figure, name: str) -> Any:
    return next(trace for trace in fig.data if trace.name == name)
