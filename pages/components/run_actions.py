"""What can be done with one run: look, rename, take away, delete."""

from collections.abc import Callable, Sequence

import streamlit as st

from mnist_core import runs
from mnist_core.errors import MnistError
from mnist_core.export import history_csv
from mnist_core.runs import DamagedRun, Run
from pages.components.cached import history_of
from pages.components.frame import page
from pages.components.words import run_title


def show_actions(run: Run) -> None:
    """Everything that can be done with the run that is ticked."""
    st.subheader(run_title(run), anchor=False)
    where = {"run": run.run_id}
    with st.container(horizontal=True, gap="small"):
        st.page_link(page("train"), label="Watch or resume", icon=":material/show_chart:", query_params=where)
        if runs.has_weights(run):
            st.page_link(page("evaluate"), label="Evaluate", icon=":material/grid_on:", query_params=where)
            st.page_link(page("predict"), label="Predict", icon=":material/draw:", query_params=where)
    with st.container(horizontal=True, gap="small"):
        if runs.has_weights(run):
            st.download_button("Weights", (run.folder / runs.WEIGHTS_FILE).read_bytes, f"{run.run_id}.safetensors",
                               "application/octet-stream", icon=":material/download:", on_click="ignore", key="take_weights",
                               help="The best epoch's weights, as safetensors.")  # fmt: skip
        st.download_button("History", lambda: history_csv(history_of(run)), f"{run.run_id}.csv", "text/csv",
                           icon=":material/download:", on_click="ignore", key="take_history",
                           help="Every step and epoch, as CSV.")  # fmt: skip
        if not run.shipped:
            st.button("Rename", icon=":material/edit:", on_click=_rename, args=(run,), key="rename_run")
            st.button("Delete", icon=":material/delete:", on_click=_delete, args=(run,), key="delete_run")
    if run.shipped:
        st.caption("This run came with the product: it can be used and downloaded, and stays.")


def show_damaged(damaged: Sequence[DamagedRun]) -> None:
    """Folders that should be runs and are not, each with the reason."""
    st.subheader("Damaged", anchor=False)
    st.caption(
        "These folders cannot be read as runs. Everything else works as ever; mend what the sentence names, or delete."
    )
    for run in damaged:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning(f"**{run.run_id}**: {run.reason}")
            st.button("Delete", icon=":material/delete:", on_click=_delete, args=(run,), key=f"delete_{run.run_id}")


@st.dialog("Rename this run")
def _rename(run: Run) -> None:
    name = st.text_input("Name", run.name, max_chars=runs.MOST_NAME, placeholder=run.run_id, key="new_name")
    if st.button("Rename", type="primary", key="confirm_rename"):
        _do(lambda: runs.rename_run(run, name))


@st.dialog("Delete this run?")
def _delete(run: Run | DamagedRun) -> None:
    st.write(
        f"**{run_title(run) if isinstance(run, Run) else run.run_id}**: its history, weights and evaluations are removed from the disk, for good."
    )
    if st.button("Delete for good", type="primary", icon=":material/delete:", key="confirm_delete"):
        _do(lambda: runs.delete_run(run))


def _do(change: Callable[[], object]) -> None:
    try:
        change()
    except MnistError as error:
        st.error(str(error))
    else:
        st.rerun()
