"""A person's own digits as a data set: pictures in folders named by what they show, `<label>/*.png` as in ImageFolder.

They may be of any kind and size, and go the same way into MNIST's form as a picture on the Predict page.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from mnist_core.errors import DatasetError, ImageError
from mnist_core.records import DIGITS, SplitName

LEAST_PICTURES = 50  # some digit then has five or more, so that no split is empty

# Which split the 1st, 2nd ... 10th picture of a digit belongs to, and so on: 70, 10 and 20 in a hundred of each digit.
# By place in the order of names, not by chance: where names begin with a time, a picture added later leaves all others
# in their splits, and no old run meets in its exam what it was trained on.
_TURNS: tuple[SplitName, ...] = (
    *("train", "test", "train", "validation", "train"),
    *("train", "test", "train", "train", "train"),
)


def read(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All pictures, in the order of labels and names; the same picture saved twice under one label counts once.

    Returns: images (N, 28, 28) uint8, labels (N,) int64 and the names of the splits they belong to, (N,).
    Raises:
        DatasetError: if a file is not a picture of a digit, a folder is not named by a digit, or there are too few.
    """
    files = _files(folder)
    if len(files) < LEAST_PICTURES:
        raise _too_few(folder, len(files))
    images: list[np.ndarray] = []
    labels: list[int] = []
    splits: list[SplitName] = []
    for label in DIGITS:
        different = {image.tobytes(): image for image in (_read_image(path) for of, path in files if of == label)}
        images += different.values()
        labels += [label] * len(different)
        splits += [_TURNS[place % len(_TURNS)] for place in range(len(different))]
    if len(images) < LEAST_PICTURES:
        raise _too_few(folder, len(images))
    return np.stack(images), np.array(labels, np.int64), np.array(splits)


def is_enough(folder: Path) -> bool:
    """Whether there are pictures enough, unread."""
    try:
        return len(_files(folder)) >= LEAST_PICTURES
    except DatasetError:
        return False


def state_on_disk(folder: Path) -> Hashable:
    """Equal as long as no picture has come, gone or changed."""
    with _reading(folder):
        return tuple((str(path), (stat := path.stat()).st_size, stat.st_mtime_ns) for _, path in _files(folder))


def _files(folder: Path) -> list[tuple[int, Path]]:
    """Labels and files, in their order. Hidden files are the system's."""
    if not folder.exists():
        return []
    with _reading(folder):
        folders = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        if odd := [path.name for path in folders if path.name not in map(str, DIGITS)]:
            raise DatasetError(
                f"{folder} has a folder {min(odd)!r}, but folders of pictures are named 0 to 9: rename it"
            )
        return sorted(
            (int(parent.name), path) for parent in folders for path in parent.iterdir() if not path.name.startswith(".")
        )


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatasetError(f"{folder} cannot be read ({error.strerror}): make it readable") from error


def _read_image(path: Path) -> np.ndarray:
    from mnist_core.pictures import read_picture
    from mnist_core.preprocess import preprocess

    try:
        return preprocess(read_picture(path), with_steps=False).image
    except ImageError as error:
        reason = str(error).rstrip(".")
        raise DatasetError(f"{path} is not a picture of a digit ({reason}): remove it or replace it") from error


def _too_few(folder: Path, found: int) -> DatasetError:
    return DatasetError(
        f"{folder} has {found} different pictures and {LEAST_PICTURES} are needed to train, validate and test: "
        "add some on the Predict page, or as <label>/<name>.png"
    )
