"""What is drawn where a chart will stand, for as long as the browser has no Plotly."""

import json
import re
from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.figures.figures import comparison_figure, confusion_figure, loss_figure
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from pages.components.shared import sketch as sketching
from pages.components.shared.sketch import sketch


def learned(steps: int, *, loss: float = 2.3) -> History:
    history = History(steps_per_epoch=10, planned_epochs=steps // 10)
    for step in range(1, steps + 1):
        history.step.append(step)
        history.step_loss.append(loss / step)
        history.step_accuracy.append(1 - 1 / (1 + step))
        history.step_seconds.append(step / 100)
    return history


def drawn(figure: go.Figure) -> str:
    return sketch(figure.to_json(), 340)


def test_every_curve_is_sketched_from_its_first_point_to_its_last() -> None:
    paths = re.findall(r'class="curve" d="M([^"]*)"', drawn(loss_figure(learned(50))))
    assert paths
    for path in paths:
        ends = [float(point.split()[0]) for point in (path.split("L")[0], path.split("L")[-1])]
        assert ends[0] < 40  # of 1000: the first of 50 steps
        assert ends[1] == pytest.approx(1000 / 1.015, abs=1)


def test_points_that_are_not_numbers_are_left_out() -> None:
    figure = go.Figure(loss_figure(learned(50)))
    figure.data[0].y = [*figure.data[0].y[:-1], None]
    assert "nan" not in drawn(figure)


def test_names_of_runs_are_shown_and_not_obeyed() -> None:
    hostile = '<img src=x onerror="boom()"> $x$ #ff0000\n\n# heading'
    html = drawn(comparison_figure({hostile: learned(20)}, "loss", "step"))
    assert "<img" not in html
    assert "\n\n" not in html  # where HTML would end and Markdown begin
    assert "light-dark(#ff0000" not in html


def test_what_are_no_curves_is_not_sketched() -> None:
    assert drawn(confusion_figure(np.eye(10), normalised=False, mute_diagonal=False)) == ""
    assert drawn(go.Figure(go.Scatter(x=[1, 2], y=[3, 4]))) == ""


def test_a_page_of_a_browser_that_has_the_library_is_not_sketched(
    open_page: Callable[..., AppTest], trained_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sketches(at: AppTest) -> list[str]:
        return [element.value for element in at.markdown if 'class="sketch"' in element.value]

    at = open_page("train")
    assert len(sketches(at)) == 2
    monkeypatch.setattr(sketching, "LOADED_SECONDS", 0.0)
    assert sketches(at.run()) == []
    assert json.loads(at.get("bidi_component")[0].proto.json)["fig"]
