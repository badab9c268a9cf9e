"""The table of all runs."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from mnist_core import runs
from mnist_core.errors import CheckpointError
from mnist_core.runs import Run
from mnist_core.scores import wilson_interval
from pages.components import format as fmt
from pages.components import state
from pages.components.cached import history_of, mark_of
from pages.components.run_panel import BADGES
from pages.components.words import AUGMENTS, DATASETS, MODELS, OPTIMIZERS, PRECISIONS, SCHEDULES, run_title

TABLE = "runs_table"
MOST_ROWS = 12  # more are scrolled to
TALLEST = 460  # pixels, of a table that is scrolled
MISSING = "–"

COLUMNS: dict[str, list[str]] = {
    "Results": ["run", "validation", "test", "status", "epochs", "time", "created"],
    "Settings": [
        "run", "model", "data", "parameters", "batch", "learning rate", "optimizer", "schedule", "weight decay",
        "dropout", "augmentation", "precision", "seed", "id",
    ],
}  # fmt: skip


def runs_table(known: Sequence[Run]) -> None:
    """Show the runs, one a row. Which are ticked is remembered by their ids: rows move when runs come and go."""
    shown = st.segmented_control(
        "Columns", list(COLUMNS), default="Results", required=True, key="runs_columns", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    rows = [_results(run) | _settings(run) for run in known]
    _place_ticks([run.run_id for run in known])
    st.dataframe(
        {name: [row[name] for row in rows] for name in rows[0]},
        hide_index=True,
        on_select=_note_ticks([run.run_id for run in known]),
        selection_mode="multi-row",
        key=TABLE,
        height="content" if len(rows) <= MOST_ROWS else TALLEST,
        column_order=COLUMNS[shown],
        column_config={
            "run": st.column_config.TextColumn(pinned=True, width=130),
            "validation": st.column_config.TextColumn(help="Best validation accuracy, with its 95 % interval."),
            "test": st.column_config.TextColumn(help="Test accuracy with its 95 % interval, where the exam was taken."),
            "time": st.column_config.TextColumn(help="Training time; pauses do not count."),
            "created": st.column_config.DatetimeColumn(format="distance"),
            "parameters": st.column_config.NumberColumn(format="localized"),
            "learning rate": st.column_config.NumberColumn(format="%g"),
            "weight decay": st.column_config.NumberColumn(format="%g"),
            "dropout": st.column_config.NumberColumn(format="%g"),
        },
        alt=f"Table of {fmt.count(len(rows), 'run')} with their {shown.lower()}.",
    )


def _place_ticks(ids: list[str]) -> None:
    """Move the ticks to where their runs stand now."""
    ticked = set(state.ticked_runs())
    rows = [row for row, run_id in enumerate(ids) if run_id in ticked]
    if rows != _rows():
        state.set_widget(TABLE, {"selection": {"rows": rows, "columns": [], "cells": []}})


def _note_ticks(ids: list[str]) -> Callable[[], None]:
    """What to do when ticks are set, while the rows are those of `ids`."""
    return lambda: state.tick_runs(ids[row] for row in sorted(_rows()) if row < len(ids))


def _rows() -> list[int]:
    table = state.widget_value(TABLE)
    return list(table["selection"]["rows"]) if table else []


def _results(run: Run) -> dict[str, Any]:
    history = history_of(run)
    best, n = history.best, run.split_sizes["validation"]
    return {
        "run": run_title(run),
        "validation": fmt.accuracy(best.validation_accuracy, wilson_interval(round(best.validation_accuracy * n), n))
        if best
        else MISSING,
        "test": _test_accuracy(run),
        "status": "Shipped" if run.shipped else BADGES[runs.status(run, history)][0],
        "epochs": f"{len(history.epochs)} of {run.epochs}",
        "time": fmt.duration(history.elapsed_seconds),
        "created": datetime.fromisoformat(run.created),
    }


def _settings(run: Run) -> dict[str, Any]:
    layers = f" {'-'.join(map(str, run.model.hidden))}" if run.model.kind == "mlp" else ""
    return {
        "model": f"{MODELS[run.model.kind]}{layers}",
        "data": DATASETS[run.dataset],
        "parameters": run.parameters,
        "batch": run.train.batch_size,
        "learning rate": run.train.learning_rate,
        "optimizer": OPTIMIZERS[run.train.optimizer],
        "schedule": SCHEDULES[run.train.schedule],
        "weight decay": run.train.weight_decay,
        "dropout": run.model.dropout,
        "augmentation": AUGMENTS[run.train.augment],
        "precision": f"{PRECISIONS[run.precision]}, {run.device}",  # type: ignore[index]
        "seed": run.train.seed,
        "id": run.run_id,
    }


def _test_accuracy(run: Run) -> str:
    try:
        mark = mark_of(run, "test")
    except CheckpointError:
        return "damaged"
    return fmt.accuracy(mark.accuracy, mark.interval) if mark else MISSING
