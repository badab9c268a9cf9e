"""Uploaded pictures: each with its answer, or the reason why it cannot be read."""

import streamlit as st

from mnist_core.errors import ImageError
from mnist_core.images.decode import ENDINGS, NOT_PICTURES
from mnist_core.runs.run import Run
from pages.components.predict.answer import show_reading, show_way
from pages.components.predict.answer_sentence import in_short
from pages.components.predict.correction import offer_correction
from pages.components.predict.reading import Options, Reading, read_upload
from pages.components.shared import format as fmt
from pages.components.shared.digits import gallery
from pages.components.shared.labels import plain

MOST = 50  # pictures at once; a folder of thousands is for the command line
PREVIEW = 168  # pixels


def show_uploads(run: Run, options: Options) -> None:
    """The upload field and the answers to what is uploaded."""
    files = st.file_uploader(
        "Pictures of digits", [*ENDINGS, *NOT_PICTURES], accept_multiple_files=True, key="uploads",
        help="Photographs, scans or drawings. Nothing leaves this machine.",
    )  # fmt: skip
    if not files:
        st.caption("Dark ink on light paper or light on dark, any size: the digit is found automatically.")
        return
    if len(files) > MOST:
        st.warning(
            f"Only the first {MOST} of {len(files)} pictures are read. "
            "To read more: `python -m mnist_core predict FOLDER`."
        )
    readings: dict[str, Reading] = {}
    unread: list[str] = []
    with st.spinner(f"Reading {fmt.count(min(len(files), MOST), 'picture')} …"):
        for number, file in enumerate(files[:MOST], start=1):
            try:
                readings[f"{number}. {file.name}"] = read_upload(run, file.getvalue(), options)
            except ImageError as error:
                unread.append(f"**{plain(file.name)}**: {plain(str(error))}")
    if unread:
        st.error(unread[0] if len(unread) == 1 else "\n".join(f"- {sentence}" for sentence in unread))
    if not readings:
        return
    if len(readings) == 1:
        [chosen] = readings
    else:
        gallery(
            [reading.picture for reading in readings.values()],
            [f"{name}\n{in_short(reading.digits)}" for name, reading in readings.items()],
            side=PREVIEW // 2,
        )
        chosen = st.selectbox("Take a closer look at", list(readings), key="closer_upload")
    _closer(readings[chosen], chosen, options)


def _closer(reading: Reading, name: str, options: Options) -> None:
    left, right = st.columns([2, 3], gap="large")
    with left:
        gallery([reading.picture], [name], side=PREVIEW)
    with right:
        show_reading(reading, key="upload_probabilities")
        offer_correction(reading, options, key="uploaded")
    show_way(reading)
