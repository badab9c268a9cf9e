"""What a fine-tuning run is trained on: a person's pictures, mixed with a sample of the old ones.

The pictures are copied into the run's folder when it is created, so that it can be resumed and evaluated again whatever
happens to the folder of handwriting. Everything else follows from them, the data set and the run's seed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from mnist_core.datasets import handwriting, picture_store
from mnist_core.decode import DamagedFileError, read_arrays
from mnist_core.errors import CheckpointError, DatasetError
from mnist_core.files import replacing
from mnist_core.types import Split

FILE = "lessons.npz"

# Found by trying, with a hand whose 1 is MNIST's 7: twice the steps or the rate gain its digits nothing, and twice the
# share costs MNIST up to 0.4 points more. Evaluation by folds takes another four times as long.
STEPS, BATCH = 150, 32
MAX_EXAMPLES = 100_000  # that a run's folder may hold: 80 MB
OWN_FRACTION = 0.15  # of what it is shown that is the person's, the rest is old, so that it does not forget
MAX_REPEATS = 40  # of one picture: more would be memorised at the cost of all others

Method = Literal["none", "folds", "held out"]  # how the person's digits are used for evaluation
MIN_EVALUATED = 10  # pictures: the interval of fewer says nothing
MIN_HELD_OUT = 50  # pictures: from here on 30 in 100 can be spared
FOLDS = 4


@dataclass(frozen=True, eq=False)
class Examples:
    """A person's pictures in the order of labels and times, each different from the others of its label."""

    images: np.ndarray  # (N, 28, 28) uint8
    labels: np.ndarray  # (N,) int64, 0-9
    spared: np.ndarray  # (N,) bool: in the splits `validation` and `test` of the data set `handwriting`

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def method(self) -> Method:
        if len(self) < MIN_EVALUATED:
            return "none"
        return "held out" if len(self) >= MIN_HELD_OUT else "folds"

    @property
    def taught(self) -> np.ndarray:
        """(N,) bool: what the run itself is trained on: everything, unless there is enough to hold some out."""
        return ~self.spared if self.method == "held out" else np.ones(len(self), bool)

    @cached_property
    def fold_of(self) -> np.ndarray:
        """(N,) int64: the part, 0 to 4, that each picture is in; each digit is spread over them evenly."""
        return np.arange(len(self)) % FOLDS  # they are in the order of labels


def gather(folder: Path) -> tuple[Examples, list[str]]:
    """What can be learned from a folder of handwriting.

    Returns: the examples, and why each file that cannot be read is left out.
    Raises:
        DatasetError: if there is not one picture to learn from.
    """
    return examples_from(picture_store.list_kept(folder))


def examples_from(pictures: Sequence[picture_store.Kept]) -> tuple[Examples, list[str]]:
    """The same from pictures that have been read already."""
    read = [(picture.label, picture.image) for picture in pictures if picture.image is not None]
    if not read:
        raise DatasetError("there is no handwriting to learn from yet: draw a digit on the Predict page and keep it")
    images, labels, splits = handwriting.in_turns(read)
    return Examples(images, labels, splits != "train"), [picture.problem for picture in pictures if picture.problem]


def save_examples(examples: Examples, folder: Path) -> None:
    """Copy them into a run's folder. Raises OSError if it does not take them."""
    with replacing(folder / FILE) as beside, beside.open("wb") as file:
        np.savez_compressed(file, images=examples.images, labels=examples.labels, spared=examples.spared)


def load_examples(folder: Path) -> Examples:
    """Read them back.

    Raises:
        CheckpointError: naming the file, if it is missing or damaged.
    """
    path = folder / FILE
    try:
        n = MAX_EXAMPLES
        arrays = read_arrays(path, {"images": 28 * 28 * n, "labels": 8 * n, "spared": n})
        return _checked(arrays["images"], arrays["labels"], arrays["spared"])
    except (FileNotFoundError, DamagedFileError) as error:
        raise CheckpointError(
            f"{path} is damaged ({error}): this run cannot continue; fine-tune a new one under My handwriting"
        ) from error


def compose(examples: Examples, chosen: np.ndarray, old: Split, *, seed: int) -> Split:
    """The training images of a run: `STEPS` batches of a person's pictures, over and over, among old ones.

    Args:
        chosen: (N,) bool, which of the examples to learn.
        old: what the network learned before.
        seed: of the sample of old images.
    """
    rng = np.random.default_rng(seed)
    count = count_own(chosen)
    # the first of the same order whatever is chosen: what a network makes of them need not be computed again
    sampled = np.resize(rng.permutation(len(old)), STEPS * BATCH - count)
    mine = np.flatnonzero(chosen)
    repeated = np.resize(mine if len(mine) <= count else rng.permutation(mine), count)
    return Split(
        "train",
        np.concatenate([old.images[sampled], examples.images[repeated]]),
        np.concatenate([old.labels[sampled], examples.labels[repeated]]),
    )


def count_own(chosen: np.ndarray) -> int:
    """How many images of a composed split, its last ones, are the person's."""
    return min(round(OWN_FRACTION * STEPS * BATCH), MAX_REPEATS * int(chosen.sum()))


def _checked(images: np.ndarray, labels: np.ndarray, spared: np.ndarray) -> Examples:
    n = labels.size
    if images.shape != (n, 28, 28) or images.dtype != np.uint8 or spared.shape != (n,) or spared.dtype != bool:
        raise DamagedFileError("not pictures with labels")
    if n == 0 or labels.shape != (n,) or labels.dtype.kind != "i" or labels.min() < 0 or labels.max() > 9:
        raise DamagedFileError("not labels of digits")
    return Examples(images, labels.astype(np.int64), spared)
