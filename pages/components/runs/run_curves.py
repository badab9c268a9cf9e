"""The curves of several runs over each other."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from mnist_core.figures.comparison import MAX_BEHIND, Stroke, comparison_chart
from mnist_core.figures.drawing import drawing_of
from mnist_core.insight.compare import Entry, key_of, runs_in
from mnist_core.runs.curves import Axis, Quantity
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.runs.seeds import SeedGroup
from pages.components.runs.run_colours import MAX_LOOKS, Look, looks_of
from pages.components.shared import address, widgets
from pages.components.shared import format as fmt
from pages.components.shared.cached import glance_of, history_of
from pages.components.shared.plotly_view import plotly_view

Choice = TypeVar("Choice", bound=str)

MAX_CURVES = MAX_LOOKS  # as many as can be told apart
MAX_LETTERS = 28  # of a run's title beside its curve, so that a legend fits on a phone
QUANTITIES: dict[Quantity, str] = {"accuracy": "Accuracy", "loss": "Loss"}
AXES: dict[Axis, str] = {"epoch": "Epoch", "step": "Step", "time": "Time"}


def compare(entries: Sequence[Entry]) -> None:
    """Draw what has been measured of runs, and of groups of them."""
    begun = [(entry, found) for entry in entries if (found := _begun(entry))]  # asked once: a run may go meanwhile
    if not begun:
        st.caption("Nothing has been measured yet: a curve starts at a run's first step.")
        return
    with st.container(horizontal=True, gap="medium"):
        quantity = choice("Show", "show", QUANTITIES, key="compare_quantity")
        by = choice("Over", "over", AXES, key="compare_axis")
    shown = [entry for entry, _ in begun[:MAX_CURVES]]
    lines: dict[str, History | list[History]] = {}
    strokes: dict[str, Stroke] = {}
    looks = looks_in(shown)
    for name, (entry, found) in zip(names_of(shown), begun, strict=False):
        look = looks[key_of(entry)]
        strokes[name] = (look.colour, look.dash)
        histories = [history_of(run) for run in found]
        lines[name] = histories if isinstance(entry, SeedGroup) else histories[0]
    plotly_view(
        drawing_of(comparison_chart(lines, quantity, by, strokes)),
        key="compare",
        uirevision=f"{quantity}-{by}",
        description=f"Validation {quantity} of {_counted(shown)} over {by}: {', '.join(lines)}.",
    )
    st.caption(_legend(shown))
    if len(begun) > len(shown):
        st.caption(f"Only the first {len(shown)} of {len(begun)} are drawn.")


def looks_in(entries: Sequence[Entry]) -> dict[str, Look]:
    """By run id, how the curves that `compare` draws of these look; seeds that are drawn together share one."""
    shown = [entry for entry in entries if _begun(entry)][:MAX_CURVES]
    looks = looks_of([key_of(entry) for entry in shown])
    return {run.run_id: looks[key_of(entry)] for entry in shown for run in runs_in(entry)}


def choice(label: str, field: str, options: Mapping[Choice, str], *, key: str) -> Choice:
    """One of a few; the address says which, so that a link opens it again."""
    chosen: Choice = getattr(address.runs_view(), field)
    widgets.set_widget(key, chosen)
    st.segmented_control(
        label,
        list(options),
        required=True,
        format_func=options.__getitem__,
        key=key,
        on_change=lambda: address.change_runs_view(**{field: widgets.widget_value(key)}),
    )
    return chosen


def names_of(entries: Sequence[Entry]) -> list[str]:
    """What to call each: its title, with as much of the id as it takes to tell it from the others."""
    titles = [_cut(runs_in(entry)[0].title) + _seeds(entry) for entry in entries]
    ids = [runs_in(entry)[0].run_id for entry in entries]
    names = titles
    for told_by in ([run_id[-4:] for run_id in ids], ids):
        longer = [f"{title} ({part})" for title, part in zip(titles, told_by, strict=True)]
        names = [name if names.count(name) == 1 else more for name, more in zip(names, longer, strict=True)]
    return names


def _begun(entry: Entry) -> list[Run]:
    return [run for run in runs_in(entry) if glance_of(run).step]


def _cut(title: str) -> str:
    return title if len(title) <= MAX_LETTERS else title[: MAX_LETTERS - 1] + "…"


def _seeds(entry: Entry) -> str:
    return f", {len(entry.runs)} seeds" if isinstance(entry, SeedGroup) else ""


def _counted(entries: Sequence[Entry]) -> str:
    return fmt.count(sum(len(runs_in(entry)) for entry in entries), "run")


def _legend(entries: Sequence[Entry]) -> str:
    said = ["Dots: validation at each epoch's end."]
    if any(isinstance(entry, SeedGroup) for entry in entries):
        said.append(
            "Seeds drawn together: their mean, in a band from the lowest to the highest, over those that "
            "have got so far."
        )
    if len(entries) <= MAX_BEHIND and any(not isinstance(entry, SeedGroup) for entry in entries):
        said.append("Faint lines: training.")
    return " ".join(said)
