"""Which of all runs are read and shown: of thousands one page of the table at a time."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from mnist_core.runs import store
from mnist_core.runs.run import DamagedRun, Run
from pages.components.runs.runs_filter import filtered
from pages.components.runs.runs_rows import Row
from pages.components.shared import address
from pages.components.shared import format as fmt
from pages.components.shared.cached import summaries_of
from pages.components.shared.runs_view import RunsView

Item = TypeVar("Item")

PAGE_ROWS = 50
FEW = 500  # runs that are all read at once: a moment
CHUNK = 250  # runs between two looks at the clock
PATIENCE = 0.5  # seconds after which the progress is shown


@dataclass(frozen=True)
class Part:
    """The runs that have been read."""

    ids: tuple[str, ...]  # of all runs, the newest first
    runs: tuple[Run, ...]
    damaged: tuple[DamagedRun, ...]
    is_all: bool  # else: those of one page of the table, with the ticked ones and the baseline


def read_part(view: RunsView) -> Part:
    """Read what this view needs: all runs where it sorts or filters or where they are few, else one page of them."""
    ids = store.run_ids()
    is_all = len(ids) <= FEW or view.is_filtered or bool(view.sort)
    there = set(ids)
    wanted = dict.fromkeys([*_page_of(ids, view), *(one for one in (*view.runs, view.against) if one in there)])
    found = _read(ids if is_all else sorted(wanted, reverse=True))
    runs = tuple(run for run in found if isinstance(run, Run))
    return Part(tuple(ids), runs, tuple(run for run in found if isinstance(run, DamagedRun)), is_all)


def shown_of(part: Part, rows: Sequence[Row], view: RunsView) -> tuple[list[Row], int]:
    """The rows of the page that is looked at, the baseline on top; and how many rows all pages have together."""
    if part.is_all:
        matching = filtered(rows, view)
        total, shown = len(matching), _page_of(matching, view)
    else:
        ids = set(_page_of(part.ids, view))
        total, shown = len(part.ids), [row for row in rows if row.run.run_id in ids]
    pinned = [row for row in rows if row.run.run_id == view.against]
    return pinned + [row for row in shown if row.run.run_id != view.against], total


def page_bar(total: int) -> None:
    """Where there are more runs than a page holds: which of them are shown, and the way to the others."""
    pages = -(-total // PAGE_ROWS)
    if pages < 2:
        return
    now = min(_page_number(address.runs_view()), pages)
    first = (now - 1) * PAGE_ROWS
    said = f"{first + 1:,} to {min(first + PAGE_ROWS, total):,} of {fmt.count(total, 'run')}"
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key="runs_pages"):
        st.button("Previous", icon=":material/chevron_left:", disabled=now == 1, key="runs_before",
                  on_click=_turn_to, args=(now - 1,))  # fmt: skip
        st.caption(said, width="content")
        st.button("Next", icon=":material/chevron_right:", icon_position="right", disabled=now == pages,
                  key="runs_after", on_click=_turn_to, args=(now + 1,))  # fmt: skip


def _page_number(view: RunsView) -> int:
    return max(1, int(view.page)) if view.page.isdecimal() and len(view.page) < 7 else 1


def _page_of(items: Sequence[Item], view: RunsView) -> list[Item]:
    last = max(1, -(-len(items) // PAGE_ROWS))
    first = (min(_page_number(view), last) - 1) * PAGE_ROWS
    return list(items[first : first + PAGE_ROWS])


def _turn_to(number: int) -> None:
    address.change_runs_view(page=str(number) if number > 1 else "")


def _read(ids: Sequence[str]) -> list[Run | DamagedRun]:
    """The runs of these ids; where that takes a while, with its progress."""
    found: list[Run | DamagedRun] = []
    place, begun = st.empty(), time.monotonic()
    for start in range(0, len(ids), CHUNK):
        if time.monotonic() - begun > PATIENCE:
            place.progress(start / len(ids), f"Reading {start:,} of {fmt.count(len(ids), 'run')} …")
        read = store.load_runs(ids[start : start + CHUNK])
        if len(ids) > FEW:  # else they are read in a moment, by whoever shows them
            summaries_of([run for run in read if isinstance(run, Run)])
        found += read
    place.empty()
    return found
