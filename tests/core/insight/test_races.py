"""Races against the recorded trainings of presets; and whether what is recorded is of today's presets."""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pytest

from mnist_core.figures.chart import legend_entries, x_range
from mnist_core.figures.race import race_chart
from mnist_core.format import duration
from mnist_core.insight import races
from mnist_core.insight.races import Finish, Reference, Standing
from mnist_core.networks.config import ModelConfig
from mnist_core.runs.events import Step
from mnist_core.runs.history import History
from mnist_core.runs.run import Run
from mnist_core.training import presets
from mnist_core.training.config import TrainConfig
from mnist_core.training.presets import Preset
from mnist_core.types import EpochEnd

RECORD_ANEW = "the presets are others by now: record anew with `python -m benchmarks.reference`"
KINDS = ("mlp", "cnn")


@pytest.fixture(params=KINDS)
def recorded(request: pytest.FixtureRequest) -> Reference:
    return next(known for known in races.references() if known.kind == request.param)


def with_settings(run: Run, preset: Preset, **changed: Any) -> Run:
    return replace(run, **{"dataset": "mnist", "model": preset.model, "train": preset.train, **changed})


def training(reference: Reference, *, pace: float = 1.0, steps: int | None = None, accuracy: float = 0.995) -> History:
    """A run that takes `pace` times as long as the reference over so many of its steps, by default all."""
    history = History(steps_per_epoch=int(max(reference.step)) // len(reference.epoch_seconds))
    history.planned_epochs = len(reference.epoch_seconds)
    for step in range(1, (steps or history.total_steps) + 1):
        seconds = pace * float(np.interp(step, [0, *reference.step], [0, *reference.seconds]))
        values = {"step": step, "loss": 0.5, "accuracy": 0.9, "learning_rate": 0.1, "images": 10}
        history.add(Step(time=1.0, elapsed=seconds, **values))
    if steps is None:
        for epoch, seconds in enumerate(reference.epoch_seconds, start=1):
            history.epochs.append(EpochEnd(epoch, epoch, 0.1, 0.9, 0.1, accuracy))
            history.epoch_seconds.append(pace * seconds)
    return history


def test_what_is_recorded_is_of_the_presets_there_are() -> None:
    known = {(reference.preset, reference.kind): dict(reference.settings) for reference in races.references()}
    there = {(name, of): preset for name, kind in presets.PRESETS.items() for of, preset in kind.of_network.items()}
    assert set(known) == set(there), RECORD_ANEW
    for key, preset in there.items():
        assert known[key] == json.loads(json.dumps(presets.settings_of(preset))), RECORD_ANEW


def test_a_recorded_training_is_whole_and_within_bounds(recorded: Reference) -> None:
    columns = [recorded.step, recorded.seconds, recorded.accuracy]
    assert len({len(column) for column in columns}) == 1
    assert 20 <= len(recorded.step) <= 64
    for rising in (recorded.step, recorded.seconds, recorded.epoch_seconds):
        assert np.all(np.diff([0, *rising]) > 0)
    assert 0 < max(recorded.seconds) < max(recorded.epoch_seconds) < 600
    assert all(0 <= value <= 1 for value in [*recorded.accuracy, *recorded.validation_accuracy])
    epochs = recorded.settings["epochs"]
    assert len(recorded.epoch_seconds) == len(recorded.validation_accuracy) == epochs


def test_a_recorded_training_says_where_when_and_out_of_how_many_it_is(recorded: Reference) -> None:
    assert recorded.machine
    assert recorded.threads >= 1
    assert {"python", "torch", "numpy"} <= set(recorded.versions)
    assert datetime.fromisoformat(recorded.created).tzinfo
    assert recorded.load is None or recorded.load >= 0
    assert len(recorded.finishes) >= 3
    assert races.middle_of(recorded.finishes) == Finish(
        recorded.seed, recorded.arrival, max(recorded.validation_accuracy)
    )
    assert recorded.spread >= 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_with_a_presets_settings_races_its_reference_whatever_its_seed(run: Run, kind: str) -> None:
    preset = presets.preset("fastest", kind)
    train = replace(preset.train, seed=17, precision="float32", device="cpu", keep_epochs=True)
    reference = races.reference_of(with_settings(run, preset, train=train))
    assert reference is not None
    assert reference.kind == kind
    assert reference.target == preset.target


@pytest.mark.parametrize(
    "changed",
    [
        {"train": TrainConfig()},
        {"dataset": "digits"},
        {"dataset": "people", "model": ModelConfig("mlp", refuses=True)},
        {"model": ModelConfig("mlp", hidden=(64,))},
        {"extended_by": (2,)},
        {"base": "20261123-142023-mlp-wctm"},
    ],
)
def test_any_other_run_races_nobody(run: Run, changed: dict[str, Any]) -> None:
    assert races.reference_of(with_settings(run, presets.preset("fastest", "mlp"), **changed)) is None


def test_until_the_target_the_lead_is_that_at_the_latest_step(recorded: Reference) -> None:
    half = int(recorded.step[-1]) // 2
    there = float(np.interp(half, recorded.step, recorded.seconds))
    for pace, word in ((0.5, "ahead"), (3.0, "behind")):
        now = races.standing(training(recorded, pace=pace, steps=half), recorded)
        assert now.arrival is None
        assert now.lead == pytest.approx(there * (1 - pace))
        assert now.words == f"{word} by {duration(abs(now.lead))}"


def test_at_the_target_the_lead_is_that_of_both_arrivals(recorded: Reference) -> None:
    now = races.standing(training(recorded, pace=2.0), recorded)
    assert now.arrival == pytest.approx(2 * recorded.epoch_seconds[0])
    assert now.lead == pytest.approx(recorded.arrival - now.arrival)


def test_an_accuracy_below_the_target_is_no_arrival_and_just_at_it_is(recorded: Reference) -> None:
    for accuracy, arrived in ((recorded.target - 0.0002, False), (recorded.target, True)):
        history = training(recorded, accuracy=accuracy)
        assert (races.standing(history, recorded).arrival is not None) == arrived


def test_before_the_first_step_nobody_is_ahead(recorded: Reference) -> None:
    assert races.standing(History(), recorded).words == "level"


@pytest.mark.parametrize(
    ("lead", "words"), [(0.04, "level"), (-0.04, "level"), (0.2, "ahead by 0.2 s"), (-130.0, "behind by 2 min 10 s")]
)
def test_a_lead_that_is_not_seen_in_a_tenth_of_a_second_is_level(lead: float, words: str) -> None:
    assert Standing(3.0, lead).words == words


@pytest.mark.parametrize(("seconds", "middle"), [([3.0, 1.0, 2.0], 2), ([None, 5.0, 4.0], 1), ([None, None, 1.0], 0)])
def test_the_middle_seed_counts_those_that_never_came_as_last(seconds: list[float | None], middle: int) -> None:
    finishes = [Finish(seed, value, 0.98) for seed, value in enumerate(seconds)]
    assert races.middle_of(finishes).seconds == seconds[middle]


def test_a_history_is_thinned_as_a_run_is_drawn(recorded: Reference) -> None:
    history = training(recorded)
    thin = races.thinned(history)
    assert len(thin["step"]) == len(thin["seconds"]) <= 64
    assert thin["epoch_seconds"] == pytest.approx(recorded.epoch_seconds)
    drawn = race_chart(history, recorded).lines[2].curve.x
    assert thin["seconds"] == pytest.approx(drawn, abs=1e-3)


def test_the_drawing_has_both_and_its_axis_holds_still(recorded: Reference) -> None:
    few = race_chart(training(recorded, steps=10), recorded)
    all_ = race_chart(training(recorded), recorded)
    assert x_range(few) == x_range(all_)
    assert few.step == 10
    assert len(few.lines[0].curve.x) == len(all_.lines[0].curve.x) == len(recorded.step)
    assert 0 < len(few.lines[2].curve.x) < len(all_.lines[2].curve.x)


def test_a_slow_run_stays_within_its_axis(recorded: Reference) -> None:
    history = training(recorded, pace=7.0)
    assert x_range(race_chart(history, recorded))[1] >= history.elapsed_seconds


def test_before_the_first_step_the_reference_is_there_already(recorded: Reference) -> None:
    chart = race_chart(History(), recorded)
    assert len(chart.lines[0].curve.x) == len(recorded.step)
    assert len(chart.lines[2].curve.x) == 0
    names = [entry.name for entry in legend_entries(chart)]
    assert names == ["reference", "you", "validation", f"target {100 * recorded.target:g} %"], "and the legend is whole"
