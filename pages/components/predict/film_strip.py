"""The way from a person's picture to the 28 × 28 pixels that the model saw, in one row."""

from collections.abc import Sequence
from html import escape
from itertools import pairwise

import numpy as np
import streamlit as st

from mnist_core.figures.palette import FAINT_INK
from mnist_core.types import SIDE, Preprocessed, Step
from pages.components.shared.digits import STYLE as DIGITS_STYLE
from pages.components.shared.digits import picture_html
from pages.components.shared.frame import both

FRAME = 84  # pixels: three to one of 28
# All in one row where there is room, else in as many rows as leave none alone in the last.
STYLE = f"""
<style>
.film-frame {{ container-type: inline-size; }}
.film {{ display: grid; gap: 1rem 0.75rem; grid-template-columns: repeat(var(--narrow), {FRAME}px); }}
.film > div {{ font-size: 0.8125rem; line-height: 1.3; color: {both(FAINT_INK)}; overflow-wrap: break-word; }}
.film .digit-frame {{ margin-bottom: 0.375rem; }}
@container (min-width: 560px) {{ .film {{ grid-template-columns: repeat(var(--half), {FRAME}px); }} }}
@container (min-width: 1000px) {{ .film {{ grid-template-columns: repeat(var(--all), {FRAME}px); }} }}
</style>
"""
NARROW = 3  # frames side by side on a phone


def film_strip(preprocessed: Preprocessed) -> None:
    """The preprocessing steps, and what happened at each."""
    st.subheader(
        "What the model saw", anchor=False, help="A network can only read what looks like its training images."
    )
    steps = _that_changed_it(preprocessed.steps)
    frames = "".join(_frame(number, step) for number, step in enumerate(steps, start=1))
    columns = f"--all: {len(steps)}; --half: {_even(len(steps), 5)}; --narrow: {_even(len(steps), NARROW)}"
    st.html(
        f'{DIGITS_STYLE}{STYLE}<div class="film-frame">'
        f'<div class="film" role="list" style="{columns}">{frames}</div></div>'
    )
    with st.expander("What happened at each step"):
        st.markdown("\n".join(f"{n}. **{step.name}**: {step.explanation}" for n, step in enumerate(steps, start=1)))


def _frame(number: int, step: Step) -> str:
    picture = picture_html(_at_one_scale(step.image), step.explanation, FRAME)
    return f'<div role="listitem">{picture}{number}. {escape(step.name)}</div>'


def _even(count: int, most: int) -> int:
    """How many to put in a row, at most so many, so that the last row is not a single one."""
    return next((columns for columns in range(most, 1, -1) if count % columns != 1), most)


def _that_changed_it(steps: Sequence[Step]) -> list[Step]:
    """Leave out steps after which the picture is as it was before: a drawing needs no threshold."""
    changed = [after for before, after in pairwise(steps) if not np.array_equal(before.image, after.image)]
    return [*steps[:1], *changed]


def _at_one_scale(image: np.ndarray) -> np.ndarray:
    """Centre an image smaller than the network's input on a sheet of that size, so that pixels are equally large."""
    if max(image.shape[:2]) >= SIDE or image.ndim == 3:
        return image
    sheet = np.zeros((SIDE, SIDE), np.uint8)
    height, width = image.shape
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    sheet[top : top + height, left : left + width] = image
    return sheet
