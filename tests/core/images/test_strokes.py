"""Pens finer and broader than MNIST's are brought to its width."""

import math

import numpy as np
import pytest
from drawings import digit, zero

from mnist_core.images.preprocess import preprocess
from mnist_core.images.strokes import OWN_SCALE, THICK_PEN, THIN_PEN, as_broad_as_mnist, is_stub, relative_width


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


def stub(length: float, *, degrees: float = 90, pen: float = 18, side: int = 280) -> np.ndarray:
    """(side, side) uint8: a straight stroke of a round pen, its middle going that far."""
    down, across = np.mgrid[:side, :side] - side / 2
    angle = math.radians(degrees)
    along = across * math.cos(angle) + down * math.sin(angle)
    nearest = np.clip(along, -length / 2, length / 2)
    away = np.hypot(across - nearest * math.cos(angle), down - nearest * math.sin(angle))
    return (np.clip(pen / 2 - away + 0.5, 0, 1) * 255).astype(np.uint8)


@pytest.mark.parametrize("pen", [14, 18])
@pytest.mark.parametrize("degrees", [0, 20, 45, 70, 90])
def test_a_stroke_hardly_longer_than_its_pen_is_a_stub(pen: int, degrees: float) -> None:
    for length in (0.5 * pen, 0.8 * pen, 1.1 * pen):
        assert is_stub(stub(length, degrees=degrees, pen=pen)), length


@pytest.mark.parametrize("degrees", [60, 90, 120])
def test_a_short_one_is_no_stub(degrees: float) -> None:
    assert not is_stub(stub(40, degrees=degrees))


@pytest.mark.parametrize("label", [1, 4, 5, 7])
@pytest.mark.parametrize("pen", [6, 12, 20])
def test_no_digit_is_a_stub(label: int, pen: int) -> None:
    assert not is_stub(digit(label, 80, pen))
    assert not preprocess(digit(label, 60, pen)).is_stub


def test_a_stub_is_said_to_be_one_where_it_is_tiny() -> None:
    assert preprocess(stub(15)).is_stub
    assert not preprocess(stub(15, side=60)).is_stub
    assert not preprocess(digit(1, 56, 5)).is_stub
