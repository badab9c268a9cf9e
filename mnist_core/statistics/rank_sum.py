"""The exact rank-sum test: whether one small group of results is higher than another by more than luck.

Every way of splitting the results in two is counted; ties share their mean rank.

Source: Wilcoxon 1945; Mann and Whitney 1947.
"""

import math
from collections.abc import Callable, Sequence
from fractions import Fraction


def rank_test(first: Sequence[float], second: Sequence[float]) -> float:
    """How often chance alone would part two groups as far, in whichever direction: the two-sided p-value."""
    middle = len(first) * (len(first) + len(second) + 1)  # doubled, as all ranks here
    return _fraction_of_ways(first, second, lambda total, seen: abs(total - middle) >= abs(seen - middle))


def chance_of_higher(values: Sequence[float], others: Sequence[float]) -> float:
    """How often `values` would by chance alone be as clearly the higher: the one-sided p-value."""
    return _fraction_of_ways(values, others, lambda total, seen: total >= seen)


def least_p(first: int, second: int) -> float:
    """The smallest p-value that `rank_test` can give for groups of these sizes."""
    return min(1.0, 2 / math.comb(first + second, first))


def _fraction_of_ways(first: Sequence[float], second: Sequence[float], is_as_far: Callable[[int, int], bool]) -> float:
    """Of all ways to split the results, the fraction whose ranks of the first group add up to as far a sum."""
    results = [*first, *second]
    ranks = [sum(a < b for a in results) + sum(a <= b for a in results) + 1 for b in results]  # doubled: all whole
    seen = sum(ranks[: len(first)])
    ways = _ways_to_sum(ranks, len(first))
    as_far = sum(count for total, count in ways.items() if is_as_far(total, seen))
    return float(Fraction(as_far, math.comb(len(results), len(first))))


def _ways_to_sum(ranks: Sequence[int], size: int) -> dict[int, int]:
    """In how many ways `size` of the ranks add up to each sum."""
    ways: list[dict[int, int]] = [{0: 1}] + [{} for _ in range(size)]
    for rank in ranks:
        for taken in range(size - 1, -1, -1):
            for total, count in ways[taken].items():
                ways[taken + 1][total + rank] = ways[taken + 1].get(total + rank, 0) + count
    return ways[size]
