"""A chart of curves as plotly.js reads it: unchecked, so made in a tenth of the time a `go.Figure` takes."""

import base64
import json
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mnist_core.figures.axis_ranges import Scale
from mnist_core.figures.chart import (
    MAX_TICKS,
    NAME_BESIDE,
    NAME_SIZE,
    Chart,
    Dots,
    Ending,
    Entry,
    Line,
    endings,
    legend_entries,
    margins,
    x_range,
    x_step,
)
from mnist_core.figures.palette import INK
from mnist_core.figures.sheet import legend_below, note_text, sheet_layout
from mnist_core.runs.curves import Curve

ENDING = "ending"  # what names of curves are called, for a screen too narrow for them (plotly_view.js)


def plotly_figure(chart: Chart) -> go.Figure:
    """The chart as a figure, checked."""
    return go.Figure(plotly_drawing(chart))


def plotly_json(chart: Chart) -> str:
    """What plotly.js reads, on one line; arrays in its binary form, as float32: no screen shows the difference."""
    return json.dumps(plotly_drawing(chart), default=_typed_array, separators=(",", ":"), allow_nan=False)


def plotly_drawing(chart: Chart) -> dict[str, Any]:
    """The chart as Plotly's data and layout; arrays are NumPy's. `layout.meta.step` says up to which step it goes."""
    return {"data": [_trace(chart, line) for line in chart.lines], "layout": _layout(chart)}


def _layout(chart: Chart) -> dict[str, Any]:
    layout = sheet_layout(chart.height)
    layout["margin"] = margins(chart)
    _add_axes(layout, chart)
    layout["annotations"] = [
        *(_ending(name, bullet=chart.has_bullets) for name in endings(chart)),
        *(_entry(entry) for entry in legend_entries(chart)),
        *([note_text(chart.note)] if chart.note else []),
    ]
    if chart.legend == "below":
        layout["showlegend"], layout["legend"] = True, legend_below()
    if chart.marked is not None:
        line = {"color": INK, "width": 1, "dash": "dot"}
        across = {"type": "line", "x0": chart.marked, "x1": chart.marked, "y0": 0, "y1": 1, "yref": "y domain"}
        layout["shapes"] = [{**across, "line": line}]
    if not chart.can_zoom:
        layout["dragmode"] = False
    if chart.tells_all:
        layout["hovermode"] = "x unified"
    if chart.step is not None:
        layout["meta"] = {"step": chart.step}
    return layout


def _add_axes(layout: dict[str, Any], chart: Chart) -> None:
    x_axis, y_axis = layout["xaxis"], layout["yaxis"]
    x_axis.update(range=list(x_range(chart)), showgrid=False, hoverformat=chart.x_format)
    x_axis.update({"tick0": 0, "dtick": x_step(chart)} if chart.x_title == "epoch" else {"nticks": MAX_TICKS})
    x_axis["title"]["text"], y_axis["title"]["text"] = chart.x_title, chart.scale.title
    y_axis.update(
        tickvals=chart.scale.place(chart.scale.ticks).tolist(), ticktext=list(chart.scale.labels),
        range=list(chart.scale.range),
    )  # fmt: skip


def _trace(chart: Chart, line: Line) -> dict[str, Any]:
    curve = line.curve
    modes = [*(["lines"] if line.width else []), *(["markers"] if line.dots else [])]
    return {
        "type": "scatter",
        "x": curve.x,
        "y": chart.scale.place(curve.y),
        "mode": "+".join(modes),
        "line": {"color": line.colour, "width": line.width, **({} if line.dash == "solid" else {"dash": line.dash})},
        **({"marker": _marker(line.dots, line.colour), "cliponaxis": not line.dots.ring} if line.dots else {}),
        **({"fill": "toself", "fillcolor": line.colour} if line.is_filled else {}),
        "opacity": line.opacity,
        "name": escape(line.name),
        "showlegend": line.in_legend and chart.legend == "below",
        **_told(chart.scale, curve, line.name),
    }


def _marker(dots: Dots, colour: str) -> dict[str, Any]:
    return {"size": dots.size, "color": dots.fill or colour, "line": {"color": colour, "width": dots.ring}}


def _told(scale: Scale, curve: Curve, name: str) -> dict[str, Any]:
    """What is said when a curve is pointed at."""
    if not name:
        return {"hoverinfo": "skip"}
    written = "%{customdata:.2f} %" if scale.quantity == "accuracy" else "%{customdata:.3f}"
    return {
        "customdata": curve.y * (100 if scale.quantity == "accuracy" else 1),
        "hovertemplate": f"%{{fullData.name}} {written}<extra></extra>",
    }


def _ending(ending: Ending, *, bullet: bool) -> dict[str, Any]:
    text = escape(ending.name)
    return {
        "name": ENDING,
        "x": ending.x,
        "y": ending.y,
        "text": f"{_coloured('●', ending.colour)} {text}" if bullet else text,
        "showarrow": False,
        "xanchor": "left",
        "xshift": NAME_BESIDE,
        "yshift": ending.shift,
        "font": {"color": INK if bullet else ending.colour, "size": NAME_SIZE},
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "x": 0,
        "y": 1,
        "xref": "paper",
        "yref": "paper",
        "text": f"{_coloured(entry.mark, entry.colour)} {escape(entry.name)}",
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "bottom",
        "xshift": entry.right,
        "yshift": entry.up,
        "borderpad": 0,
        "font": {"color": INK, "size": NAME_SIZE},
    }


def _coloured(mark: str, colour: str) -> str:
    return f'<span style="color:{colour}">{mark}</span>'


def _typed_array(array: np.ndarray) -> dict[str, str]:
    return {"dtype": "f4", "bdata": base64.b64encode(array.astype("<f4").tobytes()).decode()}
