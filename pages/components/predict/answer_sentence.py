"""A prediction in words: the digit and how sure the model is, or that it is not a digit."""

from collections.abc import Sequence

import numpy as np

from mnist_core.types import Prediction
from pages.components.shared import format as fmt

REFUSED = "?"  # stands where a digit would
MIN_DOUBT = 0.05  # that it is no digit: less is not worth a word
MIN_TOLD = 0.005  # of a second guess: less is shown as 0 %
CALIBRATED = (
    "“70 %” means that at least seven in ten such answers are right: the network's probabilities were calibrated, on "
    "the cautious side, on images that it was not trained on."
)
NOT_CALIBRATED = "The network's own probability, a softmax over ten digits; it tends to be overconfident."
CAN_REJECT = "It can also answer “not a digit”."
CANNOT_REJECT = "It has no “none of these”, so even a letter is read as a digit."


def explained(*, can_reject: bool, is_calibrated: bool) -> str:
    """How to interpret a model's confidence."""
    return f"{CALIBRATED if is_calibrated else NOT_CALIBRATED} {CAN_REJECT if can_reject else CANNOT_REJECT}"


def read_as(digits: Sequence[Prediction]) -> str:
    """All that was read, in order: `7`, `2026`, with `?` for a rejection."""
    return "".join(str(p.digit) if p.is_digit else REFUSED for p in digits if p.digit is not None)


def sentence(prediction: Prediction) -> str:
    """How sure the model is and what else it might be, or that it is not a digit; Markdown."""
    if prediction.preprocessed and prediction.preprocessed.is_stub:
        return "**Too short a stroke to be a digit.** Draw it larger, or upload a closer picture."
    if not prediction.is_digit:
        return f"**Probably not a digit.** The nearest is {prediction.digit}."
    shares, none = shares_of(prediction)
    sure = f"**{_unbroken(float(shares[prediction.digit]))} sure.**"
    if none is not None:
        return f"{sure} It may not be a digit at all: {_unbroken(none)}."
    order = np.argsort(-prediction.probabilities)
    second = float(prediction.probabilities[order[1]])
    return f"{sure} Its second guess is {order[1]}, at {_unbroken(second)}." if second >= MIN_TOLD else sure


def shares_of(prediction: Prediction) -> tuple[np.ndarray, float | None]:
    """What the bars show: (10,) the digits' probabilities, and that it is none of them where that matters.

    A prediction's own ten say which digit it is if it is one; in so far as it may be none, each is as good a guess as
    any other. Beside an eleventh that part is taken off, so that all are one whole.
    """
    none = 1 - prediction.digit_probability
    if none < MIN_DOUBT or (prediction.preprocessed and prediction.preprocessed.is_stub):
        return prediction.probabilities, None
    return np.maximum(prediction.probabilities - none / len(prediction.probabilities), 0), none


def left_out(count: int) -> str:
    """What was not read beside one digit; empty where nothing was."""
    if not count:
        return ""
    more = "another piece of ink" if count == 1 else f"{count} more pieces of ink"
    return f"Not read: {more} as large as a digit. Choose **Several** under *Digits in a picture* to read all."


def caption(prediction: Prediction) -> str:
    """`7: 93 %`, and for what is not a digit `?` with the guess below it."""
    if not prediction.is_digit:
        return f"{REFUSED}\nguess {prediction.digit}"
    return f"{prediction.digit}: {_unbroken(prediction.confidence)}"


def in_short(digits: Sequence[Prediction]) -> str:
    """One line for a list of pictures."""
    with_ink = [p for p in digits if p.digit is not None]
    if not with_ink:
        return "no digit found"
    if len(with_ink) == 1 and not with_ink[0].is_digit:
        return f"not a digit · nearest {with_ink[0].digit}"
    read = [p for p in with_ink if p.is_digit]
    sure = f" · {fmt.confidence(min(p.confidence for p in read))}" if read else ""
    return read_as(with_ink) + sure


def described(prediction: Prediction) -> str:
    """The text alternative of the bars."""
    return f"Probabilities of the ten digits; {prediction.digit} has {fmt.confidence(prediction.confidence)}."


def _unbroken(probability: float) -> str:
    """A confidence that stays on one line."""
    return fmt.confidence(probability).replace(" ", "\N{NO-BREAK SPACE}")
