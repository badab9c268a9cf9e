"""One run's evaluation: accuracy, confusion matrix, the images behind a cell."""

import streamlit as st

from mnist_core.datasets import registry
from mnist_core.errors import CheckpointError, MnistError
from mnist_core.runs import evaluations, store
from mnist_core.runs.run import Run
from mnist_core.runs.status import AT_WORK, status_of
from mnist_core.runs.weights import has_weights
from mnist_core.types import SplitName
from pages.components.evaluate import evaluation_view as view
from pages.components.shared import address, widgets
from pages.components.shared.cached import evaluation_of, history_of
from pages.components.shared.download import offer_dataset
from pages.components.shared.frame import page
from pages.components.shared.labels import plain
from pages.components.shared.reliable_button import button
from pages.components.shared.run_picker import pick_run, say_if_absent

SPLITS: dict[SplitName, str] = {"test": "Test", "validation": "Validation"}


def pick_split(run: Run) -> SplitName:
    """The split to evaluate on, kept in the address so that a reload or a link restores it.

    Where nobody has chosen: the test images if the run was evaluated on them; else the others, which cost nothing.
    """
    chosen = address.chosen_split() or ("test" if was_tested(run) else "validation")
    widgets.set_widget("evaluate_split", chosen)
    st.segmented_control(
        "Split",
        list(SPLITS),
        required=True,
        format_func=SPLITS.__getitem__,
        key="evaluate_split",
        on_change=lambda: address.choose_split(widgets.widget_value("evaluate_split")),
        help="**Test**: images that no choice was ever based on. **Validation**: images that chose the best epoch, "
        "so the score on them is slightly optimistic.",
    )
    return chosen


def examine(run: Run, split: SplitName) -> None:
    """Show the run's evaluation on this split, or offer to make one."""
    try:
        evaluation = evaluation_of(run, split)
        times = evaluations.times_taken(run, split)
    except CheckpointError as error:
        st.error(plain(str(error)))
        st.button("Discard the damaged result", key="discard", on_click=forget, args=(run, split))
        return
    if evaluation is not None:
        view.show(run, evaluation)
    else:
        offer_evaluation(run, split, times)


def offer_evaluation(run: Run, split: SplitName, times: int) -> None:
    """Offer to evaluate the run on this split."""
    images = f"{run.split_sizes[split]:,} {SPLITS[split].lower()} images"
    if split == "validation" and registry.is_available(registry.source_of(run.dataset, split)) and not is_busy(run):
        try:
            with st.spinner(f"Evaluating on {images} …"):
                evaluations.evaluate_run(run, split)
        except MnistError as error:
            st.error(plain(str(error)))
        else:
            st.rerun()
        return
    if times:
        st.write(f"It has been evaluated on its {images} before, but with older weights than it has now.")
    else:
        st.write(
            f"This run has not been evaluated on its {images} yet."
            + (" Each time is counted: a score that one chooses by says less." if split == "test" else "")
        )
    if not registry.is_available(registry.source_of(run.dataset, split)):
        offer_dataset(registry.source_of(run.dataset, split))
    # the key names the run: should it be gone by now, the click must not evaluate the one shown instead
    elif press := button(f"Evaluate on the {images}", type="primary", key=f"evaluate_{run.run_id}_{split}"):
        try:
            with st.spinner(f"Evaluating on {images} …"), press:
                evaluations.evaluate_run(run, split)
        except MnistError as error:
            st.error(plain(str(error)))
        else:
            st.rerun()


def was_tested(run: Run) -> bool:
    try:
        return evaluations.times_taken(run, "test") > 0
    except CheckpointError:
        return True  # and what is damaged is said


def is_busy(run: Run) -> bool:
    """Whether its weights may change any moment; then it is evaluated only where somebody asks for it."""
    return status_of(run, history_of(run)) in AT_WORK


def forget(run: Run, split: SplitName) -> None:
    address.choose_split(split)  # where it stays, though nothing tells any more that the run was evaluated
    try:
        evaluations.discard(run, split)
    except CheckpointError as error:
        st.toast(plain(str(error)))


st.title("Evaluate", anchor=False)
known = [run for run in store.healthy_runs() if has_weights(run)]
if not known:
    st.write("There is no trained model to evaluate yet. A run can be evaluated as soon as its first epoch is done.")
    st.page_link(page("train"), label="Train one", icon=":material/show_chart:")
    st.stop()

left, right = st.columns([5, 2], gap="medium")
with left:
    run = pick_run(known, known[0], label="Run", key="evaluate_run")
with right:
    split = pick_split(run)
say_if_absent(run)
if is_busy(run):
    st.caption("This run is still training: these are its best weights so far.")
examine(run, split)
