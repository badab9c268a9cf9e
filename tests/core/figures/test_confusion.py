"""The matrix: what is a row, what is coloured, what is framed."""

import numpy as np
import pytest
from histories import texts

from mnist_core.figures.confusion import confusion_figure


@pytest.fixture
def matrix() -> np.ndarray:
    made = np.diag(np.full(10, 90))
    made[4, 9] = 10
    return made


def test_confusion_rows_are_true_labels_from_the_top(matrix: np.ndarray) -> None:
    fig = confusion_figure(matrix, normalised=False, mute_diagonal=False)
    assert fig.layout.yaxis.title.text == "true digit"
    assert fig.layout.xaxis.title.text == "predicted digit"
    assert fig.layout.yaxis.range[0] > fig.layout.yaxis.range[1]
    assert fig.data[0].z[4][9] == 10
    assert fig.data[0].text[4][9] == "10"
    assert fig.data[0].text[9][4] == ""


def test_shares_are_percent_of_each_true_digit(matrix: np.ndarray) -> None:
    fig = confusion_figure(matrix, normalised=True, mute_diagonal=False)
    assert fig.data[0].text[4][9] == "10.0"
    assert fig.data[0].text[4][4] == "90.0"
    assert fig.data[0].text[0][0] == "100.0"


def test_muting_the_diagonal_gives_the_colours_to_the_errors_and_keeps_the_numbers(matrix: np.ndarray) -> None:
    fig = confusion_figure(matrix, normalised=False, mute_diagonal=True)
    assert fig.data[0].zmax == 10
    assert fig.data[0].z[0][0] == 0
    assert texts(fig) == ["90"] * 10


def test_the_chosen_cell_is_framed(matrix: np.ndarray) -> None:
    (frame,) = confusion_figure(matrix, normalised=False, mute_diagonal=True, selected=(4, 9)).layout.shapes
    assert (frame.x0 + frame.x1) / 2 == 9
    assert (frame.y0 + frame.y1) / 2 == 4


@pytest.mark.parametrize("made", [np.zeros((10, 10), dtype=int), np.diag(np.full(10, 5))])
def test_a_matrix_without_errors_or_images_can_be_drawn(made: np.ndarray) -> None:
    for normalised in (False, True):
        fig = confusion_figure(made, normalised=normalised, mute_diagonal=True)
        assert np.isfinite(fig.data[0].z).all()
        assert fig.data[0].zmax > 0


def test_matrices_with_one_strongest_colour_can_be_compared() -> None:
    matrix = np.eye(10, dtype=int) * 5
    matrix[3, 5] = 2
    fig = confusion_figure(matrix, normalised=False, mute_diagonal=True, strongest=40)
    assert fig.data[0].zmax == 40
