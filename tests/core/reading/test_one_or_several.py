"""One digit or several, found out and not asked; read by the model that comes with the project."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from drawings import digit, on_paper, paste, zero
from PIL import Image, ImageDraw
from torch import nn

from mnist_core.reading.one_or_several import Answers, read_ink
from mnist_core.runs.run import load_run
from mnist_core.runs.weights import load_model

SHIPPED = Path(__file__).resolve().parents[3] / "checkpoints" / "20261123-135649-cnn-dvqp"
Stroke = Sequence[tuple[float, float]]

# One digit each, its strokes apart: (x, y) on a square of side 1.
IN_TWO_STROKES: dict[str, tuple[int, list[Stroke]]] = {
    "5 and its bar": (
        5,
        [
            [(0.36, 0.24), (0.33, 0.47), (0.52, 0.43), (0.68, 0.58), (0.62, 0.82), (0.3, 0.86)],
            [(0.4, 0.08), (0.74, 0.07)],
        ],
    ),
    "4 in two halves": (4, [[(0.3, 0.12), (0.24, 0.55), (0.52, 0.56)], [(0.7, 0.1), (0.7, 0.9)]]),
    "7 with its corner open": (7, [[(0.18, 0.12), (0.62, 0.13)], [(0.78, 0.2), (0.5, 0.9)]]),
}
# Letters that come apart into ones.
LETTERS: dict[str, list[Stroke]] = {
    "M": [[(0.2, 0.85), (0.25, 0.15), (0.5, 0.6), (0.75, 0.15), (0.8, 0.85)]],
    "N": [[(0.25, 0.85), (0.25, 0.15), (0.75, 0.85), (0.75, 0.15)]],
    "W": [[(0.1, 0.2), (0.3, 0.8), (0.5, 0.3), (0.7, 0.8), (0.9, 0.2)]],
}


@pytest.fixture(scope="module")
def model() -> nn.Module:
    return load_model(load_run(SHIPPED))


def drawn(strokes: Sequence[Stroke], side: int = 280, pen: int = 18) -> np.ndarray:
    image = Image.new("L", (side, side))
    for stroke in strokes:
        ImageDraw.Draw(image).line([(x * side, y * side) for x, y in stroke], fill=255, width=pen, joint="curve")
    return np.asarray(image)


def row(*labels: int, side: int = 100, pen: int = 12) -> np.ndarray:
    """Digits side by side."""
    page = np.zeros((2 * side, side * (len(labels) + 1)), np.uint8)
    for place, label in enumerate(labels):
        ink = zero(int(0.8 * side), side // 2, pen) if label == 0 else digit(label, side, pen)
        paste(page, ink, side // 2 + place * side, side // 2)
    return page


def text(answers: Answers) -> str:
    return "".join(str(one.digit) if one.is_digit else "?" for one in answers.digits)


@pytest.mark.parametrize("labels", [(1, 7), (4, 5), (7, 4, 1, 0, 5, 1), (1, 1), (0, 0)])
@pytest.mark.parametrize("pen", [8, 12])
def test_digits_side_by_side_are_several(model: nn.Module, labels: tuple[int, ...], pen: int) -> None:
    read = read_ink(model, row(*labels, pen=pen))
    assert (read.is_number, text(read), read.left_out) == (True, "".join(map(str, labels)), 0)


def test_several_are_found_on_a_photograph(model: nn.Module) -> None:
    read = read_ink(model, on_paper(row(7, 4, 5)))
    assert (read.is_number, text(read)) == (True, "745")


def test_two_rows_are_several(model: nn.Module) -> None:
    assert text(read_ink(model, np.concatenate([row(7, 4), row(5, 1)]))) == "7451"


@pytest.mark.parametrize("name", IN_TWO_STROKES)
@pytest.mark.parametrize("pen", [14, 20])
def test_one_digit_in_two_separate_strokes_stays_one(model: nn.Module, name: str, pen: int) -> None:
    label, strokes = IN_TWO_STROKES[name]
    read = read_ink(model, drawn(strokes, pen=pen), invert="no", with_steps=True)
    assert (read.is_number, text(read), read.left_out) == (False, str(label), 0)
    assert read.digits[0].preprocessed
    assert read.digits[0].preprocessed.steps


@pytest.mark.parametrize("letter", LETTERS)
def test_a_letter_that_can_be_cut_into_ones_is_no_number(model: nn.Module, letter: str) -> None:
    read = read_ink(model, drawn(LETTERS[letter]), invert="no")
    assert (read.is_number, text(read)) == (False, "?")


@pytest.mark.parametrize("label", [1, 4, 5, 7])
def test_specks_beside_a_digit_make_no_number_and_are_not_worth_a_word(model: nn.Module, label: int) -> None:
    picture = digit(label).copy()
    for x, y in ((10, 10), (262, 30), (20, 250)):
        paste(picture, np.full((8, 8), 255, np.uint8), x, y)
    read = read_ink(model, picture)
    assert (read.is_number, text(read), read.left_out) == (False, str(label), 0)


def test_the_lines_of_a_ruled_cell_make_no_number(model: nn.Module) -> None:
    cell = np.full((86, 106), 0, np.uint8)
    for at in (3, 9, 97, 103):
        cell[4:80, at] = 150
    cell[4], cell[80] = 150, 150
    paste(cell, digit(5, 60, 5), 24, 14)
    assert text(read_ink(model, on_paper(cell))) == "5"


def test_who_wants_one_is_told_what_was_left_out(model: nn.Module) -> None:
    read = read_ink(model, row(7, 4, 5), how_many="one")
    assert (read.is_number, len(read.digits), read.left_out) == (False, 1, 2)


def test_who_wants_several_gets_a_list_also_of_one_and_of_none(model: nn.Module) -> None:
    assert text(read_ink(model, digit(7), how_many="many")) == "7"
    empty = read_ink(model, np.zeros((90, 90), np.uint8), how_many="many")
    assert (empty.is_number, empty.digits) == (True, ())


def test_no_ink_is_no_digit(model: nn.Module) -> None:
    read = read_ink(model, np.zeros((90, 90), np.uint8))
    assert (read.is_number, read.digits[0].digit) == (False, None)


def test_the_stub_of_a_stroke_is_no_digit_whatever_the_model_makes_of_it(model: nn.Module) -> None:
    picture = np.zeros((280, 280), np.uint8)
    paste(picture, zero(30, 18, 9), 120, 130)
    [one] = read_ink(model, picture, invert="no").digits
    assert (one.digit is not None, one.is_digit) == (True, False)
    assert one.preprocessed
    assert one.preprocessed.is_stub
