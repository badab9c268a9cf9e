"""The curves of several runs over each other."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.figures import comparison_figure
from mnist_core.runs import Run
from pages.components import format as fmt
from pages.components.cached import history_of
from pages.components.plotly_view import plotly_view
from pages.components.words import run_title

MOST_CURVES = 10  # as many as there are colours that can be told apart
MOST_LETTERS = 28  # of a run's title beside its curve, so that a legend fits on a phone
QUANTITIES = {"accuracy": "Accuracy", "loss": "Loss"}
AXES = {"epoch": "Epoch", "step": "Step", "time": "Time"}


def compare(chosen: Sequence[Run]) -> None:
    """Draw what has been measured of the runs."""
    begun = [run for run in chosen if history_of(run).step]
    if not begun:
        st.caption("Nothing has been measured yet: a curve begins with a run's first step.")
        return
    with st.container(horizontal=True, gap="medium"):
        quantity = _choice("Show", QUANTITIES, key="compare_quantity")
        by = _choice("Over", AXES, key="compare_axis")
    drawn = begun[:MOST_CURVES]
    histories = dict(zip(_names(drawn), map(history_of, drawn), strict=True))
    plotly_view(
        comparison_figure(histories, quantity, by),
        key="compare",
        uirevision=f"{quantity}-{by}",
        description=f"Validation {quantity} of {fmt.count(len(drawn), 'run')} over {by}: {', '.join(histories)}.",
    )
    st.caption("Dots: validation at each epoch's end. Faint lines: training.")
    if len(begun) > len(drawn):
        st.caption(f"Only the first {len(drawn)} of {len(begun)} are drawn.")


def _choice(label: str, options: dict[str, str], *, key: str) -> str:
    """One of a few, the first unless another was chosen before in this session."""
    return st.segmented_control(
        label,
        list(options),
        default=next(iter(options)),
        required=True,
        format_func=options.__getitem__,
        key=key,
        persist_state="session",
    )


def _names(drawn: Sequence[Run]) -> list[str]:
    """What to call each run: its title, with as much of the id as it takes to tell it from the others."""
    titles = [run_title(run) for run in drawn]
    titles = [title if len(title) <= MOST_LETTERS else title[: MOST_LETTERS - 1] + "…" for title in titles]
    names = titles
    for told_by in ([run.run_id[-4:] for run in drawn], [run.run_id for run in drawn]):
        longer = [f"{title} ({part})" for title, part in zip(titles, told_by, strict=True)]
        names = [name if names.count(name) == 1 else more for name, more in zip(names, longer, strict=True)]
    return names
