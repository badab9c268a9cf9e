"""A picture read by the chosen run with the chosen options."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
import streamlit as st
from PIL import Image

from mnist_core.images.decode import read_picture
from mnist_core.runs.run import Run
from mnist_core.types import Prediction
from pages.components.shared.cached import model_at, model_of, weights_stamp

if TYPE_CHECKING:
    from mnist_core.images.ink import Invert
    from mnist_core.images.preprocess import Threshold
    from mnist_core.reading.one_or_several import HowMany

INVERTS: "dict[Invert, str]" = {"auto": "Detect", "yes": "Dark ink on light", "no": "Light ink on dark"}
KEPT_SIDE, KEPT_PAGE_SIDE = 336, 720  # pixels of a picture that was read: what is shown of one digit, of several
HOW_MANY: "dict[HowMany, str]" = {"auto": "Auto", "one": "One", "many": "Several"}
THRESHOLDS: dict[Literal["auto", "off", "level"], str] = {
    "auto": "Detect",
    "off": "Keep all greys",
    "level": "Fixed level",
}


@dataclass(frozen=True)
class Options:
    """How to read."""

    invert: "Invert" = "auto"
    threshold: "Threshold" = "auto"
    how_many: "HowMany" = "auto"

    def for_canvas(self) -> "Options":
        """On our own canvas the ink is known to be light."""
        return replace(self, invert="no")


@dataclass(frozen=True, eq=False)
class Reading:
    """A picture and what was read in it: one answer, or those of a number."""

    picture: np.ndarray  # (H, W) or (H, W, 3) uint8, shrunk to what is shown of it
    scale: float  # of it to the picture that was read, in whose pixels boxes are
    digits: tuple[Prediction, ...]
    is_number: bool
    can_reject: bool  # the model knows what is not a digit
    is_calibrated: bool  # the model's probabilities were set right after its training
    left_out: int = 0  # where one was read: other pieces of ink that are as large as a digit


def reading_options() -> Options:
    """How many digits to look for, and a button that unfolds the rest."""
    how_many: HowMany = st.segmented_control(
        "Digits in a picture", list(HOW_MANY), format_func=HOW_MANY.__getitem__, default="auto", required=True,
        key="read_how_many", persist_state="session",
        help="**Auto** finds out whether a picture shows one digit or several. Several are read row by row from the "
        "top.",
    )  # fmt: skip
    with st.popover("Options", icon=":material/tune:"):
        invert = st.selectbox("Ink and background", list(INVERTS), format_func=INVERTS.__getitem__, key="read_invert",
                              persist_state="session",
                              help="MNIST is light ink on dark, so dark ink on paper is inverted.")  # fmt: skip
        counted = st.selectbox("What counts as ink", list(THRESHOLDS), format_func=THRESHOLDS.__getitem__,
                               key="read_threshold", persist_state="session",
                               help="The grey level that separates background from ink.")  # fmt: skip
        threshold: Threshold = counted if counted != "level" else st.slider(
            "Level", 0, 255, 128, key="read_level", persist_state="session",
            help="0 is background, 255 the brightest ink.",
        )  # fmt: skip
    return Options(invert, threshold, how_many)


def read(run: Run, picture: np.ndarray, options: Options, *, epoch: int | None = None) -> Reading:
    """Read a picture.

    Args:
        epoch: whose weights to read with, of a run that keeps them; by default the run's best.
    Raises:
        CheckpointError: if the run has no weights to read with.
    """
    # first: it says on screen that it is loading, and brings torch
    model = model_of(run) if epoch is None else model_at(run, epoch)
    from mnist_core.reading.one_or_several import read_ink

    answers = read_ink(
        model,
        picture,
        how_many=options.how_many,
        invert=options.invert,
        threshold=options.threshold,
        with_steps=True,
    )
    return Reading(
        *_kept(picture, KEPT_PAGE_SIDE if answers.is_number else KEPT_SIDE),
        answers.digits,
        answers.is_number,
        run.model.refuses,
        float(model.temperature) != 1,
        answers.left_out,
    )


def _kept(picture: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """A picture shrunk to at most `side` pixels, and its scale: a phone's photograph would take 12 MB."""
    scale = min(1.0, side / max(picture.shape[:2]))
    if scale == 1:
        return picture, scale
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX)), scale


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs={Run: lambda run: (run.run_id, weights_stamp(run))})
def read_upload(run: Run, content: bytes, options: Options) -> Reading:
    """Read the picture in a file that somebody sent; remembered, so that a rerun does not read it again.

    Raises:
        ImageError: if it is not a picture we can read.
    """
    return read(run, read_picture(content), options)
