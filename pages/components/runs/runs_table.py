"""The table of all runs: ticked, sorted, opened and pinned in the browser, drawn by `runs_table.js`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from mnist_core.datasets.registry import DATASETS
from mnist_core.format import moment
from mnist_core.runs.run import RUN_ID
from mnist_core.statistics.confusion_matrix import macro_f1
from pages.components.runs.run_colours import Look
from pages.components.runs.runs_rows import Row, created, settings_of, title
from pages.components.shared import address
from pages.components.shared import format as fmt

HERE = Path(__file__).resolve().parent
TABLE = "runs_table"
LINE, MAX_LINES = 36, 12  # pixels a line, and lines of a table that is not scrolled
MISSING = "–"
MAX_NOTE = 80  # characters of a note in the table
TICKED = "ticked"  # in the session: what of the browser's ticks has been taken in
SHOWN = ("Results", "Settings")
NEWEST_FIRST = "-created"  # what an address without a word of it means

_view = st.components.v2.component(
    TABLE,
    html='<div class="runs"><table><thead></thead><tbody></tbody></table></div>',
    css=(HERE / "runs_table.css").read_text(encoding="utf-8"),
    js=(HERE / "runs_table.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Column:
    """A column of results: what it says of a run."""

    text: Callable[[Row], str]
    rank: Callable[[Row], Any] | None = None  # what to sort by; its text where there is none
    help: str = ""
    is_optional: bool = False  # left out where no run has anything to say
    is_number: bool = False


def _f1(row: Row) -> float | None:
    return None if row.test is None or row.test.matrix is None else macro_f1(row.test.matrix)


RESULTS: dict[str, Column] = {
    "run": Column(title),
    "data set": Column(lambda row: DATASETS.label(row.run.dataset)),
    "validation": Column(
        lambda row: fmt.accuracy(row.validation.accuracy, row.validation.interval) if row.validation else MISSING,
        lambda row: row.validation and row.validation.accuracy,
        "Best validation accuracy, with its 95 % interval. Runs on different data sets were measured on different "
        "images: their accuracies cannot be compared.",
        is_number=True,
    ),
    "test": Column(
        lambda row: fmt.accuracy(row.test.accuracy, row.test.interval) if row.test else MISSING,
        lambda row: row.test and row.test.accuracy,
        "Test accuracy with its 95 % interval, for runs evaluated on test images.",
        is_number=True,
    ),
    "macro F1": Column(
        lambda row: MISSING if (score := _f1(row)) is None else f"{score:.4f}",
        _f1,
        "The mean F1 of the ten digits on test images: rare digits count as much as frequent ones.",
        is_optional=True,
        is_number=True,
    ),
    "status": Column(lambda row: row.status_word),
    "epochs": Column(
        lambda row: f"{len(row.history.epochs)} of {row.run.epochs}",
        lambda row: len(row.history.epochs),
        is_number=True,
    ),
    "time": Column(
        lambda row: fmt.duration(row.history.elapsed_seconds) if row.history.elapsed_seconds else MISSING,
        lambda row: row.history.elapsed_seconds or None,
        "Training time; pauses are not counted.",
        is_number=True,
    ),
    "created": Column(
        lambda row: moment(created(row.run).astimezone(), datetime.now(UTC).astimezone()),
        lambda row: (row.run.created, row.run.run_id),
    ),
    "tags": Column(lambda row: ", ".join(row.notes.tags), is_optional=True),
    "note": Column(lambda row: _cut(" ".join(row.notes.note.split())), is_optional=True),
}


def sort_key(name: str) -> Callable[[Row], Any]:
    """What a run is sorted by, for a column's word in the address; None where it has nothing of the kind."""
    if name in RESULTS:
        column = RESULTS[name]
        return column.rank or (lambda row: None if column.text(row) in ("", MISSING) else column.text(row).casefold())
    return lambda row: _settings_of(row).get(name)


def sorted_by(sort: str) -> str:
    """The column sorted by, with a minus for the greatest first; addresses of 0.3.0 call the first column `name`."""
    return {"": NEWEST_FIRST, "name": "run", "-name": "-run"}.get(sort, sort)


def runs_table(rows: Sequence[Row], looks: Mapping[str, Look]) -> str | None:
    """Show the runs, one a row.

    Args:
        looks: by the id of a run whose curve is drawn, how: its row shows the same.
    Returns:
        the id of the run whose name was pressed, in the run of the script that follows; else None.
    """
    shown = st.segmented_control(
        "Columns", SHOWN, default="Results", required=True, key="runs_columns", persist_state="session",
        label_visibility="collapsed",
    )  # fmt: skip
    view = address.runs_view()
    cells = _results(rows) if shown == "Results" else _settings(rows)
    names = list(dict.fromkeys(name for line in cells.values() for name in line))  # not every network has each setting
    result = _view(
        key=TABLE,
        data={
            "columns": _heads(names, rows, view.sort),
            "rows": [
                {
                    "id": row.run.run_id,
                    "cells": [cells[row.run.run_id].get(name, MISSING) for name in names],
                    "pinned": row.run.run_id == view.against,
                    "look": vars(looks[row.run.run_id]) if row.run.run_id in looks else None,
                    "status": row.status,
                    "href": f"train?run={row.run.run_id}",
                }
                for row in rows
            ],
            "ticked": view.runs,  # those among them that a filter or another page hides, too
            "taken": st.session_state.get(TICKED, {}),
            "label": f"{fmt.count(len(rows), 'run')} with their {shown.lower()}",
        },
        height=LINE * (1 + min(len(rows), MAX_LINES)) + 18,  # from the first moment, so that nothing below it jumps
        on_ticks_change=_take_ticks,
        on_sort_change=_take_sort,
        on_pin_change=_take_pin,
        on_open_change=lambda: None,
    )
    opened = result.get("open")
    return opened if isinstance(opened, str) and RUN_ID.fullmatch(opened) else None


def say_damage(rows: Sequence[Row]) -> None:
    """Warn of damaged files beside runs that are themselves intact."""
    for row in rows:
        if row.damage:
            st.warning(f"{title(row)}: {row.damage}.", icon=":material/warning:")


def _said(what: str) -> Any:
    return dict(st.session_state.get(TABLE) or {}).get(what)


def _take_ticks() -> None:
    """Take in what was ticked and unticked, each once and in its order, however the browser's messages fell together.

    Each message tells all changes that the browser has not yet seen taken in, by numbers that count up; so no change
    is lost, and none undoes what the page itself has ticked or unticked in between.
    """
    said = _said("ticks")
    taken: dict[str, int] = dict(st.session_state.get(TICKED, {}))
    table, ticked = str(said["table"]), list(address.ticked_runs())
    for number, run_id, is_on in said["changes"]:
        if number > taken.get(table, 0) and RUN_ID.fullmatch(str(run_id)):
            ticked = [other for other in ticked if other != run_id] + [run_id] * bool(is_on)
            taken[table] = int(number)
    st.session_state[TICKED] = dict(list(taken.items())[-3:])  # of tables that are gone no more than a few
    address.tick_runs(ticked)


def _take_sort() -> None:
    """A press sorts by a column, numbers and times from the greatest; the next one the other way round."""
    name = str(_said("sort"))
    first, second = f"-{name}", name
    if not (name in RESULTS and (RESULTS[name].is_number or name == "created")):
        first, second = second, first
    sort = second if sorted_by(address.runs_view().sort) == first else first
    address.change_runs_view(sort="" if sort == NEWEST_FIRST else sort, page="")


def _take_pin() -> None:
    run_id = str(_said("pin"))
    is_pinned = address.runs_view().against == run_id
    address.change_runs_view(against="" if is_pinned or not RUN_ID.fullmatch(run_id) else run_id)


def _head(name: str, sort: str, *, is_number: bool) -> dict[str, Any]:
    order = {name: "up", f"-{name}": "down"}.get(sorted_by(sort), "")
    return {"name": name, "order": order, "help": RESULTS[name].help if name in RESULTS else "", "number": is_number}


def _heads(names: Sequence[str], rows: Sequence[Row], sort: str) -> list[dict[str, Any]]:
    """How the columns begin; settings that are numbers in every run stand as such."""
    settings = [_settings_of(row) for row in rows]
    return [
        _head(
            name,
            sort,
            is_number=RESULTS[name].is_number
            if name in RESULTS
            else all(isinstance(line.get(name, 0), int | float) for line in settings),
        )
        for name in names
    ]


def _results(rows: Sequence[Row]) -> dict[str, dict[str, str]]:
    said = {row.run.run_id: {name: column.text(row) for name, column in RESULTS.items()} for row in rows}
    empty = {
        name
        for name, column in RESULTS.items()
        if column.is_optional and all(cells[name] in ("", MISSING) for cells in said.values())
    }
    return {run_id: {name: text for name, text in cells.items() if name not in empty} for run_id, cells in said.items()}


def _settings(rows: Sequence[Row]) -> dict[str, dict[str, str]]:
    return {
        row.run.run_id: {"run": title(row), **{name: _shown(value) for name, value in _settings_of(row).items()}}
        for row in rows
    }


def _settings_of(row: Row) -> dict[str, Any]:
    chosen = settings_of(row.run)
    first = {name: chosen.pop(name) for name in ("model", "data")}
    del chosen["epochs planned"], chosen["fine-tuned from"]
    return {**first, "parameters": row.run.parameters, **chosen, "id": row.run.run_id}


def _shown(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _cut(note: str) -> str:
    return note if len(note) <= MAX_NOTE else note[: MAX_NOTE - 1] + "…"
