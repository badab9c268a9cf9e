"""Images divided into the splits of a data set, by randomness that never changes."""

import hashlib
from typing import get_args

import numpy as np

from mnist_core.types import Dataset, Split, SplitName

SPLIT_SEED = 20_261_122  # of the splits only, so that runs with different seeds share their test split
SPLIT_TYPE = "<U10"  # an array of names of splits


def divided(name: str, images: np.ndarray, labels: np.ndarray, split_of: np.ndarray) -> Dataset:
    """Args: images (N, 28, 28) uint8, labels (N,) int64, split_of (N,) names of splits."""
    train, validation, test = (
        Split(split, images[split_of == split], labels[split_of == split]) for split in get_args(SplitName)
    )
    return Dataset(name, train, validation, test, _checksum(train, validation, test))


def fraction_of(split: Split, fraction: float, seed: int) -> Split:
    """A fraction of the images of a split, in their order, the same of each class; the split itself for 1."""
    if fraction == 1.0:
        return split
    chosen = np.sort(draw(split.labels, size_of_fraction(len(split), fraction), seed))
    return Split(split.name, split.images[chosen], split.labels[chosen])


def size_of_fraction(images: int, fraction: float) -> int:
    return max(1, round(fraction * images))


def draw(labels: np.ndarray, count: int, seed: int = SPLIT_SEED) -> np.ndarray:
    """Places of `count` examples, drawn at random, each class in proportion to within one example.

    The randomness never changes: a RandomState's stream never changes from one NumPy to the next (NEP 19).

    Args:
        labels: (N,) int64.
    Returns: (count,) int64.
    """
    shuffled = np.random.RandomState(seed).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    evenly = (2 * np.arange(count) + 1) * len(labels) // (2 * count)  # a class gets as many as it is long
    return by_class[evenly]


def _checksum(*splits: Split) -> str:
    digest = hashlib.sha256()
    for split in splits:
        digest.update(split.images.data)
        digest.update(split.labels.astype("<i8").data)
    return digest.hexdigest()
