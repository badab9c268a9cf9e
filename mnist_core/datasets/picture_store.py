"""A person's own pictures in their folder: kept, listed, relabelled, deleted and put back, exported as a zip.

A picture's name begins with the time it was kept (UTC), so that the order of names is the order of keeping, and one
added later leaves the others in their splits (see `handwriting`). How it was read is noted in the PNG's metadata.
"""

import io
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from mnist_core.datasets.handwriting import MARK, NOT_DIGITS, How, files_in, not_digits_in, read_image
from mnist_core.errors import DatasetError
from mnist_core.files import after_the_last, replacing
from mnist_core.types import DIGITS, NOT_A_DIGIT

WHEN = "%Y%m%d-%H%M%S-%f"  # UTC
MAX_FILE = 50_000_000  # bytes of one that can be put back after it was deleted
MAX_SIDE = 336  # pixels: twelve to one of MNIST's, in a file of a few kB


@dataclass(frozen=True, eq=False)
class Kept:
    """One picture that was kept, or a file among them that cannot be read."""

    label: int  # 0-9; NOT_A_DIGIT of what is none
    path: Path
    image: np.ndarray | None  # (28, 28) uint8, as a model sees it; None if it cannot be read
    problem: str = ""  # why not


@dataclass(frozen=True)
class Deleted:
    """A picture that was deleted, and can be put back."""

    path: Path
    content: bytes = field(repr=False)


def keep(folder: Path, picture: np.ndarray, label: int, *, how: How = How(), now: datetime | None = None) -> Path:  # noqa: B008 -- frozen
    """Save what a person drew, uploaded or photographed, as a picture of `label`.

    Args:
        picture: (H, W) or (H, W, 3) uint8; kept at 336 pixels a side at most.
        how: it was read, so that it is read the same way for training.
    Returns: where it lies.
    Raises:
        DatasetError: if the folder does not take it.
    """
    if label not in DIGITS:
        raise DatasetError(f"the label of a picture must be a digit from 0 to 9, got {label!r}")
    names = (path.name for path in (folder / str(label)).glob("*.png"))
    then = after_the_last(names, now or datetime.now(UTC), when=WHEN, step=timedelta(microseconds=1))
    path = folder / str(label) / f"{then:{WHEN}}-{secrets.token_hex(2)}.png"
    text = PngImagePlugin.PngInfo()
    text.add_text(MARK, f"{how.invert} {how.threshold}")
    try:
        file = io.BytesIO()  # told to write to a full disk itself, Pillow says nothing of the disk
        _shrunk(picture).save(file, "PNG", pnginfo=text)
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as beside:
            beside.write_bytes(file.getbuffer())
    except OSError as error:
        raise DatasetError(
            f"cannot save the picture in {folder}: {error.strerror}; free some disk space, "
            "or set MNIST_HANDWRITING to a writable folder"
        ) from error
    return path


def list_kept(folder: Path) -> list[Kept]:
    """All that is kept, in the order of labels and times; what cannot be read is among it, with the reason.

    Raises:
        DatasetError: if the folder itself cannot be read, or one in it is not named by a digit.
    """
    return [read_kept(label, path) for label, path in files_in(folder)]


def list_not_digits(folder: Path) -> list[Kept]:
    """All that is kept as what is no digit: nothing is trained on it.

    Raises:
        DatasetError: if it cannot be read.
    """
    return [read_kept(NOT_A_DIGIT, path) for path in not_digits_in(folder)]


def count_kept(folder: Path) -> list[int]:
    """How many files of each digit there are, unread.

    Raises:
        DatasetError: as `list_kept`.
    """
    counts = [0] * len(DIGITS)
    for label, _ in files_in(folder):
        counts[label] += 1
    return counts


def delete(paths: Sequence[Path], folder: Path) -> None:
    """Remove kept pictures for good; one that is already gone is no error.

    Raises:
        DatasetError: if one does not lie in the folder, or cannot be removed.
    """
    _ensure_kept(paths, folder)
    try:
        for path in paths:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(f"cannot delete {error.filename}: {error.strerror}") from error


def take_out(path: Path, folder: Path) -> Deleted:
    """Remove a kept picture so that it can be put back.

    Raises:
        DatasetError: if it does not lie in the folder, is gone, too large to remember, or cannot be removed.
    """
    _ensure_kept([path], folder)
    try:
        if path.stat().st_size > MAX_FILE:
            raise DatasetError(f"{path} is too large to be put back later: delete it in its folder")
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"cannot delete {path}: {error.strerror}") from error
    delete([path], folder)
    return Deleted(path, content)


def put_back(deleted: Deleted, folder: Path) -> None:
    """Have a deleted picture where it was, byte for byte.

    Raises:
        DatasetError: if the folder does not take it.
    """
    _ensure_kept([deleted.path], folder)
    try:
        deleted.path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(deleted.path) as beside:
            beside.write_bytes(deleted.content)
    except OSError as error:
        raise DatasetError(f"cannot put {deleted.path} back: {error.strerror}; free some disk space") from error


def relabel(path: Path, label: int, folder: Path) -> Path:
    """Let a kept picture be one of another label, or NOT_A_DIGIT. Its name and time stay, unless the name is taken.

    Returns: where it lies now.
    Raises:
        DatasetError: if it does not lie in the folder, or cannot be moved.
    """
    _ensure_kept([path], folder)
    if label not in (*DIGITS, NOT_A_DIGIT):
        raise DatasetError(f"the label of a picture must be a digit from 0 to 9, or that it is none, got {label!r}")
    place = folder / (NOT_DIGITS if label == NOT_A_DIGIT else str(label)) / path.name
    if place == path:
        return path
    if place.exists():
        place = place.with_stem(f"{place.stem}-{secrets.token_hex(2)}")
    try:
        place.parent.mkdir(exist_ok=True)
        path.rename(place)
    except OSError as error:
        raise DatasetError(f"cannot relabel {path}: {error.strerror}") from error
    return place


def _ensure_kept(paths: Sequence[Path], folder: Path) -> None:
    for path in paths:
        if path.parent.parent != folder or path.parent.name not in (*map(str, DIGITS), NOT_DIGITS):
            raise DatasetError(f"{path} is not one of the pictures kept in {folder}")


def export(folder: Path) -> bytes:
    """All files as a zip, `<label>/<name>` as they lie in the folder, those that are no digits among them.

    Raises:
        DatasetError: if the folder cannot be read.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # stored: a PNG does not get smaller
        for path in [*(path for _, path in files_in(folder)), *not_digits_in(folder)]:
            try:
                archive.write(path, f"{path.parent.name}/{path.name}")
            except FileNotFoundError:
                continue  # deleted in another tab just now
            except OSError as error:
                raise DatasetError(f"{path} cannot be read: {error.strerror}") from error
    return buffer.getvalue()


def read_kept(label: int, path: Path) -> Kept:
    """One of them; what cannot be read is told, not raised."""
    try:
        return Kept(label, path, read_image(path))
    except DatasetError as error:
        return Kept(label, path, None, str(error))


def _shrunk(picture: np.ndarray) -> Image.Image:
    image = Image.fromarray(picture)
    scale = MAX_SIDE / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(side * scale)) for side in image.size)
    return image.resize((width, height), Image.Resampling.BOX)
