"""Draw a digit, and see it read with every stroke: on the Predict page, and on the first page at once."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.errors import MnistError
from mnist_core.runs.run import Run
from pages.components.predict.answer import show_reading, show_way
from pages.components.predict.correction import offer_correction
from pages.components.predict.reading import Options, Reading, read
from pages.components.shared import toasts
from pages.components.shared.cached import model_of
from pages.components.shared.canvas import FINE_PEN, PEN, SIDE, drawing_pad
from pages.components.shared.digits import strip
from pages.components.shared.labels import plain
from pages.components.shared.pad import current_pad

EXAMPLES = "One handwritten example of each digit from 0 to 9."
STYLE = """
<style>
/* Beside the pad there is room for the answer, or else below it; nothing below moves when it comes. */
.st-key-draw_answer { min-width: min(100%, 20rem); max-width: 44rem; min-height: 22.25rem; }
</style>
"""
INVITATIONS = {
    "auto": "Draw a digit from 0 to 9, as large as you like, or several side by side.",
    "one": "Draw one digit from 0 to 9, as large as you like.",
    "many": "Draw several digits side by side, not touching.",
}


@st.fragment
def draw(run: Run, options: Options) -> None:
    """Pad and answer, and below them how the drawing became what the network saw.

    A stroke reruns only this fragment, so errors are shown here and not by the page around it.
    """
    picture, place = _pad_and_place(options)
    reading = None
    with place:
        try:
            if picture is None:
                st.write(INVITATIONS[options.how_many])
                model_of(run)  # loaded, or found damaged, while the pen is picked up
            else:
                reading = _answer(run, picture, options)
                if not current_pad().holds_image:  # what lies there from a data set is nobody's handwriting
                    offer_correction(reading, options.for_canvas(), key="drawn")
        except MnistError as error:
            st.error(plain(str(error)))
    if reading is not None:
        show_way(reading)
    if toasts.has_news():
        st.rerun()  # the page tells it


@st.fragment
def draw_at_once(run: Run, invitation: str, examples: np.ndarray | None) -> None:
    """Pad and answer alone, the drawing the same as on the Predict page. The model is loaded for the first stroke.

    Args:
        invitation: Markdown, where the answer will stand.
        examples: (N, 28, 28) uint8, digits to show below it; None where there are none.
    """
    picture, place = _pad_and_place(Options())
    with place:
        if picture is None:
            st.markdown(invitation)
            if examples is not None:
                st.caption("Digits of MNIST look like this:")
                strip(examples, EXAMPLES)
            return
        try:
            _answer(run, picture, Options())
        except MnistError as error:
            st.error(plain(str(error)))


def _pad_and_place(options: Options) -> tuple[np.ndarray | None, DeltaGenerator]:
    """What is drawn on the pad, and where the answer to it is to stand."""
    st.html(STYLE)
    with st.container(key="draw_row", horizontal=True, gap="medium"):
        left, right = st.container(width=SIDE), st.container(key="draw_answer")
    with left:
        picture = drawing_pad(pen=FINE_PEN if options.how_many == "many" else PEN)
    return picture, right


def _answer(run: Run, picture: np.ndarray, options: Options) -> Reading:
    reading = read(run, picture, options.for_canvas())
    show_reading(reading, key="draw_probabilities")
    return reading
