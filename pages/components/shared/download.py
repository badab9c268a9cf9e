"""Data sets downloaded or drawn from within a page."""

from typing import assert_never

import streamlit as st

from mnist_core.datasets import download
from mnist_core.datasets.registry import DATASETS, is_available
from mnist_core.datasets.synthetic import build
from mnist_core.errors import DatasetError
from pages.components.shared import format as fmt
from pages.components.shared.frame import page
from pages.components.shared.labels import plain
from pages.components.shared.reliable_button import button


def offer_dataset(name: str) -> None:
    """Say that a data set is missing and offer to get it, after those it depends on."""
    source = DATASETS[name]
    if source.needs and not is_available(source.needs):
        offer_dataset(source.needs)
        return
    match source.way:
        case "download":
            _offer_download()
        case "draw":
            _offer_drawing()
        case "write":
            st.info(f"“{source.label}” is not on this machine: it is {source.description}")
            st.page_link(page("predict"), label="Write some digits", icon=":material/draw:")
        case "comes along":
            raise AssertionError(f"{name} is always here")
        case _:
            assert_never(source.way)


def _offer_download() -> None:
    """Say that MNIST is missing and offer to download it, with progress on screen."""
    st.info("MNIST is not on this machine yet. It is downloaded once (11.6 MB); after that, everything works offline.")
    press = button("Download MNIST", type="primary", width="stretch", icon=":material/download:", key="download_mnist")
    if not press:
        return
    bar = st.progress(0.0, "Connecting …")

    def on_progress(done: int, total: int) -> None:
        bar.progress(done / total, f"{fmt.size(done)} of {fmt.size(total)}")

    try:
        with press:
            download.download(on_progress=on_progress)
    except DatasetError as error:
        bar.empty()
        st.error(plain(str(error)))
        return
    st.rerun()


def _offer_drawing() -> None:
    """Say that the images beyond MNIST have not been drawn yet, and offer to draw them."""
    st.info(
        "MNIST is here. The images added to it are drawn once, in a minute or two: digits as people in other countries "
        "write them, letters and scribbles."
    )
    press = button("Draw them", type="primary", width="stretch", icon=":material/draw:", key="draw_others")
    if not press:
        return
    bar = st.progress(0.0, "Starting …")

    def on_progress(done: int, total: int) -> None:
        bar.progress(done / total, f"{done:,} of {total:,} pictures")

    try:
        with press:
            build.build(on_progress=on_progress)
    except DatasetError as error:
        bar.empty()
        st.error(plain(str(error)))
        return
    st.rerun()
