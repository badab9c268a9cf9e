"""MNIST, with 5,000 of its official training images set aside for validation."""

from collections.abc import Hashable

import numpy as np

from mnist_core import paths
from mnist_core.datasets import mnist_checksums
from mnist_core.datasets.splits import SPLIT_TYPE, divided, draw
from mnist_core.types import Dataset

VALIDATION = 5_000  # of the official 60,000 training images


def is_available() -> bool:
    return all(mnist_checksums.present(paths.data_folder(), file) for file in mnist_checksums.FILES)


def state_on_disk() -> Hashable:
    return tuple(tuple(mnist_checksums.present(paths.data_folder(), file)) for file in mnist_checksums.FILES)


def read() -> Dataset:
    images, labels = mnist_checksums.read(paths.data_folder(), "train")
    test_images, test_labels = mnist_checksums.read(paths.data_folder(), "test")
    split_of = np.concatenate(
        [np.full(len(labels), "train", SPLIT_TYPE), np.full(len(test_labels), "test", SPLIT_TYPE)]
    )
    split_of[draw(labels, VALIDATION)] = "validation"
    return divided("mnist", np.concatenate([images, test_images]), np.concatenate([labels, test_labels]), split_of)
