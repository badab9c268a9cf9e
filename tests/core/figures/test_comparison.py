"""Several runs over each other: how far they reach, what they are called, seeds as one."""

import pytest
from histories import history, texts, trace

from mnist_core.figures.comparison import comparison_figure
from mnist_core.runs.growable_array import Column
from mnist_core.runs.history import History
from mnist_core.types import EpochEnd


@pytest.mark.parametrize(("by", "end"), [("epoch", 6), ("step", 600), ("time", 12.0)])
def test_a_comparison_reaches_to_the_end_of_its_longest_run(by, end: float) -> None:
    fig = comparison_figure({"short": history(200), "long": history(600, planned=6)}, "loss", by)
    assert fig.layout.xaxis.range[1] == pytest.approx(1.015 * end)


def test_long_trainings_are_compared_in_minutes() -> None:
    slow = history(400)
    slow.step_seconds = Column(float, [step * 2.0 for step in slow.step])
    slow.epoch_seconds[:] = [epoch.step * 2.0 for epoch in slow.epochs]
    fig = comparison_figure({"slow": slow}, "loss", "time")
    assert fig.layout.xaxis.title.text == "training time (min)"
    assert trace(fig, "slow").x[-1] == pytest.approx(400 * 2 / 60)


def test_few_runs_are_named_at_their_curves_and_many_in_a_legend() -> None:
    few = comparison_figure({f"run {k}": history(200) for k in range(4)}, "accuracy", "epoch")
    many = comparison_figure({f"run {k}": history(200) for k in range(8)}, "accuracy", "epoch")
    assert not few.layout.showlegend
    assert len(texts(few)) == 4
    assert many.layout.showlegend
    assert not texts(many)
    assert many.layout.height > few.layout.height


def test_a_run_s_name_is_shown_as_written() -> None:
    fig = comparison_figure({"<b>5 & 6</b>": history(200)}, "loss", "epoch")
    assert fig.data[-1].name == "&lt;b&gt;5 &amp; 6&lt;/b&gt;"
    assert texts(fig)[0].endswith("&lt;b&gt;5 &amp; 6&lt;/b&gt;")


def test_a_comparison_of_nothing_says_so() -> None:
    assert texts(comparison_figure({}, "loss", "epoch")) == ["No run is selected."]
    assert texts(comparison_figure({"new": History()}, "loss", "epoch")) == ["Nothing has been measured yet."]


def test_several_seeds_are_their_mean_in_a_band_from_the_lowest_to_the_highest() -> None:
    one, two = history(300), history(200)
    two.epochs[:] = [EpochEnd(n, 100 * n, 0.3, 0.9, 0.5, 0.9) for n in (1, 2)]
    fig = comparison_figure({"wide, 2 seeds": [one, two], "single": history(100)}, "loss", "epoch")
    mean, [band] = trace(fig, "wide, 2 seeds"), [trace for trace in fig.data if trace.fill == "toself"]
    assert mean.x.tolist() == [1, 2, 3]
    assert mean.customdata.tolist() == pytest.approx([(0.2 + 0.5) / 2, (0.1 + 0.5) / 2, 20 / 300])
    assert band.x.tolist() == [1, 2, 3, 3, 2, 1]
    assert 10**band.y == pytest.approx([0.5, 0.5, 20 / 300, 20 / 300, 0.1, 0.2])
    assert [trace.name for trace in fig.data if trace.name] == ["wide, 2 seeds", "single, training", "single"]


def test_of_many_runs_the_training_is_left_out_and_the_bands_of_seeds_stay() -> None:
    singles = {f"run {number}": history(100) for number in range(10)}
    fig = comparison_figure({"2 seeds": [history(300), history(200)], **singles}, "loss", "epoch")
    assert [trace.name for trace in fig.data if trace.name] == ["2 seeds", *singles]
    assert [trace.fill for trace in fig.data].count("toself") == 1


def test_seeds_that_have_no_epoch_yet_are_an_empty_band() -> None:
    fig = comparison_figure({"wide": [history(3), history(0)]}, "accuracy", "time")
    assert not len(trace(fig, "wide").x)
