"""Strokes of a pen -> a picture in MNIST's form, a little different each time, as if by another person.

A drawing is a cloud of points close enough to each other that a pen set down on every one leaves unbroken strokes.
All randomness comes from the given generator, so the same generator draws the same picture.
"""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage

from mnist_core.images.preprocess import DIGIT_SIDE, centre, fit

FINE = 3  # drawn this many times as large as the network sees, then averaged down as any other picture is
POINTS_APART = 0.008  # of a drawing's longer side: less than a fine pixel
MIN_PEN, MAX_PEN = 1.6, 5.0  # pixels of the 20 that a digit is fitted into: a fine liner, a brush


def curve(*points: tuple[float, float]) -> np.ndarray:
    """A smooth stroke through points (x right, y down), in order: (P, 2) float64.

    Source: Catmull and Rom 1974, "A class of local interpolating splines".
    """
    given = np.array([points[0], *points, points[-1]], float)
    t = np.linspace(0, 1, 16, endpoint=False)[:, None]
    pieces = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(given, given[1:], given[2:], given[3:], strict=False)
    ]
    return np.concatenate([*pieces, given[-1:]])


def line(*points: tuple[float, float]) -> np.ndarray:
    """A stroke with corners: (P, 2) float64."""
    return np.array(points, float)


def arc(x: float, y: float, width: float, height: float, start: float, sweep: float) -> np.ndarray:
    """Part of an ellipse about (x, y), from the angle `start` through `sweep`, in turns, clockwise from the top."""
    angle = 2 * np.pi * np.linspace(start, start + sweep, 40)
    return np.stack([x + width / 2 * np.sin(angle), y - height / 2 * np.cos(angle)], axis=1)


def cloud(strokes: Sequence[np.ndarray]) -> np.ndarray:
    """All points of strokes, with as many between them as an unbroken line needs: (N, 2) float64."""
    everywhere = np.concatenate(strokes)
    apart = POINTS_APART * max(float(np.ptp(everywhere, axis=0).max()), 1e-6)
    return np.concatenate([_dense(stroke, apart) for stroke in strokes])


def _dense(stroke: np.ndarray, apart: float) -> np.ndarray:
    lengths = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(stroke, axis=0).T))])
    at = np.linspace(0, lengths[-1], max(2, int(lengths[-1] / apart) + 1))
    return np.stack([np.interp(at, lengths, stroke[:, axis]) for axis in (0, 1)], axis=1)


def bend(points: np.ndarray, rng: np.random.Generator, *, strength: float = 1.0) -> np.ndarray:
    """Slant, stretch, turn and warp a drawing as hands differ. Args and returns: (N, 2) float64."""
    low, high = points.min(0), points.max(0)
    unit = (points - (low + high) / 2) / max(float((high - low).max()), 1e-6)  # -0.5 to 0.5
    turn = rng.normal(0, 0.09 * strength)
    slant, stretch = rng.normal(0, 0.16 * strength), np.exp(rng.normal(0, 0.16 * strength))
    cos, sin = np.cos(turn), np.sin(turn)
    unit = unit @ np.array([[stretch, 0], [-slant, 1]]) @ np.array([[cos, sin], [-sin, cos]])
    for _ in range(3):  # slow waves: neighbouring points move alike
        direction, towards = rng.normal(0, 1, (2, 2))
        phase, amount = rng.uniform(0, 2 * np.pi), rng.normal(0, 0.03 * strength)
        unit = unit + amount * np.sin(3.5 * unit @ direction + phase)[:, None] * towards
    return np.asarray(unit)


def draw(points: np.ndarray, rng: np.random.Generator, *, pen: float | None = None) -> np.ndarray:
    """Draw with a pen of random width, or of `pen` pixels, a little uneven along the strokes.

    Args: points: (N, 2) float64.
    Returns: (28, 28) uint8, in MNIST's form.
    """
    width = min(MIN_PEN + rng.gamma(2.0, 0.65), MAX_PEN) if pen is None else pen
    low, high = points.min(0), points.max(0)
    scale = FINE * (DIGIT_SIDE - width) / max(float((high - low).max()), 1e-6)
    margin = int(FINE * width) + 2
    at = np.rint((points - low) * scale).astype(int) + margin
    canvas = np.ones((at[:, 1].max() + margin + 1, at[:, 0].max() + margin + 1), bool)
    canvas[at[:, 1], at[:, 0]] = False
    away = ndimage.distance_transform_edt(canvas)
    rows, columns = np.ogrid[: canvas.shape[0], : canvas.shape[1]]
    wave = np.sin(rows * rng.uniform(-0.1, 0.1) + columns * rng.uniform(-0.1, 0.1) + rng.uniform(0, 6))
    radius = FINE * width / 2 * (1 + rng.uniform(0, 0.3) * wave)
    ink = (np.clip(radius + 0.5 - away, 0, 1) * 255).astype(np.uint8)
    down, across = np.flatnonzero(ink.any(1)), np.flatnonzero(ink.any(0))
    return centre(fit(ink[down[0] : down[-1] + 1, across[0] : across[-1] + 1]))
