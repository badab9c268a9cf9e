"""Any file or bytes -> an array of pixels, safely: what it costs is known from the header before it is decoded."""

import math
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import ExifTags, Image

from mnist_core.errors import ImageError
from mnist_core.images.pixels import eight_bits, opaque

# What people have: screenshots, phone photographs, scans, paint programs. Pillow's other decoders stay shut.
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF", "PPM")
# How names of such files end; the content decides.
ENDINGS = (
    *("png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "bmp", "dib", "webp", "tif", "tiff"),
    *("pbm", "pgm", "ppm", "pnm"),
)
# What phones and programs save besides: taken, so that whoever brings one is told the way out.
NOT_PICTURES = ("heic", "heif", "avif", "pdf", "svg")
MAX_BYTES = 10 * 2**20  # the app's upload limit; a 12-megapixel phone photo takes 3 to 6 million
MAX_PIXELS = 50_500_000  # the full sensor of a 50-megapixel phone (8,192 x 6,144); 200 MB decoded at most
MAX_SIDE = 16_383  # as many as a WEBP may have; a phone's panorama passes
MIN_SIDE = 8  # the smallest digits anyone collects (scikit-learn's) are 8 x 8
PIXELS_KEPT = 4_000_000  # a digit across 2 % of a page this large still has the 20 pixels it is scaled to

# What Pillow's decoders raise on damaged files: all that 40,000 damaged ones made them raise, and what they document.
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError)

# What an orientation in the metadata asks for. Source: Exif 2.32, tag 0x0112.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# One picture at a time: it bounds memory, and `warnings.catch_warnings` must not be entered by two threads at once.
_decoding = threading.Lock()


def read_picture(source: Path | bytes | BinaryIO) -> np.ndarray:
    """Decode a picture: upright, without transparency, its first frame only.

    Transparent parts are laid on a ground on which the ink stays visible. Pictures above `PIXELS_KEPT` come back
    reduced by a whole number.

    Returns: (H, W) or (H, W, 3) uint8, grey or RGB.
    Raises: ImageError: if it is missing, empty, too large, too small, damaged or no picture.
    """
    return read_with_scale(source)[0]


def read_with_scale(source: Path | bytes | BinaryIO) -> tuple[np.ndarray, float]:
    """The same, and how many of the file's pixels, along a side, one pixel of it stands for."""
    data = _read_bytes(source)
    with _decoding, _quiet():
        return _decode(data)


def _read_bytes(source: Path | bytes | BinaryIO) -> bytes:
    if isinstance(source, Path):
        data = _read_file(source)
    elif isinstance(source, bytes):
        data = source
    else:
        data = source.read(MAX_BYTES + 1)
    if not data:
        raise ImageError("Expected a picture but found an empty file; choose another one.")
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"Expected a picture of at most {MAX_BYTES // 2**20} MB but found a larger file; save a smaller copy."
        )
    return data


def _read_file(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise ImageError(f"Expected a picture but found a folder: {path.name}; choose a file in it.")
        if path.exists() and not path.is_file():  # a pipe or a device would make us wait for ever
            raise ImageError(f"Expected a picture but found something that is not a regular file: {path.name}.")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ImageError(f"Expected a picture but found no file at {path}; check the path.") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ImageError(
            f"The file {path.name} could not be opened ({reason}); check it and its permissions."
        ) from error
    except ValueError as error:  # a null character in the name
        raise ImageError("Expected a path to a picture but found an invalid file name; check the path.") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Pillow warns of damaged metadata, which we do not use, and of size, which we check."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _decode(data: bytes) -> tuple[np.ndarray, float]:
    with _opened(data) as image:
        width, height = image.size
        _check_size(width, height)
        _load(image, shrink := math.ceil(math.sqrt(width * height / PIXELS_KEPT)))
        orientation = _orientation(image)  # after loading: a TIFF is upright by then, and a PNG's may come last
        picture = eight_bits(image)
        if shrink > 1 and image.size == (width, height):
            picture = picture.reduce(shrink)
        scale = width / picture.width
        if orientation in UPRIGHT:
            picture = picture.transpose(UPRIGHT[orientation])
        return opaque(picture), scale


def _opened(data: bytes) -> Image.Image:
    names = "PNG, JPEG, GIF, BMP, WEBP, TIFF or PPM"
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise ImageError(f"{_size_limit()} but found a far larger one; save a smaller copy.") from error
    except DAMAGED as error:
        raise ImageError(
            f"Expected a {names} picture but found {_looks_like(data)}; export it as JPEG or PNG."
        ) from error


def _looks_like(data: bytes) -> str:
    head = data[:512]
    if head[4:8] == b"ftyp":
        return "a HEIC, AVIF or video file"
    if head.startswith(b"%PDF"):
        return "a PDF document"
    if b"<svg" in head:
        return "an SVG drawing"
    if all(byte in b"\t\n\r\f" or byte >= 32 for byte in head) and b"\x7f" not in head and _is_text(head):
        return "text"
    return "another format or a damaged file"


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 3  # a character cut at the end of the head
    return True


def _size_limit() -> str:
    return f"Expected a picture of at most {MAX_PIXELS // 1_000_000} megapixels and {MAX_SIDE:,} pixels a side"


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS or max(width, height) > MAX_SIDE:
        raise ImageError(f"{_size_limit()} but found {width:,} x {height:,}; save a smaller copy.")
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"Expected a picture of at least {MIN_SIDE} x {MIN_SIDE} pixels but found {width} x {height}; "
            "choose a larger one."
        )


def _load(image: Image.Image, shrink: int) -> None:
    """Decode; a JPEG already smaller, by 2, 4 or 8 and at least `shrink`, which costs a fraction."""
    if shrink > 1:
        power = 1 << (shrink - 1).bit_length()
        image.draft(None, (max(1, image.width // power), max(1, image.height // power)))
    try:
        image.load()
    except DAMAGED as error:
        raise ImageError(
            f"Expected a complete {image.format} picture but found a damaged or truncated one; save or send it again."
        ) from error


def _orientation(image: Image.Image) -> int | None:
    try:
        return image.getexif().get(ExifTags.Base.Orientation)
    except DAMAGED:  # in its metadata only: the picture is whole
        return None
