"""Colours can be told from their ground, and from each other, by whoever looks."""

import tomllib
from itertools import combinations

import numpy as np
import pytest

from mnist_core import paths
from mnist_core.figures import palette
from mnist_core.figures.palette import CLASSES, DARK_CLASSES, DARK_INK, DARK_PAPER, INK, ON_DARK, PAPER

# Machado, Oliveira and Fernandes 2009, severity 1, for linear RGB.
VISION = {
    "full": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
# Björn Ottosson 2020, linear sRGB to OKLab.
TO_CONES = np.array(
    [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
     [0.0883024619, 0.2817188376, 0.6299787005]]
)  # fmt: skip
TO_LAB = np.array(
    [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
     [0.0259040371, 0.7827717662, -0.8086757660]]
)  # fmt: skip


def linear(colour: str) -> np.ndarray:
    values = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def oklab(colour: str, vision: np.ndarray) -> np.ndarray:
    return TO_LAB @ np.cbrt(TO_CONES @ np.clip(vision @ linear(colour), 0, 1))


@pytest.mark.parametrize("colour", [palette.FAINT_INK, palette.ACCENT, palette.VALIDATION, palette.ERROR, INK])
def test_text_colours_reach_4_5_to_1_on_both_grounds(colour: str) -> None:
    assert contrast(colour, PAPER) >= 4.5
    assert contrast(ON_DARK[colour], DARK_PAPER) >= 4.5
    assert contrast(colour, palette.TILE) >= 4.5
    assert contrast(ON_DARK[colour], ON_DARK[palette.TILE]) >= 4.5


@pytest.mark.parametrize("colour", [palette.MUTED, *CLASSES])
def test_line_colours_reach_3_to_1_on_both_grounds(colour: str) -> None:
    assert contrast(colour, PAPER) >= 3
    assert contrast(ON_DARK[colour], DARK_PAPER) >= 3


@pytest.mark.parametrize("wash", [palette.WASH, palette.ERROR_WASH])
def test_ink_reads_on_the_strongest_wash(wash: tuple[str, str]) -> None:
    assert contrast(INK, wash[1]) >= 4.5
    assert contrast(DARK_INK, ON_DARK[wash[1]]) >= 4.5


@pytest.mark.parametrize("classes", [CLASSES, DARK_CLASSES])
@pytest.mark.parametrize("vision", VISION)
def test_ten_class_colours_stay_apart_for_every_kind_of_vision(classes: tuple[str, ...], vision: str) -> None:
    seen = [oklab(colour, VISION[vision]) for colour in classes]
    assert len(seen) == 10
    assert min(np.linalg.norm(one - other) for one, other in combinations(seen, 2)) >= 0.075


def test_the_app_s_theme_uses_these_colours() -> None:
    theme = tomllib.loads((paths.APP_FOLDER / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
    for mode, on in (("light", lambda colour: colour), ("dark", ON_DARK.__getitem__)):
        assert theme[mode]["backgroundColor"] == on(PAPER)
        assert theme[mode]["textColor"] == on(INK)
        assert theme[mode]["primaryColor"] == on(palette.ACCENT)
        assert theme[mode]["redColor"] == on(palette.ERROR)
        assert theme[mode]["orangeColor"] == on(palette.VALIDATION)
        assert theme[mode]["chartCategoricalColors"] == [on(colour) for colour in CLASSES]


@pytest.mark.parametrize("colour", [palette.AGAINST, palette.FOR])
def test_the_colours_of_weights_stand_on_the_tiles_of_both_themes(colour: str) -> None:
    assert contrast(colour, palette.TILE) >= 3
    assert contrast(colour, ON_DARK[palette.TILE]) >= 3


def test_the_two_colours_of_weights_are_told_apart_by_every_eye() -> None:
    for vision in VISION.values():
        assert np.linalg.norm(oklab(palette.AGAINST, vision) - oklab(palette.FOR, vision)) >= 0.078
