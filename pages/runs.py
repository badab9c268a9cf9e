"""All runs side by side: their settings, results and curves; rename, tag, repeat, download, delete."""

import streamlit as st

from mnist_core.insight.compare import Entry
from mnist_core.runs import store
from mnist_core.runs.run import DamagedRun, Run
from mnist_core.runs.seeds import SeedGroup, group_by_settings
from pages.components.runs.comparison import show_comparison
from pages.components.runs.run_actions import show_actions, show_damaged
from pages.components.runs.run_curves import choice, compare
from pages.components.runs.run_seeds import offer_resume
from pages.components.runs.runs_filter import filter_bar, filtered, say_how_many
from pages.components.runs.runs_rows import Row, rows_of
from pages.components.runs.runs_table import runs_table, say_damage
from pages.components.shared import address
from pages.components.shared.frame import page
from pages.components.shared.labels import plain

POLL_SECONDS = 2.0  # a table is only glanced at; the Train page is for watching
CURVES_UNASKED = 5  # where none is ticked
MIN_TOGETHER = 3  # seeds that make a band: two are two lines
SEEDS = {"band": "Together", "lines": "Separately"}


def at_work(rows: list[Row]) -> list[str]:
    return [row.run.run_id for row in rows if row.is_at_work]


def unasked_of(rows: list[Row]) -> list[str]:
    """The runs whose curves are drawn where none is ticked: the first of the table that have any."""
    shown = [row for row in filtered(rows, address.runs_view()) if row.history.step]
    return [row.run.run_id for row in shown[:CURVES_UNASKED]]


def say_missing(ticked: tuple[str, ...], everything: list[Run | DamagedRun]) -> None:
    """Name the runs that a link asks for and that do not exist on this machine."""
    there = {run.run_id for run in everything}
    missing = [run_id for run_id in ticked if run_id not in there]
    if missing:
        what = "This run was" if len(missing) == 1 else f"These {len(missing)} runs were"
        st.info(f"{what} not found (perhaps deleted): {', '.join(map(plain, missing))}.")
        st.button("Leave out", key="leave_out", on_click=address.tick_runs,
                  args=([run_id for run_id in ticked if run_id in there],))  # fmt: skip


def entries_of(chosen: list[Run]) -> list[Entry]:
    """What to compare: single runs and, unless drawn separately, groups of runs that differ only in their seed."""
    together = group_by_settings(chosen, least=MIN_TOGETHER)
    if any(isinstance(entry, SeedGroup) for entry in together):
        drawn = choice("Runs that differ only in their seed", "seeds", SEEDS, key="compare_seeds")
        return list(chosen) if drawn == "lines" else together
    return list(chosen)


st.title("Runs", anchor=False)
everything = store.list_runs()
known = [run for run in everything if isinstance(run, Run)]
damaged = [run for run in everything if isinstance(run, DamagedRun)]
address.change_runs_view()  # back from another page, the address says again what is chosen
ticked = address.ticked_runs()
say_missing(ticked, everything)
if not everything:
    st.write("There are no runs yet. Each training becomes a run and stays here until you delete it.")
    st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

rows = rows_of(known)
by_id = {row.run.run_id: row for row in rows}
chosen = [by_id[run_id].run for run_id in ticked if run_id in by_id]
busy = at_work(rows)
unasked = unasked_of(rows)
poll_seconds = POLL_SECONDS if busy else None


@st.fragment(run_every=poll_seconds)
def table() -> None:
    now = rows_of(known)
    if at_work(now) != busy:
        st.rerun()  # once: the page is drawn again, with or without its timers
    filter_bar(now)
    shown = filtered(now, address.runs_view())
    if shown:
        runs_table(shown)
    say_how_many(shown, now)
    if address.ticked_runs() != ticked or unasked_of(now) != unasked:
        st.rerun()  # what stands below depends on it


@st.fragment(run_every=poll_seconds)
def comparison() -> None:
    with st.container():  # also where it is empty: what stands below keeps its place
        entries = entries_of(chosen) if chosen else [by_id[run_id].run for run_id in unasked]
        if len(chosen) > 1:
            show_comparison(entries, {row.run.run_id: row for row in rows_of(chosen)})
    if entries:
        st.subheader("Curves", anchor=False)
        compare(entries)


if known:
    table()
    with st.container():  # however much stands here: the curves below keep their place
        say_damage(rows)
        offer_resume(rows)
        if chosen:
            show_actions(chosen, rows)
        else:
            st.caption(
                "Tick runs to compare, rename, download or delete them. Until then, the curves of the first are shown."
            )
    comparison()
if damaged:
    show_damaged(damaged)
