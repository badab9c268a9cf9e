"""A picture of several digits -> where each is, in reading order, and a picture of each alone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import ndimage

from mnist_core.blobs import FRAME_EXTENT, Blob, extent, find_blobs, gap, in_picture, only, union, without_frame
from mnist_core.errors import NoInkError
from mnist_core.ink import Invert, find_ink, reduced
from mnist_core.preprocess import LEAST_EXTENT, stroke_width
from mnist_core.records import Box

MOST_DIGITS = 200  # on one picture; the heaviest, should there be more
MOST_PARTS = 400  # pieces of ink looked at; joining compares each with each

# Shares of a digit's usual height on this picture, by looking at pages, forms and numbers drawn on canvases.
SPECK = 0.35  # what is lower is a speck, a point or a dash
EDGE_HEIGHTS = (0.6, 1.6)  # what touches the picture's edge and is lower or higher is a dark corner or a thing
PART = 0.75  # a part of a digit has a smaller extent, or it would be a digit
PART_GAP = 0.25  # between parts that stand over each other: the bar of a 5 and its body
NEAR_GAP = 0.1  # between parts wherever they are: a stroke that broke
BROKEN_WIDTH, BREAK = 1.0, 0.06  # of a digit in two halves, each as high as a digit; and between their ink
TALLEST = 1.4  # what is taller once joined was two digits

WIDE = 1.2  # width by height from which two touching digits are suspected
USUAL_WIDTH = 0.75  # width by height of a digit among others
CUT_STROKES = 1.5  # strokes that may be cut through: digits touch in one place
CUT_REACH = 0.5  # of the height, from the highest ink to the lowest, where two rings touch
WHOLE = 0.5  # of the blob's height: what is lower is no digit, but a bar that was cut off
SAME_ROW = 0.4  # of the lower height: overlap of neighbours in a row
MARGIN = 0.25  # of a digit's extent, around a crop, so that its ground can be told from its ink


@dataclass(frozen=True, eq=False)
class Group:
    """Pieces of ink that make up one digit, or several that touch."""

    blobs: tuple[Blob, ...]
    box: Box

    @property
    def mass(self) -> float:
        return sum(blob.mass for blob in self.blobs)


def find_digits(picture: np.ndarray, *, invert: Invert = "auto") -> list[Box]:
    """Find digits: rows from the top, each row from the left.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        invert: whether it has dark ink on light ground; `auto` finds out.
    Returns: boxes in the picture's pixels, at most `MOST_DIGITS`; none where there is no ink.
    """
    try:
        ink = find_ink(picture, invert=invert)
    except NoInkError:
        return []
    labels, blobs = find_blobs(ink.strength)
    blobs = [b for b in without_frame(labels, blobs)[:MOST_PARTS] if extent(b.box) >= LEAST_EXTENT]
    if not blobs:
        return []
    shape = ink.strength.shape
    height = usual_height(blobs, shape)
    groups = [group for group in join(labels, blobs, height) if _is_digit_sized(group.box, height, shape)]
    groups = sorted(groups, key=lambda group: -group.mass)[:MOST_DIGITS]
    boxes = [box for group in groups for box in split(only(ink.strength, labels, group.blobs), group.box, height)]
    return [in_picture(box, ink.shrink, picture.shape) for box in in_reading_order(boxes[:MOST_DIGITS])]


def usual_height(blobs: Sequence[Blob], shape: tuple[int, ...]) -> float:
    """The height of a digit on this picture: the median height of ink, which a hundred specks do not move.

    Args: shape: (H, W) of the picture, on whose edge a hand or a table may lie: pieces off it count, if there are any.
    """
    within = [b for b in blobs if not _on_edge(b.box, shape) and extent(b.box) >= FRAME_EXTENT * max(shape)]
    counted = sorted(within or blobs, key=lambda blob: blob.box.height)
    masses = np.cumsum([blob.mass for blob in counted])
    return float(counted[int(np.searchsorted(masses, masses[-1] / 2))].box.height)


def _on_edge(box: Box, shape: tuple[int, ...]) -> bool:
    return box.left == 0 or box.top == 0 or box.left + box.width == shape[1] or box.top + box.height == shape[0]


def _is_digit_sized(box: Box, height: float, shape: tuple[int, ...]) -> bool:
    least, most = EDGE_HEIGHTS if _on_edge(box, shape) else (SPECK, math.inf)
    return least * height <= box.height <= most * height


def join(labels: np.ndarray, blobs: Sequence[Blob], height: float) -> list[Group]:
    """Put parts to the digits they belong to: the lightest first, each to the nearest that it fits."""
    groups = [Group((blob,), blob.box) for blob in blobs]
    for part in sorted(groups, key=lambda group: group.mass):
        hosts = [g for g in groups if g is not part and g.mass >= part.mass and _are_one(labels, part, g, height)]
        if hosts:
            host = min(hosts, key=lambda g: gap(part.box, g.box))
            groups = [g for g in groups if g is not part and g is not host]
            groups.append(Group((*host.blobs, *part.blobs), union((host.box, part.box))))
    return groups


def _are_one(labels: np.ndarray, one: Group, other: Group, height: float) -> bool:
    part, host, both = one.box, other.box, union((one.box, other.box))
    if gap(part, host) > PART_GAP * height:
        return False
    if extent(part) >= PART * height:  # as large as a digit: the other half of one, if it nearly touches
        fits = both.height <= TALLEST * height and both.width <= BROKEN_WIDTH * height
        return fits and gap(part, host) == 0 and _distance(labels, one, other) <= BREAK * height
    if both.height > TALLEST * max(height, host.height) or both.width > TALLEST * max(height, host.width):
        return False
    overlap = min(part.left + part.width, host.left + host.width) - max(part.left, host.left)
    stands_over = overlap >= 0.5 * min(part.width, host.width)
    return stands_over or gap(part, host) <= NEAR_GAP * height


def _distance(labels: np.ndarray, one: Group, other: Group) -> float:
    """Pixels between the ink of two groups."""
    box = union((one.box, other.box))
    window = labels[box.top : box.top + box.height, box.left : box.left + box.width]
    away = ndimage.distance_transform_edt(~np.isin(window, [blob.label for blob in other.blobs]))
    return float(away[np.isin(window, [blob.label for blob in one.blobs])].min())


def split(strength: np.ndarray, box: Box, height: float) -> list[Box]:
    """Cut a blob that is too wide for one digit where digits touch, if it can be cut into what looks like digits.

    Args:
        strength: (H, W) uint8, of this blob only.
        height: of a digit on this picture.
    Returns: boxes from the left, or the box itself.
    """
    if box.width < WIDE * max(box.height, 0.8 * height):
        return [box]
    digit = strength[box.top : box.top + box.height, box.left : box.left + box.width]
    costs = _cut_costs(digit)
    for count in range(max(2, round(box.width / (USUAL_WIDTH * box.height))), 1, -1):
        cuts = _cuts(costs, count)
        pieces = [_tight(digit, box, start, end) for start, end in pairwise((0, *cuts, box.width))]
        if all(costs[cut] <= 1 for cut in cuts) and all(piece.height >= WHOLE * box.height for piece in pieces):
            return pieces
    return [box]


def _cut_costs(digit: np.ndarray) -> np.ndarray:
    """What a vertical cut at each column costs, at most 1 where digits may touch. Args: (H, W); returns: (W,).

    Little ink is cut through where a stroke runs into the next digit; two rings that touch are thick there but low.
    """
    is_ink = digit >= 128
    ink = ndimage.uniform_filter1d(is_ink.sum(0).astype(float), 3)
    reach = np.where(is_ink.any(0), digit.shape[0] - is_ink.argmax(0) - is_ink[::-1].argmax(0), 0)
    costs: np.ndarray = np.minimum(ink / (CUT_STROKES * stroke_width(digit)), reach / (CUT_REACH * digit.shape[0]))
    return costs


def _cuts(costs: np.ndarray, count: int) -> list[int]:
    """The cheapest column near each place where `count` equal digits would meet."""
    width = len(costs) / count
    cuts = []
    for i in range(1, count):
        start, end = math.ceil((i - 0.35) * width), math.floor((i + 0.35) * width) + 1
        cheapest = np.flatnonzero(costs[start:end] == costs[start:end].min())
        cuts.append(start + int(cheapest[len(cheapest) // 2]))
    return cuts


def _tight(digit: np.ndarray, box: Box, start: int, end: int) -> Box:
    """The box around the ink between two columns of a digit that lies at `box`."""
    rows = np.flatnonzero(digit[:, start:end].any(1))
    top, bottom = (int(rows[0]), int(rows[-1]) + 1) if rows.size else (0, 0)
    return Box(box.left + start, box.top + top, end - start, bottom - top)


def in_reading_order(boxes: Sequence[Box]) -> list[Box]:
    """Rows from the top, each from the left. A row is followed from neighbour to neighbour, so it may slope."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda b: b.left):
        fitting = [row for row in rows if _overlap_down(row[-1], box) >= SAME_ROW]
        if fitting:
            max(fitting, key=lambda row: _overlap_down(row[-1], box)).append(box)
        else:
            rows.append([box])
    rows.sort(key=lambda row: sum(b.top + b.height / 2 for b in row) / len(row))
    return [box for row in rows for box in row]


def _overlap_down(one: Box, other: Box) -> float:
    overlap = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return overlap / min(one.height, other.height)


def crop(picture: np.ndarray, box: Box) -> np.ndarray:
    """Cut a digit out with some ground around it and without its neighbours' ink.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        box: of the digit, as `find_digits` gave it.
    Returns: (h, w) or (h, w, 3) uint8.
    """
    margin = math.ceil(MARGIN * extent(box)) + 2
    left, top = max(box.left - margin, 0), max(box.top - margin, 0)
    right, bottom = box.left + box.width + margin, box.top + box.height + margin
    region = picture[top:bottom, left:right]
    try:
        ink = find_ink(region)
    except NoInkError:
        return region.copy()
    inside = np.zeros(ink.strength.shape, bool)
    y, x = (box.top - top) // ink.shrink, (box.left - left) // ink.shrink
    inside[y : y + math.ceil(box.height / ink.shrink), x : x + math.ceil(box.width / ink.shrink)] = True
    return _without(region, _foreign(ink.strength, inside), ink.strength > 0)


def _foreign(strength: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Which ink (H, W) is a neighbour's: pieces mostly outside, and what of the others reaches outside."""
    labels, blobs = find_blobs(strength)
    within = np.bincount(labels.ravel(), (strength * inside).ravel(), minlength=labels.max() + 1) / 255
    own = [blob for blob in blobs if within[blob.label] >= min(blob.mass / 2, within.max())]
    foreign: np.ndarray = (strength > 0) & ~((only(strength, labels, own) > 0) & inside)
    return foreign


def _without(region: np.ndarray, foreign: np.ndarray, is_ink: np.ndarray) -> np.ndarray:
    """Paint over what is foreign with the nearest ground. Masks are (H, W) of the region, shrunk as `find_ink` did."""
    if not foreign.any():
        return region.copy()
    halo = np.ones((5, 5), bool)
    ground = ~ndimage.binary_dilation(is_ink, halo)
    if not ground.any():
        return region.copy()
    own = is_ink & ~foreign
    painted = ndimage.binary_dilation(foreign, halo) & ~own
    rows, columns = ndimage.distance_transform_edt(~ground, return_distances=False, return_indices=True)
    small, shrink = reduced(region)
    paint = small[rows, columns]
    if shrink > 1:
        height, width = region.shape[:2]
        paint = paint.repeat(shrink, 0).repeat(shrink, 1)[:height, :width]
        painted = painted.repeat(shrink, 0).repeat(shrink, 1)[:height, :width]
    alone = region.copy()
    alone[painted] = paint[painted]
    return alone
