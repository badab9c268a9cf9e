"""Long series thinned enough to draw, so that finished points stay put while they grow."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mnist_core.runs.history import History

Axis = Literal["epoch", "step", "time"]
Quantity = Literal["loss", "accuracy"]

MAX_POINTS = 1000  # no screen shows more
SMOOTH_POINTS = 64  # few enough that each is a mean over many batches


@dataclass(frozen=True, eq=False)
class Curve:
    """Points to draw, from left to right."""

    x: np.ndarray  # (K,) float64
    y: np.ndarray  # (K,) float64


@dataclass(frozen=True, eq=False)
class Band:
    """Several curves as one: at each point, over those that have come so far."""

    x: np.ndarray  # (K,) float64, the mean place
    mean: np.ndarray  # (K,) float64
    low: np.ndarray  # (K,) float64
    high: np.ndarray  # (K,) float64


def band_of(curves: Sequence[Curve]) -> Band:
    """The mean of curves whose points belong together one by one, and the range around it."""
    longest = max((len(curve.y) for curve in curves), default=0)
    x, y = np.full((len(curves), longest), np.nan), np.full((len(curves), longest), np.nan)
    for row, curve in enumerate(curves):
        x[row, : len(curve.y)], y[row, : len(curve.y)] = curve.x, curve.y
    if not longest:
        return Band(*(np.empty(0) for _ in range(4)))
    return Band(np.nanmean(x, axis=0), np.nanmean(y, axis=0), np.nanmin(y, axis=0), np.nanmax(y, axis=0))


def group_width(steps: int, most: int) -> int:
    """The smallest power of two by which `steps` fall into at most `most` groups."""
    width = 1
    while steps > most * width:
        width *= 2
    return width


def group_means(values: np.ndarray, width: int) -> np.ndarray:
    """(N,) -> (ceil(N / width),) means of consecutive groups; only the last can change when values are appended."""
    starts = np.arange(0, len(values), width)
    if not len(starts):
        return np.empty(0)
    counts = np.diff(np.append(starts, len(values)))
    return np.add.reduceat(values.astype(float), starts) / counts


def training_curve(history: History, values: np.ndarray, x: np.ndarray, *, most: int) -> Curve:
    """One value a step, thinned to means over groups of steps, each in the middle of its group.

    The groups follow from the steps planned and not from the steps done, so that no finished point ever moves.

    Args:
        values: (N,) one a step.
        x: (N,) where each step stands.
    """
    width = group_width(max(history.total_steps, len(x)), most)
    return Curve(group_means(x, width), group_means(values, width))


def training_of(history: History, quantity: Quantity, by: Axis, *, most: int = SMOOTH_POINTS) -> Curve:
    """A run's training loss or accuracy, thinned; `training_curve` says how."""
    values = history.step_loss if quantity == "loss" else history.step_accuracy
    return training_curve(history, values.values, step_positions(history, by), most=most)


def validation_of(history: History, quantity: Quantity, by: Axis) -> Curve:
    """A run's validation loss or accuracy after each epoch."""
    values = [epoch.validation_loss if quantity == "loss" else epoch.validation_accuracy for epoch in history.epochs]
    x = epoch_positions(history, by)
    done = min(len(x), len(values))  # another thread may just be appending
    return Curve(x[:done], np.asarray(values[:done], dtype=float))


def step_positions(history: History, by: Axis) -> np.ndarray:
    """(N,) where each step stands on an axis of epochs, steps or training seconds."""
    if by == "time":
        return history.step_seconds.values
    steps = history.step.values.astype(float)
    return steps / max(history.steps_per_epoch, 1) if by == "epoch" else steps


def epoch_positions(history: History, by: Axis) -> np.ndarray:
    """(E,) where each epoch's end stands on an axis of epochs, steps or training seconds."""
    if by == "time":
        return np.asarray(history.epoch_seconds, dtype=float)
    return np.asarray([epoch.epoch if by == "epoch" else epoch.step for epoch in history.epochs], dtype=float)
