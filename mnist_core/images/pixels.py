"""Whatever a decoder gives (palettes, transparency, CMYK, 16 bits, floats) -> opaque 8-bit grey or RGB."""

import numpy as np
from PIL import Image

from mnist_core.errors import ImageError

WIDE_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")  # one number a pixel, of more than 8 bits
WHITES = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)  # what cameras, scanners and programs call white

VISIBLE = 128  # alpha from which a pixel counts as drawn; softer ones are the edges of strokes
TWO_TONED = 96  # grey levels between the darkest and the lightest drawn pixels: ink and its own paper
FILLED = 0.5  # fraction of its bounding box that a paper covers and a drawing does not


def eight_bits(image: Image.Image) -> Image.Image:
    """Bring a decoded picture to mode L, LA, RGB or RGBA."""
    if image.mode in WIDE_MODES:
        return Image.fromarray(_narrowed(np.asarray(image)))
    grey = image.mode in ("1", "L", "LA", "La")
    mode = ("L" if grey else "RGB") + ("A" if image.has_transparency_data else "")
    return image if image.mode == mode else image.convert(mode)


def _narrowed(values: np.ndarray) -> np.ndarray:
    """Scale wide numbers to 0..255 by the least usual white that none exceeds, so that 12 bits in 16 stay visible."""
    values = values.astype(np.float32)
    known = np.isfinite(values)
    if not known.any():
        raise ImageError("Expected a picture but found one whose pixels are all undefined (NaN); save it again.")
    low, high = min(0.0, float(values[known].min())), float(values[known].max())
    values = np.nan_to_num(values, copy=False, nan=low, posinf=high, neginf=low) - low
    white = next((white for white in WHITES if white >= high - low), high - low)
    return np.rint(values * (255 / white)).astype(np.uint8)


def opaque(image: Image.Image) -> np.ndarray:
    """Lay a picture of mode L, LA, RGB or RGBA on a ground on which its ink is visible.

    Returns: (H, W) or (H, W, 3) uint8.
    """
    if not image.mode.endswith("A"):
        return np.array(image)
    pixels = np.asarray(image)
    colour, alpha = pixels[..., :-1], pixels[..., -1:]
    if alpha.min() < 255:
        share = alpha.astype(np.float32) / 255
        ground = _ground(colour, alpha[..., 0])
        colour = np.rint(colour * share + ground * (1 - share)).astype(np.uint8)
    return np.array(colour[..., 0] if image.mode == "LA" else colour)


def _ground(colour: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Black or white, whichever is further from the ink; the paper's own colour where the picture brings its paper.

    Args: colour: (H, W, 1 or 3) uint8; alpha: (H, W) uint8.
    """
    drawn = alpha >= VISIBLE
    if not drawn.any():
        drawn = alpha > 0
    if not drawn.any():
        return np.full(colour.shape[-1], 255.0)  # nothing drawn at all: a blank sheet
    tones = colour[drawn]  # (N, 1 or 3)
    grey = tones.mean(axis=1)
    darkest, lightest = np.percentile(grey, (5, 95))
    if lightest - darkest > TWO_TONED and _fill(drawn) > FILLED:
        return np.median(tones, axis=0)  # type: ignore[no-any-return]
    return np.full(colour.shape[-1], 255.0 if grey.mean() < 128 else 0.0)


def _fill(drawn: np.ndarray) -> float:
    """Fraction of its bounding box that a mask (H, W) covers."""
    rows, columns = np.flatnonzero(drawn.any(1)), np.flatnonzero(drawn.any(0))
    return float(drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean())
