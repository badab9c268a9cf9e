"""What can be done with runs: look at them, rename, download and delete them."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.errors import MnistError
from mnist_core.export.csv import history_csv
from mnist_core.runs import store
from mnist_core.runs.run import WEIGHTS_FILE, DamagedRun, Run, has_saved_state
from mnist_core.runs.weights import has_weights
from pages.components.runs.run_notes import offer_notes, show_notes
from pages.components.runs.run_seeds import offer_seeds
from pages.components.runs.runs_rows import Row
from pages.components.shared import address
from pages.components.shared import format as fmt
from pages.components.shared.cached import glance_of, history_of
from pages.components.shared.card_button import card_button
from pages.components.shared.copy_link import copy_link
from pages.components.shared.frame import page
from pages.components.shared.labels import plain
from pages.components.shared.runs_view import MAX_LINKED


def show_actions(chosen: Sequence[Run], rows: Sequence[Row]) -> None:
    """All actions on the ticked runs; most of them for one run at a time.

    Args:
        rows: of all runs.
    """
    own = [run for run in chosen if not run.shipped]
    st.subheader(plain(_title(chosen)), anchor=False)
    if len(chosen) == 1:
        show_notes(chosen[0])
        _links(chosen[0])
    with st.container(horizontal=True, gap="small"):
        if len(chosen) == 1:
            _downloads(chosen[0])
            offer_seeds(chosen[0], [row.run for row in rows])
            if own:
                st.button("Rename", icon=":material/edit:", on_click=_rename, args=(own[0],), key="rename_run")
        if own:
            offer_notes(own, [tag for row in rows for tag in row.notes.tags])
            label = "Delete" if len(chosen) == 1 else f"Delete {fmt.count(len(own), 'run')}"
            st.button(label, icon=":material/delete:", on_click=_delete, args=(own,), key="delete_run")
        if len(chosen) > 1:
            copy_link("Copy link", key="copy_link")
    if len(own) < len(chosen):
        what = "This run" if len(chosen) == 1 else "Every run marked as shipped"
        st.caption(f"{what} came with the app: it can be used and downloaded, but not changed or deleted.")
    if len(chosen) > MAX_LINKED:
        st.caption(f"A link holds at most {MAX_LINKED} runs: the ones ticked first.")


def show_damaged(damaged: Sequence[DamagedRun]) -> None:
    """Folders that cannot be read as runs, each with the reason."""
    st.subheader("Damaged", anchor=False)
    st.caption("These folders cannot be read as runs. Fix what is described below, or delete them.")
    for run in damaged:
        with st.container(border=True, gap="small"):
            st.markdown(f"**{run.run_id}**")
            st.text(run.reason)
            with st.container(horizontal=True, gap="small"):
                if has_saved_state(run):
                    st.button(
                        "Restore", icon=":material/healing:", key=f"restore_{run.run_id}",
                        on_click=_restore, args=(run,),
                        help="Rewrites its run.json from the copy in its saved state.",
                    )  # fmt: skip
                st.button(
                    "Delete", icon=":material/delete:", on_click=_delete, args=([run],), key=f"delete_{run.run_id}"
                )


def _restore(run: DamagedRun) -> None:
    from mnist_core.runs.checkpoint import restore_run  # brings torch

    try:
        restore_run(run)
        st.toast(f"{run.run_id} is restored.")
    except MnistError as error:
        st.toast(plain(str(error)))


def _title(chosen: Sequence[Run | DamagedRun]) -> str:
    if len(chosen) > 1:
        return fmt.count(len(chosen), "run")
    [run] = chosen
    return run.title if isinstance(run, Run) else run.run_id


def _links(run: Run) -> None:
    where = {"run": run.run_id}
    with st.container(horizontal=True, gap="small"):
        st.page_link(page("train"), label="Training", icon=":material/show_chart:", query_params=where)
        if has_weights(run):
            st.page_link(page("evaluate"), label="Evaluate", icon=":material/grid_on:", query_params=where)
            st.page_link(page("predict"), label="Predict", icon=":material/draw:", query_params=where)


def _downloads(run: Run) -> None:
    card_button(run)
    if has_weights(run):
        st.download_button(
            "Weights",
            (run.folder / WEIGHTS_FILE).read_bytes,
            f"{run.run_id}.safetensors",
            "application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            key="take_weights",
            help="The best epoch's weights, as safetensors.",
        )
    if glance_of(run).step:
        st.download_button(
            "History",
            lambda: history_csv(history_of(run)),
            f"{run.run_id}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="take_history",
            help="Every step and epoch, as CSV.",
        )


@st.dialog("Rename this run", on_dismiss="rerun")
def _rename(run: Run) -> None:
    with st.form("rename", border=False):
        name = st.text_input(
            "Name",
            run.name,
            max_chars=store.MAX_NAME,
            placeholder=run.title,
            key=f"new_name_{run.run_id}",
            help=f"Its ID stays {run.run_id}. Without a name, it is called by its network and the end of its ID.",
        )
        wanted = st.form_submit_button("Rename", type="primary", key="confirm_rename")
    if wanted:
        try:
            store.rename_run(run, name)
        except MnistError as error:
            st.error(plain(str(error)))
        else:
            st.rerun()


@st.dialog("Delete for good?", on_dismiss="rerun")
def _delete(chosen: Sequence[Run | DamagedRun]) -> None:
    st.write(
        f"**{plain(_title(chosen))}**: history, weights and evaluations will be deleted from the disk. "
        "This cannot be undone."
    )
    if len(chosen) > 1:
        st.text("\n".join(_title([run]) for run in chosen))
    with st.container(horizontal=True, gap="small"):
        wanted = st.button("Delete for good", type="primary", icon=":material/delete:", key="confirm_delete")
        if st.button("Cancel", key="cancel_delete"):
            st.rerun()
    if wanted:
        refused = _delete_all(chosen)
        for sentence in refused:
            st.error(plain(sentence))
        if not refused:
            st.rerun()


def _delete_all(chosen: Sequence[Run | DamagedRun]) -> list[str]:
    """Delete what can be deleted. Returns why each of the others could not."""
    refused = []
    for run in chosen:
        try:
            store.delete_run(run)
        except MnistError as error:
            refused.append(str(error))
        else:
            address.forget_run(run.run_id)
    return refused
