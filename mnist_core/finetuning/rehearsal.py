"""Old training images, shown again during fine-tuning: a network forgets what it is no longer shown.

A network that can reject forgets how within a hundred steps if it is shown digits only (it rejected 70 % of letters
before and 15 % after, and 63 % if a few hundred were shown again). Where the data set has none, some are drawn.
"""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from mnist_core.datasets.synthetic.drawing import Amounts, draw_all
from mnist_core.types import NOT_A_DIGIT, Dataset, Split

TRAIN = Amounts(400, 400, 500, 80, 100, 30)  # two or three seconds' worth of other hands and what is no digit ...
OLD = 3000  # ... beside so many of the data set: one in six is then no digit, about as when the base was trained
VALIDATION = Amounts(0, 0, 250, 40, 50, 15)  # to find the rejection threshold; no digits, which are counted


def rehearsal_of(
    old: Dataset, *, refuses: bool, seed: int, on_drawn: Callable[[float], object] = lambda fraction: None
) -> Dataset:
    """The data set as the base knew it, near enough.

    Args:
        old: what is at hand.
        refuses: whether the base can reject what is not a digit.
        seed: of the sample that what is drawn is mixed with.
        on_drawn: is told the fraction drawn, 0 to 1, after each picture.
    """
    train, validation = old.train, old.validation
    if not refuses:
        train, validation = train.digits_only(), validation.digits_only()
    elif NOT_A_DIGIT not in train.labels:
        total = TRAIN.total() + VALIDATION.total()
        train = _joined(_sample(train, seed), _told(draw_all(TRAIN, held_out=False), 0, total, on_drawn))
        more = _told(draw_all(VALIDATION, held_out=True), TRAIN.total(), total, on_drawn)
        validation = _joined(validation, more)
    return Dataset(old.name, train, validation, old.test, old.checksum)


def _sample(split: Split, seed: int) -> Split:
    chosen = np.random.default_rng(seed).permutation(len(split))[:OLD]
    return Split(split.name, split.images[chosen], split.labels[chosen])


def _told(
    drawn: Iterable[tuple[np.ndarray, int]], before: int, total: int, on_drawn: Callable[[float], object]
) -> Iterator[tuple[np.ndarray, int]]:
    for number, picture in enumerate(drawn, start=before + 1):
        on_drawn(number / total)
        yield picture


def _joined(split: Split, drawn: Iterable[tuple[np.ndarray, int]]) -> Split:
    images, labels = zip(*drawn, strict=True)
    return Split(
        split.name, np.concatenate([split.images, np.stack(images)]), np.concatenate([split.labels, np.array(labels)])
    )
