"""Two models on the same images: which of them is right where, and whether chance alone explains the difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mnist_core.statistics.wilson import wilson_interval
from mnist_core.types import Interval

NOISE = 0.05  # a difference that chance alone brings about this often is none


@dataclass(frozen=True)
class Comparison:
    """Two models on the same images."""

    n: int
    before: int  # read right by the first
    after: int  # read right by the second
    gained: int  # read right by the second only
    lost: int  # read right by the first only

    @property
    def interval_before(self) -> Interval:
        return wilson_interval(self.before, self.n)

    @property
    def interval_after(self) -> Interval:
        return wilson_interval(self.after, self.n)

    @property
    def p_value(self) -> float:
        """How often chance alone would part the two as far.

        Source: McNemar 1947, exact: of the images that one of them read right, each had it with probability 1/2.
        """
        differing = self.gained + self.lost
        ways = rarer = 1  # of k out of `differing`; each from the one before, for thousands of images have long numbers
        for k in range(min(self.gained, self.lost)):
            ways = ways * (differing - k) // (k + 1)
            rarer += ways
        return float(min(Fraction(1), Fraction(2 * rarer, 2**differing)))


def compare(labels: np.ndarray, before: np.ndarray, after: np.ndarray) -> Comparison:
    """Args: (N,) int64 each: the truth, and what two models read (any other number where it is no digit to them)."""
    first, second = before == labels, after == labels
    return Comparison(
        n=len(labels),
        before=int(first.sum()),
        after=int(second.sum()),
        gained=int((second & ~first).sum()),
        lost=int((first & ~second).sum()),
    )


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values of several comparisons, each raised so that all of them together keep the promise of one.

    Source: Holm 1979: the smallest times how many there are, the next times one less, and never less than the one
    before.
    """
    adjusted, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
