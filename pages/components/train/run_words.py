"""The short texts about a run while it trains, written by the page's script and, between reruns, by its live feed."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from mnist_core.errors import MnistError
from mnist_core.insight.time_left import seconds_left
from mnist_core.runs.curves import SMOOTH_POINTS, group_width
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.statistics.wilson import interval_of
from mnist_core.types import EpochEnd
from pages.components.shared import format as fmt
from pages.components.teach.teaching_report import teaching_progress

NOTHING_YET = "–"


@dataclass(frozen=True)
class Words:
    """As they stand on the page; each field is the key of the container in which Streamlit's element is."""

    run_progress: str
    run_fraction: float  # of the way to the end, 0 to 1
    run_loss: str
    run_time: str
    run_accuracy: str


def words_of(run: Run, history: History) -> Words:
    share, progress = _progress(run, history)
    return Words(
        run_progress=progress,
        run_fraction=share,
        run_loss=fmt.loss(float(np.mean(_latest_losses(history)))) if history.step_loss else NOTHING_YET,
        run_time=fmt.duration(history.elapsed_seconds),
        run_accuracy=validation_accuracy(run, history.best) if history.best else NOTHING_YET,
    )


def _latest_losses(history: History) -> np.ndarray:
    """Of as many steps as a point of the curve stands for: a single batch's says little."""
    width = group_width(max(history.total_steps, len(history.step_loss)), SMOOTH_POINTS)
    return history.step_loss.values[-width:]


def fraction_done(history: History) -> float:
    """Of the steps that are planned, 0 to 1."""
    done, total = (history.step[-1] if history.step else 0), history.total_steps
    return min(1.0, done / total) if total else 0.0


def validation_accuracy(run: Run, epoch: EpochEnd) -> str:
    n = run.split_sizes["validation"]
    return fmt.accuracy(epoch.validation_accuracy, interval_of(epoch.validation_accuracy, n))


def _progress(run: Run, history: History) -> tuple[float, str]:
    if run.base:
        with suppress(MnistError):  # a damaged report is told of where it would be shown
            return teaching_progress(run, history)
    share = fraction_done(history)
    epoch = min(len(history.epochs) + 1, history.planned_epochs)
    parts = [f"Epoch {epoch} of {history.planned_epochs}"]
    if (left := seconds_left(run, history, [])) is not None:
        at_most = "at most " if run.train.patience else ""
        parts.append(f"{at_most}{fmt.duration(left)} left")
    if (speed := history.images_per_second()) is not None:
        parts.append(fmt.speed(speed))
    return share, " · ".join(parts)
