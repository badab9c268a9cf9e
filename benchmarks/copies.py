"""MNIST many times over: light variations of its images in one file on disk, to be mapped into memory and not read."""

import shutil
from pathlib import Path

import numpy as np
import torch

from mnist_core.errors import DatasetError
from mnist_core.training.augment import augment
from mnist_core.training.augmentations import AUGMENTATIONS
from mnist_core.types import Split

AT_ONCE = 5000
IMAGES, LABELS = "images.npy", "labels.npy"
SPARE_BYTES = 1 << 30  # that other programs may want of the disk meanwhile


def write_copies(split: Split, times: int, folder: Path, *, seed: int = 0) -> None:
    """Write `times` as many images as there are in `split`: themselves, then each bent a little, anew every time.

    Raises:
        DatasetError: if the disk has not enough room.
    """
    n = times * len(split)
    check_room(n * split.images[0].nbytes + n * split.labels.itemsize, folder)
    torch.manual_seed(seed)
    images = np.lib.format.open_memmap(folder / IMAGES, "w+", np.uint8, (n, *split.images.shape[1:]))
    images[: len(split)] = split.images
    for copy in range(1, times):
        for start in range(0, len(split), AT_ONCE):
            part = split.images[start : start + AT_ONCE]
            place = copy * len(split) + start
            images[place : place + len(part)] = _bent(part)
    images.flush()
    np.save(folder / LABELS, np.tile(split.labels, times))


def open_copies(folder: Path) -> Split:
    """The images as a memory map: only what is looked at is read. Nothing written to it reaches the file."""
    return Split("train", np.load(folder / IMAGES, mmap_mode="c"), np.load(folder / LABELS))


def check_room(wanted: int, folder: Path) -> None:
    """Refuse to fill somebody's disk."""
    free = shutil.disk_usage(folder).free
    if free < wanted + SPARE_BYTES:
        raise DatasetError(
            f"the copies take {wanted / 1e9:.1f} GB and 1 GB must stay free, but {folder} has only {free / 1e9:.1f} GB "
            f"free; free some space, set TMPDIR to a folder on a larger disk, or ask for fewer with --most"
        )


def _bent(images: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        bent = augment(torch.from_numpy(images).float().unsqueeze(1), AUGMENTATIONS["light"])
    return np.asarray(bent.squeeze(1).round().to(torch.uint8).numpy())
