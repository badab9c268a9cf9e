import numpy as np
import pytest

from mnist_core.statistics.confusion_matrix import class_scores, confusion_matrix
from mnist_core.statistics.wilson import chance_of_as_few, wilson_interval
from mnist_core.types import Evaluation


def evaluation(labels: list[int], predictions: list[int]) -> Evaluation:
    probabilities = np.eye(10, dtype=np.float32)[predictions]
    return Evaluation("run", "test", 0.0, np.array(labels), np.array(predictions), probabilities)


def test_confusion_rows_are_true_labels_and_columns_predictions():
    matrix = confusion_matrix(evaluation([7, 7, 2], [7, 2, 2]))
    assert matrix[7, 7] == 1
    assert matrix[7, 2] == 1
    assert matrix[2, 2] == 1
    assert matrix.sum() == 3


def test_scores_of_each_digit_as_worked_by_hand():
    scores = class_scores(confusion_matrix(evaluation([7, 7, 7, 2], [7, 7, 2, 2])))
    assert (scores[7].precision, scores[7].recall, scores[7].support) == (1.0, 2 / 3, 3)
    assert scores[7].f1 == pytest.approx(0.8)
    assert (scores[2].precision, scores[2].recall, scores[2].f1) == (0.5, 1.0, pytest.approx(2 / 3))
    assert (scores[0].precision, scores[0].recall, scores[0].f1, scores[0].support) == (0.0, 0.0, 0.0, 0)


def test_wilson_interval_gives_the_published_values():
    interval = wilson_interval(81, 263)  # Newcombe 1998, table I: 0.2553 to 0.3662
    assert interval.low == pytest.approx(0.2553, abs=5e-5)
    assert interval.high == pytest.approx(0.3662, abs=5e-5)


def test_wilson_interval_stays_within_0_and_1_and_says_nothing_of_nothing():
    assert wilson_interval(10, 10).high == pytest.approx(1.0)
    assert 0 < wilson_interval(10, 10).low < 0.75
    assert wilson_interval(0, 10).low == 0.0
    assert (wilson_interval(0, 0).low, wilson_interval(0, 0).high) == (0.0, 1.0)


def test_one_slip_in_twenty_says_little_of_a_good_reader_and_five_say_much() -> None:
    assert chance_of_as_few(19, 20, 0.9958) == pytest.approx(1 - 0.9958**20)
    assert chance_of_as_few(19, 20, 0.9958) > 0.05
    assert chance_of_as_few(15, 20, 0.9958) < 1e-6
    assert chance_of_as_few(20, 20, 0.9) == pytest.approx(1)
