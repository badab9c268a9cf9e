"""One image of an evaluated split, large: all ten probabilities, where it comes from, and the way to the canvas."""

import numpy as np
import streamlit as st

from mnist_core.datasets import registry
from mnist_core.datasets.registry import DATASETS
from mnist_core.figures.palette import ERROR
from mnist_core.runs.run import Run
from mnist_core.types import Evaluation
from pages.components.predict.probability_bars import probability_bars
from pages.components.shared import address
from pages.components.shared import format as fmt
from pages.components.shared.canvas import SIDE
from pages.components.shared.copy_link import copy_link
from pages.components.shared.digits import STYLE, picture_html
from pages.components.shared.frame import both, page
from pages.components.shared.pad import current_pad
from pages.components.shared.reliable_button import button

LARGE = 8 * 28  # pixels
LOOK = f"""
<style>
.st-key-opened .digit-frame {{ margin-bottom: 0.5rem; }}
.st-key-opened_row {{ align-items: flex-start; }}
.st-key-opened_bars {{ min-width: min(100%, 18rem); max-width: 44rem; }}
.st-key-opened_bars .bars {{ margin-top: 1.25rem; }}
.opened-wrong {{ color: {both(ERROR)}; }}
</style>
"""


def show_opened(run: Run, evaluation: Evaluation, images: np.ndarray, index: int, among: np.ndarray) -> None:
    """The image, in place of the gallery that it was opened from.

    Args:
        images: (N, 28, 28) uint8, of the whole split.
        index: of the image in the split.
        among: (K,) int, the indices that previous and next go through, in order.
    """
    row, label = evaluation.probabilities[index], int(evaluation.labels[index])
    prediction = int(evaluation.predictions[index])
    with st.container(key="opened"):
        _steps(index, among)
        with st.container(key="opened_row", horizontal=True, gap="medium"):
            st.html(f"{STYLE}{LOOK}{picture_html(images[index], f'a handwritten {label}', LARGE)}", width=LARGE)
            with st.container(key="opened_bars"):
                st.markdown(_said(label, prediction, row))
                probability_bars(row, prediction, description=_described(label, prediction, row))
        st.caption(
            f"Image {index} of the {fmt.count(evaluation.n)} {evaluation.split} images of {_source(run, evaluation)}."
        )
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if press := button("Take it to the canvas", icon=":material/draw:", key="to_canvas"):
                with press:
                    current_pad().lay(images[index], SIDE)
                st.switch_page(page("predict"))
            copy_link("Copy link", key="opened_link")


def _steps(index: int, among: np.ndarray) -> None:
    """Back to all images, and one on or back; the arrow keys do the same."""
    [places] = np.nonzero(among == index)
    place = int(places[0]) if len(places) else None
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.button("All images", icon=":material/arrow_back:", key="close_image", shortcut="Esc",
                  on_click=address.open_image, args=(None,), type="tertiary")  # fmt: skip
        st.space("stretch")
        if place is not None:
            st.caption(f"{place + 1} of {len(among)}", width="content")
        _step("Previous", ":material/chevron_left:", "Left", among, None if place is None else place - 1)
        _step("Next", ":material/chevron_right:", "Right", among, None if place is None else place + 1)


def _step(label: str, icon: str, shortcut: str, among: np.ndarray, place: int | None) -> None:
    is_there = place is not None and 0 <= place < len(among)
    st.button(
        label, icon=icon, key=f"image_{label.lower()}", shortcut=shortcut, disabled=not is_there,
        on_click=address.open_image, args=(int(among[place]) if place is not None and is_there else None,),
    )  # fmt: skip


def _said(label: int, prediction: int, row: np.ndarray) -> str:
    if label == prediction:
        return f"**A {label}, read correctly**, {fmt.confidence(float(row[prediction]))} sure."
    return (
        f"**A {label}, read as {prediction}**, {fmt.confidence(float(row[prediction]))} sure. "
        f"The {label} has {fmt.confidence(float(row[label]))}."
    )


def _described(label: int, prediction: int, row: np.ndarray) -> str:
    return (
        f"The ten probabilities of a handwritten {label}, read as {prediction}; "
        f"{prediction} has {fmt.confidence(float(row[prediction]))}."
    )


def _source(run: Run, evaluation: Evaluation) -> str:
    source = registry.source_of(run.dataset, evaluation.split)
    return DATASETS.label(source) if source in DATASETS else source
