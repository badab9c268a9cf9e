"""Pens finer and broader than MNIST's are brought to its width."""

import numpy as np
import pytest
from drawings import digit, zero

from mnist_core.images.preprocess import preprocess
from mnist_core.images.strokes import OWN_SCALE, THICK_PEN, THIN_PEN, as_broad_as_mnist, relative_width


def cropped(picture: np.ndarray) -> np.ndarray:
    rows, columns = np.flatnonzero(picture.any(1)), np.flatnonzero(picture.any(0))
    return picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.mark.parametrize("pen", [2, 20, 30, 38])
def test_width_comes_near_to_that_of_mnist(pen: int) -> None:
    redrawn = as_broad_as_mnist(cropped(digit(7, 150, pen)))
    assert 0.8 * THIN_PEN < relative_width(redrawn) < 1.3 * THICK_PEN


def test_a_usual_pen_is_left_alone() -> None:
    drawing = cropped(digit(5, 150, 16))
    assert as_broad_as_mnist(drawing) is drawing


def test_mnist_scale_is_left_alone() -> None:
    small = np.full((OWN_SCALE, 10), 255, np.uint8)
    assert as_broad_as_mnist(small) is small


def test_a_loop_that_a_thick_brush_nearly_filled_opens() -> None:
    ring = zero(60, 44, 19)  # a brush of 19 pixels leaves a gap of 6
    image = preprocess(np.pad(ring, 40), with_steps=False).image
    assert image[13:15, 13:15].max() < 60
    assert "Thinner pen" in [step.name for step in preprocess(np.pad(ring, 40)).steps]


def test_a_solid_block_is_survived() -> None:
    assert as_broad_as_mnist(np.full((100, 90), 255, np.uint8)).max() == 255
