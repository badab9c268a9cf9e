"""A chart without a program: the same curves in the same places as Plotly's, and nothing in it that could act."""

import re
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest
from histories import history

from mnist_core.figures.chart import Chart, legend_entries
from mnist_core.figures.chart_plotly import plotly_drawing, plotly_json
from mnist_core.figures.chart_svg import GRID, chart_svg
from mnist_core.figures.comparison import comparison_chart
from mnist_core.figures.curve_svg import curve_svg
from mnist_core.figures.learning_curves import accuracy_at_chart, learning_chart
from mnist_core.figures.palette import ON_DARK
from mnist_core.figures.race import race_chart
from mnist_core.insight.races import references
from mnist_core.runs.growable_array import Column
from mnist_core.runs.history import History

HOSTILE = '<img src=x onerror="boom()"> $x$ #ff0000\n\n# heading'


def every_chart() -> list[Chart]:
    runs = {f"run {k}": history(200) for k in range(6)}
    return [
        learning_chart(history(250), "loss"),
        learning_chart(history(250), "accuracy", height=260),
        learning_chart(History(), "loss"),
        accuracy_at_chart(history(300), 2),
        comparison_chart(runs, "loss", "step"),
        comparison_chart({HOSTILE: history(200), "seeds": [history(200), history(100)]}, "accuracy", "time"),
        race_chart(history(200), references()[0]),
        race_chart(History(), references()[0]),
    ]


def points_of(path: Element) -> np.ndarray:
    """(K, 2), on the grid."""
    return np.array([[int(n) for n in pair] for pair in re.findall(r"(-?\d+) (-?\d+)", path.attrib["d"])])


def curves_of(chart: Chart) -> list[np.ndarray]:
    return [points_of(path) for path in fromstring(chart_svg(chart)).iter("path") if path.get("class") == "curve"]


def on_grid(drawing: dict[str, Any], trace: dict[str, Any]) -> np.ndarray:
    """Where Plotly's points lie, (K, 2)."""
    (left, right), (low, high) = drawing["layout"]["xaxis"]["range"], drawing["layout"]["yaxis"]["range"]
    return GRID * np.stack([(trace["x"] - left) / (right - left), (high - trace["y"]) / (high - low)], axis=1)


@pytest.mark.parametrize("chart", every_chart())
def test_every_curve_has_the_points_that_plotly_s_has(chart: Chart) -> None:
    drawing = plotly_drawing(chart)
    traces = [trace for trace in drawing["data"] if "lines" in trace["mode"] and len(trace["x"])]
    drawn = curves_of(chart)
    assert len(drawn) == len(traces)
    for path, trace in zip(drawn, traces, strict=True):
        assert path == pytest.approx(on_grid(drawing, trace), abs=0.51)


@pytest.mark.parametrize("chart", every_chart())
def test_a_chart_is_one_element_on_one_line_in_colours_of_both_lightings(chart: Chart) -> None:
    svg = chart_svg(chart)
    assert "\n" not in svg
    assert fromstring(svg).tag == "svg"
    for light, dark in re.findall(r"light-dark\((#\w+), (#\w+)\)", svg):
        assert ON_DARK[light] == dark
    assert not re.search(r"\bnan\b", svg)


def test_a_curve_goes_from_its_first_point_to_its_last() -> None:
    for points in curves_of(learning_chart(history(400), "loss")):
        assert points[0, 0] < 0.3 * GRID
        assert points[-1, 0] == pytest.approx(GRID / 1.015, abs=0.01 * GRID)


def test_points_that_are_not_numbers_are_left_out() -> None:
    torn = history(50)
    torn.step_loss = Column(float, [*torn.step_loss[:-1], float("nan")])
    chart = learning_chart(torn, "loss")
    assert [len(points) for points in curves_of(chart)] == [49, 6]
    assert len(plotly_json(chart)) > 0
    assert not re.search(r"\bnan\b", chart_svg(chart))


def test_a_history_that_lost_its_beginning_stays_on_the_sheet() -> None:
    torn = history(400)
    torn.steps_per_epoch = torn.planned_epochs = 0
    for points in curves_of(learning_chart(torn, "loss")):
        assert (points[:, 0] <= GRID).all()


def test_names_of_runs_are_shown_and_not_obeyed() -> None:
    svg = chart_svg(comparison_chart({HOSTILE: history(200)}, "loss", "step"))
    assert "<img" not in svg
    assert "\n" not in svg  # where HTML might end and Markdown begin
    assert "light-dark(#ff0000" not in svg
    assert "&lt;img src=x" in svg


def test_numbers_on_the_axis_are_few_and_round() -> None:
    def numbers(chart: Chart) -> list[str]:
        return [text.text or "" for text in fromstring(chart_svg(chart)).iter("text") if text.get("y") == "100%"][:-1]

    assert numbers(learning_chart(history(0, planned=20), "loss")) == ["0", "3", "6", "9", "12", "15", "18"]
    by_step = comparison_chart({"long": history(200, planned=800)}, "loss", "step")
    assert numbers(by_step) == ["0", "20k", "40k", "60k", "80k"]
    assert plotly_drawing(by_step)["layout"]["xaxis"]["nticks"] == 8


def test_a_legend_above_is_rows_of_two_that_both_drawings_have() -> None:
    chart = race_chart(History(), references()[0])
    entries = legend_entries(chart)
    assert [entry.name for entry in entries[:3]] == ["reference", "you", "validation"]
    assert entries[0].right == entries[2].right < entries[1].right
    assert entries[0].up == entries[1].up > entries[2].up
    svg = chart_svg(chart)
    written = [note["text"] for note in plotly_drawing(chart)["layout"]["annotations"]]
    for entry, text in zip(entries, written, strict=True):
        assert text.endswith(f"</span> {entry.name}")
        assert f"</tspan> {entry.name}</text>" in svg


def test_a_card_s_curves_are_named_for_those_who_cannot_see_them_and_a_page_s_are_not_told_twice() -> None:
    shown = fromstring(curve_svg(history(200), "loss"))
    assert shown.get("role") == "img"
    assert (shown.get("aria-label") or "").startswith("Loss over epochs: train 0.300 in epoch 1")
    assert fromstring(chart_svg(learning_chart(history(200), "loss"))).get("aria-hidden") == "true"
