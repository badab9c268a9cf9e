"""A chart as it is sent to a page: drawn, and as the JSON from which Plotly draws it."""

from dataclasses import dataclass

from mnist_core.figures.chart import Chart
from mnist_core.figures.chart_plotly import plotly_json
from mnist_core.figures.chart_svg import chart_svg


@dataclass(frozen=True)
class Drawing:
    """One chart twice, each on one line."""

    figure: str  # as plotly.js reads it
    svg: str
    height: int  # pixels


def drawing_of(chart: Chart) -> Drawing:
    """Made once and the same text for all who watch."""
    return Drawing(plotly_json(chart), chart_svg(chart), chart.height)
