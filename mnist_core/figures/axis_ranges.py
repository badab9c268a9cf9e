"""Vertical scales on which a whole training can be read, from its first guess to its last tenth of a percent.

Both are logarithmic, fixed from the start and extended in rare, whole steps, so that nothing jumps while data comes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mnist_core.runs.curves import Quantity

HIGHEST_ACCURACY = 0.99995  # where "all right" is drawn: on a logarithmic scale of errors it would be infinitely high
_LOSSES = tuple(float(f"{digit}e{power}") for power in range(-5, 3) for digit in (1, 2, 5))
_ACCURACIES = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9998, 0.9999, 1.0)
_FIRST_LOSSES = (0.005, 5.0)  # a network that only guesses has ln 10 = 2.3
_FIRST_ACCURACY = 0.998


@dataclass(frozen=True)
class Scale:
    """A vertical axis: where values stand on it, and how it is labelled."""

    title: str
    ticks: tuple[float, ...]  # values, not positions
    labels: tuple[str, ...]
    low: float
    high: float
    quantity: Quantity

    def place(self, values: Sequence[float] | np.ndarray) -> np.ndarray:
        """Values -> positions on the axis, same shape."""
        if self.quantity == "loss":
            inside = np.clip(np.asarray(values, dtype=float), _LOSSES[0], _LOSSES[-1])
        else:
            inside = 1 / (1 - np.clip(np.asarray(values, dtype=float), 0.0, HIGHEST_ACCURACY))
        return np.asarray(np.log10(inside))

    @property
    def range(self) -> tuple[float, float]:
        """The positions of both ends, with a little air."""
        low, high = self.place([self.low, self.high])
        air = 0.03 * (high - low)
        return float(low - air), float(high + air)


def scale_of(quantity: Quantity, values: Sequence[float] | np.ndarray) -> Scale:
    """The scale for these values: the usual one, or a longer one where they leave it."""
    return _loss_scale(values) if quantity == "loss" else _accuracy_scale(values)


def _loss_scale(values: Sequence[float] | np.ndarray) -> Scale:
    low = min([_FIRST_LOSSES[0], *values])
    high = max([_FIRST_LOSSES[1], *values])
    below = max([loss for loss in _LOSSES if loss <= low], default=_LOSSES[0])
    above = min([loss for loss in _LOSSES if loss >= high], default=_LOSSES[-1])
    ticks = tuple(loss for loss in _LOSSES if below <= loss <= above)
    if len(ticks) > 12:  # many powers of ten: only those
        ticks = tuple(loss for loss in ticks if f"{loss:e}".startswith("1"))
    return Scale("loss (nats)", ticks, tuple(f"{loss:g}" for loss in ticks), below, above, "loss")


def _accuracy_scale(values: Sequence[float] | np.ndarray) -> Scale:
    high = max([_FIRST_ACCURACY, *values])
    above = min([accuracy for accuracy in _ACCURACIES if accuracy >= high], default=1.0)
    ticks = tuple(accuracy for accuracy in _ACCURACIES if accuracy <= above)
    return Scale("accuracy (%)", ticks, tuple(f"{100 * tick:g}" for tick in ticks), 0.0, above, "accuracy")
