"""How thick a pen's strokes are, and the same digit drawn with a pen as broad as MNIST's."""

import math

import numpy as np
from PIL import Image
from scipy import ndimage

# Shares of a digit's longer side. In MNIST, strokes have 0.10 (5 %) to 0.20 (95 %) of it, half of them 0.12 to 0.155.
THIN_PEN = 0.10  # finer pens fade when scaled down (0.08 to 0.14 read the same)
THICK_PEN = 0.15  # broader ones fill the loops and notches of a digit (0.125 to 0.175 read the same)
OWN_SCALE = 24  # pixels: a digit no larger was drawn at MNIST's own scale, where a pen is as it should be
COARSE, FINE = 80, 160  # pixels: sizes between which strokes are measured and redrawn
MIN_LEFT = 0.4  # of the half width of a digit's thinner strokes, which must not break
LONGEST_STUB = 2.4  # in widths of the pen: the shortest upright 1 of people has 2.7
SOLID = 0.88  # of the area of a straight stroke with round ends: loops and bends leave more of their box empty


def stroke_width(digit: np.ndarray) -> float:
    """Mean width of strokes in pixels: a stroke has its length's worth of outline on either side."""
    is_ink = np.pad(digit >= 128, 1)
    outline = int(np.count_nonzero(is_ink & ~ndimage.binary_erosion(is_ink)))
    return 2 * int(np.count_nonzero(is_ink)) / max(outline, 1)


def relative_width(digit: np.ndarray) -> float:
    """Mean width of strokes as a fraction of the longer side of a picture cropped to the digit."""
    return stroke_width(digit) / int(max(digit.shape))


def is_stub(digit: np.ndarray) -> bool:
    """Whether this is the stub of a stroke, or a dot: hardly longer than the pen is broad, straight and solid.

    A network has seen nothing so short, and fills the box into which it is scaled with a guess.
    """
    points = np.stack(np.nonzero(digit >= 128)).astype(float)
    if points.shape[1] < 2:
        return True
    points -= points.mean(1, keepdims=True)
    _, axes = np.linalg.eigh(np.cov(points))
    across, along = np.ptp(axes.T @ points, axis=1) + 1
    length = along / across
    filled = points.shape[1] / (along * across)
    return bool(length <= LONGEST_STUB and filled >= SOLID * (1 - (1 - math.pi / 4) / length))


def as_broad_as_mnist(digit: np.ndarray) -> np.ndarray:
    """Draw with a broader pen what would fade when scaled down, with a finer one what would run together.

    A pen of 1 pixel in 300 would be left at 7 %; a brush of 20 pixels in 60 leaves no loop open. Strokes are moved out
    or in all along their outline, so the shape they follow stays.

    Args: digit: (H, W) uint8, cropped to the digit and at most `FINE` pixels.
    Returns: the same array where the pen is as broad as MNIST's, else another, larger or smaller by what was moved.
    """
    if max(digit.shape) <= OWN_SCALE:
        return digit
    width = relative_width(digit)
    if THIN_PEN <= width <= THICK_PEN:
        return digit
    if max(digit.shape) < COARSE:
        digit = _enlarged(digit, math.ceil(COARSE / max(digit.shape)))
    if width < THIN_PEN:
        return _broadened(digit, (THIN_PEN - width) / 2 * max(digit.shape))
    return _narrowed(digit, (width - THICK_PEN) / 2 * max(digit.shape))


def _broadened(digit: np.ndarray, radius: float) -> np.ndarray:
    padded = np.pad(digit, math.ceil(radius))
    distance = ndimage.distance_transform_edt(padded < 128)
    broad = np.clip((radius + 0.5 - distance) * 255, 0, 255).astype(np.uint8)
    return np.asarray(np.maximum(padded, broad))


def _narrowed(digit: np.ndarray, radius: float) -> np.ndarray:
    inside = ndimage.distance_transform_edt(np.pad(digit >= 128, 1))
    ridge = inside[(inside > 1) & (inside >= ndimage.maximum_filter(inside, 3))]
    if not ridge.size:
        return digit
    radius = min(radius, (1 - MIN_LEFT) * float(np.percentile(ridge, 10)))
    narrow: np.ndarray = np.clip((inside - radius) * 255, 0, 255).astype(np.uint8)
    rows, columns = np.flatnonzero(narrow.any(1)), np.flatnonzero(narrow.any(0))
    return np.asarray(narrow[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def block_maximum(digit: np.ndarray, size: int) -> np.ndarray:
    """Shrink by taking the strongest of each `size` x `size` pixels, so that no stroke fades."""
    if size <= 1:
        return digit
    height, width = digit.shape
    padded = np.pad(digit, ((0, -height % size), (0, -width % size)))
    return padded.reshape(padded.shape[0] // size, size, -1, size).max((1, 3))  # type: ignore[no-any-return]


def _enlarged(digit: np.ndarray, factor: int) -> np.ndarray:
    height, width = digit.shape
    return np.asarray(Image.fromarray(digit).resize((width * factor, height * factor), Image.Resampling.BICUBIC))
