"""Draws what MNIST lacks: other countries' digits and non-digits, from strokes and from handwriting fonts.

`build` draws it all from one seed, in a minute or two, and keeps it beside the app; `read` gives it back. Every picture
went the way that a person's picture goes (`fit` and `centre` of `preprocess`), so that training meets its artefacts.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mnist_core import paths
from mnist_core.decode import DamagedFileError, read_arrays
from mnist_core.errors import DatasetError
from mnist_core.files import Stamp, stamp_of
from mnist_core.types import Split

# Raise it when what is drawn changes: a newer program then draws anew. Version 1 keeps the name that 0.3.0 gave it.
VERSION = 1
FILE_NAMES = {1: "others-64de6456c7ff.npz"}
MAX_PICTURES = 200_000  # that a file may hold of either kind
MAX_BYTES = {
    f"{split}_{what}": size * MAX_PICTURES
    for split in ("train", "validation")
    for what, size in (("images", 28 * 28), ("labels", 8))
}

OnProgress = Callable[[int, int], None]  # pictures drawn, of how many


def is_built() -> bool:
    """Whether the pictures are there, drawn by this version of the program."""
    return _path().exists()


def state_on_disk() -> tuple[str, Stamp] | None:
    """Path of the file, and what is another as soon as its content is; None if there is none."""
    try:
        return str(_path()), stamp_of(_path())
    except OSError:  # not there, or not for us: `read` tells which
        return None


def build(on_progress: OnProgress = lambda done, total: None) -> None:
    """Draw all pictures and keep them; whoever looks sees all of them or none.

    Raises: DatasetError: if the folder cannot be written.
    """
    from mnist_core.datasets.synthetic import (
        drawing,  # brings scipy; this module is imported before the first page is on screen
    )

    path = _path()
    beside = path.with_suffix(".part")
    with _saving(path):  # known before minutes of drawing
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.touch()
        beside.unlink()
    splits = {"train": drawing.TRAIN, "validation": drawing.VALIDATION}
    total, done = sum(amounts.total() for amounts in splits.values()), 0
    drawn: dict[str, Any] = {}
    for name, amounts in splits.items():
        images = np.empty((amounts.total(), 28, 28), np.uint8)
        labels = np.empty(amounts.total(), np.int64)
        for place, (image, label) in enumerate(drawing.draw_all(amounts, held_out=name == "validation")):
            images[place], labels[place] = image, label
            done += 1
            if done % 500 == 0 or done == total:
                on_progress(done, total)
        drawn |= {f"{name}_images": images, f"{name}_labels": labels}
    with _saving(path):
        with beside.open("wb") as file:
            np.savez_compressed(file, **drawn)
        beside.replace(path)


@contextmanager
def _saving(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DatasetError(
            f"cannot save the drawn pictures in {path.parent} ({error.strerror}): free some disk space, or set "
            "MNIST_OTHERS to a writable folder"
        ) from error


def read() -> tuple[Split, Split]:
    """The pictures for training and those for validation, digits and what is none.

    Raises: DatasetError: if they have not been drawn yet, or the file is damaged.
    """
    path = _path()
    try:
        arrays = read_arrays(path, MAX_BYTES)
    except FileNotFoundError as error:
        raise DatasetError(
            "the data set people has not been drawn yet: run `python -m mnist_core data people`, which takes a minute "
            "or two"
        ) from error
    except DamagedFileError as error:
        raise DatasetError(f"{path} is damaged ({error}): delete it and draw it again") from error
    train, validation = (
        Split(name, arrays[f"{name}_images"], arrays[f"{name}_labels"]) for name in ("train", "validation")
    )
    return train, validation


def _path() -> Path:
    return paths.others_folder() / FILE_NAMES.get(VERSION, f"synthetic-{VERSION}.npz")
