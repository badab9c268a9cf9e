"""The table of all runs."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages.components.runs.runs_rows import Row, created, settings_of, title
from pages.components.shared import address, widgets
from pages.components.shared import format as fmt
from pages.components.shared.cached import Mark

TABLE = "runs_table"
MAX_ROWS = 12  # more are scrolled to
TALLEST = 460  # pixels, of a table that is scrolled
MISSING = "–"
MAX_NOTE = 80  # characters of a note in the table
APART = 1e-12  # between two equal accuracies: less than any image makes

COLUMNS: dict[str, list[str]] = {
    "Results": ["run", "validation", "test", "status", "epochs", "time", "created", "tags", "note"],
    "Settings": [
        "run", "model", "data", "parameters", "batch", "learning rate", "optimizer", "schedule", "weight decay",
        "dropout", "label smoothing", "augmentation", "precision", "seed", "id",
    ],
}  # fmt: skip


def runs_table(rows: Sequence[Row]) -> None:
    """Show the runs, one a row. Which are ticked is remembered by their ids: rows move when runs come and go."""
    import pandas as pd  # half a second that Streamlit's table pays anyway, later

    shown = st.segmented_control(
        "Columns", list(COLUMNS), default="Results", required=True, key="runs_columns", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    ids = [row.run.run_id for row in rows]
    _place_ticks(ids)
    table = pd.DataFrame([_results(row) | _settings(row) for row in rows])
    written = {"time": fmt.duration}
    for split in ("validation", "test"):
        marks = [getattr(row, split) for row in rows]
        table[split] = pd.Series([_place(mark, index) for index, mark in enumerate(marks)], dtype=float)
        written[split] = _in_words(table[split], marks)
    columns = [name for name in COLUMNS[shown] if name not in ("tags", "note") or table[name].any()]
    st.dataframe(
        table.style.format(written),
        hide_index=True,
        on_select=_note_ticks(ids),
        selection_mode="multi-row",
        key=TABLE,
        height="content" if len(rows) <= MAX_ROWS else TALLEST,
        column_order=columns,
        placeholder=MISSING,
        column_config={
            "run": st.column_config.TextColumn(pinned=True, width=130),
            "validation": st.column_config.NumberColumn(
                width=125, alignment="left", help="Best validation accuracy, with its 95 % interval."
            ),
            "test": st.column_config.NumberColumn(
                width=125, alignment="left", help="Test accuracy with its 95 % interval, where the exam was taken."
            ),
            "time": st.column_config.NumberColumn(alignment="left", help="Training time; pauses do not count."),
            "created": st.column_config.DatetimeColumn(format="distance"),
            "tags": st.column_config.ListColumn(),
            "parameters": st.column_config.NumberColumn(format="localized"),
            "learning rate": st.column_config.NumberColumn(format="%g"),
            "weight decay": st.column_config.NumberColumn(format="%g"),
            "dropout": st.column_config.NumberColumn(format="%g"),
            "label smoothing": st.column_config.NumberColumn(format="%g"),
        },
        alt=f"Table of {fmt.count(len(rows), 'run')} with their {shown.lower()}.",
    )


def say_damage(rows: Sequence[Row]) -> None:
    """What beside a run cannot be read; the run itself is well."""
    for row in rows:
        if row.damage:
            st.warning(f"{title(row)}: {row.damage}.", icon=":material/warning:")


def _place_ticks(ids: list[str]) -> None:
    """Move the ticks to where their runs stand now."""
    ticked = set(address.ticked_runs())
    rows = [row for row, run_id in enumerate(ids) if run_id in ticked]
    if rows != sorted(_rows()):
        widgets.set_widget(TABLE, {"selection": {"rows": rows, "columns": [], "cells": []}})


def _note_ticks(ids: list[str]) -> Callable[[], None]:
    """What to do when ticks are set, while the rows are those of `ids`: those of hidden runs stay, in their order."""

    def note() -> None:
        now = [ids[row] for row in sorted(_rows()) if row < len(ids)]
        before = address.ticked_runs()
        kept = [run_id for run_id in before if run_id in now or run_id not in ids]
        address.tick_runs([*kept, *(run_id for run_id in now if run_id not in before)])

    return note


def _rows() -> list[int]:
    table = widgets.widget_value(TABLE)
    return list(table["selection"]["rows"]) if table else []


def _place(mark: Mark | None, index: int) -> float | None:
    """An accuracy that no other row has, so that it can be told whose interval belongs to it."""
    return None if mark is None else mark.accuracy + index * APART


def _in_words(places: Sequence[float], marks: Sequence[Mark | None]) -> Callable[[float], str]:
    texts = {
        place: fmt.accuracy(mark.accuracy, mark.interval) for place, mark in zip(places, marks, strict=True) if mark
    }
    return lambda place: texts.get(place, MISSING)


def _results(row: Row) -> dict[str, Any]:
    note = " ".join(row.notes.note.split())
    return {
        "run": title(row),
        "validation": None,
        "test": None,
        "status": row.status_word,
        "epochs": f"{len(row.history.epochs)} of {row.run.epochs}",
        "time": row.history.elapsed_seconds,
        "created": created(row.run),
        "tags": list(row.notes.tags),
        "note": note if len(note) <= MAX_NOTE else note[: MAX_NOTE - 1] + "…",
    }


def _settings(row: Row) -> dict[str, Any]:
    return settings_of(row.run) | {"parameters": row.run.parameters, "id": row.run.run_id}
