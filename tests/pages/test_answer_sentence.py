"""What is said of a prediction."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.figures.palette import ACCENT, ON_DARK
from mnist_core.reading.predict import NO_INK
from mnist_core.types import Box, Prediction, Preprocessed
from pages.components.predict import answer_sentence
from pages.components.predict.digit_boxes import with_boxes


def prediction(digit: int, confidence: float, *, is_digit: bool = True, digit_probability: float = 1.0) -> Prediction:
    """The rest of the probability is the next digit's."""
    probabilities = np.zeros(10, np.float32)
    probabilities[digit], probabilities[(digit + 1) % 10] = confidence, 1 - confidence
    return Prediction(is_digit, digit, confidence, probabilities, digit_probability, Box(10, 10, 40, 60))


def plain(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_digit_is_told_with_its_confidence_and_the_second_guess() -> None:
    assert plain(answer_sentence.sentence(prediction(7, 0.93))) == "**93 % sure.** Its second guess is 8, at 7 %."


@pytest.mark.parametrize("digit_probability", [0.7, 0.94])
def test_that_it_may_be_no_digit_is_said_where_it_matters(digit_probability: float) -> None:
    unsure = prediction(7, 0.98, digit_probability=digit_probability)
    shares, none = answer_sentence.shares_of(unsure)
    assert none == pytest.approx(1 - digit_probability)
    told = plain(answer_sentence.sentence(unsure))
    assert told == f"**{100 * shares[7]:.0f} % sure.** It may not be a digit at all: {100 * none:.0f} %."


def test_beside_that_it_is_none_all_eleven_are_one_whole() -> None:
    mixed = np.full(10, 0.03, np.float32)
    mixed[4] = 0.73  # of a model that is sure of the 4, if it is a digit: seven in ten
    shares, none = answer_sentence.shares_of(Prediction(True, 4, 0.73, mixed, 0.7))
    assert none is not None
    assert shares.sum() + none == pytest.approx(1, abs=1e-6)
    assert shares[4] == pytest.approx(0.7, abs=1e-6)


def test_that_it_may_be_no_digit_is_not_worth_a_word_below_one_in_twenty() -> None:
    sure = prediction(7, 0.999, digit_probability=0.995)
    assert plain(answer_sentence.sentence(sure)) == "**99.9 % sure.**"
    assert answer_sentence.shares_of(sure)[1] is None


def test_what_is_not_a_digit_is_told_with_the_guess() -> None:
    told = plain(answer_sentence.sentence(prediction(7, 0.62, is_digit=False, digit_probability=0.1)))
    assert told == "**Probably not a digit.** The nearest is 7."


def test_a_stub_is_told_as_one() -> None:
    seen = Preprocessed(np.zeros((28, 28), np.uint8), Box(0, 0, 9, 12), inverted=False, is_stub=True)
    stub = replace(prediction(0, 0.59, is_digit=False, digit_probability=0.9), preprocessed=seen)
    assert answer_sentence.sentence(stub).startswith("**Too short a stroke to be a digit.**")
    assert answer_sentence.shares_of(stub)[1] is None


@pytest.mark.parametrize(("count", "told"), [(1, "another piece of ink"), (5, "5 more pieces of ink")])
def test_what_was_left_out_is_counted(count: int, told: str) -> None:
    assert answer_sentence.left_out(count).startswith(f"Not read: {told} as large as a digit. ")
    assert answer_sentence.left_out(0) == ""


def test_a_question_mark_stands_where_a_digit_would() -> None:
    digits = [prediction(2, 0.9), prediction(7, 0.6, is_digit=False), NO_INK, prediction(6, 0.8)]
    assert answer_sentence.read_as(digits) == "2?6"
    assert [plain(answer_sentence.caption(digit)) for digit in digits[:2]] == ["2: 90 %", "?\nguess 7"]


@pytest.mark.parametrize(
    ("digits", "told"),
    [
        ([], "no digit found"),
        ([NO_INK], "no digit found"),
        ([prediction(7, 0.6, is_digit=False)], "not a digit · nearest 7"),
        ([prediction(2, 0.9), prediction(7, 0.6, is_digit=False)], "2? · 90 %"),
        ([prediction(2, 0.9), prediction(6, 0.8)], "26 · 80 %"),
    ],
)
def test_a_list_of_pictures_has_a_line_for_each(digits: list[Prediction], told: str) -> None:
    assert answer_sentence.in_short(digits) == told


def test_the_help_promises_calibration_and_refusal_only_of_models_that_have_them() -> None:
    told = answer_sentence.explained(can_reject=True, is_calibrated=True)
    assert "seven" in told
    assert "not a digit" in told
    told = answer_sentence.explained(can_reject=False, is_calibrated=False)
    assert "overconfident" in told
    assert "none of these" in told


def test_a_box_is_a_line_around_a_digit_and_dashes_around_what_is_none() -> None:
    paper = np.zeros((100, 100), np.uint8)
    accent = tuple(bytes.fromhex(ON_DARK[ACCENT][1:]))

    def top_edge(is_digit: bool) -> np.ndarray:
        boxed = np.asarray(with_boxes(paper, [prediction(7, 0.9, is_digit=is_digit)], 1.0))
        return boxed[10, 12:48]

    assert np.all(top_edge(True) == accent)
    drawn = top_edge(False).any(axis=1)
    assert drawn.any()
    assert not drawn.all()
    assert not np.any(np.all(top_edge(False) == accent, axis=1))
