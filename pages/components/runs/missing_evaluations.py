"""Evaluations that a comparison lacks: made on request, each counted in its run."""

from collections.abc import Mapping, Sequence

import streamlit as st

from mnist_core.datasets import registry
from mnist_core.errors import MnistError
from mnist_core.insight.compare import Entry, runs_in, shared_evaluations
from mnist_core.runs import evaluations
from mnist_core.runs.run import Run
from mnist_core.runs.weights import has_weights
from pages.components.runs.runs_rows import Row
from pages.components.shared import format as fmt
from pages.components.shared.labels import plain
from pages.components.shared.reliable_button import Press, button


def offer_judging(reference: Entry, others: Sequence[Entry], chosen: Sequence[Run], rows: Mapping[str, Row]) -> None:
    """Offer to evaluate runs whose test accuracy the comparison lacks."""
    first = runs_in(reference)[0]
    partners = [
        first,
        *(run for entry in others for run in runs_in(entry)[:1] if "test" in shared_evaluations(first, run)),
    ]
    if len(partners) < 2:
        return
    missing = [run for run in chosen if "test" in shared_evaluations(first, run) and rows[run.run_id].test is None]
    ready = [run for run in missing if has_weights(run) and not rows[run.run_id].is_at_work]
    if len(ready) < len(missing):
        waiting = len(missing) - len(ready)
        st.caption(f"{fmt.count(waiting, 'run is', 'runs are')} not finished yet and can be evaluated afterwards.")
    if not ready:
        return
    source = registry.source_of(first.dataset, "test")
    if not registry.is_available(source):
        st.caption("The test images are not on this machine, so nothing can be evaluated on them here.")
        return
    images = fmt.count(first.split_sizes["test"], "test image")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        press = button(
            f"Evaluate {_which(ready)} on the {images}", icon=":material/grid_on:", key="judge_all",
            help="Each run counts how often it was evaluated on the test images. Reusing the test set while you change "
            "things makes the score optimistic.",
        )  # fmt: skip
    if press:
        _judge(ready, press)


def _which(ready: Sequence[Run]) -> str:
    return plain(ready[0].title) if len(ready) == 1 else f"{len(ready)} runs"


def _judge(ready: Sequence[Run], press: Press) -> None:
    bar = st.progress(0.0)
    refused = []
    with press:  # cut short, the next run of the script evaluates those that are then missing
        for done, run in enumerate(ready):
            bar.progress(done / len(ready), f"Evaluating {plain(run.title)}: {done + 1} of {len(ready)} …")
            try:
                evaluations.evaluate_run(run, "test")
            except MnistError as error:
                refused.append(str(error))
    bar.empty()
    for why in refused:
        st.error(plain(why))
    if not refused:
        st.rerun()
