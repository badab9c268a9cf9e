"""Which run a page is about."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.datasets.registry import DATASETS
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs import store
from mnist_core.runs.run import RUN_ID, DamagedRun, Run, shipped_ids
from pages.components.shared import address, widgets
from pages.components.shared import format as fmt
from pages.components.shared.address import Use
from pages.components.shared.cached import glance_of
from pages.components.shared.labels import plain

NO_WEIGHTS = "has no weights yet: they are saved at the end of its first epoch."


def run_label(run: Run) -> str:
    """A run in one line: name or id, network, data set, and how good it is."""
    best = glance_of(run).best
    result = f"{fmt.percent(best.validation_accuracy, 2)} of its validation images" if best else "no epoch done"
    model = f" · {NETWORKS.label(run.model.kind)}" if run.name else ""  # the title says it where there is no name
    return f"{run.title}{model} on {DATASETS.label(run.dataset)} · {result}"


def usual_run(known: Sequence[Run]) -> Run:
    """The run to read with unless another is chosen: the shipped default if it is among them, else the newest."""
    by_id = {run.run_id: run for run in known}
    return next((by_id[run_id] for run_id in shipped_ids() if run_id in by_id), known[0])


def pick_run(known: Sequence[Run], default: Run, *, label: str, key: str, use: Use = "looked at") -> Run:
    """Let the visitor choose among `known`; the address says which, so that a reload or a link keeps it."""
    ids = [run.run_id for run in known]
    wanted = address.chosen_run_id(use)
    widgets.set_widget(key, wanted if wanted in ids else default.run_id)
    labels = {run.run_id: run_label(run) for run in known}
    run_id = st.selectbox(
        label,
        ids,
        format_func=labels.__getitem__,
        key=key,
        on_change=lambda: address.choose_run(widgets.widget_value(key), use),
        help="Newest first, each with its best validation accuracy.",
    )
    return next(run for run in known if run.run_id == run_id)


def say_if_absent(shown: Run, use: Use = "looked at", *, lacks: str = NO_WEIGHTS) -> None:
    """If the run asked for is not the one shown, say why.

    Args:
        lacks: what to say of a run that exists but is not among those to choose from.
    """
    wanted = address.chosen_run_id(use)
    if wanted is not None and wanted != shown.run_id:
        st.info(f"{_why_absent(wanted, lacks)} Showing {plain(shown.title)} instead.")


def _why_absent(run_id: str, lacks: str) -> str:
    if not RUN_ID.fullmatch(run_id):
        return "This link has no valid run ID."
    found = next((run for run in store.list_runs() if run.run_id == run_id), None)
    if found is None:
        return f"The run {run_id} was not found; it may have been deleted."
    if isinstance(found, DamagedRun):
        return f"The run {run_id} is damaged; the Runs page says why."
    return f"{plain(found.title)} {lacks}"
