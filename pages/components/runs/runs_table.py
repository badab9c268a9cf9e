"""The table of all runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from mnist_core.datasets.registry import DATASETS
from mnist_core.statistics.confusion_matrix import macro_f1
from pages.components.runs.runs_rows import Row, created, settings_of, title
from pages.components.shared import address, widgets
from pages.components.shared import format as fmt
from pages.components.shared.cached import Mark

if TYPE_CHECKING:
    import pandas as pd

TABLE = "runs_table"
MAX_ROWS = 12  # more are scrolled to
TALLEST = 460  # pixels, of a table that is scrolled
MISSING = "–"
MAX_NOTE = 80  # characters of a note in the table
APART = 1e-12  # between two equal accuracies: less than any image makes


@dataclass(frozen=True)
class Column:
    """A column of results: what it says of a run, and how that is shown."""

    value: Callable[[Row], Any]
    about: Any = None  # of `st.column_config`
    optional: bool = False  # left out where no run has anything to say


RESULTS: dict[str, Column] = {
    "run": Column(title, st.column_config.TextColumn(pinned=True, width=130)),
    "data set": Column(lambda row: DATASETS.label(row.run.dataset), st.column_config.TextColumn(width=110)),
    "validation": Column(
        lambda row: row.validation,
        st.column_config.NumberColumn(
            width=125, alignment="left",
            help="Best validation accuracy, with its 95 % interval. Runs on different data sets were measured on "
            "different images: their accuracies cannot be compared.",
        ),
    ),
    "test": Column(
        lambda row: row.test,
        st.column_config.NumberColumn(
            width=125, alignment="left", help="Test accuracy with its 95 % interval, for runs evaluated on test images."
        ),
    ),
    "macro F1": Column(
        lambda row: None if row.test is None or row.test.matrix is None else macro_f1(row.test.matrix),
        st.column_config.NumberColumn(
            format="%.4f", alignment="left",
            help="The mean F1 of the ten digits on test images: rare digits count as much as frequent ones.",
        ),
        optional=True,
    ),
    "status": Column(lambda row: row.status_word),
    "epochs": Column(lambda row: f"{len(row.history.epochs)} of {row.run.epochs}"),
    "time": Column(
        lambda row: row.history.elapsed_seconds,
        st.column_config.NumberColumn(alignment="left", help="Training time; pauses are not counted."),
    ),
    "created": Column(lambda row: created(row.run), st.column_config.DatetimeColumn(format="distance")),
    "tags": Column(lambda row: list(row.notes.tags), st.column_config.ListColumn(), optional=True),
    "note": Column(lambda row: _cut(" ".join(row.notes.note.split())), optional=True),
}  # fmt: skip
SHOWN = ("Results", "Settings")


def runs_table(rows: Sequence[Row]) -> None:
    """Show the runs, one a row. Which are ticked is remembered by their ids: rows move when runs come and go."""
    import pandas as pd  # half a second that Streamlit's table pays anyway, later

    shown = st.segmented_control(
        "Columns", SHOWN, default="Results", required=True, key="runs_columns", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    ids = [row.run.run_id for row in rows]
    _place_ticks(ids)
    table = pd.DataFrame([_results(row) | _settings(row) for row in rows])
    written: dict[str, Callable[[float], str]] = {"time": fmt.duration}
    for split in ("validation", "test"):
        marks = [getattr(row, split) for row in rows]
        table[split] = pd.Series([_place(mark, index) for index, mark in enumerate(marks)], dtype=float)
        written[split] = _in_words(table[split], marks)
    st.dataframe(
        table.style.format(written),
        hide_index=True,
        on_select=_note_ticks(ids),
        selection_mode="multi-row",
        key=TABLE,
        height="content" if len(rows) <= MAX_ROWS else TALLEST,
        column_order=_order(shown, table),
        placeholder=MISSING,
        column_config={name: column.about for name, column in RESULTS.items() if column.about} | _numbers(table),
        alt=f"Table of {fmt.count(len(rows), 'run')} with their {shown.lower()}.",
    )


def say_damage(rows: Sequence[Row]) -> None:
    """Warn of damaged files beside runs that are themselves intact."""
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


def _order(shown: str, table: "pd.DataFrame") -> list[str]:
    """The columns to show, in their order."""
    if shown == "Settings":
        return ["run", *(name for name in table if name not in RESULTS)]
    return [name for name, column in RESULTS.items() if not column.optional or table[name].any()]


def _numbers(table: "pd.DataFrame") -> dict[str, Any]:
    """How settings that are numbers are shown: as they were chosen, with no more digits."""
    numbers = table.drop(columns=list(RESULTS)).select_dtypes("number")
    return {name: st.column_config.NumberColumn(format="%g") for name in numbers} | {
        "parameters": st.column_config.NumberColumn(format="localized")
    }


def _results(row: Row) -> dict[str, Any]:
    return {name: None if name in ("validation", "test") else column.value(row) for name, column in RESULTS.items()}


def _settings(row: Row) -> dict[str, Any]:
    chosen = settings_of(row.run)
    first = {name: chosen.pop(name) for name in ("model", "data")}
    del chosen["epochs planned"], chosen["fine-tuned from"]
    return {**first, "parameters": row.run.parameters, **chosen, "id": row.run.run_id}


def _cut(note: str) -> str:
    return note if len(note) <= MAX_NOTE else note[: MAX_NOTE - 1] + "…"
