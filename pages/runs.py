"""All runs side by side: their settings, results and curves; rename, delete, take away."""

import streamlit as st

from mnist_core import runs
from mnist_core.runs import DamagedRun, Run
from pages.components import state
from pages.components.cached import history_of
from pages.components.frame import page
from pages.components.run_actions import show_actions, show_damaged
from pages.components.run_curves import compare
from pages.components.run_panel import AT_WORK
from pages.components.runs_table import runs_table

POLL_SECONDS = 2.0  # a table is glanced at; the page Train is for watching
CURVES_UNASKED = 5  # the newest, where none is ticked


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
chosen = [run for run in known if run.run_id in ticked]
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
    compare(chosen or [run for run in known if history_of(run).step][:CURVES_UNASKED])


if known:
    table()
    if chosen:
        show_actions(chosen)
    else:
        st.caption("Tick runs to compare, rename, download or delete them. Until then the newest curves are shown.")
    st.subheader("Curves", anchor=False)
    curves()
if damaged:
    show_damaged(damaged)
