"""Which of many runs are shown, and in what order; the address says it too."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from mnist_core.datasets.registry import DATASETS
from mnist_core.networks.registry import NETWORKS
from mnist_core.registry import Registry
from pages.components.runs.runs_rows import SHIPPED, Row, title
from pages.components.runs.runs_table import sort_key, sorted_by
from pages.components.shared import address, widgets
from pages.components.shared import format as fmt
from pages.components.shared.labels import BADGES
from pages.components.shared.runs_view import MAX_FIND, RunsView

FEW = 6  # runs that need no filter
ANY = ""
FIND = "runs_find"


def filter_bar(rows: Sequence[Row], total: int, *, is_all: bool) -> None:
    """What to look for and what to leave out; in what order they stand is chosen at the head of the table.

    Args:
        total: how many runs there are.
        is_all: whether `rows` are all of them; else whatever a run could be is offered.
    """
    view = address.runs_view()
    if total <= FEW and not view.is_filtered:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="runs_filter"):
        widgets.set_widget(FIND, view.find)
        st.text_input(
            "Find", key=FIND, max_chars=MAX_FIND, placeholder="name, ID, note or tag", icon=":material/search:",
            width=230, on_change=_take(find=FIND), label_visibility="collapsed",
        )  # fmt: skip
        n = sum(bool(getattr(view, field)) for field in ("model", "data", "status", "tag"))
        with st.popover(f"Filter ({n})" if n else "Filter", icon=":material/filter_list:"):
            words = (
                (row.status_word for row in rows) if is_all else [SHIPPED, *(word for word, _, _ in BADGES.values())]
            )
            _choice("Model", "model", NETWORKS, (row.run.model.kind for row in rows) if is_all else NETWORKS)
            _choice("Data set", "data", DATASETS, (row.run.dataset for row in rows) if is_all else DATASETS)
            _choice("Status", "status", None, words)
            _choice("Tag", "tag", None, (tag for row in rows for tag in row.notes.tags))


def filtered(rows: Sequence[Row], view: RunsView) -> list[Row]:
    """The matching rows in the chosen order; rows without the value come last."""
    shown = [row for row in rows if _matches(row, view)]
    sort = sorted_by(view.sort)
    value = sort_key(sort.removeprefix("-"))
    known = [row for row in shown if value(row) is not None]
    unknown = [row for row in shown if value(row) is None]
    return sorted(known, key=value, reverse=sort.startswith("-")) + unknown


def say_how_many(shown: int, total: int) -> None:
    """Where a filter hides runs, how many, and the way out."""
    if not address.runs_view().is_filtered:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(f"{fmt.count(shown)} of {fmt.count(total, 'run')} shown.", width="content")
        st.button("Show all", type="tertiary", icon=":material/close:", key="runs_unfilter", on_click=_show_all)


def _matches(row: Row, view: RunsView) -> bool:
    text = f"{title(row)}\n{row.run.run_id}\n{row.notes.note}\n{' '.join(row.notes.tags)}".casefold()
    return (
        all(word in text for word in view.find.casefold().split())
        and view.model in (ANY, row.run.model.kind)
        and view.data in (ANY, row.run.dataset)
        and view.status in (ANY, row.status_word)
        and (view.tag == ANY or view.tag in row.notes.tags)
    )


def _choice(label: str, field: str, names: Registry[Any] | None, there: Iterable[str]) -> None:
    """One of what there is among the runs, or any."""
    chosen = getattr(address.runs_view(), field)
    options = [ANY, *sorted({*there, *([chosen] if chosen else [])}, key=str.casefold)]
    key = f"runs_{field}"
    widgets.set_widget(key, chosen)
    st.selectbox(
        label, options, key=key, width=220,
        format_func=lambda name: (names.label(name) if names and name in names else name) or "Any",
        on_change=_take(**{field: key}),
    )  # fmt: skip


def _take(**keys: str) -> Callable[[], None]:
    """Take what a widget stands at into what is chosen on this page."""
    return lambda: address.change_runs_view(
        page="", **{field: widgets.widget_value(key) or "" for field, key in keys.items()}
    )


def _show_all() -> None:
    view = address.runs_view().without_filter()
    address.change_runs_view(**vars(view))
