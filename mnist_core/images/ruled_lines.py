"""Ruled lines, graph paper and cells that a digit touches: found as straight lines right across, and taken out."""

import math
from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from mnist_core.images.connected_components import extent, find_components
from mnist_core.images.strokes import block_maximum
from mnist_core.types import Box

MIN_SIDE = 64  # pixels: on less, a digit's own strokes reach from edge to edge
WORKING_SIDE = 400  # pixels: enough to follow a line
BLOCK = 8  # pixels along a line, within which it rises by no more than 1: slopes of up to 7 degrees
MIN_INK = 32  # of 255: fine lines are faint
COVERED = 0.95  # of a picture's side, of a line that goes right across
FRAME_COVERED = 0.85  # of a cell's side: corners may be round
SURELY_RULED = 4  # lines; no digit has as many from edge to edge
MAX_LINES = 40  # on one picture, each way
THICKEST = 0.05  # of the side that a line crosses
CROSSED = 1.6  # times a line's usual thickness, above which a stroke crosses it
MIN_DIGIT = 0.1  # of the longer side: what is inside the lines must be this large
MIN_CELL = 0.25  # of the picture's longer side
MAX_CELLS = 3  # looked at on one picture
RIM = 0.1  # of a cell's side, on which the opposite sides lie
FILLED = 0.3  # of a cell's longer side, by the digit in it


def without_lines(strength: np.ndarray) -> np.ndarray:
    """Take out lines from edge to edge and the frames of cells; strokes that cross them stay whole.

    A line is taken out only if most of the ink that is left then keeps off the edges: the bar of a 7 that fills its
    picture is not a line, for its stem reaches the edge too.

    Args: strength: (H, W) uint8.
    Returns: the same array where there are no lines, else another.
    """
    if min(strength.shape) < MIN_SIDE:
        return strength
    shrink = math.ceil(max(strength.shape) / WORKING_SIDE)
    is_ink = block_maximum(strength, shrink) >= MIN_INK
    lines = _across(is_ink)
    left = is_ink & ~lines
    for cell in _cells(left):
        inside = _part(left, cell)
        sides = _frame(inside)
        if sides.any() and _has_piece(inside & ~sides, FILLED):
            _part(lines, cell)[...] |= sides
    if not lines.any():
        return strength
    left = is_ink & ~lines
    gone = ndimage.binary_dilation(lines, np.ones((3, 3), bool)) & ~ndimage.binary_dilation(left)
    height, width = strength.shape
    return np.where(gone.repeat(shrink, 0).repeat(shrink, 1)[:height, :width], np.uint8(0), strength)


def _across(is_ink: np.ndarray) -> np.ndarray:
    """The pixels (H, W) of all lines from edge to edge, both ways, without the strokes that cross them."""
    levels, uprights = (list(_paths(ink, COVERED)) for ink in (is_ink, is_ink.T))
    if not levels and not uprights:
        return np.zeros_like(is_ink)
    across = _thin_runs(is_ink, levels) | _thin_runs(is_ink.T, uprights).T
    left = is_ink & ~across
    is_sure = len(levels) + len(uprights) >= SURELY_RULED and _has_piece(left, MIN_DIGIT)
    return across if is_sure or _holds_digit(left) else np.zeros_like(is_ink)


def _frame(is_ink: np.ndarray) -> np.ndarray:
    """The same of a cell cut out: only if it has ink along all its sides, and at least two lines each way."""
    down, over = (max(1, int(RIM * side)) for side in is_ink.shape)
    rims = (is_ink[:down].any(0), is_ink[-down:].any(0), is_ink[:, :over].any(1), is_ink[:, -over:].any(1))
    if min(rim.mean() for rim in rims) < FRAME_COVERED:
        return np.zeros_like(is_ink)
    levels, uprights = (list(_paths(ink, FRAME_COVERED)) for ink in (is_ink, is_ink.T))
    if len(levels) < 2 or len(uprights) < 2:
        return np.zeros_like(is_ink)
    frame: np.ndarray = _thin_runs(is_ink, levels) | _thin_runs(is_ink.T, uprights).T
    return frame


def _cells(is_ink: np.ndarray) -> Iterator[Box]:
    """Boxes of pieces of ink large enough to hold a digit."""
    strength = is_ink * np.uint8(255)
    for component in find_components(strength)[1][:MAX_CELLS]:
        if min(component.box.width, component.box.height) >= max(MIN_CELL * max(is_ink.shape), MIN_SIDE / 2):
            yield component.box


def _part(values: np.ndarray, box: Box) -> np.ndarray:
    return values[box.top : box.top + box.height, box.left : box.left + box.width]


def _holds_digit(is_ink: np.ndarray) -> bool:
    """Whether something large enough to be a digit is there, and most ink keeps off the edges of (H, W)."""
    height, width = is_ink.shape
    inside, outside, largest = 0.0, 0.0, 0
    for component in find_components(is_ink * np.uint8(255))[1]:
        box = component.box
        if box.left > 0 and box.top > 0 and box.left + box.width < width and box.top + box.height < height:
            inside += component.mass
            largest = max(largest, extent(box))
        else:
            outside += component.mass
    return largest >= MIN_DIGIT * max(height, width) and inside > outside


def _has_piece(is_ink: np.ndarray, share: float) -> bool:
    """Whether there is a piece at least this fraction of the longer side of (H, W)."""
    return any(
        extent(component.box) >= share * max(is_ink.shape) for component in find_components(is_ink * np.uint8(255))[1]
    )


def _paths(is_ink: np.ndarray, covered: float) -> Iterator[np.ndarray]:
    """Follow lines from left to right, the fullest first.

    Args: is_ink: (H, W) bool.
    Yields: (W // BLOCK,) int, in which row each block of columns has the line.
    Source: dynamic programming, as in seam carving: Avidan and Shamir 2007.
    """
    height, width = is_ink.shape
    if is_ink.any(0).mean() < covered * (1 - 1 / BLOCK):
        return
    count = width // BLOCK
    thick = ndimage.maximum_filter1d(is_ink.view(np.uint8), 3, axis=0)[:, : count * BLOCK]
    full = thick.reshape(height, count, BLOCK).sum(2) >= BLOCK - 1  # (H, blocks)
    for _ in range(MAX_LINES):
        best = np.zeros((count, height), np.int32)
        reach = full.any(0).sum()
        if reach < covered * count:
            return
        best[0] = full[:, 0]
        for i in range(1, count):
            best[i] = ndimage.maximum_filter1d(best[i - 1], 3, mode="nearest") + full[:, i]
        row = int(best[-1].argmax())
        if best[-1][row] < covered * count:
            return
        path = np.empty(count, np.int64)
        for i in range(count - 1, -1, -1):
            path[i] = row
            if i:
                near = range(max(row - 1, 0), min(row + 2, height))
                row = max(near, key=lambda r: (int(best[i - 1][r]), -abs(r - row)))
        yield path
        rows = np.arange(height)[:, None]
        full &= np.abs(rows - path) > max(3, THICKEST * height)


def _thin_runs(is_ink: np.ndarray, paths: list[np.ndarray]) -> np.ndarray:
    """The ink (H, W) that lies on the paths, column by column, where it is not thicker than a line."""
    on_lines = np.zeros_like(is_ink)
    if not paths:
        return on_lines
    height, width = is_ink.shape
    tops, bottoms = _run_ends(is_ink)
    columns = np.arange(width)
    for path in paths:
        middle = np.repeat(path, BLOCK)
        rows = np.concatenate((middle, np.full(width - len(middle), middle[-1])))
        for shift in (1, -1):  # a line drifts by a pixel within a block
            beside = np.clip(rows + shift, 0, height - 1)
            rows = np.where(is_ink[rows, columns] | ~is_ink[beside, columns], rows, beside)
        thickness = np.where(is_ink[rows, columns], bottoms[rows, columns] - tops[rows, columns], 0)
        usual = float(np.median(thickness[thickness > 0]))
        if usual > max(2, THICKEST * height):
            continue
        for column in np.flatnonzero((thickness > 0) & (thickness <= max(CROSSED * usual, usual + 1))):
            row = rows[column]
            on_lines[tops[row, column] : bottoms[row, column], column] = True
    return on_lines


def _run_ends(is_ink: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each pixel of ink (H, W), where the vertical run of ink through it starts and, exclusive, ends."""
    height = len(is_ink)
    rows = np.arange(height)[:, None]
    tops = np.maximum.accumulate(np.where(is_ink, -1, rows), 0) + 1
    bottoms = np.minimum.accumulate(np.where(is_ink, height, rows)[::-1], 0)[::-1]
    return tops, bottoms
