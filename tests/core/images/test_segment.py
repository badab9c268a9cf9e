"""Several digits on one picture: each is found once, in reading order, and cut out alone."""

from typing import Any

import numpy as np
import pytest
from drawings import digit, on_paper, paste, shadow, zero

from mnist_core.images.preprocess import in_mnist_form, preprocess
from mnist_core.images.segment import MAX_DIGITS, Piece, in_reading_order
from mnist_core.images.segment import find_digits as find_pieces
from mnist_core.types import Box


def find_digits(picture: np.ndarray, **options: Any) -> list[Box]:
    return [piece.box for piece in find_pieces(picture, **options)]


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
    assert find_digits(255 - page(), invert=invert) == find_digits(page())


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
    assert len(boxes) == MAX_DIGITS


def test_noise_is_survived() -> None:
    chance = np.random.default_rng(0)
    for shape in ((300, 400, 3), (300, 400), (40, 9), (2, 500)):
        for box in find_digits(chance.integers(0, 256, shape, dtype=np.uint8)):
            assert 0 <= box.left < box.left + box.width <= shape[1]
            assert 0 <= box.top < box.top + box.height <= shape[0]


def ringed(images: np.ndarray) -> np.ndarray:
    """A reader that knows rings: sure of an image whose middle is empty and whose ink reaches all around."""
    middle = images[:, 11:17, 12:16].mean((1, 2))
    around = np.stack([images[:, 4:8], images[:, 20:24]]).max((2, 3)).min(0)
    return np.where((middle < 30) & (around > 128), -0.01, -9.0)


def test_two_halves_of_a_ring_are_one_digit_if_the_reader_says_so() -> None:
    picture = blank(200, 400)
    paste(picture, zero(120, 80, 8), 40, 40)
    picture[30:60, 76:80] = picture[140:170, 76:80] = 0
    assert [box.width for box in find_digits(picture, rate=ringed)] == [80]
    assert len(find_digits(picture, rate=lambda images: np.zeros(len(images)))) == 2


def test_reader_decides_where_rings_are_cut() -> None:
    picture = blank(200, 500)
    for i in range(4):
        paste(picture, zero(110, 72, 9), 40 + 68 * i, 40)
    boxes = find_digits(picture, rate=ringed)
    assert [round((box.left - 40) / 68) for box in boxes] == [0, 1, 2, 3]


def test_reader_is_asked_only_where_there_is_doubt() -> None:
    def refuse(images: np.ndarray) -> np.ndarray:
        raise AssertionError("asked")

    picture = blank(200, 400)
    paste(picture, digit(1, 150, 8), 40, 30)
    paste(picture, digit(1, 150, 8), 180, 30)
    assert len(find_digits(picture, rate=refuse)) == 2


@pytest.mark.parametrize("photographed", [False, True])
def test_piece_holds_the_digit_alone(photographed: bool) -> None:
    picture = blank(240, 500)
    drawings = [digit(label, 160, 10) for label in (7, 4, 5)]
    for i, drawing in enumerate(drawings):
        paste(picture, drawing, 40 + 100 * i, 40)  # so close that boxes and margins overlap
    shown = on_paper(picture, shadow(240, 500)) if photographed else picture
    pieces = find_pieces(shown)
    assert len(pieces) == 3
    for piece, drawing in zip(pieces, drawings, strict=True):
        expected = preprocess(on_paper(drawing) if photographed else drawing, with_steps=False).image
        assert difference(piece, expected) < 7
        assert piece.inverted == photographed


def test_digit_that_touches_its_neighbour_keeps_its_part() -> None:
    picture = blank(200, 400)
    for i in range(2):
        paste(picture, zero(110, 72, 9), 40 + 68 * i, 40)
    expected = preprocess(zero(110, 72, 9), with_steps=False).image
    pieces = find_pieces(picture, rate=ringed)
    assert len(pieces) == 2
    for piece in pieces:
        assert difference(piece, expected) < 12


def test_faint_digit_beside_bold_ones_keeps_its_fine_strokes() -> None:
    picture = blank(240, 600)
    for i in range(3):
        paste(picture, digit(4, 160, 16), 20 + 180 * i, 40)
    whole = find_pieces(picture)[2]
    picture[:, 380:] = (0.6 * picture[:, 380:]).astype(np.uint8)
    picture[170:, 380:] = (0.45 * picture[170:, 380:]).astype(np.uint8)  # its foot is fainter still
    faint = find_pieces(picture)[2]
    assert np.abs(in_mnist_form(faint.strength) - in_mnist_form(whole.strength).astype(float)).mean() < 20


def test_digits_on_ruled_paper_are_found_without_the_lines() -> None:
    picture = page()
    for row in range(40, 400, 45):
        picture[row : row + 2] = np.maximum(picture[row : row + 2], 160)
    check_page(find_digits(picture))


def difference(piece: Piece, expected: np.ndarray) -> float:
    return float(np.abs(in_mnist_form(piece.strength).astype(float) - expected).mean())
