"""MNIST's four official files: their names, where they may be, and their checksums.

Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits"; the format (IDX) is described there too.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from mnist_core.decode import DamagedFileError, read_bytes
from mnist_core.errors import DatasetError
from mnist_core.files import Stamp, stamp_of

Part = Literal["train", "test"]
TORCHVISION_FOLDER = Path("MNIST", "raw")  # where torchvision.datasets.MNIST keeps them under its root
_GZIP = 31  # zlib's window bits for a gzip file


@dataclass(frozen=True)
class OfficialFile:
    """One of the four. It comes packed, as `name` with `.gz`, and may lie about unpacked or packed by another program.

    7-Zip and Kaggle's copy write a dot before `idx` instead of a hyphen.
    """

    name: str
    packed_size: int  # bytes
    packed_md5: str  # as published with the files and as torchvision checks it
    size: int  # bytes, unpacked
    sha256: str  # unpacked; taken from the official files, whose MD5 was right

    @property
    def packed_name(self) -> str:
        return f"{self.name}.gz"

    @property
    def names(self) -> tuple[str, ...]:
        """Whatever it may be called, unpacked first: those are read fastest."""
        unpacked = (self.name, self.name.replace("-idx", ".idx"))
        return (*unpacked, *(f"{name}.gz" for name in unpacked))


TRAIN_IMAGES = OfficialFile(
    name="train-images-idx3-ubyte",
    packed_size=9_912_422,
    packed_md5="f68b3c2dcbeaaa9fbdd348bbdeb94873",
    size=47_040_016,
    sha256="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
)
TRAIN_LABELS = OfficialFile(
    name="train-labels-idx1-ubyte",
    packed_size=28_881,
    packed_md5="d53e105ee54ea40749a09fcbcd1e9432",
    size=60_008,
    sha256="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
)
TEST_IMAGES = OfficialFile(
    name="t10k-images-idx3-ubyte",
    packed_size=1_648_877,
    packed_md5="9fb629c4189551a2d022fa330f9573f3",
    size=7_840_016,
    sha256="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
)
TEST_LABELS = OfficialFile(
    name="t10k-labels-idx1-ubyte",
    packed_size=4_542,
    packed_md5="ec29112dd5afa0611ce80d1b7f02629c",
    size=10_008,
    sha256="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)
FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)
TOTAL_BYTES = sum(file.packed_size for file in FILES)  # 11,594,722: what a download brings
PACKED_NAMES = ", ".join(file.packed_name for file in FILES)


def read(folder: Path, part: Part) -> tuple[np.ndarray, np.ndarray]:
    """The official training or test part.

    Returns: images (N, 28, 28) uint8 and labels (N,) int64, in the files' order.
    Raises:
        DatasetError: if a file is missing, unreadable, or not the official one.
    """
    image_file, label_file = (TRAIN_IMAGES, TRAIN_LABELS) if part == "train" else (TEST_IMAGES, TEST_LABELS)
    # An IDX file begins with 4 bytes for its kind and 4 for each dimension; the checksum has vouched for them.
    images = np.frombuffer(read_official(folder, image_file), np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.frombuffer(read_official(folder, label_file), np.uint8, offset=8).astype(np.int64)
    return images, labels


def read_official(folder: Path, file: OfficialFile) -> bytes:
    """The unpacked content of one file, from wherever under `folder` a right one lies.

    Raises:
        DatasetError: naming each place and what is wrong there.
    """
    complaints = []
    for path in _places(folder, file):
        try:
            return read_checked(path, file)
        except FileNotFoundError:
            continue
        except DatasetError as error:
            complaints.append(str(error))
    if not complaints:
        raise DatasetError(f"{file.packed_name} is not in {folder}: download MNIST, or {how_to_go_on(folder)}")
    raise DatasetError(f"{'; '.join(complaints)}: remove it and download MNIST again, or {how_to_go_on(folder)}")


def read_checked(path: Path, file: OfficialFile) -> bytes:
    """The unpacked content of the file at `path`, packed or not by its ending, once its checksum is right.

    Raises:
        FileNotFoundError: if there is none.
        DatasetError: if it cannot be read or is not the official file.
    """
    try:
        content = read_bytes(path, most=file.size)
    except DamagedFileError as error:
        raise DatasetError(f"{path} cannot be read ({error})") from error
    is_packed = path.suffix == ".gz"
    difference = find_difference(content, file, is_packed=is_packed)
    unpacked = _unpacked(content, file.size) if is_packed else content
    if difference and not (is_packed and hashlib.sha256(unpacked).hexdigest() == file.sha256):
        raise DatasetError(f"{path} is not the official MNIST file: {difference}")
    return unpacked


def findings(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file under `folder` that is called like an official one, and what is wrong with it: "" if it is one."""
    for file in FILES:
        for path in _places(folder, file):
            try:
                read_checked(path, file)
            except FileNotFoundError:
                continue
            except DatasetError as error:
                yield path, str(error)
            else:
                yield path, ""


def find_difference(content: bytes, file: OfficialFile, *, is_packed: bool) -> str | None:
    """What was expected of the file and what was found instead; None if it is the official one."""
    size = file.packed_size if is_packed else file.size
    if len(content) != size:
        return f"expected {size:,} bytes, found {len(content):,}"
    expected = file.packed_md5 if is_packed else file.sha256
    hashed = hashlib.md5(content, usedforsecurity=False) if is_packed else hashlib.sha256(content)
    if hashed.hexdigest() != expected:
        return f"expected the {hashed.name.upper()} checksum {expected}, found {hashed.hexdigest()}"
    return None


def present(folder: Path, file: OfficialFile) -> list[tuple[str, Stamp]]:
    """Path of whatever passes for `file` by name and size, unread; and what is another as soon as its content is."""
    found = []
    for path in _places(folder, file):
        try:
            stamp = stamp_of(path)
        except OSError:  # not there, or not for us: `read` tells which, when it comes to that
            continue
        # another program packs to another size, but not to a tenth or to more than what is packed
        sizes = range(file.packed_size // 10, file.size) if path.suffix == ".gz" else (file.size,)
        if stamp[-1] in sizes:
            found.append((str(path), stamp))
    return found


def how_to_go_on(folder: Path) -> str:
    """What somebody without MNIST can do, as the end of a sentence."""
    return (
        f"put {PACKED_NAMES} into {folder} by hand, set MNIST_DATA to a folder that contains them or MNIST_MIRROR to "
        "a URL that serves them, or use the built-in data set digits, which needs no download"
    )


def _places(folder: Path, file: OfficialFile) -> Iterator[Path]:
    for name in file.names:
        yield folder / name
        yield folder / TORCHVISION_FOLDER / name


def _unpacked(content: bytes, size: int) -> bytes:
    """What a gzip file holds, and no more than a byte over `size`; nothing if it is damaged or more follows it."""
    unpacking = zlib.decompressobj(_GZIP)
    try:
        unpacked = unpacking.decompress(content, size + 1)
    except zlib.error:
        return b""
    return unpacked if unpacking.eof and not unpacking.unused_data else b""
