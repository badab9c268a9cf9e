"""Shares, intervals and calibration, worked by hand."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.labelled import Labelled
from benchmarks.measures import Answer, calibration_error, interval_over_sources, score
from mnist_core.statistics.wilson import wilson_interval


def answer(
    label: str, text: str, confidence: float = 0.5, *, guess: str = "", kind: str = "photo", source: str = "w"
) -> Answer:
    return Answer(Labelled(Path("a.png"), "a.png", kind, label, source), text, guess or text, confidence)


def test_a_refused_digit_counts_as_wrong_but_is_no_answer() -> None:
    result = score([answer("7", "7"), answer("7", "", 0.99, guess="7"), answer("7", "2", 0.95), answer("7", "2", 0.6)])
    assert (result.n, result.right, result.refused, result.wrong, result.wrong_and_sure) == (4, 1, 1, 2, 1)
    assert result.accuracy == 0.25
    assert result.sure_share == 0.5
    assert result.interval == wilson_interval(1, 4)


def test_a_letter_is_right_if_it_is_refused() -> None:
    result = score([answer("", "", guess="6"), answer("", "6", 0.97)])
    assert (result.right, result.refused, result.wrong, result.wrong_and_sure) == (1, 1, 1, 1)
    assert [(c.true, c.read, c.count) for c in result.confusions] == [("no digit", "6", 1)]


def test_a_number_is_right_only_as_a_whole() -> None:
    read = [("123", "123"), ("123", "173"), ("123", "12"), ("123", "1233")]
    result = score([answer(label, text, kind="number") for label, text in read])
    assert (result.right, result.same_length) == (1, 2)


def test_confusions_are_counted_with_the_worst_first_and_refusals_among_them() -> None:
    result = score([answer("1", "7"), answer("1", "7"), answer("9", "3"), answer("4", ""), answer("4", "4")])
    assert [(c.true, c.read, c.count) for c in result.confusions] == [("1", "7", 2), ("9", "3", 1), ("4", "?", 1)]


def test_writers_that_agree_with_themselves_give_a_wider_interval_than_independent_pictures() -> None:
    right = np.repeat(np.arange(10) < 8, 50)
    sources = [f"writer {n // 50}" for n in range(500)]
    over = interval_over_sources(right, sources)
    assert over is not None
    assert over.low < 0.8 < over.high
    assert over.half_width > 3 * wilson_interval(400, 500).half_width
    assert interval_over_sources(right, sources) == over


@pytest.mark.parametrize("right", [[True, True], [False, False]])
def test_no_interval_over_sources_is_made_up_where_it_cannot_be_told(right: list[bool]) -> None:
    assert interval_over_sources(np.array(right), ["a", "b"]) is None
    assert interval_over_sources(np.array([True, False]), ["a", "a"]) is None


def test_confidence_that_comes_true_has_no_calibration_error() -> None:
    assert calibration_error(np.full(10, 0.7), np.arange(10) < 7) == pytest.approx(0)


def test_the_calibration_error_is_the_mean_gap_over_bins_by_their_size() -> None:
    confidences = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    right = np.array([1, 1, 0, 0, 1, 1], bool)
    assert calibration_error(confidences, right) == pytest.approx((4 * 0.45 + 2 * 0.45) / 6)
    assert calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0
    assert calibration_error(np.empty(0), np.empty(0, bool)) == 0
