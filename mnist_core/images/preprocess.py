"""Any picture of one digit -> the one kind of tensor the models accept.

`preprocess` brings a picture to MNIST's form, `normalise` brings images in that form to the network. Source of the
form: LeCun, Bottou, Bengio, Haffner, Gradient-based learning applied to document recognition, 1998, section III.A.
"""

import math
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from mnist_core.errors import ConfigError, NoInkError
from mnist_core.images import filmstrip
from mnist_core.images.connected_components import (
    extent,
    find_components,
    in_picture,
    main_digit,
    only,
    union,
    without_frame,
)
from mnist_core.images.ink import NO_INK, Ink, Invert, find_ink
from mnist_core.images.ruled_lines import without_lines
from mnist_core.images.shadows import without_shadows
from mnist_core.images.strokes import FINE, as_broad_as_mnist, block_maximum, is_stub
from mnist_core.types import SIDE, Box, Preprocessed

if TYPE_CHECKING:
    import torch

Threshold = Literal["auto", "off"] | int

DIGIT_SIDE = 20  # of the box a digit is scaled into
CENTRE = 14  # the pixel on which the centre of mass falls in MNIST: between 13.5 and 14.5 in all 10,000 test images

PIXEL_MEAN, PIXEL_STD = 0.1307, 0.3081  # of MNIST's 60,000 training images, ink being 1

MIN_EXTENT = 4  # pixels: what is smaller all round is a speck, also when it is alone
MAX_PIECES = 12  # of a broken stroke; more are the paper's grain
MIN_FRACTION = 0.025  # of the picture's longer side: the same
TINY_FRACTION = 0.25  # of it: what is smaller may be a pen that slipped
MIN_HEIGHT = 0.5  # of the tallest: what is lower is no digit beside it


def preprocess(
    picture: np.ndarray, *, invert: Invert = "auto", threshold: Threshold = "auto", with_steps: bool = True
) -> Preprocessed:
    """Bring a picture of one digit to MNIST's form: light ink on dark ground, in 20 x 20, centred by mass in 28 x 28.

    Args:
        picture: (H, W) or (H, W, 3) uint8, dark ink on light ground or light on dark.
        invert: whether it has dark ink on light ground; `auto` finds out.
        threshold: what is ink. `auto` decides; `off` keeps every grey around the digit; a number from 0 to 255 clears
            what is fainter, where 255 is full ink and 0 the ground.
        with_steps: whether the film-strip is wanted too.
    Raises: NoInkError: if there is nothing on it.
    """
    ink = find_ink(picture, invert=invert)
    strength = at_level(ink, threshold)
    unlined = without_lines(strength)
    digit, large_specks = drop_specks(ink, unlined)
    found = bounding_box(digit)
    cropped = _inside(ink.levels if threshold == "off" else digit, found)
    reduced = block_maximum(cropped, math.ceil(max(cropped.shape) / FINE))
    redrawn = as_broad_as_mnist(reduced)
    fitted = fit(redrawn)
    image = centre(fitted)
    stages = filmstrip.Stages(picture, ink, strength, unlined, digit, cropped, reduced, redrawn, fitted, image)
    steps = filmstrip.steps(stages) if with_steps else ()
    is_tiny = max(cropped.shape) <= TINY_FRACTION * max(strength.shape)
    return Preprocessed(
        image,
        in_picture(found, ink.shrink, picture.shape),
        ink.inverted,
        steps,
        large_specks,
        is_tiny and is_stub(cropped),
    )


def at_level(ink: Ink, threshold: Threshold) -> np.ndarray:
    """What is ink, (H, W) uint8, at a threshold as for `preprocess`."""
    if threshold in ("auto", "off"):
        return ink.strength
    if isinstance(threshold, bool) or not isinstance(threshold, int) or not 0 <= threshold <= 255:
        raise ConfigError(f"threshold must be auto, off or 0 to 255, got {threshold!r}")
    return np.where(ink.levels >= max(threshold, 1), ink.levels, np.uint8(0))


def drop_specks(ink: Ink, strength: np.ndarray) -> tuple[np.ndarray, int]:
    """Keep the digit: its largest piece and what belongs to it.

    Args: strength: (H, W) uint8.
    Returns: (H, W) uint8; and how many pieces were left out that are at least half as tall as the digit.
    """
    labels, components = find_components(strength)
    strokes = without_shadows(ink, labels, components)
    if not strokes:
        raise NoInkError(NO_INK)
    strokes = without_frame(labels, strokes)
    kept = main_digit(strokes)
    box = union(component.box for component in kept)
    if len(kept) > MAX_PIECES or extent(box) < max(MIN_EXTENT, MIN_FRACTION * max(strength.shape)):
        raise NoInkError(NO_INK)
    large = sum(component not in kept and component.box.height >= MIN_HEIGHT * box.height for component in strokes)
    return only(strength, labels, kept) if len(kept) < len(components) else strength, large


def in_mnist_form(digit: np.ndarray) -> np.ndarray:
    """The same from a digit's ink alone, without a film-strip. Args: (H, W) uint8, cropped to it; returns: (28, 28)."""
    reduced = block_maximum(digit, math.ceil(max(digit.shape) / FINE))
    return centre(fit(as_broad_as_mnist(reduced)))


def bounding_box(strength: np.ndarray) -> Box:
    """The smallest box around all ink of (H, W)."""
    rows, columns = np.flatnonzero(strength.any(1)), np.flatnonzero(strength.any(0))
    return Box(int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)


def fit(digit: np.ndarray) -> np.ndarray:
    """Scale a cropped digit so that its longer side is 20 pixels, each the mean of what it covers; full ink is 255.

    Args and returns: (H, W) uint8; the result is 20 pixels high or wide. A digit of that size is left as it is.
    """
    height, width = digit.shape
    scale = DIGIT_SIDE / max(height, width)
    if scale == 1:
        return digit
    size = (max(1, math.floor(width * scale + 0.5)), max(1, math.floor(height * scale + 0.5)))
    averaging = Image.Resampling.HAMMING if scale < 1 else Image.Resampling.BICUBIC
    scaled = np.asarray(Image.fromarray(digit).resize(size, averaging))
    return np.minimum(scaled * (255 / max(int(scaled.max()), 1)) + 0.5, 255).astype(np.uint8)


def centre(digit: np.ndarray) -> np.ndarray:
    """Lay a digit of at most 20 x 20 into 28 x 28 with its centre of mass in the middle, by whole pixels.

    Returns: (28, 28) uint8.
    """
    image = np.zeros((SIDE, SIDE), np.uint8)
    height, width = digit.shape
    top = _centred(digit.sum(1, dtype=np.int64), SIDE - height)
    left = _centred(digit.sum(0, dtype=np.int64), SIDE - width)
    image[top : top + height, left : left + width] = digit
    return image


def _centred(masses: np.ndarray, room: int) -> int:
    mean = float(masses @ np.arange(len(masses))) / max(float(masses.sum()), 1)
    return min(max(CENTRE - math.floor(mean + 0.5), 0), room)


def _inside(picture: np.ndarray, box: Box) -> np.ndarray:
    return picture[box.top : box.top + box.height, box.left : box.left + box.width]


def normalise(images: "np.ndarray | torch.Tensor") -> "torch.Tensor":
    """Bring images in MNIST's form to the network's input.

    Args: images: (N, 28, 28), (N, 1, 28, 28) or (28, 28), 0 to 255, uint8 or float32; an array, or a tensor anywhere.
    Returns: (N, 1, 28, 28) float32, on the same device; over MNIST's training images mean 0, standard deviation 1.
    """
    import torch  # a second; pages import this module and must be on screen before that

    pixels = images if isinstance(images, torch.Tensor) else torch.from_numpy(np.require(images, requirements="W"))
    assert pixels.dtype in (torch.uint8, torch.float32), f"expected uint8 or float32, got {pixels.dtype}"
    values = pixels.reshape(-1, 1, SIDE, SIDE).to(torch.float32, copy=True)  # (N, 1, 28, 28); the only copy
    return values.sub_(255 * PIXEL_MEAN).mul_(1 / (255 * PIXEL_STD))
