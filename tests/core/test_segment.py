"""Several digits on one picture: each is found once, in reading order, and cut out alone."""

import numpy as np
import pytest
from drawings import digit, on_paper, paste, shadow, zero

from mnist_core.preprocess import preprocess
from mnist_core.records import Box
from mnist_core.segment import MOST_DIGITS, crop, find_digits, in_reading_order


def blank(height: int = 400, width: int = 600) -> np.ndarray:
    return np.zeros((height, width), np.uint8)


def corners(boxes: list[Box]) -> list[tuple[int, int]]:
    return [(box.left, box.top) for box in boxes]


def page(pen: int = 8) -> np.ndarray:
    """4 5 7 over 7 1 4: (400, 600)."""
    picture = blank()
    for row, labels in enumerate(((4, 5, 7), (7, 1, 4))):
        for column, label in enumerate(labels):
            paste(picture, digit(label, 120, pen), 40 + 190 * column, 50 + 180 * row)
    return picture


def check_page(boxes: list[Box]) -> None:
    assert len(boxes) == 6
    for number, box in enumerate(boxes):
        row, column = divmod(number, 3)
        assert abs(box.left + box.width / 2 - (100 + 190 * column)) < 25
        assert abs(box.top + box.height / 2 - (110 + 180 * row)) < 25


def test_rows_are_read_from_the_top_and_each_from_the_left() -> None:
    check_page(find_digits(page()))


@pytest.mark.parametrize("invert", ["auto", "yes"])
def test_dark_ink_is_found_in_the_same_places(invert: str) -> None:
    assert find_digits(255 - page(), invert=invert) == find_digits(page())  # type: ignore[arg-type]


def test_photographed_page_in_a_shadow_gives_the_same_digits() -> None:
    check_page(find_digits(on_paper(page(), shadow(400, 600))))


def test_large_page_has_its_boxes_in_its_own_pixels() -> None:
    large = np.kron(page(), np.ones((5, 5), np.uint8))
    for box, small in zip(find_digits(large), find_digits(page()), strict=True):
        found = np.array([box.left, box.top, box.width, box.height])
        expected = 5 * np.array([small.left, small.top, small.width, small.height])
        assert np.abs(found - expected).max() <= 20


def test_page_is_read_with_specks_on_it() -> None:
    picture = page()
    chance = np.random.default_rng(0)
    for top, left in zip(chance.integers(0, 395, 60), chance.integers(0, 595, 60), strict=True):
        if not picture[max(top - 30, 0) : top + 34, max(left - 30, 0) : left + 34].any():
            picture[top : top + 4, left : left + 4] = 255
    check_page(find_digits(picture))


def test_dark_corner_and_edge_of_the_sheet_are_no_digits() -> None:
    photo = on_paper(page(), noise=2)
    photo[:, 590:] = 30
    photo[380:, 560:] = 30
    check_page(find_digits(photo))


def test_sloping_row_is_one_row() -> None:
    picture = blank()
    for i, label in enumerate((1, 4, 5, 7)):
        paste(picture, digit(label, 100, 7), 40 + 120 * i, 30 + 45 * i)
    lefts = [box.left for box in find_digits(picture)]
    assert len(lefts) == 4
    assert lefts == sorted(lefts)


def test_reading_order_of_boxes() -> None:
    boxes = [Box(100, 12, 20, 40), Box(10, 10, 20, 40), Box(12, 80, 20, 40), Box(60, 15, 20, 40), Box(90, 75, 20, 40)]
    assert corners(in_reading_order(boxes)) == [(10, 10), (60, 15), (100, 12), (12, 80), (90, 75)]


def test_bar_apart_from_its_five_belongs_to_it() -> None:
    picture = blank(200, 400)
    paste(picture, digit(5, 160, 10), 20, 20)
    paste(picture, digit(4, 160, 10), 200, 20)
    whole = find_digits(picture)
    picture[48:58, 20:180] = 0  # between the bar and the body
    assert [box.height for box in find_digits(picture)] == [box.height for box in whole]


def test_broken_ring_is_one_digit() -> None:
    picture = blank(200, 400)
    paste(picture, zero(120, 80, 8), 40, 40)
    paste(picture, digit(7, 150, 8), 200, 30)
    picture[30:60, 62:65] = picture[140:170, 96:99] = 0  # two halves, each as high as a digit
    boxes = find_digits(picture)
    assert len(boxes) == 2
    assert boxes[0].width == 80


def test_touching_digits_are_cut_apart() -> None:
    picture = blank(200, 400)
    for i in range(3):
        paste(picture, zero(110, 72, 9), 40 + 68 * i, 40)
    boxes = find_digits(picture)
    assert len(boxes) == 3
    assert [round((box.left - 40) / 68) for box in boxes] == [0, 1, 2]


def test_digits_close_together_stay_two() -> None:
    picture = blank(200, 400)
    paste(picture, digit(1, 150, 8), 40, 30)
    paste(picture, digit(1, 150, 8), 62, 30)
    assert len(find_digits(picture)) == 2


@pytest.mark.parametrize("label", [1, 4, 5, 7])
def test_single_digit_is_one_box_and_the_one_preprocess_finds(label: int) -> None:
    picture = blank()
    paste(picture, digit(label), 200, 60)
    assert find_digits(picture) == [preprocess(picture, with_steps=False).box]


def test_wide_digit_is_not_cut() -> None:
    seven = digit(7, 200, 12)
    picture = blank()
    paste(picture, np.kron(seven, np.ones((1, 2), np.uint8)), 60, 60)
    assert len(find_digits(picture)) == 1


def test_blank_page_holds_no_digits() -> None:
    assert find_digits(blank()) == []
    assert find_digits(on_paper(blank())) == []
    assert find_digits(np.zeros((1, 1), np.uint8)) == []


def test_number_of_digits_is_bounded() -> None:
    picture = blank(900, 900)
    for top in range(10, 880, 30):
        for left in range(10, 880, 30):
            picture[top : top + 16, left : left + 4] = 255
    boxes = find_digits(picture)
    assert len(boxes) == MOST_DIGITS


def test_noise_is_survived() -> None:
    chance = np.random.default_rng(0)
    for shape in ((300, 400, 3), (300, 400), (40, 9), (2, 500)):
        for box in find_digits(chance.integers(0, 256, shape, dtype=np.uint8)):
            assert 0 <= box.left < box.left + box.width <= shape[1]
            assert 0 <= box.top < box.top + box.height <= shape[0]


@pytest.mark.parametrize("photographed", [False, True])
def test_crop_holds_the_digit_alone(photographed: bool) -> None:
    picture = blank(240, 500)
    drawings = [digit(label, 160, 10) for label in (7, 4, 5)]
    for i, drawing in enumerate(drawings):
        paste(picture, drawing, 40 + 100 * i, 40)  # so close that boxes and margins overlap
    shown = on_paper(picture, shadow(240, 500)) if photographed else picture
    boxes = find_digits(shown)
    assert len(boxes) == 3
    for box, drawing in zip(boxes, drawings, strict=True):
        alone = preprocess(crop(shown, box), with_steps=False).image
        expected = preprocess(on_paper(drawing) if photographed else drawing, with_steps=False).image
        assert np.abs(alone.astype(float) - expected).mean() < 7


def test_crop_of_a_digit_that_touches_its_neighbour_keeps_its_part() -> None:
    picture = blank(200, 400)
    for i in range(2):
        paste(picture, zero(110, 72, 9), 40 + 68 * i, 40)
    expected = preprocess(zero(110, 72, 9), with_steps=False).image
    for box in find_digits(picture):
        alone = preprocess(crop(picture, box), with_steps=False).image
        assert np.abs(alone.astype(float) - expected).mean() < 12


def test_crop_has_ground_around_the_digit_and_stays_within_the_picture() -> None:
    picture = page()
    for box in find_digits(picture):
        region = crop(picture, box)
        assert region.shape[0] > box.height
        assert region.shape[1] > box.width
        assert not region[[0, -1]].any()
    corner = blank()
    paste(corner, digit(7, 120, 8), 0, 0)
    assert crop(corner, Box(0, 0, 120, 120)).max() == 255


def test_crop_is_a_copy_in_the_colours_of_the_picture() -> None:
    photo = on_paper(page())
    region = crop(photo, find_digits(photo)[0])
    assert region.ndim == 3
    assert not np.shares_memory(region, photo)
    assert np.median(region, axis=(0, 1)).min() > 200
