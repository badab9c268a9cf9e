"""A chart of curves, said once: `chart_plotly` draws it for who points and zooms, `chart_svg` for everybody else.

Both put everything in the same places, because what is not in the record is computed here.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mnist_core.figures.axis_ranges import Scale
from mnist_core.figures.sheet import MARGIN
from mnist_core.runs.curves import Band, Curve

HEIGHT = 340
X_AIR = 1.015  # the horizontal axis is so much longer than what is planned
MAX_TICKS = 8  # on the horizontal axis
LETTER, NAME_SIZE = 7.0, 13  # pixels, about
NAME_BESIDE, NAMES_APART = 8, 17  # pixels from a curve's end to its name; between the feet of two names
LEGEND_HEIGHT, LEGEND_FOOT, LEGEND_COLUMNS = 28, 8, 2  # pixels above the curves that two rows take
ROW_BELOW = 24  # pixels of a row in a legend below


@dataclass(frozen=True)
class Dots:
    """How the points of a curve are marked."""

    size: float = 7  # pixels across, to the middle of the ring
    fill: str = ""  # by default the curve's colour
    ring: float = 0  # pixels, in the curve's colour


Dash = Literal["solid", "dash", "dot"]


@dataclass(frozen=True, eq=False)
class Line:
    """A curve and how it is drawn."""

    curve: Curve  # values, not positions
    colour: str
    name: str = ""  # told to who points at it; a line without a name tells nothing
    label: str = ""  # written where it ends
    width: float = 2  # pixels; 0: only the dots
    opacity: float = 1
    dots: Dots | None = None
    dash: Dash = "solid"
    is_filled: bool = False  # a closed outline and what it encloses
    in_legend: bool = False


@dataclass(frozen=True, eq=False)
class Chart:
    """Curves on two axes, as long as what is planned from the first moment on."""

    scale: Scale
    x_title: str
    x_end: float
    lines: Sequence[Line]  # the last one on top
    x_format: str = ".2f"  # in d3's language, of what is pointed at
    height: int = HEIGHT  # pixels
    note: str = ""  # why there are no curves
    has_bullets: bool = False  # names in ink behind a dot in the curve's colour: some are too light to write with
    legend: Literal["", "above", "below"] = ""
    marked: float | None = None  # where a dotted line stands
    can_zoom: bool = True
    tells_all: bool = False  # who points at the chart is told of all curves at that place
    step: int | None = None  # of training, up to which it goes


@dataclass(frozen=True)
class Ending:
    """A curve's name where it ends, in positions on the axes."""

    name: str
    colour: str
    x: float
    y: float
    shift: float  # pixels upwards, so that no two names touch


@dataclass(frozen=True)
class Entry:
    """A curve in the legend above."""

    name: str
    colour: str
    mark: str
    right: float  # pixels, from the left end of the curves
    up: float  # pixels, from their upper end to below the letters


def band(of: Band, colour: str) -> Line:
    """What lies between the lowest and the highest of several curves, shaded."""
    outline = Curve(np.concatenate([of.x, of.x[::-1]]), np.concatenate([of.high, of.low[::-1]]))
    return Line(outline, colour, width=1, opacity=0.22, is_filled=True)


def drawable(chart: Chart, curve: Curve) -> Curve:
    """The points of a curve that are on the chart. A loss that overflowed is not, nor what a torn history misplaces."""
    is_there = np.isfinite(curve.y) & (curve.x <= x_range(chart)[1])
    return Curve(curve.x[is_there], curve.y[is_there])


def margins(chart: Chart) -> dict[str, float]:
    """Pixels around the curves: `l`, `r`, `t`, `b`."""
    room: dict[str, float] = dict(MARGIN)
    if labels := [line.label for line in chart.lines if line.label]:
        room["r"] = 18 + LETTER * (max(map(len, labels)) + 2 * chart.has_bullets)
    if chart.legend == "above":
        room["t"] += LEGEND_HEIGHT
    elif chart.legend == "below":
        room["b"] += rows_below(chart)
    return room


def rows_below(chart: Chart) -> int:
    """Pixels that the legend below takes, two entries a row."""
    return ROW_BELOW * -(-sum(line.in_legend for line in chart.lines) // 2)


def x_range(chart: Chart) -> tuple[float, float]:
    """The ends of the horizontal axis."""
    return 0.0, X_AIR * chart.x_end


def x_step(chart: Chart) -> float:
    """From one number on the horizontal axis to the next. No half epochs; else as Plotly does it with `nticks`."""
    if chart.x_title == "epoch":
        return max(1, -(-int(chart.x_end) // MAX_TICKS))
    least = x_range(chart)[1] / MAX_TICKS
    power = 10.0 ** math.floor(math.log10(least))
    return power * next(nice for nice in (2, 5, 10) if least <= nice * power)


def endings(chart: Chart) -> list[Ending]:
    """The names of curves where they end, pushed apart where two would touch; the lowest first."""
    curves = {line: drawable(chart, line.curve) for line in chart.lines if line.label}
    ended = [
        (line, float(curve.x[-1]), float(chart.scale.place(curve.y[-1:])[0]))
        for line, curve in curves.items()
        if len(curve.x)
    ]
    (low, high), room = chart.scale.range, margins(chart)
    pixels = (chart.height - room["t"] - room["b"]) / (high - low)
    written, taken = [], -math.inf
    for line, x, y in sorted(ended, key=lambda end: end[2]):
        shift = max(0.0, taken + NAMES_APART - y * pixels)
        taken = y * pixels + shift
        written.append(Ending(line.label, line.colour, x, y, shift))
    return written


def legend_entries(chart: Chart) -> list[Entry]:
    """The legend above the curves: rows of two, which a phone has room for."""
    shown = [line for line in chart.lines if line.in_legend] if chart.legend == "above" else []
    column = LETTER * (max((len(line.name) for line in shown[::LEGEND_COLUMNS]), default=0) + 4)
    rows = -(-len(shown) // LEGEND_COLUMNS)
    return [
        Entry(
            line.name, line.colour, "●" if line.dash == "solid" else "– –",
            right=column * (at % LEGEND_COLUMNS),
            up=LEGEND_FOOT + NAMES_APART * (rows - 1 - at // LEGEND_COLUMNS),
        )
        for at, line in enumerate(shown)
    ]  # fmt: skip
