"""A picture of several digits -> each digit alone, in reading order."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from mnist_core.errors import NoInkError
from mnist_core.images.connected_components import (
    extent,
    find_components,
    in_picture,
    inside,
    only,
    union,
    without_frame,
)
from mnist_core.images.ink import EDGE_PIXELS, Invert, find_ink
from mnist_core.images.ink import threshold as threshold_ink
from mnist_core.images.merge_parts import Group, distance, is_digit_sized, join, neighbours, usual_height
from mnist_core.images.preprocess import MIN_EXTENT, Threshold, at_level, bounding_box, in_mnist_form
from mnist_core.images.ruled_lines import without_lines
from mnist_core.images.shadows import without_shadows
from mnist_core.images.split_touching import best_partition, cut_into_atoms
from mnist_core.types import Box

MAX_DIGITS = 200  # on one picture; the heaviest, should there be more
MAX_PARTS = 400  # pieces of ink looked at; joining compares each with each

# Shares of a digit's usual height on this picture.
SAME_ROW = 0.4  # of the lower height: overlap of neighbours in a row
MARGIN = 0.25  # of a digit's extent, around it, so that its ground can be told from its ink
CUT_FROM = 0.7  # width of ink that may be two digits
WIDEST = 1.5  # width of what may be one digit

# Log-probabilities with which shape is weighed against what a model reads, found on strings of MNIST's digits.
SURENESS = 4.0  # times what the model says: shape tells less than its own figures would have it
BROAD, BROAD_FROM = 8.0, 0.8  # for each height by which a digit is broader than this
LOW, LOW_FROM = 6.0, 0.65  # for each height by which it is lower than this
SURE, SHAPELY = -0.1, -1.0  # of the model and by shape: what is above both is one digit, and is not cut to see
CUT, CUT_STROKE = 1.5, 0.5  # for each cut; and for each stroke that it goes through
WALL = 1.5  # strokes, from which on a cut goes along a wall that two digits share, which is not worse if it is longer
BRIDGE, BRIDGE_GAP = 2.0, 20.0  # for two halves taken as one; and for each height between their ink

# How sure a reader is of images (N, 28, 28) uint8: (N,) logarithms of the probability that each is what it reads.
Rate = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Piece:
    """One digit of a picture."""

    box: Box  # in the picture's pixels
    strength: np.ndarray  # (h, w) uint8, its ink alone; of a large picture reduced
    inverted: bool  # the picture has dark ink on light ground
    component: int  # of connected ink, that most of it is from: those cut apart share it
    ruled: bool  # the picture had ruled lines or cells, of which some may be left


@dataclass(frozen=True, eq=False)
class Cluster:
    """Ink of one digit, or of neighbours that touch or nearly do, in atoms that are put together to digits."""

    box: Box
    strength: np.ndarray  # (H, W) uint8, inside `box`
    atoms: np.ndarray  # (H, W) int, counted from 0 from the left; -1 where there is no ink
    parting: tuple[float, ...]  # log-probability of a border between neighbours, if they are parted there
    bridging: tuple[float, ...]  # and if they are not

    @property
    def count(self) -> int:
        return len(self.parting) + 1

    def span(self, first: int, end: int) -> tuple[Box, np.ndarray]:
        """The atoms from `first` up to `end`: their box where the cluster lies, and their ink alone."""
        alone = np.where((self.atoms >= first) & (self.atoms < end), self.strength, np.uint8(0))
        box = bounding_box(alone)
        ink = alone[box.top : box.top + box.height, box.left : box.left + box.width]
        return Box(self.box.left + box.left, self.box.top + box.top, box.width, box.height), ink


def find_digits(
    picture: np.ndarray, *, invert: Invert = "auto", threshold: Threshold = "auto", rate: Rate | None = None
) -> list[Piece]:
    """Find digits: rows from the top, each row from the left.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        invert: whether it has dark ink on light ground; `auto` finds out.
        threshold: what is ink, as for `preprocess`.
        rate: where digits touch or are broken, the most confident reading is taken; without, shape decides.
    Returns: at most `MAX_DIGITS`; none where there is no ink.
    """
    try:
        ink = find_ink(picture, invert=invert)
    except NoInkError:
        return []
    inked = at_level(ink, threshold)
    strength = without_lines(inked)
    labels, components = find_components(strength)
    components = [b for b in without_frame(labels, components)[:MAX_PARTS] if extent(b.box) >= MIN_EXTENT]
    components = without_shadows(ink, labels, components)
    if not components:
        return []
    height = usual_height(components, strength.shape)
    groups = [group for group in join(components, height) if is_digit_sized(group.box, height, strength.shape)]
    groups = sorted(groups, key=lambda group: -group.mass)[:MAX_DIGITS]
    clusters = [_cluster(strength, labels, near, height) for near in neighbours(labels, groups, height)]
    pieces = dict(span for spans in _parted(clusters, height, rate) for span in spans)
    boxes = in_reading_order(list(pieces))[:MAX_DIGITS]
    inks = [pieces[box] for box in boxes]
    numbers = [_most_frequent(inside(labels, box)[pieces[box] > 0]) for box in boxes]
    if threshold == "auto":
        inks = _clearer(ink.depth, boxes, inks)
    return [
        Piece(in_picture(box, ink.shrink, picture.shape), own, ink.inverted, number, strength is not inked)
        for box, own, number in zip(boxes, inks, numbers, strict=True)
    ]


def _most_frequent(numbers: np.ndarray) -> int:
    return int(np.bincount(numbers).argmax())


def _clearer(depth: np.ndarray, boxes: Sequence[Box], inks: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Each digit's ink by a threshold of its own: beside bold ones, a faint digit's finest strokes are lost.

    Args: depth: (H, W) of the picture; boxes, inks: where the digits are, and (h, w) uint8, the ink of each.
    Returns: (h, w) uint8 each, cropped to the ink.
    """
    owners = np.zeros(depth.shape, np.int32)
    for number, (box, own) in enumerate(zip(boxes, inks, strict=True), 1):
        inside(owners, box)[own > 0] = number
    return [
        _alone(depth, owners, number, box, own) for number, (box, own) in enumerate(zip(boxes, inks, strict=True), 1)
    ]


def _alone(depth: np.ndarray, owners: np.ndarray, number: int, box: Box, own: np.ndarray) -> np.ndarray:
    margin = math.ceil(MARGIN * extent(box)) + EDGE_PIXELS
    top, left = max(box.top - margin, 0), max(box.left - margin, 0)
    around = Box(left, top, box.left + box.width + margin - left, box.top + box.height + margin - top)
    owner = inside(owners, around)
    mine = owner == number
    halo = np.ones((2 * EDGE_PIXELS + 1, 2 * EDGE_PIXELS + 1), bool)
    others = ndimage.binary_dilation((owner > 0) & ~mine, halo) & ~mine
    try:
        clearer = threshold_ink(np.where(others, np.float32(0), inside(depth, around)), 0.0)[1]
    except NoInkError:
        return own
    labels, components = find_components(clearer)
    touching = np.zeros(labels.max() + 1, bool)
    touching[labels[mine]] = True
    kept = only(clearer, labels, [component for component in components if touching[component.label]])
    return inside(kept, bounding_box(kept)) if kept.any() else own


def _cluster(strength: np.ndarray, labels: np.ndarray, groups: Sequence[Group], height: float) -> Cluster:
    box = union(group.box for group in groups)
    window, numbers = inside(strength, box), inside(labels, box)
    atoms = np.full(window.shape, -1)
    parting: list[float] = []
    bridging: list[float] = []
    for i, group in enumerate(groups):
        if i:
            parting.append(0.0)
            bridging.append(-BRIDGE - BRIDGE_GAP * distance(labels, groups[i - 1], group) / height)
        is_own = np.isin(numbers, [component.label for component in group.components])
        own, costs = _atoms(np.where(is_own, window, np.uint8(0)), group.box, box, height)
        atoms[is_own] = own[is_own] + len(parting)
        parting.extend(-CUT - CUT_STROKE * min(cost, WALL) for cost in costs)
        bridging.extend(0.0 for _ in costs)
    return Cluster(box, np.where(atoms >= 0, window, np.uint8(0)), atoms, tuple(parting), tuple(bridging))


def _atoms(window: np.ndarray, box: Box, around: Box, height: float) -> tuple[np.ndarray, list[float]]:
    """Cut ink that is broad enough for two digits; `box` is where it lies and `around` where the window does."""
    atoms = np.zeros(window.shape, np.int64)
    if box.width < CUT_FROM * max(box.height, 0.8 * height):
        return atoms, []
    within = Box(box.left - around.left, box.top - around.top, box.width, box.height)
    inside(atoms, within)[...], costs = cut_into_atoms(inside(window, within), height)
    return atoms, costs


Span = tuple[Box, np.ndarray]


def _parted(clusters: Sequence[Cluster], height: float, rate: Rate | None) -> list[list[Span]]:
    """Put each cluster's atoms together to the digits that shape and `rate` together hold most probable.

    What is surely one digit as it is, is not cut at all: most digits need one look.
    """
    wholes = [(0, cluster.count) for cluster in clusters]
    parted = [[cluster.span(*whole)] for cluster, whole in zip(clusters, wholes, strict=True)]
    doubtful = [i for i, cluster in enumerate(clusters) if cluster.count > 1]
    rates = _rated([parted[i][0] for i in doubtful], rate)
    likely = [_likeness(clusters[i], wholes[i], parted[i][0][0], height) for i in doubtful]
    doubtful = [
        i for i, sure, shape in zip(doubtful, rates, likely, strict=True) if sure < SURE or shape < SHAPELY or not rate
    ]
    spans = [_spans(clusters[i], height) for i in doubtful]
    rated = iter(_rated([span for candidates in spans for span in candidates.values()], rate))
    for i, candidates in zip(doubtful, spans, strict=True):
        scores = {
            pair: SURENESS * next(rated) + _likeness(clusters[i], pair, span[0], height)
            for pair, span in candidates.items()
        }
        parted[i] = [candidates[pair] for pair in best_partition(clusters[i].count, scores)]
    return parted


def _rated(spans: Sequence[Span], rate: Rate | None) -> list[float]:
    if not rate or not spans:
        return [0.0] * len(spans)
    rates: list[float] = rate(np.stack([in_mnist_form(ink) for _, ink in spans])).tolist()
    return rates


def _spans(cluster: Cluster, height: float) -> Mapping[tuple[int, int], Span]:
    """All runs of atoms that may be one digit; single atoms always, so that there is a way through."""
    spans = {}
    for first in range(cluster.count):
        for end in range(first + 1, cluster.count + 1):
            span = cluster.span(first, end)
            if end > first + 1 and span[0].width > WIDEST * max(height, span[0].height) and cluster.count > 2:
                break
            spans[first, end] = span
    return spans


def _likeness(cluster: Cluster, pair: tuple[int, int], box: Box, height: float) -> float:
    """Log-probability, by shape, that the atoms from one up to another are a digit parted from the next."""
    first, end = pair
    broad = max(0.0, box.width / max(box.height, 0.8 * height) - BROAD_FROM)
    low = max(0.0, LOW_FROM - box.height / height)
    parted = cluster.parting[end - 1] if end < cluster.count else 0.0
    return parted + sum(cluster.bridging[first : end - 1]) - BROAD * broad - LOW * low


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
