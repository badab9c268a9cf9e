"""Comparisons on the same images, by tests whose p-values can be counted by hand."""

import numpy as np
import pytest

from mnist_core.statistics.mcnemar import Comparison, compare, holm


def test_a_comparison_counts_what_was_gained_and_lost() -> None:
    labels, before, after = (np.array(row) for row in ([1, 2, 3, 4, 5], [1, 2, 9, 9, -1], [1, 9, 3, 4, 5]))
    assert compare(labels, before, after) == Comparison(n=5, before=2, after=4, gained=3, lost=1)


@pytest.mark.parametrize(("gained", "lost", "p"), [(0, 0, 1.0), (3, 3, 1.0), (5, 0, 0.0625), (8, 1, 20 / 512)])
def test_the_test_of_a_change_is_mcnemars_exact_one(gained: int, lost: int, p: float) -> None:
    assert Comparison(100, 50, 50 + gained - lost, gained, lost).p_value == pytest.approx(p)


def test_a_great_change_has_a_p_value_too() -> None:
    assert Comparison(5000, 4900, 2900, 0, 2000).p_value == pytest.approx(0.0)


def test_one_comparison_needs_no_correction_and_several_are_corrected_from_the_smallest_on() -> None:
    assert holm([]) == []
    assert holm([0.03]) == [0.03]
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
