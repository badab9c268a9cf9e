"""An evaluation on screen: metrics, the confusion matrix with the images behind it, and scores by digit."""

import numpy as np
import streamlit as st

from mnist_core.figures.class_scores import class_scores_figure
from mnist_core.figures.confusion import confusion_figure
from mnist_core.runs.run import Run
from mnist_core.statistics.confusion_matrix import class_scores, confusion_matrix
from mnist_core.statistics.wilson import accuracy_interval
from mnist_core.types import ClassScore, Evaluation
from pages.components.evaluate.evaluation_images import Cell, show_images
from pages.components.shared import address
from pages.components.shared import format as fmt
from pages.components.shared.plotly_view import clicked_cell, plotly_view

MATRIX = "confusion"  # the chart's key
MEANINGS = {
    "precision": "Of the images predicted as this digit, the fraction that are.",
    "recall": "Of the images of this digit, the fraction predicted as it.",
    "F1": "The harmonic mean of precision and recall.",
}


def show(run: Run, evaluation: Evaluation) -> None:
    """Everything about one evaluation."""
    _figures(evaluation)
    left, right = st.columns(2, gap="medium")
    with left:
        cell = _matrix(run, evaluation)
    with right:
        show_images(run, evaluation, cell)
    _scores(evaluation)


def _figures(evaluation: Evaluation) -> None:
    wrong = int(np.sum(evaluation.labels != evaluation.predictions))
    accuracy = fmt.accuracy(evaluation.accuracy, accuracy_interval(evaluation))
    with st.grid(4, min_column_width=150, gap="small"):
        st.metric(
            "Accuracy",
            accuracy,
            help="The fraction of images read correctly, with its 95 % confidence interval (Wilson).",
        )
        st.metric("Errors", f"{wrong:,} of {evaluation.n:,}")
        st.metric(
            "Loss", fmt.loss(evaluation.loss), help="Mean cross-entropy in nats; high where it is confidently wrong."
        )
        st.metric(
            "Times evaluated",
            fmt.count(evaluation.times_taken),
            help="How often this run has been evaluated on this split. Reusing the test set while you change things "
            "makes the score optimistic.",
        )


def _matrix(run: Run, evaluation: Evaluation) -> Cell | None:
    """The matrix and its switches. Returns the chosen cell."""
    st.subheader("Confusion matrix", anchor=False, help="Rows are the true digits, columns the predicted ones.")
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        numbers = st.segmented_control(
            "Numbers", ["Counts", "Percent"], default="Counts", required=True, key="matrix_numbers",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        muted = st.toggle(
            "Show errors only", value=True, key="matrix_muted", persist_state="session",
            help="Leaves correct answers out of the colours: they are so many that no error would show beside them.",
        )  # fmt: skip
    cell = address.chosen_cell()
    plotly_view(
        confusion_figure(
            confusion_matrix(evaluation), normalised=numbers == "Percent", mute_diagonal=muted, selected=cell
        ),
        key=MATRIX,
        description=_matrix_text(evaluation),
        on_click=lambda: _choose(run),
    )
    st.caption(_chosen_text(evaluation, cell))  # on a phone the images are out of sight
    return cell


def _choose(run: Run) -> None:
    address.choose_run(run.run_id)  # so that the address names the run the cell is of
    address.choose_cell(clicked_cell(MATRIX))


def _scores(evaluation: Evaluation) -> None:
    st.subheader("Digit by digit", anchor=False)
    scores = class_scores(confusion_matrix(evaluation))
    left, right = st.columns(2, gap="medium")
    left.dataframe(
        {
            "digit": [score.label for score in scores],
            "precision": [100 * score.precision for score in scores],
            "recall": [100 * score.recall for score in scores],
            "F1": [100 * score.f1 for score in scores],
            "images": [score.support for score in scores],
        },
        hide_index=True,
        column_config={
            "digit": st.column_config.NumberColumn(width=52),
            **{
                name: st.column_config.NumberColumn(format="%.2f %%", width=78, help=meaning)
                for name, meaning in MEANINGS.items()
            },
            "images": st.column_config.NumberColumn(format="localized", width=64),
        },
        height="content",
        alt="Precision, recall, F1 and number of images of each digit.",
    )
    with right:
        plotly_view(class_scores_figure(scores), key="scores", description=_scores_text(scores))


def _scores_text(scores: list[ClassScore]) -> str:
    worst = min(scores, key=lambda score: score.f1)
    return f"Precision and recall of each digit. The lowest F1 is that of the {worst.label}: {worst.f1:.1%}."


def _chosen_text(evaluation: Evaluation, cell: Cell | None) -> str:
    if cell is None:
        return "Choose a cell to see the images behind it."
    true, predicted = cell
    count = int(confusion_matrix(evaluation)[cell])
    return f"Chosen: {fmt.count(count, 'image')} of a {true} read as {predicted}."


def _matrix_text(evaluation: Evaluation) -> str:
    matrix = confusion_matrix(evaluation)
    errors = matrix - np.diag(np.diag(matrix))
    true, predicted = np.unravel_index(int(errors.argmax()), errors.shape)
    if not errors.any():
        return "Confusion matrix: every image was read correctly."
    return (
        f"Confusion matrix, rows true, columns predicted. The most frequent error: {errors[true, predicted]} times "
        f"a {true} was read as {predicted}."
    )
