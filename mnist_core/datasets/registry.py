"""Every data set that can be chosen, and `load("mnist")`: from disk, checked and split.

Imports neither torch nor scikit-learn until a data set needs it, so that a launcher can load before it forks.
"""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Literal

from mnist_core import paths
from mnist_core.datasets import digits, handwriting, mnist, people
from mnist_core.datasets.splits import divided
from mnist_core.registry import Registry
from mnist_core.types import Dataset, SplitName

Way = Literal["download", "draw", "write", "comes along"]  # how a data set gets here
MAX_KEPT = 2


@dataclass(frozen=True)
class DataSource:
    """One data set."""

    label: str
    description: str  # on the form
    way: Way
    read: Callable[[], Dataset]  # raises DatasetError: if it is missing, damaged or too small, and what to do then
    is_available: Callable[[], bool]  # whether `read` should succeed, by a look of under a millisecond
    state_on_disk: Callable[[], Hashable]  # equal as long as none of its files has changed
    shows_non_digits: bool = False  # networks trained on it get an output for letters and scribbles
    needs: str | None = None  # another data set that has to be here first
    test_of: str | None = None  # the data set whose test split is also this one's

    @property
    def one_press_away(self) -> bool:
        """Whether a page can get it by itself."""
        return self.way in ("download", "draw")


def _read_handwriting() -> Dataset:
    images, labels, split_of, left_out = handwriting.read(paths.handwriting_folder())
    return replace(divided("handwriting", images, labels, split_of), left_out=left_out)


DATASETS = Registry(
    "data set",
    {
        "mnist": DataSource(
            "MNIST",
            "70,000 digits of 28 × 28 pixels.",
            "download",
            mnist.read,
            mnist.is_available,
            mnist.state_on_disk,
        ),
        "people": DataSource(
            "Many hands",
            "MNIST, the small digits, 48,000 digits drawn the way other countries write them, and 22,500 letters and "
            "scribbles to reject.",
            "draw",
            people.read,
            people.is_available,
            people.state_on_disk,
            shows_non_digits=True,
            needs="mnist",
            test_of="mnist",
        ),
        "digits": DataSource(
            "Small digits",
            "1,797 digits of 8 × 8 pixels that come with scikit-learn, enlarged: they need no download and train in "
            "seconds.",
            "comes along",
            digits.read,
            lambda: True,
            lambda: None,
        ),
        "handwriting": DataSource(
            "My handwriting",
            "the digits that you kept on the Predict page.",
            "write",
            _read_handwriting,
            lambda: handwriting.is_enough(paths.handwriting_folder()),
            lambda: handwriting.state_on_disk(paths.handwriting_folder()),
        ),
    },
)

_loaded: dict[Hashable, Dataset] = {}  # the longest unused first
_loading = threading.Lock()


def load(name: str) -> Dataset:
    """A data set, read once and then kept until its files change.

    Whoever asks gets the same arrays: they are to be read only.

    Raises:
        DatasetError: if it is missing, damaged or too small, and what to do then.
        ConfigError: if there is none of that name.
    """
    source = DATASETS[name]
    key = (name, source.state_on_disk())
    with _loading:
        dataset = _loaded.pop(key, None) or source.read()
        _loaded[key] = dataset
        while len(_loaded) > MAX_KEPT:
            del _loaded[next(iter(_loaded))]
    return dataset


def is_available(name: str) -> bool:
    """Whether `load` should succeed, by a look at names and sizes that takes under a millisecond."""
    return DATASETS[name].is_available()


def source_of(name: str, split: SplitName) -> str:
    """Where a split comes from: the test split of `people` is MNIST's own, and needs nothing drawn."""
    return DATASETS[name].test_of or name if split == "test" else name


def default_dataset() -> str:
    """`mnist` where it is at hand, else the embedded `digits`; whoever shows it says which."""
    return "mnist" if is_available("mnist") else "digits"
