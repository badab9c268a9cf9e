"""What is available when the app opens: data, models, machine, and the latest runs."""

import os
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from mnist_core import machine, paths
from mnist_core.datasets import registry
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import CheckpointError
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.run import Run
from mnist_core.runs.status import AT_WORK, status_of
from mnist_core.runs.weights import has_weights
from mnist_core.statistics.wilson import interval_of
from mnist_core.workers import queue
from pages.components.shared import format as fmt
from pages.components.shared.cached import glance_of, mark_of
from pages.components.shared.frame import page
from pages.components.shared.labels import BADGES, plain
from pages.components.shared.training_sign import training_bar

MAX_LATEST = 5


def show_training() -> None:
    """What is being trained now, if anything, with its progress and the way to it."""
    if queue.at_work(paths.checkpoints_folder()):
        training_bar()


def show_ready(known: Sequence[Run]) -> None:
    """Data, models and machine, a line each."""
    st.subheader("Ready", anchor=False)
    with st.grid(3, min_column_width=230, gap="small"):
        _fact("Data", *_data())
        _fact("Models", *_models(known))
        _fact("Machine", *_machine())


def show_latest(own: Sequence[Run], *, damaged: int) -> None:
    """The newest runs, each with the way to it."""
    st.subheader("Latest runs", anchor=False)
    if not own:
        st.markdown("You have not trained anything yet.")
    with st.container(key="latest", gap="xsmall"):
        for run in own[:MAX_LATEST]:
            _run_line(run)
        if len(own) > MAX_LATEST or damaged:
            st.page_link(page("runs"), label=f"All {fmt.count(len(own), 'run')}", icon=":material/arrow_forward:",
                         icon_position="right")  # fmt: skip
        if damaged:
            st.caption(f"{fmt.count(damaged, 'run folder is', 'run folders are')} damaged; the Runs page says why.")


def _fact(title: str, value: str, detail: str) -> None:
    with st.container(gap="xxsmall"):
        st.caption(title)
        st.markdown(f"**{value}**")
        st.caption(detail)


def _data() -> tuple[str, str]:
    if registry.is_available("mnist"):
        return "MNIST", "70,000 handwritten digits of 28 × 28 pixels"
    return "Small digits", "1,797 digits come with the app; the Train page downloads MNIST's 70,000"


def _models(known: Sequence[Run]) -> tuple[str, str]:
    trained = [run for run in known if has_weights(run)]
    shipped = [run for run in trained if run.shipped]
    if not trained:
        return "None yet", "train one and it appears here"
    own = fmt.count(len(trained) - len(shipped), "model of your own", "models of your own")
    if not shipped:
        return own, "all of them trained on this machine"
    with_the_app = fmt.count(len(shipped), "comes", "come") + " with the app"
    found = "; ".join(f"{NETWORKS.label(run.model.kind)} {_measured(run)}" for run in shipped)
    return with_the_app if len(trained) == len(shipped) else f"{with_the_app}, {own}", found


def _measured(run: Run) -> str:
    """How good it is, and on what: on test where that is known."""
    try:
        mark = mark_of(run, "test")
    except CheckpointError:  # Evaluate says what is wrong with it
        mark = None
    if mark is None:
        return _accuracy(run)
    data, n = DATASETS.label(registry.source_of(run.dataset, "test")), fmt.count(run.split_sizes["test"])
    return f"{fmt.accuracy(mark.accuracy, mark.interval)} of the {n} test images of {data}"


def _machine() -> tuple[str, str]:
    device = machine.auto_device()
    cores = fmt.count(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, "core")
    if device == "cuda":
        return "GPU", f"used for training by default; the machine also has {cores}"
    return f"CPU, {cores}", "no GPU found; none is needed"


def _accuracy(run: Run) -> str:
    """Best validation accuracy with its interval, and of what it is."""
    best, n = glance_of(run).best, run.split_sizes["validation"]
    if best is None:
        return "no epoch done"
    accuracy = fmt.accuracy(best.validation_accuracy, interval_of(best.validation_accuracy, n))
    return f"{accuracy} of its {fmt.count(n)} validation images"


def _run_line(run: Run) -> None:
    status = status_of(run, glance_of(run))
    name, colour, icon = BADGES[status]
    zone = ZoneInfo(st.context.timezone or "UTC")
    created = fmt.moment(datetime.fromisoformat(run.created).astimezone(zone), datetime.now(zone))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.page_link(page("train"), label=plain(run.title), query_params={"run": run.run_id}, width=220)
        st.caption(
            f"{NETWORKS.label(run.model.kind)} on {DATASETS.label(run.dataset)} · {_accuracy(run)} · {created}",
            width="content",
        )
        if status != "finished":
            st.badge("Watch it live" if status in AT_WORK else name, color=colour, icon=icon)
