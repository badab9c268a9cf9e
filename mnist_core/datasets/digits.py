"""scikit-learn's 1,797 digits of 8 x 8 pixels, converted to MNIST's form: they need no download."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mnist_core.datasets.splits import SPLIT_TYPE, divided, draw
from mnist_core.types import Dataset

VALIDATION, TEST = 0.1, 0.2  # of all: they come in one piece


def read() -> Dataset:
    """Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, as scikit-learn ships it."""
    from mnist_core.images.preprocess import preprocess

    table = np.loadtxt(_scikit_learns_file(), delimiter=",")  # (1797, 65): 64 pixels of 0 to 16, and the digit
    pictures = np.round(table[:, :64].reshape(-1, 8, 8) * (255 / 16)).astype(np.uint8)
    margin = ((0, 0), (1, 1), (1, 1))  # they fill their frame, and preprocess takes the frame's edge for the ground
    images = np.stack([preprocess(p, invert="no", with_steps=False).image for p in np.pad(pictures, margin)])
    labels = table[:, 64].astype(np.int64)
    split_of = np.full(len(labels), "train", SPLIT_TYPE)
    split_of[draw(labels, round(TEST * len(labels)))] = "test"
    rest = np.flatnonzero(split_of == "train")
    split_of[rest[draw(labels[rest], round(VALIDATION * len(labels)))]] = "validation"
    return divided("digits", images, labels, split_of)


def _scikit_learns_file() -> Path:
    """What `sklearn.datasets.load_digits` reads. Importing scikit-learn for it would take a second of every worker."""
    spec = find_spec("sklearn")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz"
