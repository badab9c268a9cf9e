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

INVERTS: "dict[Invert, str]" = {"auto": "Detect", "yes": "Dark ink on light", "no": "Light ink on dark"}
KEPT_SIDE, KEPT_PAGE_SIDE = 336, 720  # pixels of a picture that was read: what is shown of one digit, of several
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
    number: bool = False

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


def reading_options() -> Options:
    """A button that unfolds the options."""
    with st.popover("Options", icon=":material/tune:"):
        number = st.toggle("Several digits in a picture", key="read_number", persist_state="session",
                           help="Splits the picture into digits and reads each, row by row from the top.")  # fmt: skip
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
    return Options(invert, threshold, number)


def read(run: Run, picture: np.ndarray, options: Options, *, epoch: int | None = None) -> Reading:
    """Read a picture.

    Args:
        epoch: whose weights to read with, of a run that keeps them; by default the run's best.
    Raises:
        CheckpointError: if the run has no weights to read with.
    """
    # first: it says on screen that it is loading, and brings torch
    model = model_of(run) if epoch is None else model_at(run, epoch)
    from mnist_core.reading.predict import read_digit, read_number

    invert, threshold = options.invert, options.threshold
    if options.number:
        kept = _kept(picture, KEPT_PAGE_SIDE)
        digits = read_number(model, picture, invert=invert, threshold=threshold)
    else:
        kept = _kept(picture, KEPT_SIDE)
        digits = [read_digit(model, picture, invert=invert, threshold=threshold, with_steps=True)]
    return Reading(*kept, tuple(digits), options.number, run.model.refuses, float(model.temperature) != 1)


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
