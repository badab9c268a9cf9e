"""A picture in, its answer out: one digit, or several if that is what there is on it.

Both readings are made. Ink that is one digit in several strokes, a letter that can be cut into ones and the rest of a
ruled cell each look like several digits at first; what tells them apart are size, pen, row and what is cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np

from mnist_core.images.connected_components import union
from mnist_core.images.ink import Invert
from mnist_core.images.preprocess import MIN_HEIGHT, Threshold
from mnist_core.images.segment import Piece
from mnist_core.images.strokes import stroke_width
from mnist_core.networks.network import Network
from mnist_core.reading.predict import find_pieces, predict_pieces, read_digit
from mnist_core.types import Box, Prediction

HowMany = Literal["auto", "one", "many"]

# Found on single digits and letters of sixty people, none of which may become a number, and on cheques and photographs.
MIN_TAKEN, MIN_TAKEN_IF_REJECTED = 0.5, 0.3  # probability that a piece is the digit it is read as; if all is no digit
AS_LIKELY = 0.6  # of the one digit's probability, where a weak model is unsure of all it reads
MIN_CUT = 0.9  # the same where digits touch: letters come apart into ones and sevens
WIDE = 2.0  # in heights: together broader than any letter
MIN_PEN = 0.5  # of the broadest: what is drawn finer is a ruled line's rest
SAME_ROW = 0.6  # of the lower one's height, that neighbours have in common
ABREAST = 0.5  # of the narrower one's width; those that share more stand over each other
MIN_GAIN = 0.2  # by which several are more probable than one, where the one is not
# Near the lines of a cell, fractions of the picture's side or of a digit's height.
LINE_EDGE, LINE_WIDTH, LINE_PEN, LINE_MARGIN = 0.03, 0.35, 0.6, 0.1


@dataclass(frozen=True, eq=False)
class Answers:
    """What was read in a picture."""

    digits: tuple[Prediction, ...]  # one, or those of a number in reading order
    is_number: bool
    left_out: int = 0  # where one was read: other pieces of ink that are as large as a digit


def read_ink(
    model: Network,
    picture: np.ndarray,
    *,
    how_many: HowMany = "auto",
    invert: Invert = "auto",
    threshold: Threshold = "auto",
    with_steps: bool = False,
) -> Answers:
    """Read a picture of one digit or of several.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        how_many: `auto` finds out.
        with_steps: whether one digit's film-strip is wanted too.
    """
    one = None
    if how_many != "many":
        one = read_digit(model, picture, invert=invert, threshold=threshold, with_steps=with_steps)
        if _is_all(one):
            return Answers((one,), is_number=False)
    pieces = find_pieces(model, picture, invert=invert, threshold=threshold)
    if one and how_many == "one":
        return Answers((one,), is_number=False, left_out=_left_out(one, pieces))
    several = predict_pieces(model, pieces)
    if one is None or is_number(one, several, pieces, picture.shape):
        return Answers(tuple(several), is_number=True)
    return Answers((one,), is_number=False, left_out=_left_out(one, pieces))


def _is_all(one: Prediction) -> bool:
    """Whether one digit was read, without a doubt, and nothing as large lies beside it."""
    beside = one.preprocessed.large_specks if one.preprocessed else 0
    return one.is_digit and not beside and _probability(one) >= MIN_TAKEN


def is_number(one: Prediction, several: Sequence[Prediction], pieces: Sequence[Piece], shape: tuple[int, ...]) -> bool:
    """Whether a picture shows several digits.

    Args:
        one: what was read if all its ink is one digit, without what is then a speck.
        several, pieces: what was read if each piece is a digit.
        shape: of the picture, (H, W) or (H, W, 3).
    """
    least = min(MIN_TAKEN, AS_LIKELY * _probability(one)) if one.is_digit else MIN_TAKEN_IF_REJECTED
    likely = [(p, piece) for p, piece in zip(several, pieces, strict=True) if p.is_digit and _probability(p) >= least]
    taken = _of_one_size_and_pen(likely, shape)
    if any(piece.ruled for piece in pieces) and 2 * len(taken) <= len(pieces):
        return False  # most is what is left of the lines
    if not any(_are_neighbours(a, b) for (_, a), (_, b) in combinations(taken, 2)):
        return False
    if len({piece.component for _, piece in taken}) == 1 and not _is_surely_cut(taken):
        return False
    if not one.is_digit or one.box is None or any(not _holds(one.box, piece.box) for _, piece in taken):
        return True
    typical = float(np.exp(np.mean([np.log(_probability(p)) for p, _ in taken])))
    return _probability(one) < MIN_TAKEN and typical > _probability(one) + MIN_GAIN


Read = tuple[Prediction, Piece]


def _of_one_size_and_pen(likely: Sequence[Read], shape: tuple[int, ...]) -> list[Read]:
    if not likely:
        return []
    pens = [stroke_width(piece.strength) for _, piece in likely]
    tallest, broadest = max(piece.box.height for _, piece in likely), max(pens)
    return [
        (p, piece)
        for (p, piece), pen in zip(likely, pens, strict=True)
        if piece.box.height >= MIN_HEIGHT * tallest
        and pen >= MIN_PEN * broadest
        and not (piece.ruled and _may_be_line(piece.box, pen / broadest, shape))
    ]


def _may_be_line(box: Box, pen: float, shape: tuple[int, ...]) -> bool:
    """Whether a piece may be the rest of a ruled cell: at the edge; or as narrow as a 1, and fine or close to it.

    Args: pen: its width, of the broadest there is.
    """
    height, width = shape[:2]
    across = min(box.left, width - box.left - box.width) / width
    down = min(box.top, height - box.top - box.height) / height
    is_narrow = box.width < LINE_WIDTH * box.height
    return min(across, down) < LINE_EDGE or (is_narrow and (pen < LINE_PEN or across < LINE_MARGIN))


def _are_neighbours(one: Piece, other: Piece) -> bool:
    """Whether two pieces stand side by side; beside ruled lines also in one row, as their rests do not."""
    a, b = one.box, other.box
    across = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    down = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    is_in_row = down >= SAME_ROW * min(a.height, b.height) or not one.ruled
    return is_in_row and across <= ABREAST * min(a.width, b.width)


def _is_surely_cut(taken: Sequence[Read]) -> bool:
    """Whether ink that hangs together is digits that touch: M, N, U and W come apart into ones."""
    box = union(piece.box for _, piece in taken)
    if box.width >= WIDE * box.height:
        return True
    return min(_probability(p) for p, _ in taken) >= MIN_CUT and any(p.digit != 1 for p, _ in taken)


def _left_out(one: Prediction, pieces: Sequence[Piece]) -> int:
    """How many pieces as tall as half of the digit lie beside it. The rests of ruled cells are not worth a word."""
    if one.box is None:
        return 0
    least = MIN_HEIGHT * one.box.height
    return sum(not p.ruled and p.box.height >= least and not _holds(one.box, p.box) for p in pieces)


def _holds(box: Box, other: Box) -> bool:
    """Whether the middle of the other lies inside."""
    x, y = other.left + other.width / 2, other.top + other.height / 2
    return box.left <= x <= box.left + box.width and box.top <= y <= box.top + box.height


def _probability(prediction: Prediction) -> float:
    """That it is the digit it is read as."""
    return prediction.confidence * prediction.digit_probability
