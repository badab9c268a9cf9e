"""A run's curves hold still while data come, and say what they show."""

import numpy as np
import pytest
from histories import history, texts, trace

from mnist_core.figures.comparison import comparison_figure
from mnist_core.figures.learning_curves import accuracy_at_figure, accuracy_figure, loss_figure
from mnist_core.runs.growable_array import Column
from mnist_core.runs.history import History
from mnist_core.types import EpochEnd


def test_no_curve_has_more_than_a_thousand_points() -> None:
    fig = loss_figure(history(30_000, planned=10, per_epoch=3000))
    assert 500 < max(len(trace.x) for trace in fig.data) <= 1000


def test_a_history_that_is_just_being_appended_to_can_be_drawn() -> None:
    torn = history(50)
    torn.step.append(51)
    torn.epochs.append(EpochEnd(1, 50, 0.3, 0.9, 0.2, 0.95))
    torn.epoch_seconds.clear()
    for fig in (loss_figure(torn), comparison_figure({"torn": torn}, "accuracy", "time")):
        assert max(len(trace.x) for trace in fig.data) > 1


@pytest.mark.parametrize("figure", [loss_figure, accuracy_figure])
def test_both_axes_stand_still_from_the_first_step_to_the_last(figure) -> None:
    ranges = {
        (tuple(fig.layout.xaxis.range), tuple(fig.layout.yaxis.range))
        for fig in (figure(history(steps)) for steps in (0, 1, 99, 100, 400))
    }
    assert len(ranges) == 1


@pytest.mark.parametrize("figure", [loss_figure, accuracy_figure])
def test_an_empty_history_gives_titled_axes_and_a_note(figure) -> None:
    fig = figure(History())
    assert fig.layout.xaxis.title.text == "epoch"
    assert fig.layout.yaxis.title.text in ("loss (nats)", "accuracy (%)")
    assert texts(fig) == ["Nothing measured yet"]


def test_curves_are_named_where_they_end_and_the_names_do_not_touch() -> None:
    close = history(100)
    close.epochs[0] = EpochEnd(1, 100, 0.3, 0.9, close.step_loss[-1], 0.9)
    fig = loss_figure(close)
    assert sorted(texts(fig)) == ["training", "validation"]
    low, high = fig.layout.yaxis.range
    pixels = (fig.layout.height - fig.layout.margin.t - fig.layout.margin.b) / (high - low)
    first, second = (note.y * pixels + note.yshift for note in fig.layout.annotations)
    assert abs(first - second) >= 16


def test_a_loss_beyond_the_usual_lengthens_the_axis() -> None:
    wild = history(50)
    wild.step_loss = Column(float, [400.0] * 50)
    fig = loss_figure(wild)
    assert fig.layout.yaxis.range[1] >= np.log10(400)


@pytest.mark.parametrize("figure", [loss_figure, accuracy_figure])
def test_a_perfect_run_stays_on_the_sheet(figure) -> None:
    perfect = history(100)
    perfect.step_loss = Column(float, [0.0] * 100)
    perfect.step_accuracy = Column(float, [1.0] * 100)
    perfect.epochs[0] = EpochEnd(1, 100, 0.0, 1.0, 0.0, 1.0)
    fig = figure(perfect)
    low, high = fig.layout.yaxis.range
    for line in fig.data:
        assert np.isfinite(line.y).all()
        assert low <= min(line.y)
        assert max(line.y) <= high


def test_pointing_at_a_curve_tells_the_value_and_not_its_place_on_the_axis() -> None:
    fig = accuracy_figure(history(400))
    assert trace(fig, "validation").customdata[-1] == pytest.approx(99.0)
    assert trace(fig, "validation").hovertemplate.startswith("%{fullData.name} %{customdata:.2f} %")


def test_the_mark_stands_on_the_chosen_epoch() -> None:
    fig = accuracy_at_figure(history(300), 2)
    assert fig.layout.shapes[0].x0 == fig.layout.shapes[0].x1 == 2
    assert list(fig.data[1].x) == [2]
    assert fig.data[1].y[0] == fig.data[0].y[1]
