"""The model's answer to a picture, and the picture as the model saw it."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import streamlit as st

from mnist_core.figures.palette import FAINT_INK
from mnist_core.types import Prediction
from pages.components.predict import answer_sentence
from pages.components.predict.digit_boxes import with_boxes
from pages.components.predict.film_strip import film_strip
from pages.components.predict.probability_bars import probability_bars
from pages.components.predict.reading import Reading
from pages.components.shared.digits import gallery
from pages.components.shared.frame import both

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
        return
    show_answer(reading.digits[0], key=key, explanation=_explained(reading))
    if told := answer_sentence.left_out(reading.left_out):
        st.info(told, icon=":material/visibility_off:")


def show_way(reading: Reading) -> None:
    """What the model saw, if it read one digit."""
    if not reading.is_number and (seen := reading.digits[0].preprocessed):
        film_strip(seen)


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
    shares, none = answer_sentence.shares_of(prediction)
    probability_bars(shares, meant, none=none, description=answer_sentence.described(prediction))


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


def _explained(reading: Reading) -> str:
    return answer_sentence.explained(can_reject=reading.can_reject, is_calibrated=reading.is_calibrated)


def _say(digits: Sequence[Prediction], *, width: Literal["content", "stretch"] = "stretch") -> None:
    """The answer in large type."""
    text = answer_sentence.read_as(digits)
    is_rejected = not any(digit.is_digit for digit in digits)
    kind, label = ("answer refused", "Not a digit") if is_rejected else ("answer", f"Read as {text}")
    st.html(f'{STYLE}<div class="{kind}" role="status" aria-label="{label}">{text}</div>', width=width)
