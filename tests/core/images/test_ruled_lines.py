"""Ruled lines, graph paper and cells go; the digit on them stays, and so does a digit as wide as its picture."""

import numpy as np
import pytest
from drawings import digit, paste

from mnist_core.images.preprocess import preprocess
from mnist_core.images.ruled_lines import without_lines


def drawing(label: int = 4) -> np.ndarray:
    picture = np.zeros((240, 300), np.uint8)
    paste(picture, digit(label, 160, 14), 70, 40)
    return picture


def with_row(picture: np.ndarray, row: float, slope: float = 0.0, strength: int = 255, pen: int = 2) -> np.ndarray:
    ruled = picture.copy()
    for column in range(picture.shape[1]):
        top = round(row + slope * column)
        ruled[top : top + pen, column] = np.maximum(ruled[top : top + pen, column], strength)
    return ruled


def grid(picture: np.ndarray, step: int) -> np.ndarray:
    for at in range(step // 2, 230, step):
        picture = with_row(picture, at)
    for at in range(step // 2, 290, step):
        picture = with_row(picture.T, at).T
    return picture


def lost_and_left(cleaned: np.ndarray, clean: np.ndarray) -> tuple[float, float]:
    """Shares of the digit that are gone, and of its ink that is there beside it."""
    ink, kept = clean > 128, cleaned > 128
    return float((ink & ~kept).sum() / ink.sum()), float((kept & ~ink).sum() / ink.sum())


@pytest.mark.parametrize("label", [1, 4, 5, 7])
@pytest.mark.parametrize("slope", [0.0, 0.04, -0.05])
def test_a_line_through_the_digit_goes_and_the_digit_stays(label: int, slope: float) -> None:
    clean = drawing(label)
    lost, left = lost_and_left(without_lines(with_row(clean, 110, slope)), clean)
    assert lost < 0.03
    assert left < 0.06


@pytest.mark.parametrize("step", [40, 70])
def test_graph_paper_goes(step: int) -> None:
    clean = drawing(5)
    lost, left = lost_and_left(without_lines(grid(clean, step)), clean)
    assert lost < 0.06
    assert left < 0.18


def test_the_frame_of_a_cell_goes_even_if_the_digit_touches_it() -> None:
    clean = drawing(7)
    framed = clean.copy()
    framed[60:63, 60:250] = framed[210:213, 60:250] = framed[60:213, 60:63] = framed[60:213, 247:250] = 255
    lost, left = lost_and_left(without_lines(framed), clean)
    assert lost < 0.06
    assert left < 0.12


@pytest.mark.parametrize("label", [1, 4, 5, 7])
def test_digits_cropped_to_their_ink_are_left_alone(label: int) -> None:
    whole = digit(label, 200, 12)
    rows, columns = np.flatnonzero(whole.any(1)), np.flatnonzero(whole.any(0))
    tight = whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    assert without_lines(tight) is tight


def test_a_lone_line_is_not_taken_away() -> None:
    stroke = with_row(np.zeros((200, 200), np.uint8), 100, pen=8)
    assert without_lines(stroke) is stroke


def test_small_pictures_are_left_alone() -> None:
    small = with_row(np.zeros((28, 28), np.uint8), 14)
    assert without_lines(small) is small


def test_ruled_paper_gives_the_same_image_and_a_step_in_the_film_strip() -> None:
    clean = drawing(5)
    found = preprocess(255 - with_row(clean, 120, 0.02))
    assert "Lines removed" in [step.name for step in found.steps]
    assert np.abs(found.image.astype(float) - preprocess(clean).image).mean() < 5
