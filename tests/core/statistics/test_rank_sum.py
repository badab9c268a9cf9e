"""The rank-sum test, against p-values that can be counted by hand."""

import pytest

from mnist_core.statistics.rank_sum import chance_of_higher, least_p, rank_test


def test_the_rank_test_counts_all_ways_to_split_the_results() -> None:
    assert rank_test([1, 2, 3], [4, 5, 6]) == pytest.approx(2 / 20)
    assert rank_test([4, 5, 6], [1, 2, 3]) == pytest.approx(2 / 20)
    assert rank_test([1, 2, 3, 4], [5, 6, 7, 8]) == pytest.approx(2 / 70)
    assert rank_test([1, 4], [2, 3]) == 1.0


def test_results_that_tie_part_nobody() -> None:
    assert rank_test([0.9, 0.9], [0.9, 0.9, 0.9]) == 1.0
    assert rank_test([1, 1, 2], [2, 3, 3]) == pytest.approx(4 / 20)  # by hand: doubled ranks 3 3 7 | 7 11 11


@pytest.mark.parametrize(("first", "second"), [(1, 5), (2, 3), (4, 4)])
def test_no_result_of_the_rank_test_is_smaller_than_the_least(first: int, second: int) -> None:
    assert rank_test(range(first), range(first, first + second)) == pytest.approx(least_p(first, second))


def test_twenty_seeds_against_twenty_are_counted_at_once() -> None:
    assert rank_test(range(20), range(20, 40)) == pytest.approx(2 / 137846528820)


def test_the_chance_to_be_as_clearly_the_higher_is_one_sided() -> None:
    assert chance_of_higher([4, 5, 6], [1, 2, 3]) == pytest.approx(1 / 20)
    assert chance_of_higher([1, 2, 3], [4, 5, 6]) == 1.0
    assert chance_of_higher([3, 5, 6], [1, 2, 4]) == pytest.approx(2 / 20)
    assert chance_of_higher([1, 1], [1, 1, 1]) == 1.0


def test_of_nothing_nothing_is_known() -> None:
    assert chance_of_higher([], [1.0]) == chance_of_higher([1.0], []) == 1.0
