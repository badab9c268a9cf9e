"""Two models on the same images: which read what right, and whether chance alone explains the difference."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mnist_core.statistics.scores import wilson_interval
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
        rarer = sum(math.comb(differing, k) for k in range(min(self.gained, self.lost) + 1))
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


def rank_test(first: Sequence[float], second: Sequence[float]) -> float:
    """How often chance alone would part two small groups of results as far: the p-value of the exact rank-sum test.

    Source: Wilcoxon 1945; ties share their mean rank, and every way to split the results in two is counted.
    """
    results = [*first, *second]
    ranks = [sum(a < b for a in results) + sum(a <= b for a in results) + 1 for b in results]  # doubled: all whole
    ways = _ways_to_sum(ranks, len(first))
    expected, seen = len(first) * (len(results) + 1), sum(ranks[: len(first)])
    as_far = sum(count for total, count in ways.items() if abs(total - expected) >= abs(seen - expected))
    return float(Fraction(as_far, math.comb(len(results), len(first))))


def least_p(first: int, second: int) -> float:
    """The smallest p-value that `rank_test` can give for groups of these sizes."""
    return min(1.0, 2 / math.comb(first + second, first))


def _ways_to_sum(ranks: Sequence[int], size: int) -> dict[int, int]:
    """In how many ways `size` of the ranks add up to each sum."""
    ways: list[dict[int, int]] = [{0: 1}] + [{} for _ in range(size)]
    for rank in ranks:
        for taken in range(size - 1, -1, -1):
            for total, count in ways[taken].items():
                ways[taken + 1][total + rank] = ways[taken + 1].get(total + rank, 0) + count
    return ways[size]
