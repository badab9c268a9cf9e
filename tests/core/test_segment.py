"""A picture of several digits is cut into them, in the order one reads."""

import numpy as np
import pytest
from drawings import digit, on_paper, paste

from mnist_core.errors import NoInkError
from mnist_core.preprocess import preprocess
from mnist_core.segment import crop, find_digits


def row_of(labels: list[int], *, side: int = 90, apart: int = 30, pen: int = 9) -> np.ndarray:
    """Digits in a row, light ink on dark ground."""
    page = np.zeros((side + 60, (len(labels) - 1) * (side + apart) + side + 60), np.uint8)
    for place, label in enumerate(labels):
        paste(page, digit(label, side, pen), 30 + place * (side + apart), 30)
    return page


def centres(boxes: list) -> list[float]:
    return [box.left + box.width / 2 for box in boxes]


def test_digits_of_a_row_are_found_from_left_to_right() -> None:
    boxes = find_digits(row_of([7, 1, 4, 5]))
    assert len(boxes) == 4
    assert centres(boxes) == sorted(centres(boxes))


def test_rows_are_read_from_the_top() -> None:
    top, bottom = row_of([7, 4]), row_of([5, 1, 7])
    page = np.zeros((top.shape[0] + bottom.shape[0], bottom.shape[1]), np.uint8)
    paste(page, top, 0, 0)
    paste(page, bottom, 0, top.shape[0])
    boxes = find_digits(page)
    assert len(boxes) == 5
    assert [box.top < top.shape[0] for box in boxes] == [True, True, False, False, False]
    assert centres(boxes[:2]) == sorted(centres(boxes[:2]))
    assert centres(boxes[2:]) == sorted(centres(boxes[2:]))


def test_dark_ink_on_photographed_paper_is_found_as_well() -> None:
    assert len(find_digits(on_paper(row_of([7, 4, 1])))) == 3


def test_the_bar_of_a_5_that_stands_apart_belongs_to_its_5() -> None:
    five = digit(5, 90, 9).copy()
    five[14:24, 20:38] = 0  # the bar no longer touches the body
    page = np.zeros((150, 250), np.uint8)
    paste(page, five, 30, 30)
    paste(page, digit(4, 90, 9), 140, 30)
    assert len(find_digits(page)) == 2


def test_touching_digits_are_cut_apart() -> None:
    page = row_of([4, 7], apart=-45)
    assert len(find_digits(page)) == 2


def test_specks_are_not_digits() -> None:
    page = row_of([7, 4])
    page[5:8, 5:8] = 255
    page[140:143, 100:102] = 255
    assert len(find_digits(page)) == 2


def test_a_cut_out_digit_is_the_digit_alone() -> None:
    page = row_of([7, 4], apart=4)
    for box, label in zip(find_digits(page), (7, 4), strict=True):
        alone = preprocess(digit(label, 90, 9), with_steps=False).image
        cut = preprocess(crop(page, box), with_steps=False).image
        assert np.abs(alone.astype(float) - cut).mean() < 8  # two different digits are 25 to 45 apart


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_sheet_has_no_digits(level: int) -> None:
    try:
        boxes = find_digits(np.full((200, 300), level, np.uint8))
    except NoInkError:
        boxes = []
    assert boxes == []


def test_noise_gives_a_bounded_number_of_boxes_within_the_picture() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 600), dtype=np.uint8)
    boxes = find_digits(noise)
    assert len(boxes) <= 200
    for box in boxes:
        assert 0 <= box.left < box.left + box.width <= 600
        assert 0 <= box.top < box.top + box.height <= 400
