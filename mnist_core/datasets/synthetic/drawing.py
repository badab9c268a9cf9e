"""Pictures drawn for the data set `people`: digits and non-digits, from one seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mnist_core.datasets.synthetic.pen import bend, cloud, draw
from mnist_core.datasets.synthetic.styles import DIGIT_STYLES, scribble, sign
from mnist_core.errors import NoInkError
from mnist_core.images.preprocess import preprocess
from mnist_core.types import NOT_A_DIGIT

GLYPHS = Path(__file__).with_name("glyphs.npz")  # made by recipes/glyphs.py
SEED = 20_261_123
HELD_OUT = 6  # one font in so many is met in validation only
# How often each digit is written: what MNIST has no example of, more often.
STYLE_WEIGHTS = np.array([1.0, 2.0, 0.8, 0.8, 2.2, 0.8, 0.8, 1.8, 1.0, 1.6])
PATCH = (24, 300)  # pixels of a photograph's pieces, the least and the greatest


@dataclass(frozen=True)
class Amounts:
    """How many pictures of each origin."""

    glyph_digits: int
    styled_digits: int
    letters: int
    scribbles: int
    signs: int
    patches: int

    def total(self) -> int:
        return sum(vars(self).values())


TRAIN = Amounts(24_000, 24_000, 14_000, 3_000, 4_000, 1_500)
VALIDATION = Amounts(2_000, 2_000, 1_500, 200, 300, 200)


def draw_all(amounts: Amounts, *, held_out: bool) -> Iterator[tuple[np.ndarray, int]]:
    """Pictures (28, 28) uint8 and what they show, 0-9 or NOT_A_DIGIT; by the fonts held out, or by the others."""
    rng = np.random.default_rng((SEED, int(held_out)))
    yield from _glyphs(rng, amounts.glyph_digits, of_digits=True, held_out=held_out)
    for digit in rng.choice(10, amounts.styled_digits, p=STYLE_WEIGHTS / STYLE_WEIGHTS.sum()):
        yield _by_hand(cloud(DIGIT_STYLES[digit](rng)), rng), int(digit)
    yield from _glyphs(rng, amounts.letters, of_digits=False, held_out=held_out)
    for style, count in ((scribble, amounts.scribbles), (sign, amounts.signs)):
        for _ in range(count):
            yield _by_hand(cloud(style(rng)), rng), NOT_A_DIGIT
    yield from _patches(rng, amounts.patches)


def _by_hand(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return draw(bend(points, rng), rng)


def _glyphs(
    rng: np.random.Generator, count: int, *, of_digits: bool, held_out: bool
) -> Iterator[tuple[np.ndarray, int]]:
    """Digits, or letters and signs, along the middle lines of fonts."""
    with np.load(GLYPHS, allow_pickle=False) as arrays:
        points, ends, characters, fonts = (arrays[name] for name in ("points", "ends", "characters", "fonts"))
    starts = np.concatenate([[0], ends[:-1]])
    wanted = np.flatnonzero((np.char.isdigit(characters) == of_digits) & ((fonts % HELD_OUT == 0) == held_out))
    for glyph in rng.choice(wanted, count):
        label = int(characters[glyph]) if of_digits else NOT_A_DIGIT
        yield _by_hand(points[starts[glyph] : ends[glyph]].astype(float), rng), label


def _patches(rng: np.random.Generator, count: int) -> Iterator[tuple[np.ndarray, int]]:
    """Pieces of the two photographs that come with scikit-learn, as if they were digits."""
    from sklearn.datasets import load_sample_images

    photographs = load_sample_images().images
    while count:
        photograph, side = photographs[rng.integers(len(photographs))], int(rng.integers(*PATCH))
        top, left = (int(rng.integers(size - side)) for size in photograph.shape[:2])
        try:
            patch = np.ascontiguousarray(photograph[top : top + side, left : left + side])
            yield preprocess(patch, with_steps=False).image, NOT_A_DIGIT
        except NoInkError:
            continue
        count -= 1
