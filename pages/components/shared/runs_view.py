"""What the Runs page shows, as its address says it: a link reopens exactly this comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from mnist_core.runs.run import RUN_ID

BETWEEN = "."  # between ids: it stands in an address as it is, and in no id
MAX_LINKED = 100  # ids in an address
MAX_FIND = 80  # characters
MAX_WORD = 80
CHOICES = {
    "show": ("accuracy", "loss"),
    "over": ("epoch", "step", "time"),
    "seeds": ("band", "lines"),
}


@dataclass(frozen=True)
class RunsView:
    """Everything that is chosen on the Runs page; the names of the fields are those in the address."""

    runs: tuple[str, ...] = ()  # ticked, in the order of ticking
    against: str = ""  # the baseline: pinned on top, the others are compared with it; the first one ticked where empty
    show: str = "accuracy"
    over: str = "epoch"
    seeds: str = "band"  # how runs that differ in their seed only are drawn
    find: str = ""
    model: str = ""
    data: str = ""
    status: str = ""
    tag: str = ""
    sort: str = ""  # a column, with a minus before it for the greatest first; the newest run first where empty
    page: str = ""  # of the table, counted from 1; the first where empty

    @property
    def is_filtered(self) -> bool:
        return any((self.find, self.model, self.data, self.status, self.tag))

    def without_filter(self) -> "RunsView":
        return replace(self, find="", model="", data="", status="", tag="")


KEYS = tuple(field.name for field in fields(RunsView))


def to_query(view: RunsView) -> dict[str, str]:
    """What the address says of it: only what is not as it would be anyway."""
    usual = RunsView()
    said = {key: getattr(view, key) for key in KEYS if getattr(view, key) != getattr(usual, key)}
    if view.runs:
        said["runs"] = BETWEEN.join(view.runs[:MAX_LINKED])
    return said


def from_query(query: Mapping[str, str]) -> RunsView:
    """Read an address. What cannot be meant is as if it were not there."""
    values: dict[str, Any] = {}
    for key in KEYS:
        text = query.get(key, "").strip()
        if key == "runs":
            values[key] = tuple(dict.fromkeys(part for part in text.split(BETWEEN) if RUN_ID.fullmatch(part)))
        elif key in CHOICES:
            values[key] = text if text in CHOICES[key] else CHOICES[key][0]
        elif key == "against":
            values[key] = text if RUN_ID.fullmatch(text) else ""
        else:
            values[key] = text[: MAX_FIND if key == "find" else MAX_WORD]
    return RunsView(**values)
