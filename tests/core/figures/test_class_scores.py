"""Precision and recall, digit by digit."""

import pytest
from histories import texts, trace

from mnist_core.figures.class_scores import class_scores_figure
from mnist_core.types import ClassScore


def test_class_scores_show_precision_and_recall_of_each_digit() -> None:
    scores = [ClassScore(label, 0.99, 0.97 + label / 1000, 0.98, 100) for label in range(10)]
    fig = class_scores_figure(scores)
    assert list(trace(fig, "recall").x) == pytest.approx([97 + label / 10 for label in range(10)])
    assert list(trace(fig, "precision").x) == pytest.approx([99.0] * 10)
    assert texts(class_scores_figure([])) == ["Nothing has been evaluated yet."]
