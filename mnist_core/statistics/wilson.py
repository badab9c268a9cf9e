"""How far a measured fraction can be trusted: its 95 % interval."""

import math

import numpy as np

from mnist_core.types import Evaluation, Interval

Z_95 = 1.959963984540054  # two-sided 95 % of a normal distribution


def wilson_interval(right: int, n: int) -> Interval:
    """The 95 % interval of a fraction of `right` out of `n`.

    Source: Wilson 1927; keeps its promise near 0 and 1, where the textbook interval does not.
    """
    if n == 0:
        return Interval(0.0, 1.0)
    fraction, z2 = right / n, Z_95**2
    centre = (fraction + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * math.sqrt(fraction * (1 - fraction) / n + z2 / (4 * n * n))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def interval_of(fraction: float, n: int) -> Interval:
    """The 95 % interval of a fraction of `n` images, where how many that were is not at hand."""
    return wilson_interval(round(fraction * n), n)


def accuracy_interval(evaluation: Evaluation) -> Interval:
    return wilson_interval(int(np.sum(evaluation.labels == evaluation.predictions)), evaluation.n)


def chance_of_as_few(right: int, n: int, accuracy: float) -> float:
    """How often a reader of this accuracy has no more than `right` of `n` images right: the binomial's lower tail."""
    return sum(math.comb(n, k) * accuracy**k * (1 - accuracy) ** (n - k) for k in range(right + 1))
