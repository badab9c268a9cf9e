"""Pieces that a photograph's light left behind, told from strokes: strokes have paper on both sides, shadows on one."""

import math

import numpy as np
from PIL import Image
from scipy import ndimage

from mnist_core.images.connected_components import Component, extent
from mnist_core.images.ink import Ink
from mnist_core.images.strokes import stroke_width

REACH = 3  # stroke widths: paper lies within on either side of a stroke
COARSE_STROKE = 3.0  # pixels: strokes this wide show as well as wider ones
MIN_RIDGE = 0.35  # of a piece's depth that a stroke keeps where only what is narrow is dark
SOLID = 0.35  # width by extent: a bar half as wide as long has 0.33
MAX_LOOKED_AT = 200  # pieces, the heaviest; each takes half a millisecond
MIN_SOLID = 0.1  # of the picture's longer side: what is smaller may be a dot or a part of a broken stroke


def without_shadows(ink: Ink, labels: np.ndarray, components: list[Component]) -> list[Component]:
    """Leave out what shadows and vignettes left; everything is kept where the ground was even.

    Args: labels: (H, W) of `components`, as `find_components` gave them.
    """
    if isinstance(ink.paper, float):
        return components
    light = ink.grey if ink.inverted else 255 - ink.grey
    kept = [
        component
        for component in components[:MAX_LOOKED_AT]
        if _is_stroke(ink.strength, light, ink.paper, labels, component)
    ]
    return kept + components[MAX_LOOKED_AT:]


def _is_stroke(
    strength: np.ndarray, light: np.ndarray, paper: np.ndarray, labels: np.ndarray, component: Component
) -> bool:
    piece = np.where(_window(labels, component, 0) == component.label, _window(strength, component, 0), np.uint8(0))
    width = max(stroke_width(piece), 1.0)
    if extent(component.box) >= MIN_SOLID * max(light.shape) and width > SOLID * extent(component.box):
        return False
    shrink = max(1, int(width / COARSE_STROKE))
    margin = math.ceil(REACH * width) + shrink
    seen = _shrunk(_window(light, component, margin), shrink)
    lost = _shrunk(_window(paper, component, margin), shrink) - seen
    share = _shrunk((_window(labels, component, margin) == component.label).astype(np.uint8), shrink)
    is_ink = share >= min(0.5, float(share.max()))
    size = max(3, round(REACH * width / shrink) | 1)
    ridge = ndimage.grey_closing(seen, (size, size), mode="nearest") - seen
    return float(ridge[is_ink].sum()) >= MIN_RIDGE * float(lost[is_ink].sum())


def _window(values: np.ndarray, component: Component, margin: int) -> np.ndarray:
    box = component.box
    top, left = max(box.top - margin, 0), max(box.left - margin, 0)
    return values[top : box.top + box.height + margin, left : box.left + box.width + margin]


def _shrunk(values: np.ndarray, shrink: int) -> np.ndarray:
    """Means of squares of pixels. Returns: float32."""
    return np.asarray(Image.fromarray(values.astype(np.float32)).reduce(shrink))
