"""A person's own pictures in their folder: kept, listed, deleted, exported as a zip.

A picture's name begins with the time it was kept (UTC), so that the order of names is the order of keeping, and one
added later leaves the others in their splits (see `handwriting`). How it was read is noted in the PNG's metadata.
"""

import io
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from PIL import Image, PngImagePlugin

from mnist_core.datasets.handwriting import MARK, How, files_in, read_image
from mnist_core.errors import DatasetError
from mnist_core.files import after_the_last, replacing
from mnist_core.types import DIGITS

WHEN = "%Y%m%d-%H%M%S-%f"  # UTC
MAX_SIDE = 336  # pixels: twelve to one of MNIST's, in a file of a few kB


@dataclass(frozen=True, eq=False)
class Kept:
    """One picture that was kept, or a file among them that cannot be read."""

    label: int
    path: Path
    image: np.ndarray | None  # (28, 28) uint8, as a model sees it; None if it cannot be read
    problem: str = ""  # why not


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
    for path in paths:
        if path.parent.parent != folder or path.parent.name not in map(str, DIGITS):
            raise DatasetError(f"{path} is not one of the pictures kept in {folder}")
    try:
        for path in paths:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise DatasetError(f"cannot delete {error.filename}: {error.strerror}") from error


def export(folder: Path) -> bytes:
    """All files as a zip, `<label>/<name>` as they lie in the folder.

    Raises:
        DatasetError: if the folder cannot be read.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # stored: a PNG does not get smaller
        for label, path in files_in(folder):
            try:
                archive.write(path, f"{label}/{path.name}")
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
