"""What fine-tuning on a person's handwriting has changed: progress, then accuracy before and after."""

import numpy as np
import streamlit as st

from mnist_core.datasets.registry import DATASETS
from mnist_core.errors import MnistError
from mnist_core.finetuning.examples import MIN_EVALUATED, load_examples
from mnist_core.finetuning.finetune import REJECTED, UNEVALUATED, FineTuningReport
from mnist_core.finetuning.work import Standing, load_standing
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.statistics.mcnemar import NOISE, Comparison
from pages.components.shared import format as fmt
from pages.components.shared.cached import report_of
from pages.components.shared.digits import gallery
from pages.components.shared.labels import plain

MAX_SHOWN = 12  # digits that are still misread
HOW_JUDGED = {
    "folds": "Each of your digits was read by a copy fine-tuned only on others of yours (four-fold cross-validation); "
    "the model itself was fine-tuned on all of them.",
    "held out": "Three in ten of your pictures were held out; only they are counted.",
    "none": "",
}


def teaching_progress(run: Run, history: History) -> tuple[float, str]:
    """Progress of all that a fine-tuning run does: a fraction from 0 to 1, and a sentence with the time left."""
    report = report_of(run)
    standing = load_standing(run.folder)
    if report is None:
        text = "Learning your digits …" if history.step else _before_learning(standing)
    elif report.parts_done == report.parts - 1:
        text = "Checking whether it has forgotten anything …"
    else:
        text = f"Evaluating it on digits it has not learned: part {report.parts_done + 1} of {report.parts - 1} …"
    if standing.seconds_left is not None:
        text += f" about {fmt.duration(standing.seconds_left)} left"
    return standing.done, text


def _before_learning(standing: Standing) -> str:
    return "Drawing what is not a digit, so that it does not forget it …" if standing.done else "Getting ready …"


def show_teaching(run: Run) -> None:
    """Accuracy before and after on the person's digits and on the original data set, each with its interval."""
    try:
        report = report_of(run)
    except MnistError as error:
        st.error(plain(str(error)))
        return
    if report is None or not report.is_complete or report.old is None:
        return
    with st.grid(4, min_column_width=140, gap="small"):
        if report.own:
            _before_and_after(
                "Your digits", report.own, "of your digits, each read by a model that was not trained on it"
            )
        _before_and_after(DATASETS.label(run.dataset), report.old, "validation images")
    st.markdown(_in_words(run, report))
    _still_misread(run, report)


def _before_and_after(name: str, comparison: Comparison, what: str) -> None:
    says = f"Accuracy on {fmt.count(comparison.n)} {what}, with its 95 % interval."
    n = comparison.n
    st.metric(f"{name}, before", fmt.accuracy_range(comparison.before / n, comparison.interval_before), help=says)
    st.metric(f"{name}, after", fmt.accuracy_range(comparison.after / n, comparison.interval_after), help=says)


def _in_words(run: Run, report: FineTuningReport) -> str:
    sentences = []
    if report.own:
        sentences.append(f"{_change(f'your {report.own.n} digits', report.own)} {HOW_JUDGED[report.method]}")
    else:
        right = sum(label == read for label, read in zip(report.labels, report.taught, strict=True))
        sentences.append(
            f"Of the {fmt.count(len(report.labels), 'picture')} it learned from, it now reads {right} correctly, which "
            f"says nothing about new ones: {MIN_EVALUATED} pictures give a first estimate."
        )
    assert report.old is not None
    old = f"{fmt.count(report.old.n)} validation images of {DATASETS.label(run.dataset)}"
    sentences.append(_change(old, report.old))
    return "  \n".join(sentences)


def _change(what: str, comparison: Comparison) -> str:
    counts = f"{comparison.gained} newly right, {comparison.lost} newly wrong"
    if comparison.p_value >= NOISE:
        return f"On {what}: the same within noise ({counts})."
    better = comparison.gained > comparison.lost
    return f"On {what}: **{'better' if better else 'worse'}**, by more than chance explains ({counts})."


def _still_misread(run: Run, report: FineTuningReport) -> None:
    labels, after = np.array(report.labels), np.array(report.after)
    wrong = np.flatnonzero((after != UNEVALUATED) & (after != labels))[:MAX_SHOWN]
    if not len(wrong):
        return
    try:
        images = load_examples(run.folder).images
    except MnistError as error:
        st.error(plain(str(error)))
        return
    st.caption("Your digits that a model not trained on them got wrong (is each labelled correctly?):")
    read = ["no digit" if after[i] == REJECTED else str(after[i]) for i in wrong]
    gallery(
        images[wrong],
        [f"{labels[i]} read as {text}" for i, text in zip(wrong, read, strict=True)],
        side=56,
    )
