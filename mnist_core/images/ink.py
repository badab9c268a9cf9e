"""Where a picture's ink is, on paper, screen or blackboard: grey, ink or ground, uneven light, threshold.

`find_ink` goes the whole way; the functions after it are its steps, in order.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image
from scipy import ndimage

from mnist_core.errors import ConfigError, NoInkError
from mnist_core.images.polarity import THUMB_SIDE, border, has_dark_ink, otsu, thumbnail

Invert = Literal["auto", "yes", "no"]

WORKING_PIXELS = 1_200_000  # a digit across 3 % of a page this large still has the 20 pixels it is scaled to
PAPER_SIDE = 256  # light changes slowly: its estimate needs no more
CLOSED = 0.2  # of the mean side: wider than any stroke, narrower than most shadows (0.15 to 0.35 read the same)
EVEN_LEVELS = 6  # grey levels; a scanner's and JPEG's noise on white stays within
DARKEST_PAPER = 0.15  # of the lightest: what is darker is no paper in shadow but a table, whose grain is not ink
SMALL = 64  # pixels along the shorter side: on less there is neither a shadow's edge nor paper enough to see its noise
TINY = 16  # pixels along the shorter side: scikit-learn's digits have 8 and fill them to the border
SHADOW_FRACTION = 0.6  # of the deepest ink's depth
MIN_CONTRAST = 10  # grey levels between ink and ground: the faintest digits people sent were at 34
MIN_ON_PAPER = 20  # the same where light was divided out, which leaves its own traces: people's digits were above 51
MIN_SIGMAS = 7  # of the paper's noise, between ink and ground: people's digits were above 8.9, blank paper below 6.3
INK_PERCENTILE = 75  # of what is surely ink: full ink; the rest are edges. In MNIST this pixel is 253
NOISE_SIGMAS = 4  # one pixel in 30,000 of normal noise is beyond
EIGHT_NEIGHBOURS = np.ones((3, 3), bool)
WEAK_FRACTION = 0.3  # of full ink: where a pen ran dry or a thin line fell between two pixels
EDGE_PIXELS = 2  # soft edges reach this far around a stroke in MNIST
NO_INK = "Expected a digit but found no ink in the picture; draw one, or take a closer photo in better light."


@dataclass(frozen=True, eq=False)
class Ink:
    """A picture as ink on ground, at most `WORKING_PIXELS` large."""

    grey: np.ndarray  # (H, W) uint8, as the picture is
    evened: np.ndarray | None  # (H, W) uint8, dark ink on white: light divided out; None where the ground is even
    paper: np.ndarray | float  # the ground's grey level where ink is dark: (H, W) float32, or one where it is even
    depth: np.ndarray  # (H, W) float32, grey levels by which it is darker than the paper, light divided out
    levels: np.ndarray  # (H, W) uint8, from 0 for ground to 255 for full ink, noise included
    strength: np.ndarray  # (H, W) uint8, the same with all that is not ink cleared to 0
    inverted: bool  # the picture has dark ink on light ground
    shrink: int  # pixels of the picture to a pixel here, along each side


def find_ink(picture: np.ndarray, *, invert: Invert = "auto") -> Ink:
    """Tell ink from ground.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        invert: whether it has dark ink on light ground; `auto` finds out.
    Raises: NoInkError: if nothing stands out.
    """
    if invert not in ("auto", "yes", "no"):
        raise ConfigError(f"invert must be auto, yes or no, got {invert!r}")
    assert picture.dtype == np.uint8, f"expected uint8, got {picture.dtype}"
    assert picture.ndim == 2 or picture.shape[2:] == (3,), f"expected (H, W) or (H, W, 3), got {picture.shape}"
    picture, shrink = reduced(picture)
    grey = to_grey(picture)
    inverted = has_dark_ink(grey) if invert == "auto" else invert == "yes"
    light = grey if inverted else 255 - grey  # dark ink on light ground from here on
    paper = paper_level(light)
    depth = ink_depth(light, paper)
    levels, strength = threshold(depth, MIN_CONTRAST if isinstance(paper, float) else MIN_ON_PAPER)
    evened = None if isinstance(paper, float) else np.clip(np.percentile(paper, 95) - depth, 0, 255).astype(np.uint8)
    return Ink(grey, evened, paper, depth, levels, strength, inverted, shrink)


def reduced(picture: np.ndarray) -> tuple[np.ndarray, int]:
    """Average squares of pixels until the picture is small enough to work on; thin pens get fainter, not lost."""
    shrink = math.ceil(math.sqrt(picture.shape[0] * picture.shape[1] / WORKING_PIXELS))
    if shrink <= 1:
        return picture, 1
    return np.asarray(Image.fromarray(picture).reduce(shrink)), shrink


def to_grey(picture: np.ndarray) -> np.ndarray:
    """Weigh the colours by how well they tell ink from ground, so that yellow on white stays visible.

    What stands out most from its surroundings is taken for ink; channels in which it is lighter and channels in which
    it is darker than the ground would cancel out, so only the stronger side counts. Black on white gives equal weights.

    Args: picture: (H, W) or (H, W, 3) uint8.
    Returns: (H, W) uint8.
    """
    if picture.ndim == 2:
        return picture
    step = max(1, max(picture.shape) // THUMB_SIDE // 2)
    sample = picture[::step, ::step].astype(np.float32)
    window = max(sample.shape) // 2 | 1
    deviation = sample - ndimage.uniform_filter(sample, (window, window, 0), mode="nearest")
    strangeness = np.abs(deviation).sum(2)
    ink = deviation[strangeness >= np.percentile(strangeness, 98)].mean(0)  # (3,)
    weights = np.maximum(ink if ink.sum() > 0 else -ink, 0)
    weights = weights / weights.sum() if weights.any() else np.full(3, 1 / 3)
    return np.asarray(Image.fromarray(picture).convert("L", (*weights.tolist(), 0.0)))


def paper_level(light: np.ndarray) -> np.ndarray | float:
    """The ground's grey level: one number where it is the same everywhere, else the paper's light at each place.

    Args: light: (H, W) uint8, dark ink on light ground.
    Returns: a level, or (H, W) float32.
    """
    edge = border(light)
    if min(light.shape) < TINY:
        return float(np.percentile(edge, 75))  # ink may cover half the border
    level = float(np.median(edge))
    # bounds by trying: a digit may touch a quarter of the border, and thick ink may cover two thirds of a picture
    is_even = (
        np.mean(np.abs(edge - level) <= EVEN_LEVELS) > 0.75
        and np.mean(light > level + EVEN_LEVELS) < 0.05
        and np.mean(light >= level - EVEN_LEVELS) > 0.3
    )
    if is_even and min(light.shape) < SMALL:
        return level
    paper = paper_light(light)
    if is_even and not _is_shadowed(light, paper, level):
        return level
    return paper


def _is_shadowed(light: np.ndarray, paper: np.ndarray, level: float) -> bool:
    """Whether dark places too broad for strokes are shadows, less dark than ink, and not a thick brush's ink."""
    broad = paper[paper < level - 2 * EVEN_LEVELS]
    full = level - float(light.min())
    return broad.size > 0.01 * paper.size and level - float(np.median(broad)) < SHADOW_FRACTION * full


def paper_light(light: np.ndarray) -> np.ndarray:
    """How light the paper is at each place, shadows and vignettes included: strokes are closed over.

    Args: light: (H, W) uint8, dark ink on light ground.
    Returns: (H, W) float32.
    Source: grey-scale closing as an estimate of the background; Gonzalez and Woods, Digital Image Processing, 9.6.
    """
    small = ndimage.uniform_filter(thumbnail(light, PAPER_SIDE).astype(np.float32), 3, mode="nearest")
    size = max(3, int(CLOSED * math.sqrt(small.size)) | 1)
    closed = ndimage.grey_closing(small, (size, size), mode="nearest")
    smooth = ndimage.uniform_filter(closed, max(3, size // 4), mode="nearest")
    smooth = np.maximum(smooth, DARKEST_PAPER * np.percentile(smooth, 95))
    height, width = light.shape
    return np.asarray(Image.fromarray(smooth).resize((width, height), Image.Resampling.BILINEAR))


def ink_depth(light: np.ndarray, paper: np.ndarray | float) -> np.ndarray:
    """How much darker than the paper each pixel is, in grey levels, had all paper the light of its lightest part.

    Ink absorbs a fraction of the light that falls on it, so shadows are divided out, not subtracted.

    Args: light: (H, W) uint8; paper: one level, or (H, W) float32.
    Returns: (H, W) float32, about 0 on paper.
    """
    if isinstance(paper, float):
        return np.float32(paper) - light
    gain = np.float32(np.percentile(paper, 95)) / np.maximum(paper, np.float32(1))
    return np.asarray((paper - light) * gain)


def threshold(depth: np.ndarray, least_contrast: float) -> tuple[np.ndarray, np.ndarray]:
    """Call ink what is at least half as deep as full ink; keep the soft edges around it; clear the rest.

    Otsu's threshold among all that rises above the paper's noise separates ink from leftovers of shadows, however
    little ink there is; alone it would cut uneven ink in two. Edges keep their greys: MNIST's digits pass unharmed.

    Args:
        depth: (H, W) float32, see `ink_depth`.
        least_contrast: grey levels between ink and ground, below which it is no ink.
    Returns: levels and strength of `Ink`.
    Raises: NoInkError: if nothing is deeper than the noise.
    """
    paper, noise = _paper_noise(depth)
    floor = paper + NOISE_SIGMAS * noise
    raised = depth[depth > floor]
    if not raised.size:
        raise NoInkError(NO_INK)
    sure = otsu(np.bincount(np.minimum(raised, 255).astype(np.uint8), minlength=256))
    full = float(np.percentile(raised[raised >= min(sure, raised.max())], INK_PERCENTILE))
    if full - paper < max(least_contrast, MIN_SIGMAS * noise):
        raise NoInkError(NO_INK)
    half = min(float(sure), paper + (full - paper) / 2)
    if noise > 0:
        floor = max(floor, half / 2)
    is_ink = _connected(depth >= half, depth >= max(floor, paper + WEAK_FRACTION * (full - paper)))
    near = ndimage.maximum_filter(is_ink.view(np.uint8), 2 * EDGE_PIXELS + 1).view(bool)
    strength = np.where(near & (depth > floor), _scaled(depth, floor, full), np.uint8(0))
    return _scaled(depth, paper, full), strength


def _connected(sure: np.ndarray, weak: np.ndarray) -> np.ndarray:
    """What is surely ink and the weaker ink that hangs on to it.

    Source: hysteresis; J. Canny, A computational approach to edge detection, 1986.
    """
    labels, count = ndimage.label(weak | sure, EIGHT_NEIGHBOURS)
    holds_sure = np.zeros(count + 1, bool)
    holds_sure[labels[sure]] = True
    is_ink: np.ndarray = holds_sure[labels]
    return is_ink


def _paper_noise(depth: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of the paper's depth, from its lighter half, where no ink is.

    Source: of a normal distribution the 5th and the 25th percentile lie 1.645 and 0.674 deviations below the mean.
    """
    if min(depth.shape) < SMALL:
        return 0.0, 0.0
    step = max(1, max(depth.shape) // 200)
    lowest, low = np.percentile(depth[::step, ::step], (5, 25))
    noise = float(low - lowest) / (1.645 - 0.674)
    return float(low) + 0.674 * noise, noise


def _scaled(depth: np.ndarray, zero: float, full: float) -> np.ndarray:
    return np.clip((depth - zero) * (255 / (full - zero)) + 0.5, 0, 255).astype(np.uint8)
