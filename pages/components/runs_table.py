"""The table of all runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from mnist_core import runs
from mnist_core.errors import CheckpointError
from mnist_core.runs import Run
from mnist_core.scores import accuracy_interval, wilson_interval
from pages.components import format as fmt
from pages.components.cached import evaluation_of, history_of
from pages.components.run_panel import BADGES
from pages.components.words import DATASETS, MODELS, run_title


def runs_table(known: Sequence[Run]) -> list[Run]:
    """Show the runs, one a row. Returns those that are ticked."""
    rows = [_row(run) for run in known]
    chosen = st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]},
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="runs_table",
        height="content" if len(rows) <= 12 else 460,
        column_config={
            "created": st.column_config.DatetimeColumn(format="distance"),
            "parameters": st.column_config.NumberColumn(format="localized"),
            "learning rate": st.column_config.NumberColumn(format="%g"),
            "validation": st.column_config.TextColumn(help="Best validation accuracy, with its 95 % interval."),
            "test": st.column_config.TextColumn(help="Test accuracy with its 95 % interval, where the exam was taken."),
        },
        alt=f"Table of {len(rows)} runs with their settings and results.",
    )
    return [known[index] for index in chosen["selection"]["rows"] if index < len(known)]


def _row(run: Run) -> dict[str, Any]:
    history = history_of(run)
    best, n = history.best, run.split_sizes["validation"]
    return {
        "run": run_title(run),
        "status": "Shipped" if run.shipped else BADGES[runs.status(run, history)][0],
        "validation": fmt.accuracy(best.validation_accuracy, wilson_interval(round(best.validation_accuracy * n), n))
        if best
        else "–",
        "test": _test_accuracy(run),
        "model": MODELS[run.model.kind],
        "data": DATASETS[run.dataset],
        "epochs": f"{len(history.epochs)} of {run.train.epochs}",
        "time": fmt.duration(history.elapsed_seconds),
        "parameters": run.parameters,
        "batch": run.train.batch_size,
        "learning rate": run.train.learning_rate,
        "optimizer": run.train.optimizer,
        "augmentation": run.train.augment,
        "seed": run.train.seed,
        "created": datetime.fromisoformat(run.created),
        "id": run.run_id,
    }


def _test_accuracy(run: Run) -> str:
    try:
        evaluation = evaluation_of(run, "test")
    except CheckpointError:
        return "damaged"
    return fmt.accuracy(evaluation.accuracy, accuracy_interval(evaluation)) if evaluation else "–"
