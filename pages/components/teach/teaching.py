"""Fine-tune a copy of the chosen model on the handwriting that is kept, and watch it."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.datasets import registry
from mnist_core.datasets.picture_store import Kept
from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import MnistError
from mnist_core.finetuning import finetune
from mnist_core.finetuning.examples import MIN_EVALUATED
from mnist_core.finetuning.work import load_standing
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.status import AT_WORK, Status, status_of
from mnist_core.runs.weights import has_weights
from mnist_core.workers import control
from pages.components.shared import address, toasts
from pages.components.shared import format as fmt
from pages.components.shared.cached import history_of
from pages.components.shared.frame import page
from pages.components.shared.labels import plain
from pages.components.shared.reliable_button import Press, button
from pages.components.teach.teaching_report import show_teaching, teaching_progress

POLL_SECONDS = 0.5
SECONDS = 12  # 11.8 to 12.6 s in three teachings (docs/figures.md)


def teaching(base: Run, pictures: Sequence[Kept]) -> None:
    """The button, and below it the latest fine-tuning: its progress or its result."""
    last = next((run for run in store.healthy_runs() if run.base), None)
    at_work = last is not None and status_of(last, history_of(last)) in AT_WORK
    readable = sum(picture.image is not None for picture in pictures)
    st.subheader("Teach it", anchor=False)
    st.write(_what_it_does(base, readable))
    press = button("Learn my handwriting", type="primary", icon=":material/school:", key="teach",
                   disabled=at_work or not readable)  # fmt: skip
    if press:
        _start(base, press)
    if last is not None:
        _watch(last)


def _what_it_does(base: Run, readable: int) -> str:
    title = plain(base.title)
    source = f"the model that {title} was fine-tuned from" if base.base else title
    old = finetune.old_dataset(base)
    instead = (
        "" if registry.is_available(base.dataset) else f", as {DATASETS.label(base.dataset)} is not on this machine"
    )
    says = (
        f"Fine-tunes a copy of {source}; the model itself stays as it is. With the shipped CNN and twenty drawings "
        f"that takes about {SECONDS} seconds on two idle cores. "
        f"Images of {DATASETS.label(old)} mixed in with yours keep it from forgetting{instead}."
    )
    if readable < MIN_EVALUATED:
        says += f" One picture is enough to learn from; {MIN_EVALUATED} are needed to measure the effect."
    return says


def _start(base: Run, press: Press) -> None:
    try:
        with st.spinner("Preparing the data …"), press:
            run, left_out = finetune.create_fine_tuning_run(base)
            control.start(run)
    except MnistError as error:
        st.error(plain(str(error)))
        return
    if left_out:
        toasts.announce(f"Left out: {fmt.count(len(left_out), 'file')} that cannot be read.")
    st.rerun()  # the button above rests while it learns


def _watch(run: Run) -> None:
    """Follow a run twice a second for as long as a worker is at it."""
    at_work = status_of(run, history_of(run)) in AT_WORK

    @st.fragment(run_every=POLL_SECONDS if at_work else None)
    def panel() -> None:
        if not run.folder.is_dir():
            st.rerun()  # deleted in another tab: the page no longer finds it
        status = status_of(run, history_of(run))
        if (status in AT_WORK) != at_work:
            st.rerun()
        _say(run, status)

    panel()


def _say(run: Run, status: Status) -> None:
    history = history_of(run)
    if status in AT_WORK:
        try:
            if status == "queued" and not load_standing(run.folder).done:
                st.progress(0.0, "Queued …")
                return
            st.progress(*teaching_progress(run, history))
        except MnistError as error:
            st.error(plain(str(error)))
    elif status == "failed":
        st.error(f"Fine-tuning failed: {plain(history.error)}.")
    elif status != "finished":
        st.warning("Fine-tuning was stopped before it finished; the Train page can resume it.")
    else:
        st.markdown(f"**{plain(run.title)}**")
        show_teaching(run)
    _links(run)


def _links(run: Run) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if has_weights(run) and address.chosen_run_id("read with") != run.run_id:
            if press := button("Use this model", icon=":material/done_all:", key="use_taught"):
                with press:
                    address.choose_run(run.run_id, "read with")
                st.rerun()  # the whole page: the model is chosen outside of this fragment
        elif has_weights(run):
            st.caption("This model is in use.", width="content")
        st.page_link(page("train"), label="See its training", icon=":material/show_chart:",
                     query_params={"run": run.run_id})  # fmt: skip
