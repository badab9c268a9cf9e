"""The model's answer to a picture, and the picture as the model saw it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import streamlit as st

from mnist_core.figures.palette import FAINT_INK
from mnist_core.images.preprocess import SIDE
from mnist_core.types import Prediction, Preprocessed, Step
from pages.components.predict import answer_sentence
from pages.components.predict.digit_boxes import with_boxes
from pages.components.predict.probability_bars import probability_bars
from pages.components.predict.reading import Reading
from pages.components.shared.digits import gallery
from pages.components.shared.frame import both

STRIP_SIDE = 84  # pixels: three to one of 28, and all steps in one row of a laptop's screen
STYLE = f"""
<style>
.answer {{ font-family: "Source Serif", Georgia, serif; font-size: 5.5rem; font-weight: 600; line-height: 1;
  overflow-wrap: anywhere; font-variant-numeric: lining-nums; min-width: 3.25rem; }}
.answer.refused {{ color: {both(FAINT_INK)}; }}
/* Digit and sentence stand side by side and are as high with one line as with three: nothing below them moves. */
[class*="st-key-say_"] {{ min-height: 5.5rem; }}
</style>
"""
MIN_WIDTH = 280  # pixels, of a picture with boxes on the screen


def show_reading(reading: Reading, *, key: str) -> None:
    """What was read in a picture: one digit or several."""
    if reading.is_number:
        show_number(reading.picture, reading.digits, scale=reading.scale)
    else:
        show_answer(reading.digits[0], key=key, explanation=_explained(reading))


def show_way(reading: Reading) -> None:
    """What the model saw, if it read one digit."""
    if not reading.is_number and (seen := reading.digits[0].preprocessed):
        show_steps(seen)


def show_answer(prediction: Prediction, *, key: str, explanation: str) -> None:
    """The digit or a rejection, how sure the model is, and all ten probabilities.

    Args:
        explanation: how to interpret the confidence.
    """
    if prediction.digit is None:
        st.subheader("No ink to read", anchor=False)
        st.write("Nothing in the picture stands out from the background. Draw thicker, or choose another picture.")
        return
    with st.container(key=f"say_{key}", horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        _say([prediction], width="content")
        st.markdown(answer_sentence.sentence(prediction), help=explanation)
    meant = prediction.digit if prediction.is_digit else None
    probability_bars(prediction.probabilities, meant, description=answer_sentence.described(prediction))


def show_number(picture: np.ndarray, digits: Sequence[Prediction], *, scale: float = 1) -> None:
    """Several digits: their boxes on the picture, and each with its confidence.

    Args:
        scale: of `picture` to the one in which the boxes were found.
    """
    if not digits:
        st.subheader("No digits found", anchor=False)
        st.write("Nothing in the picture stands out from the background like a digit.")
        return
    _say(digits)
    st.image(
        with_boxes(picture, digits, scale),
        alt=f"The picture with a box around each of {len(digits)} digits.",
        width=max(picture.shape[1], MIN_WIDTH),
    )
    gallery(
        [digit.preprocessed.image for digit in digits if digit.preprocessed],
        [answer_sentence.caption(digit) for digit in digits if digit.preprocessed],
        side=56,
    )


def show_steps(preprocessed: Preprocessed) -> None:
    """The preprocessing steps from the picture to the 28 × 28 pixels that the model saw."""
    st.subheader(
        "What the model saw", anchor=False, help="A network can only read what looks like its training images."
    )
    steps = _that_changed_it(preprocessed.steps)
    gallery(
        [_at_one_scale(step.image) for step in steps],
        [f"{number}. {step.name}" for number, step in enumerate(steps, start=1)],
        alts=[step.explanation for step in steps],
        side=STRIP_SIDE,
    )
    with st.expander("What happened at each step"):
        st.markdown("\n".join(f"{n}. **{step.name}**: {step.explanation}" for n, step in enumerate(steps, start=1)))


def _that_changed_it(steps: Sequence[Step]) -> list[Step]:
    """Leave out steps after which the picture is as it was before: a drawing needs no threshold."""
    changed = [after for before, after in pairwise(steps) if not np.array_equal(before.image, after.image)]
    return [*steps[:1], *changed]


def _at_one_scale(image: np.ndarray) -> np.ndarray:
    """Centre an image smaller than the network's input on a sheet of that size, so that pixels are equally large."""
    if max(image.shape[:2]) >= SIDE or image.ndim == 3:
        return image
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    height, width = image.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    sheet[top : top + height, left : left + width] = image
    return sheet


def _explained(reading: Reading) -> str:
    return answer_sentence.explained(can_reject=reading.can_reject, is_calibrated=reading.is_calibrated)


def _say(digits: Sequence[Prediction], *, width: Literal["content", "stretch"] = "stretch") -> None:
    """The answer in large type."""
    text = answer_sentence.read_as(digits)
    is_rejected = not any(digit.is_digit for digit in digits)
    kind, label = ("answer refused", "Not a digit") if is_rejected else ("answer", f"Read as {text}")
    st.html(f'{STYLE}<div class="{kind}" role="status" aria-label="{label}">{text}</div>', width=width)
