"""All runs side by side: their settings, results and curves; rename, tag, repeat, download, delete."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.insight.compare import Entry
from mnist_core.runs.run import Run
from mnist_core.runs.seeds import SeedGroup, group_by_settings
from pages.components.runs.comparison import show_comparison
from pages.components.runs.run_actions import show_actions, show_damaged
from pages.components.runs.run_curves import choice, compare, looks_in
from pages.components.runs.run_seeds import offer_resume
from pages.components.runs.runs_filter import filter_bar, say_how_many
from pages.components.runs.runs_part import page_bar, read_part, shown_of
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


def say_missing(ticked: tuple[str, ...], ids: tuple[str, ...]) -> None:
    """Name the runs that a link asks for and that do not exist on this machine."""
    there = set(ids)
    missing = [run_id for run_id in ticked if run_id not in there]
    if missing:
        what = "This run was" if len(missing) == 1 else f"These {len(missing)} runs were"
        st.info(f"{what} not found (perhaps deleted): {', '.join(map(plain, missing))}.")
        st.button("Leave out", key="leave_out", on_click=address.tick_runs,
                  args=([run_id for run_id in ticked if run_id in there],))  # fmt: skip


def entries_of(chosen: Sequence[Run]) -> list[Entry]:
    """What to compare: single runs and, unless drawn separately, groups of runs that differ only in their seed."""
    return list(chosen) if address.runs_view().seeds == "lines" else group_by_settings(chosen, least=MIN_TOGETHER)


def compared_of(by_id: dict[str, Row], shown: list[Row]) -> list[Run]:
    """The runs whose curves are drawn: the ticked ones and the baseline; where none is ticked, the table's first."""
    view = address.runs_view()
    if not any(run_id in by_id for run_id in view.runs):
        return [row.run for row in shown if row.history.step][:CURVES_UNASKED]
    ids = [*view.runs] if view.against in view.runs else [view.against, *view.runs]
    return [by_id[run_id].run for run_id in ids if run_id in by_id]


st.title("Runs", anchor=False)
address.change_runs_view()  # back from another page, the address says again what is chosen
ticked = address.ticked_runs()
part = read_part(address.runs_view())
say_missing(ticked, part.ids)
if not part.ids:
    st.write("There are no runs yet. Each training becomes a run and stays here until you delete it.")
    st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

rows = rows_of(part.runs)
by_id = {row.run.run_id: row for row in rows}
chosen = [by_id[run_id].run for run_id in ticked if run_id in by_id]
compared = compared_of(by_id, shown_of(part, rows, address.runs_view())[0])
view = address.runs_view()
busy = at_work(rows)
poll_seconds = POLL_SECONDS if busy else None


@st.fragment(run_every=poll_seconds)
def table() -> None:
    now = rows_of(part.runs)
    if at_work(now) != busy:
        st.rerun()  # once: the page is drawn again, with or without its timers
    filter_bar(now, len(part.ids), is_all=part.is_all)
    shown, total = shown_of(part, now, address.runs_view())
    if shown:
        opened = runs_table(shown, looks_in(entries_of(compared) if chosen else list(compared)))
        page_bar(total)
        if opened:
            address.choose_run(opened)
            st.switch_page(page("train"))
    say_how_many(total, len(part.ids))
    if address.runs_view() != view or compared_of(by_id, shown) != compared:
        st.rerun()  # what stands below depends on it


@st.fragment(run_every=poll_seconds)
def comparison() -> None:
    entries = entries_of(compared) if chosen else list(compared)
    with st.container():  # also where it is empty: what stands below keeps its place
        if entries:
            st.subheader("Curves", anchor=False)
            if chosen and any(isinstance(one, SeedGroup) for one in group_by_settings(compared, least=MIN_TOGETHER)):
                choice("Runs that differ only in their seed", "seeds", SEEDS, key="compare_seeds")
            compare(entries)
    if chosen and len(compared) > 1:
        show_comparison(entries, {row.run.run_id: row for row in rows_of(compared)})


if part.runs:
    table()
    with st.container():  # however much stands here: the curves below keep their place
        say_damage(rows)
        offer_resume(rows)
        if chosen:
            show_actions(chosen, rows)
        else:
            st.caption(
                "Press a name to open its run; tick runs to compare, rename, download or delete them. Until then, the "
                "curves of the first are shown."
            )
    comparison()
if part.damaged:
    show_damaged(part.damaged)
