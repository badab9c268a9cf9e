"""Digits shown as the pixels they are: whole multiples, no smoothing, the same size wherever they stand in a row."""

from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st

from mnist_core.figures.data_uri import data_uri
from mnist_core.figures.palette import ACCENT, ERROR, RULE
from pages.components.shared.frame import both

STYLE = f"""
<style>
.digits {{ display: grid; gap: 1.25rem 1rem; grid-template-columns: repeat(auto-fill, minmax(var(--side), max-content));
  margin: 0; padding: 0; }}
.digits figure {{ margin: 0; width: max-content; max-width: 100%; }}
.digit-frame {{ width: var(--side); height: var(--side); display: grid; place-items: center;
  grid-template: 100% / 100%; overflow: hidden; }}
.digit-frame img {{ display: block; border-radius: 3px; max-width: 100%; max-height: 100%; }}
.digit-frame img.photo {{ outline: 1px solid {both(RULE)}; outline-offset: -1px; }}
.digit-frame img.pixels {{ image-rendering: pixelated; }}
.digits figure[data-open] {{ cursor: pointer; border-radius: 3px; }}
.digits figure[data-open]:hover .digit-frame, .digits figure[data-open]:focus-visible .digit-frame {{
  outline: 2px solid {both(ACCENT)}; outline-offset: 2px; border-radius: 3px; }}
.digits figure[data-open]:focus-visible {{ outline: none; }}
.digits figcaption {{ margin-top: 0.375rem; font-size: 0.8125rem; line-height: 1.35; white-space: pre-line;
  max-width: max(var(--side), 9.5em); overflow-wrap: anywhere;
  font-variant-numeric: tabular-nums; }}
.digits figcaption.wrong {{ color: {both(ERROR)}; }}
</style>
"""


def gallery(
    images: Sequence[np.ndarray] | np.ndarray,
    captions: Sequence[str],
    *,
    alts: Sequence[str] | None = None,
    wrong: Sequence[bool] | None = None,
    opens: Sequence[int] | None = None,
    side: int = 84,
) -> None:
    """Show pictures side by side, as many in a row as fit.

    Args:
        images: each (H, W) or (H, W, 3) uint8; digits as the model sees them, light ink on dark ground.
        captions: one each, plain text, below the picture; a line break starts a second line.
        alts: what a person who cannot see the pictures is told; by default the captions.
        wrong: whose caption is set in the colour of errors.
        opens: what each opens, where it can be pressed (see `opening`); by default none can.
        side: of every frame, in pixels. Smaller pictures are enlarged by the greatest whole number that fits.
    """
    st.html(gallery_html(images, captions, alts=alts, wrong=wrong, opens=opens, side=side))


def gallery_html(
    images: Sequence[np.ndarray] | np.ndarray,
    captions: Sequence[str],
    *,
    alts: Sequence[str] | None = None,
    wrong: Sequence[bool] | None = None,
    opens: Sequence[int] | None = None,
    side: int = 84,
) -> str:
    """The HTML of a gallery; see `gallery`."""
    marks = [False] * len(captions) if wrong is None else wrong
    opened: Sequence[int | None] = [None] * len(captions) if opens is None else opens
    figures = "".join(
        _figure(image, caption, alt, is_wrong, what, side)
        for image, caption, alt, is_wrong, what in zip(images, captions, alts or captions, marks, opened, strict=True)
    )
    return f'{STYLE}<div class="digits" style="--side: {side}px">{figures}</div>'


STRIP_STYLE = """
<style>
.strip-frame { container-type: inline-size; }
.strip { display: flex; gap: 2px; width: max-content; background: #000; padding: 2px; border-radius: 4px; }
.strip img { width: 28px; height: 28px; image-rendering: pixelated; }
@container (min-width: 600px) { .strip img { width: 56px; height: 56px; } }
@container (min-width: 880px) { .strip img { width: 84px; height: 84px; } }
</style>
"""


def strip(images: np.ndarray, alt: str) -> None:
    """Show up to ten digits in one row that fits every window: one, two or three dots a pixel.

    Args:
        images: (N, 28, 28) uint8.
    """
    row = "".join(f'<img src="{data_uri(image)}" alt="">' for image in images)
    st.html(
        f'{STRIP_STYLE}<div class="strip-frame"><div class="strip" role="img" aria-label="{escape(alt, quote=True)}">'
        f"{row}</div></div>"
    )


def picture_html(image: np.ndarray, alt: str, side: int) -> str:
    """One picture in its square frame, to stand after `STYLE`; beside what is not square lies the page's ground."""
    return f'<div class="digit-frame" style="--side: {side}px">{_image(image, alt, side)}</div>'


def _figure(image: np.ndarray, caption: str, alt: str, is_wrong: bool, opens: int | None, side: int) -> str:
    kind = "wrong" if is_wrong else "plain"
    pressed = ""
    if opens is not None:
        pressed = f' data-open="{opens}" role="button" tabindex="0" aria-label="Open {escape(alt, quote=True)}"'
    picture = picture_html(image, alt, side)
    return f'<figure{pressed}>{picture}<figcaption class="{kind}">{escape(caption)}</figcaption></figure>'


def _image(image: np.ndarray, alt: str, side: int) -> str:
    height, width = image.shape[:2]
    scale = side // max(height, width)
    kind, size = "pixels", f' width="{width * scale}" height="{height * scale}"'
    if scale < 1:  # larger than its frame: shrunk, and then smoothing is right
        kind, size = "photo", ""
    return f'<img class="{kind}" src="{data_uri(image)}" alt="{escape(alt, quote=True)}"{size}>'
