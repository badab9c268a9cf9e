"""Connected pieces of ink, and which of them make up one digit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from mnist_core.types import Box

MAX_COMPONENTS = 1000  # the heaviest; what is beyond is the paper's grain
EIGHT_NEIGHBOURS = np.ones((3, 3), bool)
FRAME_RUN = 0.25  # of a side: what lies along the picture's edge that far is a table, a shadow or a frame, not a stroke
MIN_FRAMED = 64  # pixels along the shorter side: on less, a digit at the edge runs along it as far
FRAME_EXTENT = 0.02  # of the picture's longer side: what else must be there for a frame to be left out
LINE_FLATNESS = 0.2  # height by width of what crosses the whole picture

# Fractions of the main piece's mass and of the digit's extent. The bar of a 5 is 10 % and more of its body and close to
# it; pieces of a broken stroke may be lighter but are closer; dust is lighter or further away.
PART_MASS, PART_GAP = 0.10, 0.50
BIT_MASS, BIT_GAP = 0.01, 0.15


@dataclass(frozen=True)
class Component:
    """One connected piece of ink."""

    label: int  # its number in the labelled picture
    box: Box
    mass: float  # its strength summed, in pixels of full ink


def find_components(strength: np.ndarray) -> tuple[np.ndarray, list[Component]]:
    """Number the connected pieces of ink, diagonal neighbours included.

    Args: strength: (H, W) uint8, 0 where there is no ink.
    Returns: (H, W) int32, 0 where there is no ink; and the pieces, the heaviest first.
    """
    labels, count = ndimage.label(strength, EIGHT_NEIGHBOURS)
    inked = np.flatnonzero(strength)  # a small part of most pictures
    masses = np.bincount(labels.ravel()[inked], strength.ravel()[inked], minlength=count + 1) / 255
    slices = ndimage.find_objects(labels)
    heaviest = np.argsort(-masses[1:], kind="stable")[:MAX_COMPONENTS] + 1
    components = [Component(int(i), _box(*slices[i - 1]), float(masses[i])) for i in heaviest]
    return labels, components


def without_frame(labels: np.ndarray, components: list[Component]) -> list[Component]:
    """Leave out what lies along the picture's edge or crosses it as a line, if something else is there."""
    if min(labels.shape) < MIN_FRAMED:
        return components
    runs = np.zeros(labels.max() + 1)
    for side in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        runs = np.maximum(runs, np.bincount(side, minlength=len(runs)) / len(side))
    inner = [
        component
        for component in components
        if runs[component.label] < FRAME_RUN and not _is_line(component.box, labels.shape)
    ]
    least = FRAME_EXTENT * max(labels.shape)
    return inner if any(extent(component.box) >= least for component in inner) else components


def _is_line(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a piece goes all across the picture and is flat: a ruled line, or the edge of the sheet."""
    height, width = shape
    across = box.width == width and box.height < LINE_FLATNESS * width
    return across or (box.height == height and box.width < LINE_FLATNESS * height)


def main_digit(components: Sequence[Component]) -> list[Component]:
    """The heaviest piece and whatever near it is heavy enough to be part of the same digit; specks are left out."""
    main, *others = components
    kept, box = [main], main.box
    waiting = [component for component in others if component.mass >= BIT_MASS * main.mass]
    while part := next((component for component in waiting if _belongs(component, main, box)), None):
        kept.append(part)
        waiting.remove(part)
        box = union([box, part.box])
    return kept


def _belongs(component: Component, main: Component, box: Box) -> bool:
    reach = PART_GAP if component.mass >= PART_MASS * main.mass else BIT_GAP
    return gap(component.box, box) < reach * extent(box)


def only(strength: np.ndarray, labels: np.ndarray, kept: Iterable[Component]) -> np.ndarray:
    """Clear all ink that belongs to none of the pieces in `kept`. Returns: (H, W) uint8."""
    is_kept = np.zeros(labels.max() + 1, bool)
    is_kept[[component.label for component in kept]] = True
    return np.where(is_kept[labels], strength, np.uint8(0))


def extent(box: Box) -> int:
    """The longer side."""
    return max(box.width, box.height)


def gap(one: Box, other: Box) -> int:
    """Pixels between two boxes along the axis on which they are further apart; 0 where they meet."""
    across = max(one.left, other.left) - min(one.left + one.width, other.left + other.width)
    down = max(one.top, other.top) - min(one.top + one.height, other.top + other.height)
    return max(across, down, 0)


def union(boxes: Iterable[Box]) -> Box:
    """The smallest box around all."""
    corners = np.array([(b.left, b.top, b.left + b.width, b.top + b.height) for b in boxes])
    left, top = (int(v) for v in corners[:, :2].min(0))
    right, bottom = (int(v) for v in corners[:, 2:].max(0))
    return Box(left, top, right - left, bottom - top)


def inside(values: np.ndarray, box: Box) -> np.ndarray:
    """The part of a picture (H, W) in a box; a view."""
    return values[box.top : box.top + box.height, box.left : box.left + box.width]


def in_picture(box: Box, shrink: int, shape: tuple[int, ...]) -> Box:
    """A box found in a picture that was shrunk to work on, in the pixels of the picture (H, W) itself."""
    left, top = box.left * shrink, box.top * shrink
    return Box(left, top, min(box.width * shrink, shape[1] - left), min(box.height * shrink, shape[0] - top))


def _box(rows: slice, columns: slice) -> Box:
    return Box(columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start)
