"""All runs side by side: their settings, results and curves; rename, delete, take away."""

import streamlit as st

from mnist_core import runs
from mnist_core.figures import comparison_figure
from mnist_core.runs import DamagedRun, Run
from pages.components import format as fmt
from pages.components import state
from pages.components.cached import history_of
from pages.components.frame import page
from pages.components.plotly_view import plotly_view
from pages.components.run_actions import show_actions, show_damaged
from pages.components.run_panel import AT_WORK
from pages.components.runs_table import runs_table
from pages.components.words import run_title

POLL_SECONDS = 2.0  # a table is glanced at; the page Train is for watching
MOST_CURVES = 10  # as many as there are colours that can be told apart
MOST_LETTERS = 28  # of a run's title beside its curve, so that a legend fits on a phone
CURVES_UNASKED = 5  # the newest, where none is ticked
QUANTITIES = {"accuracy": "Accuracy", "loss": "Loss"}
AXES = {"epoch": "Epoch", "step": "Step", "time": "Time"}


def compare(chosen: list[Run]) -> None:
    """The curves of several runs over each other."""
    with st.container(horizontal=True, gap="medium"):
        quantity = _choice("Show", QUANTITIES, key="compare_quantity")
        by = _choice("Over", AXES, key="compare_axis")
    histories = dict(zip(_names(chosen), map(history_of, chosen), strict=True))
    plotly_view(
        comparison_figure(histories, quantity, by),
        key="compare",
        uirevision=f"{quantity}-{by}",
        description=f"Validation {quantity} of {fmt.count(len(chosen), 'run')} over {by}: {', '.join(histories)}.",
    )
    st.caption("Dots: validation at each epoch's end. Faint lines: training.")


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


def _names(chosen: list[Run]) -> list[str]:
    """The runs' titles, short enough for a legend; with the end of the id where two are alike."""
    titles = [shorten(run_title(run)) for run in chosen]
    return [
        title if titles.count(title) == 1 else f"{title} ({run.run_id[-4:]})"
        for title, run in zip(titles, chosen, strict=True)
    ]


def shorten(title: str) -> str:
    return title if len(title) <= MOST_LETTERS else title[: MOST_LETTERS - 1] + "…"


def at_work(known: list[Run]) -> list[Run]:
    return [run for run in known if runs.status(run, history_of(run)) in AT_WORK]


st.title("Runs", anchor=False)
everything = runs.list_runs()
known = [run for run in everything if isinstance(run, Run)]
damaged = [run for run in everything if isinstance(run, DamagedRun)]
if not everything:
    st.write("There are no runs yet. Each training becomes one, and stays here until you delete it.")
    st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

busy = at_work(known)
ticked = state.ticked_runs()
poll_seconds = POLL_SECONDS if busy else None


@st.fragment(run_every=poll_seconds)
def table() -> None:
    if at_work(known) != busy:
        st.rerun()  # once: the page is drawn again, with or without its timers
    runs_table(known)
    if state.ticked_runs() != ticked:
        st.rerun()  # what stands below depends on it


@st.fragment(run_every=poll_seconds)
def curves() -> None:
    st.subheader("Curves", anchor=False)
    with_curves = [run for run in known if history_of(run).step]
    chosen = [run for run in with_curves if run.run_id in ticked] if ticked else with_curves[:CURVES_UNASKED]
    if chosen:
        compare(chosen[:MOST_CURVES])
    else:
        st.caption("Nothing has been measured yet: a curve begins with a run's first step.")
    if len(chosen) > MOST_CURVES:
        st.caption(f"Only the first {MOST_CURVES} of {len(chosen)} are drawn.")


if known:
    table()
    chosen = [run for run in known if run.run_id in ticked]
    if chosen:
        show_actions(chosen)
    else:
        st.caption("Tick runs to compare, rename, download or delete them. Until then the newest curves are shown.")
    curves()
if damaged:
    show_damaged(damaged)
