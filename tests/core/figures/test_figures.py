"""Figures hold still while data come, say what they show, and stay readable in both lightings."""

import json
import re

import numpy as np
import pytest

from mnist_core.figures import figures
from mnist_core.figures.palette import ON_DARK
from mnist_core.runs.curves import MAX_POINTS, group_means, group_width, step_positions, training_curve
from mnist_core.runs.history import History
from mnist_core.types import ClassScore, EpochEnd


def history(steps: int, *, planned: int = 4, per_epoch: int = 100) -> History:
    """A run of `steps` steps whose loss falls and whose accuracy rises."""
    made = History(steps_per_epoch=per_epoch, planned_epochs=planned)
    for step in range(1, steps + 1):
        made.step.append(step)
        made.step_loss.append(2.3 / (1 + step / 20))
        made.step_accuracy.append(1 - 0.9 / (1 + step / 20))
        made.step_seconds.append(step / 50)
        if step % per_epoch == 0:
            made.epochs.append(EpochEnd(step // per_epoch, step, 0.3, 0.9, 20 / step, 1 - 4 / step))
            made.epoch_seconds.append(step / 50)
    return made


def texts(fig) -> list[str]:
    return [annotation.text for annotation in fig.layout.annotations]


def trace(fig, name: str):
    return next(trace for trace in fig.data if trace.name == name)


def test_group_means_are_means_of_consecutive_groups() -> None:
    assert group_means(np.array([1.0, 3.0, 5.0, 7.0, 9.0]), 2).tolist() == [2.0, 6.0, 9.0]
    assert group_means(np.array([]), 4).tolist() == []


@pytest.mark.parametrize(("steps", "most", "width"), [(1, 1000, 1), (1000, 1000, 1), (1001, 1000, 2), (9000, 1000, 16)])
def test_group_width_is_the_smallest_power_of_two_that_fits(steps: int, most: int, width: int) -> None:
    assert group_width(steps, most) == width


def test_a_drawn_point_never_moves_while_the_curve_grows() -> None:
    full = history(4000, planned=10, per_epoch=1000)
    for done in (1, 15, 16, 17, 1000, 3999):
        part = history(done, planned=10, per_epoch=1000)
        positions = step_positions(part, "epoch")
        short = training_curve(part, part.step_loss.values, positions, most=MAX_POINTS)
        long = training_curve(full, full.step_loss.values, step_positions(full, "epoch"), most=MAX_POINTS)
        whole_groups = done // group_width(10_000, MAX_POINTS)
        assert np.array_equal(short.x[:whole_groups], long.x[:whole_groups])
        assert np.array_equal(short.y[:whole_groups], long.y[:whole_groups])


def test_no_curve_has_more_than_a_thousand_points() -> None:
    fig = figures.loss_figure(history(30_000, planned=10, per_epoch=3000))
    assert 500 < max(len(trace.x) for trace in fig.data) <= 1000


def test_a_history_that_is_just_being_appended_to_can_be_drawn() -> None:
    torn = history(50)
    torn.step.append(51)
    torn.epochs.append(EpochEnd(1, 50, 0.3, 0.9, 0.2, 0.95))
    torn.epoch_seconds.clear()
    for fig in (figures.loss_figure(torn), figures.comparison_figure({"torn": torn}, "accuracy", "time")):
        assert max(len(trace.x) for trace in fig.data) > 1


@pytest.mark.parametrize("figure", [figures.loss_figure, figures.accuracy_figure])
def test_both_axes_stand_still_from_the_first_step_to_the_last(figure) -> None:
    ranges = {
        (tuple(fig.layout.xaxis.range), tuple(fig.layout.yaxis.range))
        for fig in (figure(history(steps)) for steps in (0, 1, 99, 100, 400))
    }
    assert len(ranges) == 1


@pytest.mark.parametrize("figure", [figures.loss_figure, figures.accuracy_figure])
def test_an_empty_history_gives_titled_axes_and_a_note(figure) -> None:
    fig = figure(History())
    assert fig.layout.xaxis.title.text == "epoch"
    assert fig.layout.yaxis.title.text in ("loss (nats)", "accuracy (%)")
    assert texts(fig) == ["Nothing measured yet"]


def test_curves_are_named_where_they_end_and_the_names_do_not_touch() -> None:
    close = history(100)
    close.epochs[0] = EpochEnd(1, 100, 0.3, 0.9, close.step_loss[-1], 0.9)
    fig = figures.loss_figure(close)
    assert sorted(texts(fig)) == ["training", "validation"]
    low, high = fig.layout.yaxis.range
    pixels = (fig.layout.height - fig.layout.margin.t - fig.layout.margin.b) / (high - low)
    first, second = (note.y * pixels + note.yshift for note in fig.layout.annotations)
    assert abs(first - second) >= 16


def test_a_loss_beyond_the_usual_lengthens_the_axis() -> None:
    wild = history(50)
    wild.step_loss[:] = [400.0] * 50
    fig = figures.loss_figure(wild)
    assert fig.layout.yaxis.range[1] >= np.log10(400)


@pytest.mark.parametrize("figure", [figures.loss_figure, figures.accuracy_figure])
def test_a_perfect_run_stays_on_the_sheet(figure) -> None:
    perfect = history(100)
    perfect.step_loss[:] = [0.0] * 100
    perfect.step_accuracy[:] = [1.0] * 100
    perfect.epochs[0] = EpochEnd(1, 100, 0.0, 1.0, 0.0, 1.0)
    fig = figure(perfect)
    low, high = fig.layout.yaxis.range
    for line in fig.data:
        assert np.isfinite(line.y).all()
        assert low <= min(line.y)
        assert max(line.y) <= high


def test_pointing_at_a_curve_tells_the_value_and_not_its_place_on_the_axis() -> None:
    fig = figures.accuracy_figure(history(400))
    assert trace(fig, "validation").customdata[-1] == pytest.approx(99.0)
    assert trace(fig, "validation").hovertemplate.startswith("%{fullData.name} %{customdata:.2f} %")


@pytest.mark.parametrize(("by", "end"), [("epoch", 6), ("step", 600), ("time", 12.0)])
def test_a_comparison_reaches_to_the_end_of_its_longest_run(by, end: float) -> None:
    fig = figures.comparison_figure({"short": history(200), "long": history(600, planned=6)}, "loss", by)
    assert fig.layout.xaxis.range[1] == pytest.approx(1.015 * end)


def test_long_trainings_are_compared_in_minutes() -> None:
    slow = history(400)
    slow.step_seconds[:] = [step * 2.0 for step in slow.step]
    slow.epoch_seconds[:] = [epoch.step * 2.0 for epoch in slow.epochs]
    fig = figures.comparison_figure({"slow": slow}, "loss", "time")
    assert fig.layout.xaxis.title.text == "training time (min)"
    assert trace(fig, "slow").x[-1] == pytest.approx(400 * 2 / 60)


def test_few_runs_are_named_at_their_curves_and_many_in_a_legend() -> None:
    few = figures.comparison_figure({f"run {k}": history(200) for k in range(4)}, "accuracy", "epoch")
    many = figures.comparison_figure({f"run {k}": history(200) for k in range(8)}, "accuracy", "epoch")
    assert not few.layout.showlegend
    assert len(texts(few)) == 4
    assert many.layout.showlegend
    assert not texts(many)
    assert many.layout.height > few.layout.height


def test_a_run_s_name_is_shown_as_written() -> None:
    fig = figures.comparison_figure({"<b>5 & 6</b>": history(200)}, "loss", "epoch")
    assert fig.data[-1].name == "&lt;b&gt;5 &amp; 6&lt;/b&gt;"
    assert texts(fig)[0].endswith("&lt;b&gt;5 &amp; 6&lt;/b&gt;")


def test_a_comparison_of_nothing_says_so() -> None:
    assert texts(figures.comparison_figure({}, "loss", "epoch")) == ["No run is chosen."]
    assert texts(figures.comparison_figure({"new": History()}, "loss", "epoch")) == ["Nothing has been measured yet."]


@pytest.fixture
def matrix() -> np.ndarray:
    made = np.diag(np.full(10, 90))
    made[4, 9] = 10
    return made


def test_confusion_rows_are_true_labels_from_the_top(matrix: np.ndarray) -> None:
    fig = figures.confusion_figure(matrix, normalised=False, mute_diagonal=False)
    assert fig.layout.yaxis.title.text == "true digit"
    assert fig.layout.xaxis.title.text == "predicted digit"
    assert fig.layout.yaxis.range[0] > fig.layout.yaxis.range[1]
    assert fig.data[0].z[4][9] == 10
    assert fig.data[0].text[4][9] == "10"
    assert fig.data[0].text[9][4] == ""


def test_shares_are_percent_of_each_true_digit(matrix: np.ndarray) -> None:
    fig = figures.confusion_figure(matrix, normalised=True, mute_diagonal=False)
    assert fig.data[0].text[4][9] == "10.0"
    assert fig.data[0].text[4][4] == "90.0"
    assert fig.data[0].text[0][0] == "100.0"


def test_muting_the_diagonal_gives_the_colours_to_the_errors_and_keeps_the_numbers(matrix: np.ndarray) -> None:
    fig = figures.confusion_figure(matrix, normalised=False, mute_diagonal=True)
    assert fig.data[0].zmax == 10
    assert fig.data[0].z[0][0] == 0
    assert texts(fig) == ["90"] * 10


def test_the_chosen_cell_is_framed(matrix: np.ndarray) -> None:
    (frame,) = figures.confusion_figure(matrix, normalised=False, mute_diagonal=True, selected=(4, 9)).layout.shapes
    assert (frame.x0 + frame.x1) / 2 == 9
    assert (frame.y0 + frame.y1) / 2 == 4


@pytest.mark.parametrize("made", [np.zeros((10, 10), dtype=int), np.diag(np.full(10, 5))])
def test_a_matrix_without_errors_or_images_can_be_drawn(made: np.ndarray) -> None:
    for normalised in (False, True):
        fig = figures.confusion_figure(made, normalised=normalised, mute_diagonal=True)
        assert np.isfinite(fig.data[0].z).all()
        assert fig.data[0].zmax > 0


def test_only_the_predicted_digit_is_in_the_accent() -> None:
    fig = figures.probabilities_figure(np.array([0.0, 0.02, 0, 0, 0, 0, 0, 0.93, 0.05, 0]), 7)
    assert [label for label in range(10) if fig.data[0].marker.color[label] == figures.ACCENT] == [7]
    assert list(fig.data[0].text) == ["", "2", "", "", "", "", "", "93", "5", ""]


def test_no_digit_is_in_the_accent_where_none_is_meant() -> None:
    fig = figures.probabilities_figure(np.full(10, 0.1), None)
    assert set(fig.data[0].marker.color) == {figures.MUTED}
    assert texts(fig) == []


def test_no_ink_is_said_where_probabilities_would_stand() -> None:
    assert texts(figures.probabilities_figure(np.zeros(10), None)) == ["There is no ink to read."]


def test_class_scores_show_precision_and_recall_of_each_digit() -> None:
    scores = [ClassScore(label, 0.99, 0.97 + label / 1000, 0.98, 100) for label in range(10)]
    fig = figures.class_scores_figure(scores)
    assert list(trace(fig, "recall").x) == pytest.approx([97 + label / 10 for label in range(10)])
    assert list(trace(fig, "precision").x) == pytest.approx([99.0] * 10)
    assert texts(figures.class_scores_figure([])) == ["Nothing has been evaluated yet."]


def every_figure() -> list:
    runs = {f"run {k}": history(200) for k in range(10)}
    return [
        figures.loss_figure(history(200)),
        figures.accuracy_figure(history(200)),
        figures.comparison_figure(runs, "loss", "step"),
        figures.comparison_figure(dict(list(runs.items())[:2]), "loss", "step"),
        figures.confusion_figure(np.eye(10, dtype=int), normalised=True, mute_diagonal=True, selected=(1, 2)),
        figures.confusion_figure(np.eye(10, dtype=int), normalised=True, mute_diagonal=False),
        figures.probabilities_figure(np.eye(10)[3], 3),
        figures.class_scores_figure([ClassScore(1, 0.9, 0.8, 0.85, 10)]),
        figures.loss_figure(History()),
    ]


@pytest.mark.parametrize("fig", every_figure())
def test_every_colour_of_a_figure_has_its_place_on_the_dark_ground(fig) -> None:
    colours = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", fig.to_json()))
    assert colours
    assert colours <= set(ON_DARK)


@pytest.mark.parametrize("fig", every_figure())
def test_no_figure_depends_on_a_template_that_streamlit_sets(fig) -> None:
    assert json.loads(fig.to_json())["layout"]["template"] in ({}, {"data": {"scatter": [{"type": "scatter"}]}})


def test_the_mark_stands_on_the_chosen_epoch() -> None:
    fig = figures.accuracy_at_figure(history(300), 2)
    assert fig.layout.shapes[0].x0 == fig.layout.shapes[0].x1 == 2
    assert list(fig.data[1].x) == [2]
    assert fig.data[1].y[0] == fig.data[0].y[1]


def test_matrices_with_one_strongest_colour_can_be_compared() -> None:
    matrix = np.eye(10, dtype=int) * 5
    matrix[3, 5] = 2
    fig = figures.confusion_figure(matrix, normalised=False, mute_diagonal=True, strongest=40)
    assert fig.data[0].zmax == 40


def test_several_seeds_are_their_mean_in_a_band_from_the_lowest_to_the_highest() -> None:
    one, two = history(300), history(200)
    two.epochs[:] = [EpochEnd(n, 100 * n, 0.3, 0.9, 0.5, 0.9) for n in (1, 2)]
    fig = figures.comparison_figure({"wide, 2 seeds": [one, two], "single": history(100)}, "loss", "epoch")
    mean, [band] = trace(fig, "wide, 2 seeds"), [trace for trace in fig.data if trace.fill == "toself"]
    assert mean.x.tolist() == [1, 2, 3]
    assert mean.customdata.tolist() == pytest.approx([(0.2 + 0.5) / 2, (0.1 + 0.5) / 2, 20 / 300])
    assert band.x.tolist() == [1, 2, 3, 3, 2, 1]
    assert 10**band.y == pytest.approx([0.5, 0.5, 20 / 300, 20 / 300, 0.1, 0.2])
    assert [trace.name for trace in fig.data if trace.name] == ["wide, 2 seeds", "single, training", "single"]


def test_seeds_that_have_no_epoch_yet_are_an_empty_band() -> None:
    fig = figures.comparison_figure({"wide": [history(3), history(0)]}, "accuracy", "time")
    assert not len(trace(fig, "wide").x)
