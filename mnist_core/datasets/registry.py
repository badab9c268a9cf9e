"""Data sets from disk, checked and split: `load("mnist")`.

Imports neither torch nor scikit-learn until a data set needs it, so that a launcher can load before it forks.
"""

import hashlib
import threading
from collections.abc import Hashable
from typing import get_args

import numpy as np

from mnist_core import paths
from mnist_core.config import DatasetName
from mnist_core.datasets import handwriting, mnist_files
from mnist_core.datasets.download import download
from mnist_core.datasets.synthetic import build
from mnist_core.errors import DatasetError
from mnist_core.types import Dataset, Split, SplitName

__all__ = ["DatasetError", "default_dataset", "download", "is_available", "load"]

MNIST_VALIDATION = 5_000  # of the official 60,000 training images
DIGITS_VALIDATION = 0.1  # of all; scikit-learn's digits come in one piece
DIGITS_TEST = 0.2
DIGITS_TIMES = 5  # in `people`: scikit-learn's few digits count for more, their writers have other habits
SPLIT_SEED = 20_261_122  # of the splits only, so that runs with different seeds share their exam
SPLIT_TYPE = "<U10"  # an array of names of splits
MAX_KEPT = 2

_loaded: dict[Hashable, Dataset] = {}  # the longest unused first
_loading = threading.Lock()


def load(name: DatasetName) -> Dataset:
    """A data set, read once and then kept until its files change.

    Whoever asks gets the same arrays: they are to be read only.

    Raises:
        DatasetError: if it is missing, damaged or too small, and what to do then.
    """
    key = (name, _state_on_disk(name))
    with _loading:
        dataset = _loaded.pop(key, None) or _read(name)
        _loaded[key] = dataset
        while len(_loaded) > MAX_KEPT:
            del _loaded[next(iter(_loaded))]
    return dataset


def is_available(name: DatasetName) -> bool:
    """Whether `load` should succeed, by a look at names and sizes that takes under a millisecond."""
    if name == "mnist":
        return all(mnist_files.present(paths.data_folder(), file) for file in mnist_files.FILES)
    if name == "people":
        return is_available("mnist") and build.is_built()
    if name == "handwriting":
        return handwriting.is_enough(paths.handwriting_folder())
    return name == "digits"


def source_of(name: DatasetName, split: SplitName) -> DatasetName:
    """Where a split comes from: the exam of `people` is MNIST's own, and needs nothing drawn."""
    return "mnist" if name == "people" and split == "test" else name


def default_dataset() -> DatasetName:
    """`mnist` where it is at hand, else the embedded `digits`; whoever shows it says which."""
    return "mnist" if is_available("mnist") else "digits"


def _state_on_disk(name: DatasetName) -> Hashable:
    """Equal as long as no file of the data set has changed."""
    if name == "mnist":
        return tuple(tuple(mnist_files.present(paths.data_folder(), file)) for file in mnist_files.FILES)
    if name == "people":
        return _state_on_disk("mnist"), build.state_on_disk()
    if name == "handwriting":
        return handwriting.state_on_disk(paths.handwriting_folder())
    return None


def _read(name: DatasetName) -> Dataset:
    if name == "mnist":
        return _read_mnist()
    if name == "people":
        return _read_people()
    if name == "digits":
        return _read_digits()
    if name == "handwriting":
        return _dataset("handwriting", *handwriting.read(paths.handwriting_folder()))
    raise DatasetError(f"there is no data set {name!r}; choose one of {', '.join(get_args(DatasetName))}")


def _read_mnist() -> Dataset:
    images, labels = mnist_files.read(paths.data_folder(), "train")
    test_images, test_labels = mnist_files.read(paths.data_folder(), "test")
    split_of = np.concatenate(
        [np.full(len(labels), "train", SPLIT_TYPE), np.full(len(test_labels), "test", SPLIT_TYPE)]
    )
    split_of[draw(labels, MNIST_VALIDATION)] = "validation"
    return _dataset("mnist", np.concatenate([images, test_images]), np.concatenate([labels, test_labels]), split_of)


def _read_people() -> Dataset:
    """MNIST and other hands: its exam is MNIST's own, so that accuracies can be compared."""
    train_others, validation_others = build.read()
    mnist, digits = _read_mnist(), _read_digits()
    parts: list[tuple[SplitName, Split]] = [
        ("train", mnist.train),
        *(("train", digits.train) for _ in range(DIGITS_TIMES)),
        ("train", train_others),
        ("validation", mnist.validation),
        ("validation", digits.validation),
        ("validation", validation_others),
        ("test", mnist.test),
    ]
    images = np.concatenate([part.images for _, part in parts])
    labels = np.concatenate([part.labels for _, part in parts])
    split_of = np.concatenate([np.full(len(part), name, SPLIT_TYPE) for name, part in parts])
    return _dataset("people", images, labels, split_of)


def _read_digits() -> Dataset:
    """Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI, as scikit-learn ships it."""
    from sklearn.datasets import load_digits

    from mnist_core.images.preprocess import preprocess

    digits = load_digits()
    pictures = np.round(digits.images * (255 / 16)).astype(np.uint8)  # (1797, 8, 8); ink was 0 to 16
    margin = ((0, 0), (1, 1), (1, 1))  # they fill their frame, and preprocess takes the frame's edge for the ground
    images = np.stack([preprocess(p, invert="no", with_steps=False).image for p in np.pad(pictures, margin)])
    labels = digits.target.astype(np.int64)
    split_of = np.full(len(labels), "train", SPLIT_TYPE)
    split_of[draw(labels, round(DIGITS_TEST * len(labels)))] = "test"
    rest = np.flatnonzero(split_of == "train")
    split_of[rest[draw(labels[rest], round(DIGITS_VALIDATION * len(labels)))]] = "validation"
    return _dataset("digits", images, labels, split_of)


def fraction_of(split: Split, share: float, seed: int) -> Split:
    """A share of the images of a split, in their order, each class by its share; the split itself for 1."""
    if share == 1.0:
        return split
    chosen = np.sort(draw(split.labels, size_of_fraction(len(split), share), seed))
    return Split(split.name, split.images[chosen], split.labels[chosen])


def size_of_fraction(images: int, share: float) -> int:
    return max(1, round(share * images))


def draw(labels: np.ndarray, count: int, seed: int = SPLIT_SEED) -> np.ndarray:
    """Places of `count` examples, drawn by chance, each class by its share to within one example.

    The chance is the same for ever: a RandomState's stream never changes from one NumPy to the next (NEP 19).

    Args:
        labels: (N,) int64.
    Returns: (count,) int64.
    """
    shuffled = np.random.RandomState(seed).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    evenly = (2 * np.arange(count) + 1) * len(labels) // (2 * count)  # a class gets as many as it is long
    return by_class[evenly]


def _dataset(name: DatasetName, images: np.ndarray, labels: np.ndarray, split_of: np.ndarray) -> Dataset:
    """Args: images (N, 28, 28) uint8, labels (N,) int64, split_of (N,) names of splits."""
    train, validation, test = (
        Split(split, images[split_of == split], labels[split_of == split]) for split in get_args(SplitName)
    )
    return Dataset(name, train, validation, test, _checksum(train, validation, test))


def _checksum(*splits: Split) -> str:
    digest = hashlib.sha256()
    for split in splits:
        digest.update(split.images.data)
        digest.update(split.labels.astype("<i8").data)
    return digest.hexdigest()
