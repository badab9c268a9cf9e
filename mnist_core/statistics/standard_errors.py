"""By how many standard errors two measurements differ. Each answer errs on the side of noise."""

import math

import numpy as np


def fraction_errors_above(fraction: float, other: float, n: int) -> float:
    """By how many standard errors a fraction of `n` images lies above another: the test of two proportions.

    Of the same images the true error is smaller, so that this says too little rather than too much.
    """
    both = (fraction + other) / 2
    error = math.sqrt(2 * both * (1 - both) / n)
    return (fraction - other) / error if error else 0.0


def errors_above(values: np.ndarray, others: np.ndarray) -> float:
    """By how many standard errors the mean of `values` (N,) lies above that of `others` (M,); 0 where it is unknown.

    Source: Welch 1947: the two may scatter differently.
    """
    if min(len(values), len(others)) < 3:
        return 0.0
    error = math.sqrt(values.var(ddof=1) / len(values) + others.var(ddof=1) / len(others))
    return float((values.mean() - others.mean()) / error) if error else 0.0
