"""What is drawn where a chart will stand, for as long as the browser has no component to draw it."""

from collections.abc import Callable

import pytest
from histories import history
from on_screen import chart
from streamlit.testing.v1 import AppTest

from mnist_core.figures.comparison import comparison_chart
from mnist_core.figures.drawing import drawing_of
from mnist_core.runs.run import Run
from pages.components.shared import sketch as sketching
from pages.components.shared.sketch import sketch


def test_names_of_runs_do_not_end_the_html() -> None:
    hostile = '<img src=x onerror="boom()">\n\n# heading'
    html = sketch(drawing_of(comparison_chart({hostile: history(200)}, "loss", "step")))
    assert "<img" not in html
    assert "\n\n" not in html  # where HTML would end and Markdown begin


def test_a_page_of_a_browser_that_has_the_library_is_not_sketched(
    open_page: Callable[..., AppTest], trained_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sketches(at: AppTest) -> list[str]:
        return [element.value for element in at.markdown if 'class="sketch"' in element.value]

    at = open_page("train")
    assert len(sketches(at)) == 2
    monkeypatch.setattr(sketching, "LOADED_SECONDS", 0.0)
    assert sketches(at.run()) == []
    assert chart(at, "live_loss")["fig"]


def test_what_are_no_curves_is_not_sketched(open_page: Callable[..., AppTest], evaluated_run: Run) -> None:
    at = open_page("evaluate", run=evaluated_run.run_id)
    assert chart(at, "confusion")["fig"]["data"][0]["type"] == "heatmap"
    assert not [element for element in at.markdown if 'class="sketch"' in element.value]
