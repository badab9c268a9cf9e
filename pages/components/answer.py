"""What the model answers to a picture, and what it saw of it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st
from PIL import Image, ImageDraw

from mnist_core.figures import probabilities_figure
from mnist_core.palette import ACCENT
from mnist_core.records import Prediction, Preprocessed
from pages.components import format as fmt
from pages.components.digits import gallery
from pages.components.plotly_view import plotly_view

STRIP_SIDE = 84  # pixels: three to one of 28, and all steps in one row of a laptop's screen
STYLE = """
<style>
.answer { font-family: "Source Serif", Georgia, serif; font-size: 5.5rem; font-weight: 600; line-height: 1;
  overflow-wrap: anywhere; font-variant-numeric: lining-nums; }
</style>
"""
BOX_SHARE = 150  # a box's line is this part of the picture's longer side


def show_answer(prediction: Prediction, *, key: str) -> None:
    """The digit, how sure the model is, and all ten probabilities."""
    if prediction.digit is None:
        st.subheader("No ink to read", anchor=False)
        st.write("The picture holds nothing that stands out from its ground. Draw thicker, or choose another picture.")
        return
    order = np.argsort(-prediction.probabilities)
    second = f"Its second guess is {order[1]} with {fmt.confidence(float(prediction.probabilities[order[1]]))}."
    _say(str(prediction.digit))
    st.markdown(
        f"**{fmt.confidence(prediction.confidence)} sure.** {second}",
        help="The network's own probability, a softmax over ten digits. "
        "It knows no “none of these”, so a letter gets a digit too.",
    )
    plotly_view(
        probabilities_figure(prediction.probabilities, prediction.digit),
        key=key,
        description=f"Probabilities of the ten digits; {prediction.digit} has {fmt.confidence(prediction.confidence)}.",
    )


def show_number(picture: np.ndarray, digits: Sequence[Prediction]) -> None:
    """Several digits: their boxes on the picture, and each with its confidence."""
    if not digits:
        st.subheader("No digits found", anchor=False)
        return
    text = "".join(str(digit.digit) for digit in digits)
    _say(text)
    st.image(
        _with_boxes(picture, digits),
        alt=f"The picture with a box around each of {len(digits)} digits.",
        width="stretch",
    )
    gallery(
        [digit.preprocessed.image for digit in digits if digit.preprocessed],
        [f"{digit.digit}: {fmt.confidence(digit.confidence)}" for digit in digits],
        side=56,
    )


def show_steps(preprocessed: Preprocessed) -> None:
    """The way from the picture to the 28 × 28 pixels that the model saw, step by step."""
    st.subheader("What the model saw", anchor=False, help="A network reads only what looks like its training images.")
    steps = preprocessed.steps
    gallery(
        [step.image for step in steps],
        [f"{number}. {step.name}" for number, step in enumerate(steps, start=1)],
        alts=[step.explanation for step in steps],
        side=STRIP_SIDE,
    )
    with st.expander("What happened at each step"):
        st.markdown("\n".join(f"{n}. **{step.name}**: {step.explanation}" for n, step in enumerate(steps, start=1)))


def _say(text: str) -> None:
    """The answer, as large as what was drawn."""
    st.html(f'{STYLE}<div class="answer" role="status" aria-label="Read as {text}">{text}</div>')


def _with_boxes(picture: np.ndarray, digits: Sequence[Prediction]) -> Image.Image:
    image = Image.fromarray(picture).convert("RGB")
    draw = ImageDraw.Draw(image)
    width = max(1, max(image.size) // BOX_SHARE)
    for digit in digits:
        if digit.box:
            box = digit.box
            draw.rectangle((box.left, box.top, box.left + box.width, box.top + box.height), outline=ACCENT, width=width)
    return image
