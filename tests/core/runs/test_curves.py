"""Long series made short, in a way that holds still while they grow."""

import numpy as np
import pytest
from histories import history

from mnist_core.runs.curves import MAX_POINTS, group_means, group_width, step_positions, training_curve


def test_group_means_are_means_of_consecutive_groups() -> None:
    assert group_means(np.array([1.0, 3.0, 5.0, 7.0, 9.0]), 2).tolist() == [2.0, 6.0, 9.0]
    assert group_means(np.array([]), 4).tolist() == []


@pytest.mark.parametrize(("steps", "most", "width"), [(1, 1000, 1), (1000, 1000, 1), (1001, 1000, 2), (9000, 1000, 16)])
def test_group_width_is_the_smallest_power_of_two_that_fits(steps: int, most: int, width: int) -> None:
    assert group_width(steps, most) == width


def test_a_drawn_point_never_moves_while_the_curve_grows() -> None:
    full = history(4000, planned=10, per_epoch=1000)
    for done in (1, 15, 16, 17, 1000, 3999):
        part = history(done, planned=10, per_epoch=1000)
        positions = step_positions(part, "epoch")
        short = training_curve(part, part.step_loss.values, positions, most=MAX_POINTS)
        long = training_curve(full, full.step_loss.values, step_positions(full, "epoch"), most=MAX_POINTS)
        whole_groups = done // group_width(10_000, MAX_POINTS)
        assert np.array_equal(short.x[:whole_groups], long.x[:whole_groups])
        assert np.array_equal(short.y[:whole_groups], long.y[:whole_groups])
