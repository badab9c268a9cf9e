"""Files that come from outside, believed only as far as they are what is declared.

Whoever reads a file of a run's folder does it here: a regular file of a bounded size, numbers finite and within bounds,
values of the declared types. Whatever else it is comes out as one `DamagedFileError`, whose text is the reason alone:
the reader knows the file and the way out.
"""

import io
import math
import os
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
import numpy as np
from msgspec import Meta

from mnist_core.errors import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")

PLACE = re.compile(r"(.*) - at `\$\.?(.+)`")  # how msgspec ends its sentences
# Half a character, which Python writes of a name that is no UTF-8, and no text can have.
LONE_SURROGATE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
MAX_TEXT = 20_000  # characters of an error
MAX_LINE = 1_000_000  # bytes of a line: an event has 200, an error's text some thousand
MAX_ARRAY_HEADER = 1000  # bytes before the numbers of an array; NumPy writes 128
HEADER_BYTES = 100_000  # more than any names of tensors take
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of the others a few bytes are unpacked without any bound

Count = Annotated[int, Meta(ge=0, le=10**12)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Loss = Annotated[float, Meta(ge=0, le=float(np.finfo(np.float32).max))]  # nats
Seconds = Annotated[float, Meta(ge=0, le=1e10)]
Time = Annotated[float, Meta(ge=0, le=253e9)]  # seconds since 1970, to the year 9987
Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=MAX_TEXT)]


class DamagedFileError(CheckpointError):
    """A file is not what it should be."""


def read_bytes(path: Path, *, most: int) -> bytes:
    """The content of a file of at most so many bytes.

    Raises:
        FileNotFoundError: if there is none.
        DamagedFileError: if it is longer, not a regular file, or cannot be read.
    """
    with open_regular(path) as file:
        if os.fstat(file.fileno()).st_size > most or len(content := file.read(most + 1)) > most:
            raise DamagedFileError(f"longer than the {most:,} bytes it may have")
        return content


@contextmanager
def open_regular(path: Path) -> Iterator[io.BufferedReader]:
    """A file to read, opened without waiting for anybody: not a pipe, which may never say anything, nor a device.

    Raises: as `read_bytes`.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise DamagedFileError("not a regular file")
        with open(descriptor, "rb") as file:  # noqa: PTH123 -- a descriptor has no path
            yield file
    except FileNotFoundError:
        raise
    except OSError as error:
        raise DamagedFileError(f"it cannot be read: {error.strerror}") from error


def read_json(path: Path, kind: type[T], *, most: int) -> T:
    """A JSON file as the type it is declared to have; see `json_as`.

    Raises:
        FileNotFoundError: if there is none.
        DamagedFileError: if it is anything else.
    """
    value: T = json_as(kind, read_bytes(path, most=most))
    return value


def json_as(kind: Any, content: bytes) -> Any:
    """JSON as a type that bounds it: its numbers by `Meta`, its depth by having no `Any` in it.

    Raises:
        DamagedFileError: naming the place and what was expected there.
    """
    try:
        try:
            return _decoder(kind).decode(content)
        except ValueError as error:
            if "surrogate" not in str(error):
                raise
            return _decoder(kind).decode(LONE_SURROGATE.sub(rb"\\ufffd", content))
    except (ValueError, RecursionError) as error:  # msgspec's own are ValueErrors
        raise DamagedFileError(PLACE.sub(r"\2: \1", str(error))) from error


@cache
def _decoder(kind: Any) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(kind)


def read_lines(file: io.BufferedReader, *, most: int) -> Iterator[tuple[list[bytes], int]]:
    """The whole lines from where a file stands, some at a time, with the place in the file that they end at.

    A last line without its end is left for another time. Where a million bytes hold no end of a line, they pass for a
    line themselves, and what the file has by now after them is passed over. So does all that lies beyond `most` bytes.
    """
    place, rest = file.tell(), b""
    if place >= most:
        return
    while place < most and (piece := file.read(MAX_LINE)):
        data = rest + piece
        end = data.rfind(b"\n") + 1
        if not end and len(data) >= MAX_LINE:
            yield [data], os.fstat(file.fileno()).st_size
            return
        rest = data[end:]
        if end:
            place += end
            yield data[:end].splitlines(), place
    if place >= most and (rest or file.read(1)):
        yield [rest], os.fstat(file.fileno()).st_size


def read_arrays(path: Path, most: Mapping[str, int]) -> dict[str, np.ndarray]:
    """The arrays of an `.npz` file.

    Args:
        most: the names of the arrays, each with the bytes that its numbers may have.
    Raises:
        FileNotFoundError: if there is none.
        DamagedFileError: if one is missing, larger, or of objects; if the archive is damaged or encrypted.
    """
    content = read_bytes(path, most=sum(most.values()) + 1000 * len(most))  # of numbers that cannot be packed
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return {name: _array(archive, f"{name}.npy", at_most) for name, at_most in most.items()}
    except DamagedFileError:
        raise
    except Exception as error:  # a decoder of damaged bytes may raise anything
        raise DamagedFileError(f"no archive of arrays: {error}") from error


def _array(archive: zipfile.ZipFile, name: str, most: int) -> np.ndarray:
    if archive.getinfo(name).compress_type not in METHODS:
        raise DamagedFileError(f"{name} in it is packed as no array is")
    with archive.open(name) as member:
        content = member.read(most + MAX_ARRAY_HEADER + 1)
    if len(content) > most + MAX_ARRAY_HEADER:
        raise DamagedFileError(f"{name} in it is longer than the {most:,} bytes it may have")
    file = io.BytesIO(content)
    version = np.lib.format.read_magic(file)
    read_header = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }[version]
    shape, by_columns, dtype = read_header(file, max_header_size=MAX_ARRAY_HEADER)
    numbers = content[file.tell() :]
    if dtype.hasobject or by_columns or math.prod(shape) * dtype.itemsize != len(numbers):
        raise DamagedFileError(f"{name} in it does not have the numbers that it says")
    return np.frombuffer(numbers, dtype).reshape(shape).copy()  # one that can be written to, as torch wants it


def read_tensors(path: Path, *, most: int) -> "dict[str, Tensor]":
    """The tensors of a `.safetensors` file.

    Args:
        most: how many bytes the numbers may have.
    Raises:
        FileNotFoundError: if there is none.
        DamagedFileError: if it is anything else.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        return load(read_bytes(path, most=most + HEADER_BYTES))
    except (SafetensorError, ValueError, KeyError) as error:
        raise DamagedFileError(str(error).partition("\n")[0]) from error


def check_finite(tensors: "Mapping[str, Tensor]") -> None:
    """Raises: DamagedFileError: naming a tensor with a number in it that is none."""
    for name, tensor in tensors.items():
        if not bool(tensor.isfinite().all()):
            raise DamagedFileError(f"{name} has numbers that are not finite")
