"""MNIST, digits the way other countries write them, and what is not a digit. The test split is MNIST's own."""

from collections.abc import Hashable

import numpy as np

from mnist_core.datasets import digits, mnist
from mnist_core.datasets.splits import SPLIT_TYPE, divided
from mnist_core.datasets.synthetic import build
from mnist_core.types import Dataset, Split, SplitName

DIGITS_TIMES = 5  # scikit-learn's few digits count for more: their writers have other habits


def is_available() -> bool:
    return mnist.is_available() and build.is_built()


def state_on_disk() -> Hashable:
    return mnist.state_on_disk(), build.state_on_disk()


def read() -> Dataset:
    drawn_train, drawn_validation = build.read()
    plain, small = mnist.read(), digits.read()
    parts: list[tuple[SplitName, Split]] = [
        ("train", plain.train),
        *(("train", small.train) for _ in range(DIGITS_TIMES)),
        ("train", drawn_train),
        ("validation", plain.validation),
        ("validation", small.validation),
        ("validation", drawn_validation),
        ("test", plain.test),
    ]
    images = np.concatenate([part.images for _, part in parts])
    labels = np.concatenate([part.labels for _, part in parts])
    split_of = np.concatenate([np.full(len(part), name, SPLIT_TYPE) for name, part in parts])
    return divided("people", images, labels, split_of)
