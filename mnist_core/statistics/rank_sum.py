"""Whether a difference between measurements is more than noise. Each answer errs on the side of noise."""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np


def share_errors_above(share: float, other: float, n: int) -> float:
    """By how many standard errors a share of `n` images lies above another: the test of two proportions.

    Of the same images the true error is smaller, so that this says too little rather than too much.
    """
    both = (share + other) / 2
    error = math.sqrt(2 * both * (1 - both) / n)
    return (share - other) / error if error else 0.0


def errors_above(values: np.ndarray, others: np.ndarray) -> float:
    """By how many standard errors the mean of `values` (N,) lies above that of `others` (M,); 0 where it is unknown.

    Source: Welch 1947: the two may scatter differently.
    """
    if min(len(values), len(others)) < 3:
        return 0.0
    error = math.sqrt(values.var(ddof=1) / len(values) + others.var(ddof=1) / len(others))
    return float((values.mean() - others.mean()) / error) if error else 0.0


def chance_of_higher(values: Sequence[float], others: Sequence[float]) -> float:
    """How often `values` would by chance alone be as clearly the higher: the one-sided rank sum test.

    Source: Mann and Whitney 1947, in its normal approximation with continuity correction.
    """
    n, m = len(values), len(others)
    if not n or not m:
        return 1.0
    higher = float((np.sign(np.subtract.outer(values, others)) + 1).sum() / 2)  # pairs; a tie is half of one
    return 1 - NormalDist().cdf((higher - n * m / 2 - 0.5) / math.sqrt(n * m * (n + m + 1) / 12))
