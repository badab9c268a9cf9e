"""Digits that touch, and digits in pieces: split into more pieces than there are digits, then merged again.

Source: heuristic over-segmentation; LeCun, Bottou, Bengio, Haffner 1998, section V.A; Matan et al. 1992.
"""

import math
from collections.abc import Mapping
from itertools import pairwise

import numpy as np
from scipy import ndimage

from mnist_core.images.strokes import stroke_width

SEAM_HEIGHT = 64  # pixels: enough to see where digits touch
SLANT = 0.06  # what a seam's step to the side costs, in pixels of ink: it follows slanted digits
GROUND = 0.01  # what a pixel without ink costs: a seam takes the shorter way
MAX_CUT = 4.0  # strokes that a seam may cut through
VALLEY = 0.85  # of the ink's height beside it
SEAM_REACH = 0.1  # of the height: the cheapest of seams that are closer is enough
MIN_SIDE = 8  # pixels: what is smaller is no digit, let alone two
MIN_ATOM = 0.15  # of the height: a stroke that is shorter is no piece of its own


def cut_into_atoms(digit: np.ndarray, height: float) -> tuple[np.ndarray, list[float]]:
    """Cut ink wherever two digits may touch, along paths from top to bottom that go through little ink.

    Args:
        digit: (H, W) uint8, of one piece of ink.
        height: of a digit on this picture.
    Returns: (H, W) int, the number of each pixel's atom, from the left; and what each cut costs, in strokes.
    """
    if min(digit.shape) < MIN_SIDE:
        return np.zeros(digit.shape, np.int64), []
    shrink = max(1, math.ceil(digit.shape[0] / SEAM_HEIGHT))
    small = _mean_blocks(digit, shrink)
    pen = max(stroke_width(digit) / shrink, 1.0)
    found = _seams(small, height / shrink, pen) + _valleys(small, height / shrink, pen)
    found.sort(key=lambda seam: float(seam[0].mean()))
    least = MIN_ATOM * height / shrink * pen
    ink = small * np.float32(1 / 255)
    columns = np.arange(small.shape[1])
    atoms = np.zeros(small.shape, np.int64)
    kept: list[float] = []
    before = np.zeros((len(small), 1), np.int64)
    for path, cost in found:
        border = np.maximum(before, path[:, None])  # where paths cross, so that no atom is empty
        is_right = columns >= border
        if ink[(columns >= before) & ~is_right].sum() >= least and ink[is_right].sum() >= least:
            atoms += is_right
            kept.append(cost)
            before = border
    whole = atoms.repeat(shrink, 0).repeat(shrink, 1)[: digit.shape[0], : digit.shape[1]]
    return whole, kept


def _mean_blocks(digit: np.ndarray, size: int) -> np.ndarray:
    height, width = digit.shape
    padded = np.pad(digit, ((0, -height % size), (0, -width % size))).astype(np.float32)
    means: np.ndarray = padded.reshape(padded.shape[0] // size, size, -1, size).mean((1, 3))
    return means


def _seams(digit: np.ndarray, height: float, pen: float) -> list[tuple[np.ndarray, float]]:
    """The cheapest path through each place along the middle row, where no path beside it is cheaper.

    Args: digit: (H, W) float32; height: of a digit; pen: width of a stroke; both in its pixels.
    Returns: (H,) int, from which column on the ink is right of it; and its cost in strokes.
    """
    cost = digit * np.float32(1 / 255) + np.float32(GROUND)
    middle = len(cost) // 2
    above, from_above = _cheapest(cost[: middle + 1])
    below, from_below = _cheapest(cost[middle:][::-1])
    total = (above + below - cost[middle]) / pen
    reach = max(1, round(SEAM_REACH * height))
    lowest = total <= ndimage.minimum_filter1d(total, 2 * reach + 1, mode="nearest") + 1e-4
    labels, count = ndimage.label(lowest & (total <= MAX_CUT))
    seams = []
    for i in range(1, count + 1):
        places = np.flatnonzero(labels == i)
        place = int(places[len(places) // 2])
        upper, lower = _followed(from_above, place), _followed(from_below, place)
        seams.append((np.concatenate((upper, lower[::-1][1:])), float(total[place])))
    return seams


def _valleys(digit: np.ndarray, height: float, pen: float) -> list[tuple[np.ndarray, float]]:
    """Straight cuts where the ink is lowest from top to bottom: two rings that touch share a wall there.

    Args and returns: as of `_seams`.
    """
    is_ink = digit >= 128
    reach = np.where(is_ink.any(0), len(digit) - is_ink.argmax(0) - is_ink[::-1].argmax(0), 0)
    size = 2 * max(1, round(SEAM_REACH * height)) + 1
    lowest = (reach <= ndimage.minimum_filter1d(reach, size)) & (reach < VALLEY * ndimage.maximum_filter1d(reach, size))
    labels, count = ndimage.label(lowest)
    columns = [int(np.median(np.flatnonzero(labels == i))) for i in range(1, count + 1)]
    return [(np.full(len(digit), column), float(is_ink[:, column].sum()) / pen) for column in columns]


def _cheapest(cost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the cheapest path from the top to each place of the last row costs (W,), and the steps (H, W) it takes."""
    steps = np.zeros(cost.shape, np.int8)
    best = cost[0]
    for y in range(1, len(cost)):
        left = np.concatenate(([np.inf], best[:-1])) + SLANT
        right = np.concatenate((best[1:], [np.inf])) + SLANT
        aside = np.minimum(left, right)
        steps[y] = np.where(aside < best, np.where(left <= right, -1, 1), 0)
        best = np.minimum(best, aside) + cost[y]
    return best, steps


def _followed(steps: np.ndarray, place: int) -> np.ndarray:
    """The column in each row of the path that ends in the last row at `place`."""
    path = np.empty(len(steps), np.int64)
    for y in range(len(steps) - 1, -1, -1):
        path[y] = place
        place += int(steps[y, place])
    return path


def best_partition(count: int, scores: Mapping[tuple[int, int], float]) -> list[tuple[int, int]]:
    """The way to group atoms in a row into digits that scores highest in sum.

    Args:
        count: of atoms.
        scores: of a digit made up of the atoms from i up to, exclusive, j; for all pairs that may be one.
    Returns: those pairs, from the left.
    """
    best: list[tuple[float, int]] = [(0.0, 0)]
    for j in range(1, count + 1):
        best.append(max((best[i][0] + scores[i, j], i) for i in range(j) if (i, j) in scores))
    ends = [count]
    while ends[-1] > 0:
        ends.append(best[ends[-1]][1])
    ends.reverse()
    return list(pairwise(ends))
