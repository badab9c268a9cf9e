"""Bars of ten probabilities."""

import numpy as np
from histories import texts

from mnist_core.figures.palette import ACCENT, MUTED
from mnist_core.figures.probabilities import probabilities_figure


def test_only_the_predicted_digit_is_in_the_accent() -> None:
    fig = probabilities_figure(np.array([0.0, 0.02, 0, 0, 0, 0, 0, 0.93, 0.05, 0]), 7)
    assert [label for label in range(10) if fig.data[0].marker.color[label] == ACCENT] == [7]
    assert list(fig.data[0].text) == ["", "2", "", "", "", "", "", "93", "5", ""]


def test_no_digit_is_in_the_accent_where_none_is_meant() -> None:
    fig = probabilities_figure(np.full(10, 0.1), None)
    assert set(fig.data[0].marker.color) == {MUTED}
    assert texts(fig) == []


def test_no_ink_is_said_where_probabilities_would_stand() -> None:
    assert texts(probabilities_figure(np.zeros(10), None)) == ["There is no ink to read."]
