"""The images behind a cell of the confusion matrix, or all mistakes."""

import numpy as np
import streamlit as st

from mnist_core.datasets import registry
from mnist_core.errors import CheckpointError, DatasetError
from mnist_core.runs import evaluations
from mnist_core.runs.run import Run
from mnist_core.statistics.confusion_matrix import most_confident_mistakes
from mnist_core.types import Evaluation
from pages.components.evaluate.opened_image import show_opened
from pages.components.shared import address
from pages.components.shared import format as fmt
from pages.components.shared.digits import gallery
from pages.components.shared.download import offer_dataset
from pages.components.shared.labels import plain
from pages.components.shared.opening import opening

A_PAGE = 12  # images at a time
STYLE = """
<style>
.st-key-images_heading { min-height: 2.75rem; }
.st-key-images_heading [data-testid=stHeading] * { padding-block: 0; margin-block: 0; }
</style>
"""

Cell = tuple[int, int]  # (true label, predicted label)


def show_images(run: Run, evaluation: Evaluation, cell: Cell | None) -> None:
    """The images behind a cell, or all mistakes where no cell is chosen; or the one that is open."""
    _heading(cell)
    chosen = _behind(evaluation, cell)
    opened = address.opened_image()
    if opened is not None and opened >= evaluation.n:
        opened = None
    if opened is None:
        st.caption(_summary(evaluation, cell, len(chosen)))
    images = _images(run, evaluation) if len(chosen) or opened is not None else None
    if images is None:
        return
    if opened is not None:
        show_opened(run, evaluation, images, opened, chosen)
    else:
        _gallery(run, evaluation, images, chosen, cell)


def _gallery(run: Run, evaluation: Evaluation, images: np.ndarray, chosen: np.ndarray, cell: Cell | None) -> None:
    which = f"{run.run_id}_{evaluation.split}_{cell}"  # another choice begins on its first page
    pages = -(-len(chosen) // A_PAGE)
    page_shown = st.pagination(pages, key=f"images_{which}") if pages > 1 else 1
    shown = chosen[(page_shown - 1) * A_PAGE : page_shown * A_PAGE]
    with st.container(key="behind"):
        gallery(
            images[shown],
            [_caption(evaluation, index) for index in shown],
            alts=[_alt(evaluation, index) for index in shown],
            opens=shown.tolist(),
        )
        opening("behind", lambda index: _open(run, cell, index))


def _open(run: Run, cell: Cell | None, index: int) -> None:
    address.choose_run(run.run_id)  # so that the address names the run that read it
    address.choose_cell(cell)
    address.open_image(index)


def _heading(cell: Cell | None) -> None:
    """What is shown; as high with the way back as without it, so that nothing below it jumps."""
    title = "What it gets wrong"
    if cell is not None:
        title = f"{cell[0]} read correctly" if cell[0] == cell[1] else f"{cell[0]} read as {cell[1]}"
    st.html(STYLE)
    with st.container(key="images_heading", horizontal=True, gap="small", vertical_alignment="center"):
        st.subheader(title, anchor=False, width="content")
        if cell is not None:
            st.button(
                "All mistakes",
                icon=":material/close:",
                type="tertiary",
                key="clear_cell",
                on_click=address.choose_cell,
                args=(None,),
            )


def _behind(evaluation: Evaluation, cell: Cell | None) -> np.ndarray:
    """(K,) int64 indices into the split: mistakes most confident first, correct answers least confident first."""
    if cell is None:
        return most_confident_mistakes(evaluation)
    chosen = np.flatnonzero((evaluation.labels == cell[0]) & (evaluation.predictions == cell[1]))
    confidence = evaluation.probabilities[chosen].max(axis=1)
    are_right = cell[0] == cell[1]
    return chosen[np.argsort(confidence if are_right else -confidence, kind="stable")]


def _summary(evaluation: Evaluation, cell: Cell | None, count: int) -> str:
    if cell is None:
        if not count:
            return "Nothing: every image was read correctly."
        return "The most confident mistakes first."
    true, predicted = cell
    total = int(np.sum(evaluation.labels == true))
    if not count:
        return f"None of the {fmt.count(total, 'image')} of a {true}."
    found = f"{fmt.count(count)} of the {fmt.count(total, 'image')} of a {true} ({fmt.percent(count / total)})"
    return f"{found}, the {'least' if true == predicted else 'most'} confident first."


def _images(run: Run, evaluation: Evaluation) -> np.ndarray | None:
    """(N, 28, 28) uint8, those of the whole split; None where they cannot be shown, and then it says why."""
    if not registry.is_available(registry.source_of(run.dataset, evaluation.split)):
        offer_dataset(registry.source_of(run.dataset, evaluation.split))
        return None
    try:
        with st.spinner("Opening the images …"):
            return evaluations.read_split(run, evaluation.split).images
    except DatasetError as error:
        st.info(f"The images themselves cannot be shown: {plain(str(error))}")
    except CheckpointError:
        st.info("The images themselves cannot be shown: the data set on this machine is not the one this run used.")
    return None


def _caption(evaluation: Evaluation, index: int) -> str:
    row, true, predicted = evaluation.probabilities[index], evaluation.labels[index], evaluation.predictions[index]
    if true == predicted:
        return f"{predicted}: {fmt.confidence(row[predicted])}"
    return f"read {predicted}: {fmt.confidence(row[predicted])}\ntrue {true}: {fmt.confidence(row[true])}"


def _alt(evaluation: Evaluation, index: int) -> str:
    return f"a handwritten {evaluation.labels[index]}, read as {evaluation.predictions[index]}"
