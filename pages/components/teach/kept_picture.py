"""One kept picture, large: what the model reads in it, and which digit it is."""

import streamlit as st

from mnist_core import paths
from mnist_core.datasets import picture_store
from mnist_core.datasets.picture_store import Kept
from mnist_core.errors import MnistError
from mnist_core.runs.run import Run
from mnist_core.types import DIGITS, NOT_A_DIGIT, Prediction
from pages.components.predict import answer_sentence
from pages.components.predict.probability_bars import probability_bars
from pages.components.shared import toasts, widgets
from pages.components.shared.digits import gallery
from pages.components.shared.labels import plain

LARGE = 196  # pixels a side: seven to one of 28
STYLE = """
<style>
.st-key-relabel button { min-width: 2.25rem; padding-inline: 0.625rem; }
</style>
"""


def label_name(label: int) -> str:
    return "not a digit" if label == NOT_A_DIGIT else str(label)


def is_right(label: int, read: Prediction) -> bool:
    """Whether what was read is what the picture is kept as."""
    return not read.is_digit if label == NOT_A_DIGIT else read.is_digit and read.digit == label


def read_in_short(read: Prediction) -> str:
    """`7 · 93 %` or `no digit`."""
    return answer_sentence.in_short([read]) if read.is_digit else "no digit"


@st.dialog("Your picture", on_dismiss="rerun")
def open_picture(run: Run, picture: Kept, read: Prediction) -> None:
    """Show it, and let it be kept as another digit or as none."""
    assert picture.image is not None
    st.html(STYLE)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        with st.container(width=LARGE):
            gallery([picture.image], [""], alts=[f"Your {label_name(picture.label)}, large"], side=LARGE)
        with st.container(width=220):
            st.write(f"Kept as **{label_name(picture.label)}**; {plain(run.title)} reads it as "
                     f"**{read_in_short(read)}**.")  # fmt: skip
            st.caption(plain(picture.path.name))
    st.pills(
        "It is", [*DIGITS, NOT_A_DIGIT], default=picture.label, key="relabel", wrap=True, required=True,
        format_func=lambda label: label_name(label).capitalize(),
        help="Models learn from digits only. How many of the pictures kept as “not a digit” a model rejects is said "
        "below the pictures.",
    )  # fmt: skip
    probability_bars(
        read.probabilities, read.digit if read.is_digit else None, description=answer_sentence.described(read)
    )
    if st.button("Save", type="primary", key="save_label", on_click=_relabel, args=(picture,)):
        st.rerun()


def _relabel(picture: Kept) -> None:
    label = widgets.widget_value("relabel")
    try:
        picture_store.relabel(picture.path, label, paths.handwriting_folder())
    except MnistError as error:
        toasts.announce(plain(str(error)))
        return
    if label != picture.label:
        toasts.announce(f"Kept as {label_name(label)} now.")
