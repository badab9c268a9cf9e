"""What is available when the app opens: data, models, machine, and the latest runs."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import streamlit as st

from mnist_core import machine, paths
from mnist_core.datasets import mnist_checksums, registry
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import DatasetError
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.run import Run
from mnist_core.runs.status import AT_WORK, status_of
from mnist_core.runs.weights import has_weights
from mnist_core.statistics.wilson import interval_of
from mnist_core.types import DIGITS
from pages.components.shared import format as fmt
from pages.components.shared.cached import glance_of
from pages.components.shared.digits import strip
from pages.components.shared.frame import page
from pages.components.shared.labels import BADGES, plain

MAX_LATEST = 5


def samples() -> None:
    """One real digit of each kind, where MNIST is at hand."""
    if registry.is_available("mnist"):
        try:
            strip(_one_of_each(paths.data_folder()), "One handwritten example of each digit from 0 to 9.")
        except DatasetError as error:
            st.error(plain(str(error)))


@st.cache_data(show_spinner=False)
def _one_of_each(data_folder: Path) -> np.ndarray:
    """(10, 28, 28) uint8: the first test image of each digit."""
    images, labels = mnist_checksums.read(data_folder, "test")
    return images[[int(np.argmax(labels == digit)) for digit in DIGITS]]


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
    if not shipped:
        return fmt.count(len(trained), "trained model"), "all of them yours"
    best = ", ".join(f"{NETWORKS.label(run.model.kind)} {_accuracy(run)}" for run in shipped)
    return fmt.count(len(trained), "trained model"), f"shipped with the app: {best}"


def _machine() -> tuple[str, str]:
    device = machine.auto_device()
    cores = fmt.count(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, "core")
    if device == "cuda":
        return "GPU", f"used for training by default; the machine also has {cores}"
    return f"CPU, {cores}", "no GPU found; none is needed"


def _accuracy(run: Run) -> str:
    """Best validation accuracy with its interval; a dash before the first epoch is done."""
    best, n = glance_of(run).best, run.split_sizes["validation"]
    if best is None:
        return "–"
    return fmt.accuracy(best.validation_accuracy, interval_of(best.validation_accuracy, n))


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
