"""All runs side by side: their settings, results and curves; rename, delete, take away."""

import streamlit as st

from mnist_core import runs
from mnist_core.figures import comparison_figure
from mnist_core.runs import DamagedRun, Run
from pages.components.cached import history_of
from pages.components.frame import page
from pages.components.plotly_view import plotly_view
from pages.components.run_actions import show_actions, show_damaged
from pages.components.runs_table import runs_table
from pages.components.words import run_title

MOST_CURVES = 10  # as many as there are colours that can be told apart
QUANTITIES = {"accuracy": "Accuracy", "loss": "Loss"}
AXES = {"epoch": "Epoch", "step": "Step", "time": "Time"}


def compare(chosen: list[Run]) -> None:
    """The curves of several runs over each other."""
    st.subheader("Curves", anchor=False)
    with st.container(horizontal=True, gap="medium"):
        quantity = st.segmented_control("Show", list(QUANTITIES), default="accuracy", required=True,
                                        format_func=QUANTITIES.__getitem__, key="compare_quantity",
                                        persist_state="session")  # fmt: skip
        by = st.segmented_control("Over", list(AXES), default="epoch", required=True, key="compare_axis",
                                  format_func=AXES.__getitem__, persist_state="session")  # fmt: skip
    names = {run.run_id: run_title(run) for run in chosen}
    histories = {_unique(names, run): history_of(run) for run in chosen}
    plotly_view(
        comparison_figure(histories, quantity, by),
        key="compare",
        uirevision=f"{quantity}-{by}",
        description=f"Validation {quantity} of {len(chosen)} runs over {by}: {', '.join(histories)}.",
    )
    st.caption("Dots: validation at each epoch's end. Faint lines: training.")


def _unique(names: dict[str, str], run: Run) -> str:
    """A run's title; with the end of its id where two share one."""
    title = names[run.run_id]
    return title if list(names.values()).count(title) == 1 else f"{title} ({run.run_id[-4:]})"


st.title("Runs", anchor=False)
everything = runs.list_runs()
known = [run for run in everything if isinstance(run, Run)]
damaged = [run for run in everything if isinstance(run, DamagedRun)]
if not everything:
    st.write("There are no runs yet. Each training becomes one, and stays here until you delete it.")
    st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

if known:
    chosen = runs_table(known)
    if not chosen:
        st.caption("Tick runs in the table to compare a choice of them; the newest are shown until then.")
    compare((chosen or known)[:MOST_CURVES])
    if len(chosen) > MOST_CURVES:
        st.caption(f"Only the first {MOST_CURVES} of {len(chosen)} are drawn.")
    if len(chosen) == 1:
        show_actions(chosen[0])
if damaged:
    show_damaged(damaged)
