"""A person's own digits as a data set: pictures in folders named by label, `<label>/*.png` as in ImageFolder.

They can be of any kind and size, and are converted to MNIST's form like a picture on the Predict page. What lies in
`not-a-digit/` is no part of the data set: it only serves to count what a model rejects. `picture_store` adds and
removes them.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from mnist_core.errors import DatasetError, ImageError
from mnist_core.files import stamp_of
from mnist_core.types import DIGITS, SplitName

if TYPE_CHECKING:
    from mnist_core.images.ink import Invert
    from mnist_core.images.preprocess import Threshold

MARK = "mnist-read"  # the PNG text that says how a picture was read when it was kept: "<invert> <threshold>"
NOT_DIGITS = "not-a-digit"  # the folder of pictures that are none
MIN_PICTURES = 50  # some digit then has five or more, so that no split is empty

# Which split the 1st, 2nd ... 10th picture of a digit belongs to, and so on: 70, 10 and 20 in a hundred of each digit.
# By place in the order of names, not by chance: where names begin with a time, a picture added later leaves all others
# in their splits, and no old run is evaluated on what it was trained on.
_TURNS: tuple[SplitName, ...] = (
    *("train", "test", "train", "validation", "train"),
    *("train", "test", "train", "train", "train"),
)


@dataclass(frozen=True)
class How:
    """How a picture is to be read."""

    invert: "Invert" = "auto"
    threshold: "Threshold" = "auto"


def read(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, dict[str, str]]:
    """All pictures, in the order of labels and names; the same picture saved twice under one label counts once.

    Returns: images (N, 28, 28) uint8, labels (N,) int64, the names of the splits they belong to, (N,), and the files
        that are not pictures of digits, each with a sentence.
    Raises:
        DatasetError: if a folder is not named by a digit, or there are too few pictures.
    """
    files = files_in(folder)
    if len(files) < MIN_PICTURES:
        raise _too_few(folder, len(files))
    pictures: list[tuple[int, np.ndarray]] = []
    left_out: dict[str, str] = {}
    for label, path in files:
        try:
            pictures.append((label, read_image(path)))
        except DatasetError as error:
            left_out[f"{label}/{path.name}"] = str(error)
    images, labels, splits = in_turns(pictures)
    if len(images) < MIN_PICTURES:
        raise _too_few(folder, len(images))
    return images, labels, splits, left_out


def in_turns(read: Sequence[tuple[int, np.ndarray]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give each picture its split by its place among those of its label; of equal ones the first counts.

    Args: read: labels and images (28, 28) uint8, in the order of labels and names.
    Returns: images (N, 28, 28) uint8, labels (N,) int64 and names of splits (N,).
    """
    images: list[np.ndarray] = []
    labels: list[int] = []
    splits: list[SplitName] = []
    for label in DIGITS:
        different = {image.tobytes(): image for of, image in read if of == label}
        images += different.values()
        labels += [label] * len(different)
        splits += [_TURNS[place % len(_TURNS)] for place in range(len(different))]
    pixels = np.stack(images) if images else np.empty((0, 28, 28), np.uint8)
    return pixels, np.array(labels, np.int64), np.array(splits, dtype="<U10")


def is_enough(folder: Path) -> bool:
    """Whether there are pictures enough, unread."""
    try:
        return len(files_in(folder)) >= MIN_PICTURES
    except DatasetError:
        return False


def state_on_disk(folder: Path) -> Hashable:
    """Equal as long as no picture has come, gone or changed."""
    with _reading(folder):
        return tuple((str(path), stamp_of(path)) for _, path in files_in(folder))


def files_in(folder: Path) -> list[tuple[int, Path]]:
    """Labels and files, in their order. Hidden files are the system's.

    Raises:
        DatasetError: if the folder cannot be read, or one in it is not named by a digit.
    """
    if not folder.exists():
        return []
    with _reading(folder):
        folders = [path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")]
        folders = [path for path in folders if path.name != NOT_DIGITS]
        if odd := [path.name for path in folders if path.name not in map(str, DIGITS)]:
            raise DatasetError(
                f"{folder} contains a folder {min(odd)!r}, but folders of pictures must be named 0 to 9 "
                f"or {NOT_DIGITS}: rename it"
            )
        return sorted(
            (int(parent.name), path) for parent in folders for path in parent.iterdir() if not path.name.startswith(".")
        )


def not_digits_in(folder: Path) -> list[Path]:
    """Files kept as what is no digit, in the order of their names.

    Raises:
        DatasetError: if they cannot be read.
    """
    aside = folder / NOT_DIGITS
    if not aside.is_dir():
        return []
    with _reading(aside):
        return sorted(path for path in aside.iterdir() if not path.name.startswith("."))


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatasetError(f"{folder} cannot be read ({error.strerror}): check its permissions") from error


def read_image(path: Path) -> np.ndarray:
    """A kept picture in MNIST's form, read as it was when it was kept: (28, 28) uint8.

    Raises:
        DatasetError: naming the file, if it is not a picture of a digit.
    """
    from mnist_core.images.decode import read_picture
    from mnist_core.images.preprocess import preprocess

    try:
        picture = read_picture(path)
        how = how_it_was_read(path)
        return preprocess(picture, invert=how.invert, threshold=how.threshold, with_steps=False).image
    except ImageError as error:
        reason = str(error).rstrip(".")
        raise DatasetError(f"{path} is not a picture of a digit ({reason}): remove or replace it") from error


def how_it_was_read(path: Path) -> How:
    """What the picture's own text says; a picture from elsewhere is read with the usual settings."""
    from PIL import Image

    from mnist_core.images.decode import DAMAGED, FORMATS

    try:
        with Image.open(path, formats=FORMATS) as image:
            text = str(image.info.get(MARK, ""))
    except DAMAGED:
        return How()  # whoever decodes it says what is wrong
    return _how(text)


def _how(text: str) -> How:
    words = re.fullmatch(r"(auto|yes|no) (?:(auto|off)|([0-9]{1,3}))", text)
    if words is None:
        return How()
    invert, word, level = cast("tuple[Invert, Literal['auto', 'off'] | None, str]", words.groups())
    return How(invert, word or min(int(level), 255))


def _too_few(folder: Path, found: int) -> DatasetError:
    return DatasetError(
        f"{folder} has {found} different pictures, but {MIN_PICTURES} are needed to train, validate and test: "
        "add some on the Predict page, or as <label>/<name>.png"
    )
