"""What is said of a prediction."""

import numpy as np
import pytest

from mnist_core.figures.palette import ACCENT, ON_DARK
from mnist_core.reading.predict import NO_INK
from mnist_core.types import Box, Prediction
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


def test_no_digit_is_the_second_guess_where_it_is_likelier_than_any_other_digit() -> None:
    told = plain(answer_sentence.sentence(prediction(7, 0.98, digit_probability=0.7)))
    assert told == "**98 % sure.** It may not be a digit at all: 30 %."


def test_what_is_not_a_digit_is_told_with_the_guess() -> None:
    told = plain(answer_sentence.sentence(prediction(7, 0.62, is_digit=False, digit_probability=0.1)))
    assert told.startswith("**Probably not a digit.** The nearest is 7. Several digits?")


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
