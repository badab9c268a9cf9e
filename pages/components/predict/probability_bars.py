"""Ten probabilities as bars, in plain HTML: they change with every stroke, and Plotly takes longer than the reading.

They look like `figures.probabilities_figure`, which says the same in a notebook.
"""

from html import escape

import numpy as np
import streamlit as st

from mnist_core.figures.palette import ACCENT, FAINT_INK, MUTED, RULE
from mnist_core.figures.probabilities import percent_labels
from pages.components.shared.frame import both

HEIGHT = 176  # pixels of a certainty
STYLE = f"""
<style>
.bars {{ display: grid; grid-template: auto auto / 1.25rem 1.75rem 1fr; font-size: 0.8125rem; margin-top: 1.5rem; }}
.bars .title {{ color: {both(FAINT_INK)}; text-align: center; }}
.bars .up {{ writing-mode: vertical-rl; rotate: 180deg; height: {HEIGHT}px; }}
.bars .scale {{ height: {HEIGHT}px; display: flex; flex-direction: column; justify-content: space-between;
  text-align: right; color: {both(FAINT_INK)}; font-size: 0.75rem; line-height: 0; padding-right: 0.375rem; }}
.bars .plot {{ display: grid; grid-template-columns: repeat(var(--columns), 1fr); height: {HEIGHT}px; background:
  linear-gradient({both(RULE)} 0 0) top / 100% 1px no-repeat,
  linear-gradient({both(RULE)} 0 0) center / 100% 1px no-repeat; }}
.bars .plot > span {{ display: flex; flex-direction: column; justify-content: flex-end; align-items: center;
  height: {HEIGHT}px; white-space: nowrap; line-height: 1.25; }}
.bars i {{ display: block; width: 65%; height: calc(var(--share) * 100%); flex: none; background: {both(MUTED)}; }}
.bars .meant i {{ background: {both(ACCENT)}; }}
.bars .names {{ grid-column: 3; display: grid; grid-template-columns: repeat(var(--columns), 1fr); text-align: center;
  color: {both(FAINT_INK)}; padding-top: 0.25rem; border-top: 1px solid {both(RULE)}; }}
.bars .names .title {{ grid-column: 1 / -1; }}
</style>
"""


def probability_bars(
    probabilities: np.ndarray, digit: int | None, *, none: float | None = None, description: str
) -> None:
    """Show how sure the network is of each digit.

    Args:
        probabilities: (10,) float, 0 to 1.
        digit: the one to stand out; None where none is meant.
        none: probability that it is no digit at all, as an eleventh bar; None where it does not matter.
        description: what a person who cannot see the bars is told.
    """
    st.html(STYLE + bars_html(probabilities, digit, none=none, description=description))


def bars_html(probabilities: np.ndarray, digit: int | None, *, none: float | None = None, description: str) -> str:
    """The HTML of the bars; see `probability_bars`."""
    shares = [*probabilities.tolist(), *([] if none is None else [none])]
    labels = percent_labels(100 * np.array(shares, dtype=float))
    marks = [*map(str, range(len(probabilities))), "none"][: len(shares)]
    titles = ["no digit" if mark == "none" else mark for mark in marks]
    columns = "".join(
        f'<span class="{"meant" if label == digit else "other"}" title="{title}: {100 * share:.2f} %">'
        f'{escape(text)}<i style="--share: {share:.7g}"></i></span>'
        for label, (share, text, title) in enumerate(zip(shares, labels, titles, strict=True))
    )
    names = "".join(f"<span>{mark}</span>" for mark in marks)
    return (
        f'<div class="bars" style="--columns: {len(shares)}" role="img" aria-label="{escape(description, quote=True)}">'
        '<span class="title up">probability (%)</span>'
        '<span class="scale"><span>100</span><span>50</span><span>0</span></span>'
        f'<div class="plot">{columns}</div><div class="names">{names}<span class="title">digit</span></div></div>'
    )
