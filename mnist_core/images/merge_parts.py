"""Pieces of ink merged into digits, as far as size and position alone can tell."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import ndimage

from mnist_core.images.connected_components import FRAME_EXTENT, Component, extent, gap, inside, union
from mnist_core.types import Box

# Shares of a digit's usual height on this picture, by looking at pages, forms and numbers drawn on canvases.
SPECK = 0.35  # what is lower is a speck, a point or a dash
EDGE_HEIGHTS = (0.6, 1.6)  # what touches the picture's edge and is lower or higher is a dark corner or a thing
PART = 0.75  # a part of a digit has a smaller extent, or it would be a digit
PART_GAP = 0.25  # between parts that stand over each other: the bar of a 5 and its body
NEAR_GAP = 0.1  # between parts wherever they are: a stroke that broke
TALLEST = 1.4  # what is taller once joined was two digits
BREAK = 0.06  # between the ink of two halves of a digit, each as high as a digit


@dataclass(frozen=True, eq=False)
class Group:
    """Pieces of ink that make up one digit, or several that touch."""

    components: tuple[Component, ...]
    box: Box

    @cached_property
    def mass(self) -> float:
        return sum(component.mass for component in self.components)


def usual_height(components: Sequence[Component], shape: tuple[int, ...]) -> float:
    """The height of a digit on this picture: the median height of ink, which a hundred specks do not move.

    Args: shape: (H, W) of the picture, on whose edge a hand or a table may lie: pieces off it count, if there are any.
    """
    within = [b for b in components if not _on_edge(b.box, shape) and extent(b.box) >= FRAME_EXTENT * max(shape)]
    counted = sorted(within or components, key=lambda component: component.box.height)
    masses = np.cumsum([component.mass for component in counted])
    return float(counted[int(np.searchsorted(masses, masses[-1] / 2))].box.height)


def _on_edge(box: Box, shape: tuple[int, ...]) -> bool:
    return box.left == 0 or box.top == 0 or box.left + box.width == shape[1] or box.top + box.height == shape[0]


def is_digit_sized(box: Box, height: float, shape: tuple[int, ...]) -> bool:
    least, most = EDGE_HEIGHTS if _on_edge(box, shape) else (SPECK, math.inf)
    return least * height <= box.height <= most * height


def join(components: Sequence[Component], height: float) -> list[Group]:
    """Put parts to the digits they belong to: the lightest first, each to the nearest that it fits."""
    groups = [Group((component,), component.box) for component in components]
    for part in sorted(groups, key=lambda group: group.mass):
        hosts = [g for g in groups if g is not part and g.mass >= part.mass and _is_part(part.box, g.box, height)]
        if hosts:
            host = min(hosts, key=lambda g: gap(part.box, g.box))
            groups = [g for g in groups if g is not part and g is not host]
            groups.append(Group((*host.components, *part.components), union((host.box, part.box))))
    return groups


def _is_part(part: Box, host: Box, height: float) -> bool:
    if extent(part) >= PART * height or gap(part, host) > PART_GAP * height:
        return False
    both = union((part, host))
    if both.height > TALLEST * max(height, host.height) or both.width > TALLEST * max(height, host.width):
        return False
    overlap = min(part.left + part.width, host.left + host.width) - max(part.left, host.left)
    stands_over = overlap >= 0.5 * min(part.width, host.width)
    return stands_over or gap(part, host) <= NEAR_GAP * height


def neighbours(labels: np.ndarray, groups: Sequence[Group], height: float) -> list[list[Group]]:
    """Put those together, from the left, that may be two halves of one digit."""
    chains: list[list[Group]] = []
    for group in sorted(groups, key=lambda g: g.box.left + g.box.width / 2):
        chain = next((c for c in chains if _may_be_halves(labels, c[-1], group, height)), None)
        if chain is None:
            chains.append([group])
        else:
            chain.append(group)
    return chains


def _may_be_halves(labels: np.ndarray, one: Group, other: Group, height: float) -> bool:
    both = union((one.box, other.box))
    fits = both.width <= TALLEST * height and both.height <= TALLEST * height
    return fits and gap(one.box, other.box) <= BREAK * height and distance(labels, one, other) <= BREAK * height


def distance(labels: np.ndarray, one: Group, other: Group) -> float:
    """Pixels between the ink of two groups."""
    window = inside(labels, union((one.box, other.box)))
    away = ndimage.distance_transform_edt(~np.isin(window, [component.label for component in other.components]))
    return float(away[np.isin(window, [component.label for component in one.components])].min())
