"""What the model answers to a picture, and what it saw of it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from mnist_core.figures import probabilities_figure
from mnist_core.palette import ACCENT, ON_DARK
from mnist_core.preprocess import SIDE
from mnist_core.records import Prediction, Preprocessed, Step
from pages.components import format as fmt
from pages.components.digits import gallery
from pages.components.plotly_view import plotly_view
from pages.components.reading import Reading

STRIP_SIDE = 84  # pixels: three to one of 28, and all steps in one row of a laptop's screen
STYLE = """
<style>
.answer { font-family: "Source Serif", Georgia, serif; font-size: 5.5rem; font-weight: 600; line-height: 1;
  overflow-wrap: anywhere; font-variant-numeric: lining-nums; min-width: 3.25rem; }
/* Digit and sentence stand side by side and are as high with one line as with three: nothing below them moves. */
[class*="st-key-say_"] { min-height: 5.5rem; }
</style>
"""
BOX_SHARE = 150  # a box's line is this part of the picture's longer side
LEAST_WIDTH = 280  # pixels, of a picture with boxes on the screen


def show_reading(reading: Reading, *, key: str) -> None:
    """What was read in a picture: one digit or several."""
    if reading.is_number:
        show_number(reading.picture, reading.digits, scale=reading.scale)
    else:
        show_answer(reading.digits[0], key=key)


def show_way(reading: Reading) -> None:
    """What the model saw, if it read one digit."""
    if not reading.is_number and (seen := reading.digits[0].preprocessed):
        show_steps(seen)


def show_answer(prediction: Prediction, *, key: str) -> None:
    """The digit, how sure the model is, and all ten probabilities."""
    if prediction.digit is None:
        st.subheader("No ink to read", anchor=False)
        st.write("The picture holds nothing that stands out from its ground. Draw thicker, or choose another picture.")
        return
    order = np.argsort(-prediction.probabilities)
    second = f"Its second guess is {order[1]} with {_unbroken(float(prediction.probabilities[order[1]]))}."
    with st.container(key=f"say_{key}", horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
        _say(str(prediction.digit), width="content")
        st.markdown(
            f"**{_unbroken(prediction.confidence)} sure.** {second}",
            help="The network's own probability, a softmax over ten digits. "
            "It knows no “none of these”, so a letter gets a digit too.",
        )
    plotly_view(
        probabilities_figure(prediction.probabilities, prediction.digit),
        key=key,
        description=f"Probabilities of the ten digits; {prediction.digit} has {fmt.confidence(prediction.confidence)}.",
    )


def show_number(picture: np.ndarray, digits: Sequence[Prediction], *, scale: float = 1) -> None:
    """Several digits: their boxes on the picture, and each with its confidence.

    Args:
        scale: of `picture` to the one in which the boxes were found.
    """
    if not digits:
        st.subheader("No digits found", anchor=False)
        st.write("The picture holds nothing that stands out from its ground like a digit.")
        return
    text = "".join(str(digit.digit) for digit in digits)
    _say(text)
    st.image(
        _with_boxes(picture, digits, scale),
        alt=f"The picture with a box around each of {len(digits)} digits.",
        width=max(picture.shape[1], LEAST_WIDTH),
    )
    gallery(
        [digit.preprocessed.image for digit in digits if digit.preprocessed],
        [f"{digit.digit}: {fmt.confidence(digit.confidence)}" for digit in digits],
        side=56,
    )


def show_steps(preprocessed: Preprocessed) -> None:
    """The way from the picture to the 28 × 28 pixels that the model saw, step by step."""
    st.subheader("What the model saw", anchor=False, help="A network reads only what looks like its training images.")
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
    """Lay what is smaller than the network's input in the middle of as many pixels, so that one is as large in both."""
    if max(image.shape[:2]) >= SIDE or image.ndim == 3:
        return image
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    height, width = image.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    sheet[top : top + height, left : left + width] = image
    return sheet


def _unbroken(probability: float) -> str:
    """A confidence that stays on one line."""
    return fmt.confidence(probability).replace(" ", "\N{NO-BREAK SPACE}")


def _say(text: str, *, width: Literal["content", "stretch"] = "stretch") -> None:
    """The answer, as large as what was drawn."""
    st.html(f'{STYLE}<div class="answer" role="status" aria-label="Read as {text}">{text}</div>', width=width)


def _with_boxes(picture: np.ndarray, digits: Sequence[Prediction], scale: float) -> Image.Image:
    image = Image.fromarray(picture).convert("RGB")
    draw = ImageDraw.Draw(image)
    width = max(2, max(image.size) // BOX_SHARE)
    for digit in digits:
        if digit.box:
            left, top = digit.box.left * scale, digit.box.top * scale
            right, bottom = left + digit.box.width * scale, top + digit.box.height * scale
            draw.rectangle((left, top, right, bottom), outline=ON_DARK[ACCENT], width=width)
    return image
