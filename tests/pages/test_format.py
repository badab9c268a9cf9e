"""Numbers are shown with their unit and no digit too many."""

from datetime import datetime

import pytest

from mnist_core.types import Interval
from pages.components.shared import format as shown


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.9831, 0.9805, 0.9857, "98.31 % ± 0.26"),
        (0.9722, 0.956, 0.988, "97.2 % ± 1.6"),
        (0.6, 0.48, 0.72, "60 % ± 12"),
        (1.0, 0.997, 1.0, "100.00 % ± 0.15"),
    ],
)
def test_an_accuracy_has_the_decimals_its_interval_allows(value: float, low: float, high: float, text: str) -> None:
    assert shown.accuracy(value, Interval(low, high)) == text


def test_what_is_estimated_is_told_as_roughly_as_it_is_known() -> None:
    seconds = (3, 14, 89, 91, 600, 3580, 8000)
    assert [shown.rough_duration(each) for each in seconds] == [
        "10 s", "10 s", "90 s", "2 min", "10 min", "1 h 00 min", "2 h 10 min"
    ]  # fmt: skip


def test_percent_comes_from_a_share() -> None:
    assert shown.percent(0.9831) == "98.3 %"
    assert shown.percent(0.5, 0) == "50 %"


@pytest.mark.parametrize(
    ("probability", "text"),
    [
        (0.934, "93 %"),
        (0.9899, "99 %"),
        (0.9931, "99.3 %"),
        (0.9999, "> 99.9 %"),
        (1.0, "> 99.9 %"),
        (0.004, "< 1 %"),
        (0.0, "0 %"),
    ],
)
def test_confidence_never_claims_certainty(probability: float, text: str) -> None:
    assert shown.confidence(probability) == text


@pytest.mark.parametrize(
    ("value", "text"), [(2.3026, "2.303"), (0.0612, "0.061"), (0.00042, "0.00042"), (0.0, "0.000")]
)
def test_a_loss_keeps_its_first_digits(value: float, text: str) -> None:
    assert shown.loss(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-0.5, "0.0 s"),
        (0.84, "0.8 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.7, "1 h 00 min"),
        (7630, "2 h 07 min"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations_have_two_units_at_most(seconds: float, text: str) -> None:
    assert shown.duration(seconds) == text


@pytest.mark.parametrize(
    ("speed", "text"),
    [(52_317, "52,000 images/s"), (954, "950 images/s"), (10, "10 images/s"), (0.456, "0.46 images/s")],
)
def test_speeds_have_two_digits_that_mean_something(speed: float, text: str) -> None:
    assert shown.speed(speed) == text


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (4_694_000, "4.7 MB"),
        (52_000_000, "52 MB"),
        (999_999_999, "1.0 GB"),
    ],
)
def test_sizes_go_in_steps_of_a_thousand(n_bytes: int, text: str) -> None:
    assert shown.size(n_bytes) == text


def test_counts_agree_with_their_noun() -> None:
    assert shown.count(55_000) == "55,000"
    assert shown.count(1, "image") == "1 image"
    assert shown.count(0, "image") == "0 images"
    assert shown.count(2, "loss", "losses") == "2 losses"


@pytest.mark.parametrize(
    ("then", "text"),
    [
        (datetime(2026, 11, 22, 14, 24, 30), "just now"),
        (datetime(2026, 11, 22, 14, 20), "5 min ago"),
        (datetime(2026, 11, 22, 9, 10), "today 09:10"),
        (datetime(2026, 11, 21, 23, 50), "yesterday 23:50"),
        (datetime(2026, 11, 2, 8, 0), "2 Nov 2026"),
    ],
)
def test_a_moment_is_told_the_shorter_the_longer_ago(then: datetime, text: str) -> None:
    assert shown.moment(then, datetime(2026, 11, 22, 14, 25)) == text


def test_a_wide_interval_is_given_by_its_ends_and_a_narrow_one_by_its_half_width() -> None:
    assert shown.accuracy_range(0.95, Interval(0.764, 0.991)) == "95 % (76 to 99)"
    assert shown.accuracy_range(0.9958, Interval(0.9943, 0.9969)) == "99.58 % ± 0.13"
