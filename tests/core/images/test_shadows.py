"""Blank paper is no digit, however the light falls on it; and a shadow beside a digit is no part of it."""

from collections.abc import Callable

import numpy as np
import pytest
from drawings import digit, on_paper, paste

from mnist_core.errors import NoInkError
from mnist_core.images.preprocess import preprocess

Light = Callable[[np.ndarray, np.ndarray], np.ndarray]

LIGHTS: dict[str, Light] = {
    "vignette": lambda down, across: 1 - 0.7 * np.clip(((down - 0.5) ** 2 + (across - 0.5) ** 2) * 2, 0, 1),
    "hard edge": lambda down, across: np.where(across + 0.4 * down > 0.7, 0.7, 1.0),
    "soft edge": lambda down, across: 1 - 0.4 / (1 + np.exp(np.clip((down + 0.3 * across - 0.6) / 0.02, -50, 50))),
    "ramp": lambda down, across: 1 - 0.5 * across,
}


def lit(drawing: np.ndarray, light: Light) -> np.ndarray:
    height, width = drawing.shape
    down, across = np.mgrid[:height, :width]
    return on_paper(drawing, light(down / height, across / width))


@pytest.mark.parametrize("name", LIGHTS)
def test_blank_paper_is_refused_in_any_light(name: str) -> None:
    with pytest.raises(NoInkError):
        preprocess(lit(np.zeros((400, 500), np.uint8), LIGHTS[name]), with_steps=False)


@pytest.mark.parametrize("name", LIGHTS)
@pytest.mark.parametrize("label", [1, 5])
def test_a_digit_is_read_in_any_light(name: str, label: int) -> None:
    drawing = np.zeros((400, 500), np.uint8)
    paste(drawing, digit(label, 200, 14), 150, 100)
    found = preprocess(lit(drawing, LIGHTS[name]), with_steps=False).image
    assert np.abs(found.astype(float) - preprocess(drawing, with_steps=False).image).mean() < 8


def test_a_speck_on_paper_is_no_digit() -> None:
    drawing = np.zeros((800, 1000), np.uint8)
    drawing[300:310, 400:408] = 255
    with pytest.raises(NoInkError):
        preprocess(on_paper(drawing), with_steps=False)
