"""The weights of a first layer as small pictures: what each unit looks for."""

from collections.abc import Sequence
from html import escape
from itertools import zip_longest

import numpy as np
import streamlit as st

from mnist_core.figures.data_uri import data_uri
from mnist_core.figures.palette import AGAINST, FOR, TILE
from pages.components.shared.frame import both

SIDES = (56, 84)  # pixels of a picture at most, in a narrow column and in a wide one
STYLE = f"""
<style>
.weights-frame {{ container-type: inline-size; }}
.weights {{ display: grid; grid-template-columns: repeat(var(--row), max-content); gap: 4px; }}
.weights span {{ display: grid; justify-items: center; font-size: 0.8125rem; }}
.weights img {{ width: var(--narrow); height: var(--narrow); image-rendering: pixelated; background: {both(TILE)}; }}
@container (min-width: 524px) {{ .weights img {{ width: var(--wide); height: var(--wide); }} }}
.weights-key {{ display: flex; gap: 1.25rem; margin-top: 0.625rem; font-size: 0.8125rem; }}
.weights-key i {{ display: inline-block; width: 0.75rem; height: 0.75rem; margin-right: 0.375rem; }}
</style>
"""
KEY = (
    f'<div class="weights-key"><span><i style="background: {FOR}"></i>ink here excites</span>'
    f'<span><i style="background: {AGAINST}"></i>ink here inhibits</span></div>'
)


def show_weights(weights: np.ndarray, *, strongest: float, description: str, names: Sequence[str] = ()) -> None:
    """Show weights in rows of six, or of five where they have names, each unit always in its place.

    Args:
        weights: (U, H, W) float32.
        strongest: the weight that has the full colour; the same for all that is to be compared.
        description: what a person who cannot see them is told.
        names: what stands below each, if anything.
    """
    narrow, wide = (max(1, side // weights.shape[2]) * weights.shape[2] for side in SIDES)
    # decoded at once: else there is an empty frame whenever they change
    images = [f'<img src="{data_uri(tile)}" alt="" decoding="sync">' for tile in tinted(weights, strongest)]
    tiles = "".join(f"<span>{image}{escape(name)}</span>" for image, name in zip_longest(images, names, fillvalue=""))
    st.html(
        f'{STYLE}<div class="weights-frame"><div class="weights" role="img" '
        f'style="--row: {5 if names else 6}; --narrow: {narrow}px; --wide: {wide}px" '
        f'aria-label="{escape(description, quote=True)}">{tiles}</div>{KEY}</div>'
    )


def tinted(weights: np.ndarray, strongest: float) -> np.ndarray:
    """(..., H, W) float -> (..., H, W, 4) uint8: the hue is a weight's sign, the opacity its strength."""
    strength = np.clip(np.abs(weights) / max(strongest, 1e-9), 0, 1)
    hues = np.where((weights > 0)[..., None], _rgb(FOR), _rgb(AGAINST))
    return np.concatenate([hues, np.rint(255 * strength)[..., None]], axis=-1).astype(np.uint8)


def _rgb(colour: str) -> np.ndarray:
    return np.array(list(bytes.fromhex(colour[1:])))
