"""What holds for every figure: readable in both lightings, and the same wherever it is shown."""

import json
import re

import numpy as np
import pytest
from histories import history

from mnist_core.figures.class_scores import class_scores_figure
from mnist_core.figures.comparison import comparison_figure
from mnist_core.figures.confusion import confusion_figure
from mnist_core.figures.learning_curves import accuracy_figure, loss_figure
from mnist_core.figures.palette import ON_DARK
from mnist_core.figures.probabilities import probabilities_figure
from mnist_core.runs.history import History
from mnist_core.types import ClassScore


def every_figure() -> list:
    runs = {f"run {k}": history(200) for k in range(10)}
    return [
        loss_figure(history(200)),
        accuracy_figure(history(200)),
        comparison_figure(runs, "loss", "step"),
        comparison_figure(dict(list(runs.items())[:2]), "loss", "step"),
        confusion_figure(np.eye(10, dtype=int), normalised=True, mute_diagonal=True, selected=(1, 2)),
        confusion_figure(np.eye(10, dtype=int), normalised=True, mute_diagonal=False),
        probabilities_figure(np.eye(10)[3], 3),
        class_scores_figure([ClassScore(1, 0.9, 0.8, 0.85, 10)]),
        loss_figure(History()),
    ]


@pytest.mark.parametrize("fig", every_figure())
def test_every_colour_of_a_figure_has_its_place_on_the_dark_ground(fig) -> None:
    colours = set(re.findall(r"#[0-9a-fA-F]{3,8}\b", fig.to_json()))
    assert colours
    assert colours <= set(ON_DARK)


@pytest.mark.parametrize("fig", every_figure())
def test_no_figure_depends_on_a_template_that_streamlit_sets(fig) -> None:
    assert json.loads(fig.to_json())["layout"]["template"] in ({}, {"data": {"scatter": [{"type": "scatter"}]}})
