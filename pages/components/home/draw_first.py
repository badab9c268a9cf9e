"""A digit drawn on the first page, and read there, before anything has been chosen or trained."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from mnist_core import paths
from mnist_core.datasets import mnist_checksums, registry
from mnist_core.errors import DatasetError
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.run import Run
from mnist_core.types import DIGITS
from pages.components.predict.drawing import EXAMPLES, draw_at_once
from pages.components.shared.digits import strip
from pages.components.shared.labels import plain
from pages.components.shared.run_picker import usual_run


def draw_first(known: Sequence[Run]) -> None:
    """Show the pad and what the usual model reads on it; without any model, one real digit of each kind.

    Args:
        known: the runs that have weights.
    """
    examples = _examples()
    if known:
        run = usual_run(known)
        network = f"The {NETWORKS.label(run.model.kind)} that comes with the app" if run.shipped else plain(run.title)
        draw_at_once(run, f"**Draw a digit.** {network} reads it with every stroke.", examples)
    elif examples is not None:
        strip(examples, EXAMPLES)


def _examples() -> np.ndarray | None:
    """(10, 28, 28) uint8, one real digit of each kind, where MNIST is at hand and whole."""
    if not registry.is_available("mnist"):
        return None
    try:
        return _one_of_each(paths.data_folder())
    except DatasetError as error:
        st.error(plain(str(error)))
        return None


@st.cache_data(show_spinner=False)
def _one_of_each(data_folder: Path) -> np.ndarray:
    """(10, 28, 28) uint8: the first test image of each digit."""
    images, labels = mnist_checksums.read(data_folder, "test")
    return images[[int(np.argmax(labels == digit)) for digit in DIGITS]]
