"""Below an answer: was it right, or which digit was it? The labelled picture is kept for fine-tuning."""

import hashlib

import streamlit as st

from mnist_core import paths
from mnist_core.datasets import picture_store
from mnist_core.datasets.handwriting import How
from mnist_core.errors import MnistError
from mnist_core.types import DIGITS
from pages.components.predict.kept import kept_where, remember_kept
from pages.components.predict.reading import Options, Reading
from pages.components.shared import format as fmt
from pages.components.shared import toasts, widgets
from pages.components.shared.labels import plain

STYLE = """
<style>
/* Ten digits in one row of a phone. */
[class*="st-key-was_"] button { padding-inline: 0; min-width: 2.125rem; }
</style>
"""


def offer_correction(reading: Reading, options: Options, *, key: str) -> None:
    """Ask for the true digit; once it is given, say where the picture is kept and offer to undo that."""
    if reading.is_number or reading.digits[0].digit is None:
        return
    picture = _digest(reading)
    path = kept_where(picture)
    if path:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"kept_{key}"):
            st.caption(f"Kept as {path.parent.name} · {_how_many()} in all", width="content")
            st.button("Don't keep it", type="tertiary", on_click=_take_back, args=(picture,), key=f"take_back_{key}",
                      help="Deletes the picture you just kept.")  # fmt: skip
        return
    st.html(STYLE)
    how = How(options.invert, options.threshold)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"correct_{key}"):
        if reading.digits[0].is_digit:
            st.button("Right", icon=":material/check:", on_click=_keep, key=f"right_{key}",
                      args=(reading, how, reading.digits[0].digit),
                      help="Keeps the picture, labelled as this digit, for fine-tuning.")  # fmt: skip
        st.caption("It was a", width="content")
        st.segmented_control("It was a", list(DIGITS), on_change=_correct, args=(reading, how, f"was_{key}"),
                             key=f"was_{key}", label_visibility="collapsed", wrap=True)  # fmt: skip


def _keep(reading: Reading, how: How, label: int) -> None:
    try:
        path = picture_store.keep(paths.handwriting_folder(), reading.picture, label, how=how)
    except MnistError as error:
        toasts.announce(plain(str(error)))
        return
    remember_kept(_digest(reading), path)
    toasts.announce(f"Kept as {label} · {_how_many()} in all")


def _correct(reading: Reading, how: How, key: str) -> None:
    label = widgets.widget_value(key)
    widgets.set_widget(key, None)
    if label is not None:
        _keep(reading, how, label)


def _take_back(picture: str) -> None:
    path = kept_where(picture)
    try:
        if path:
            picture_store.delete([path], paths.handwriting_folder())
    except MnistError as error:
        toasts.announce(plain(str(error)))
        return
    remember_kept(picture, None)
    toasts.announce("Undone: the picture is deleted.")


def _digest(reading: Reading) -> str:
    return hashlib.sha256(reading.picture.tobytes()).hexdigest()


def _how_many() -> str:
    try:
        return fmt.count(sum(picture_store.count_kept(paths.handwriting_folder())), "picture")
    except MnistError:  # the section below says what is wrong with the folder
        return "some pictures"
