"""A picture with a box around each digit that was found on it."""

from collections.abc import Iterator, Sequence

import numpy as np
from PIL import Image, ImageDraw

from mnist_core.figures.palette import ACCENT, MUTED, ON_DARK
from mnist_core.types import Prediction

BOX_FRACTION = 150  # a box's line is this part of the picture's longer side
DASH, PAUSE = 4, 3  # in widths of the line, around what is not a digit

Corner = tuple[float, float]


def with_boxes(picture: np.ndarray, digits: Sequence[Prediction], scale: float) -> Image.Image:
    """Draw the boxes, dashed and quiet around what is not a digit.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        scale: of it to the picture in whose pixels the boxes are.
    """
    image = Image.fromarray(picture).convert("RGB")
    draw = ImageDraw.Draw(image)
    width = max(2, max(image.size) // BOX_FRACTION)
    for digit in digits:
        if not digit.box:
            continue
        left, top = digit.box.left * scale, digit.box.top * scale
        right, bottom = left + digit.box.width * scale, top + digit.box.height * scale
        if digit.is_digit:
            draw.rectangle((left, top, right, bottom), outline=ON_DARK[ACCENT], width=width)
            continue
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        for start, end in zip(corners, [*corners[1:], corners[0]], strict=True):
            for dash in _dashes(start, end, width):
                draw.line(dash, fill=MUTED, width=width)
    return image


def _dashes(start: Corner, end: Corner, width: int) -> Iterator[tuple[Corner, Corner]]:
    """A straight line in pieces."""
    length = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    step = (DASH + PAUSE) * width
    for at in np.arange(0, length, step):
        yield _between(start, end, at / length), _between(start, end, min(at + DASH * width, length) / length)


def _between(start: Corner, end: Corner, share: float) -> Corner:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
