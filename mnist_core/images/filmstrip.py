"""The way from a person's picture to MNIST's form, as pictures to look at."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from mnist_core.images.ink import Ink
from mnist_core.images.strokes import relative_width
from mnist_core.types import Step

MAX_SIDE = 280  # pixels: small enough to travel to a browser with every stroke


@dataclass(frozen=True, eq=False)
class Stages:
    """What the steps of `preprocess` gave, in order. All but the first are uint8 (H, W), light ink on dark ground."""

    picture: np.ndarray  # (H, W) or (H, W, 3) uint8, as it came
    ink: Ink
    strength: np.ndarray  # what is ink
    unlined: np.ndarray  # without ruled lines
    digit: np.ndarray  # without specks
    cropped: np.ndarray
    reduced: np.ndarray  # at a size at which strokes are measured
    redrawn: np.ndarray  # with a broader pen where it was thin, a finer one where it was thick
    fitted: np.ndarray  # 20 pixels high or wide
    image: np.ndarray  # (28, 28)


def steps(stages: Stages) -> tuple[Step, ...]:
    """The film-strip. Steps that changed nothing are left out, except those that every picture goes through."""
    return tuple(
        Step(name, explanation, bounded(image)) for name, explanation, image in (*_found(stages), *_formed(stages))
    )


def _found(stages: Stages) -> list[tuple[str, str, np.ndarray]]:
    ink = stages.ink
    strip = [("Your picture", "The original.", stages.picture)]
    if stages.picture.ndim == 3:
        strip.append(
            ("Grey", "Colours are weighted by how well they separate ink from paper: pale ink stays visible.", ink.grey)
        )
    if ink.evened is not None:
        strip.append(
            (
                "Even lighting",
                "Shadows are removed: each pixel is divided by the brightness of the paper there.",
                ink.evened,
            )
        )
    turned = (
        "The ink is dark on a light background, so it is inverted: MNIST has light ink on a dark one."
        if ink.inverted
        else "The ink is light on a dark background, as in MNIST, so nothing is inverted."
    )
    strip.append(("Light on dark", turned, ink.levels))
    strip.append(
        ("Threshold", "Whatever is too faint to be ink is cleared; the soft edges of strokes stay.", stages.strength)
    )
    if stages.unlined is not stages.strength:
        strip.append(
            ("Lines removed", "Ruled lines and cells are removed; strokes that cross them stay.", stages.unlined)
        )
    if stages.digit is not stages.unlined:
        strip.append(("Specks removed", "Only the largest piece of ink and what belongs to it are kept.", stages.digit))
    return strip


def _formed(stages: Stages) -> list[tuple[str, str, np.ndarray]]:
    strip = [("Crop", "Only the smallest box around the ink is kept.", stages.cropped)]
    if stages.redrawn is not stages.reduced:
        strip.append((*_redrawn(stages), stages.redrawn))
    strip.append(("20 × 20", "The longer side is scaled to 20 pixels, each the mean of what it covers.", stages.fitted))
    strip.append(
        ("28 × 28", "The centre of mass is moved to the middle of 28 × 28 pixels: the network's input.", stages.image)
    )
    return strip


def _redrawn(stages: Stages) -> tuple[str, str]:
    if relative_width(stages.redrawn) > relative_width(stages.reduced):
        return "Thicker pen", "Thin strokes would fade when scaled down, so they are made thicker."
    return "Thinner pen", "Thick strokes would run together, so they are thinned to MNIST's width and loops open."


def bounded(picture: np.ndarray) -> np.ndarray:
    """A copy of a picture, shrunk to `MAX_SIDE` if larger. Args and returns: (H, W) or (H, W, 3) uint8."""
    longest = max(picture.shape[:2])
    if longest <= MAX_SIDE:
        return picture.copy()
    size = (max(1, picture.shape[1] * MAX_SIDE // longest), max(1, picture.shape[0] * MAX_SIDE // longest))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX, reducing_gap=1.0))
