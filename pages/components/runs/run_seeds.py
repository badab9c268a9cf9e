"""Repeating a run with other seeds, and resuming several runs: both go through the queue, one after the other."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.runs.repeat import with_seeds
from mnist_core.runs.run import Run
from mnist_core.runs.seeds import MAX_SEEDS, MIN_SEEDS, siblings_of
from mnist_core.workers import control
from pages.components.runs.runs_rows import Row
from pages.components.shared import address
from pages.components.shared import format as fmt
from pages.components.shared.labels import plain

USUAL_SEEDS = 4


def offer_seeds(run: Run, known: Sequence[Run], *, ticked: int = 1) -> None:
    """Offer to repeat a run, or to tick its existing repeats."""
    if run.base:
        return  # it alone holds the pictures it was taught from
    st.button("Repeat", icon=":material/replay:", on_click=_repeat, args=(run, known), key="repeat_run",
              help="Train it again with other seeds, to see how much of its accuracy is luck.")  # fmt: skip
    siblings = siblings_of(run, known)
    if len(siblings) > ticked:
        st.button(
            f"Tick all {len(siblings)} seeds", icon=":material/done_all:", key="tick_seeds",
            on_click=lambda: address.tick_runs(sibling.run_id for sibling in siblings),
        )  # fmt: skip


def offer_resume(rows: Sequence[Row]) -> None:
    """Where several runs are stopped or interrupted, offer to resume them all."""
    idle = [row.run for row in rows if row.status in ("stopped", "interrupted") and not row.run.shipped]
    if len(idle) < 2:
        return
    idle.sort(key=lambda run: (run.created, run.run_id))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(f"{fmt.count(len(idle))} runs were stopped or interrupted.", width="content")
        st.button(
            f"Resume all {len(idle)}", icon=":material/play_arrow:", on_click=_resume, args=(idle,), key="resume_all",
            help="In the order they were created: one trains, the others wait in the queue.",
        )  # fmt: skip


@st.dialog("Repeat with other seeds", on_dismiss="rerun")
def _repeat(run: Run, known: Sequence[Run]) -> None:
    st.write(
        f"**{plain(run.title)}** will be trained again with the same settings and other seeds. Three or more are "
        "drawn together: their mean, in a band from the lowest to the highest."
    )
    k = st.number_input("How many more", MIN_SEEDS, MAX_SEEDS, USUAL_SEEDS, key="repeat_times")
    st.caption("One trains, the others wait in the queue.")
    if st.button(f"Train {k} more", type="primary", icon=":material/replay:", key="confirm_repeat"):
        try:
            created = with_seeds(run, int(k))
        except MnistError as error:
            st.error(plain(str(error)))
            return
        with st.spinner("Joining the queue …"):
            refused = control.start_in_order(created)
        address.tick_runs(one.run_id for one in [*siblings_of(run, known), *created])
        for why in refused:
            st.error(plain(why))
        if not refused:
            st.rerun()


def _resume(idle: Sequence[Run]) -> None:
    for why in control.start_in_order(idle):
        st.toast(plain(why))
