"""Runs that were really trained, each made to have one illness, and healthy ones; every rule is met by one of them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mnist_core import paths
from mnist_core.datasets import registry
from mnist_core.decode import json_as
from mnist_core.insight.coach import Advice, advise, all_advice
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.events import Event, Failed, Step
from mnist_core.runs.history import FILE, History
from mnist_core.runs.run import Run, load_run
from mnist_core.runs.status import read_history
from mnist_core.training.config import TrainConfig
from mnist_core.training.loop import DivergedError
from mnist_core.types import Dataset, EpochEnd, Split
from mnist_core.workers import trainer

DIGITS = registry.load("digits")
WIDE = ModelConfig(hidden=(512, 256))
NARROW = ModelConfig(hidden=(128, 64))


@cache
def few_digits() -> Dataset:
    train = Split("train", DIGITS.train.images[:200], DIGITS.train.labels[:200])
    return replace(DIGITS, train=train, checksum="few")


@cache
def many_to_validate_on() -> Dataset:
    train, validation = replace(DIGITS.test, name="train"), replace(DIGITS.train, name="validation")
    return replace(DIGITS, train=train, validation=validation, checksum="swapped")


@pytest.fixture
def trained(monkeypatch):
    def trained(model: ModelConfig, dataset: Dataset = DIGITS, **config: object) -> Run:
        monkeypatch.setattr(registry, "load", lambda name: dataset)
        run = store.create_run(dataset, model, TrainConfig(precision="float32", **config))
        trainer.train_run(run.folder)
        return run

    return trained


def said(run: Run) -> Advice | None:
    return advise(run, read_history(run))


def kinds_while_training(run: Run) -> list[str | None]:
    """What the coach would have said at each epoch's end, and at last of the run that ended."""
    return [advice.kind if advice else None for advice in _said_while_training(run)]


def _said_while_training(run: Run) -> Iterator[Advice | None]:
    history = History()
    for line in (run.folder / FILE).read_text().splitlines():
        history.add(json_as(Event, line.encode()))
        if history.last_event in ("epoch", "finished", "failed", "stopped"):
            yield advise(run, history)


@pytest.mark.long
def test_a_large_network_on_few_images_overfits(trained):
    run = trained(WIDE, few_digits(), epochs=60, schedule="constant", learning_rate=0.001, weight_decay=0.0)
    kinds = kinds_while_training(run)
    assert set(kinds[:5]) == {None}
    assert kinds[-1] == kinds[-10] == "overfitting"
    advice = said(run)
    assert "validation loss rose from " in advice.evidence
    assert "nats while the training loss fell to" in advice.evidence
    assert advice.next_step == "Try light augmentation."


def test_a_run_that_forgets_at_the_peak_of_its_rate_had_too_high_a_rate(trained):
    run = trained(WIDE, epochs=15, learning_rate=0.1)
    advice = said(run)
    assert advice.kind == "rate too high"
    assert "jumped from 0." in advice.evidence
    assert advice.next_step == "Try a learning rate of 0.004."


def test_a_loss_worse_than_guessing_is_said_at_the_first_epochs_end(trained):
    run = trained(NARROW, epochs=1, learning_rate=2.0, schedule="constant", optimizer="sgd")
    assert "worse than guessing" in said(run).evidence
    assert said(run).next_step == "Try a learning rate of 0.02."


def test_a_run_that_diverged_says_how_and_agrees_with_the_error(trained):
    with pytest.raises(DivergedError) as error:
        trained(WIDE, epochs=15, learning_rate=10.0, schedule="constant", optimizer="sgd")
    [run] = store.healthy_runs()
    advice = said(run)
    assert advice.kind == "diverged"
    assert "The loss went from 2." in advice.evidence
    assert advice.next_step == "Try a learning rate of 0.02."
    assert "try 0.02" in str(error.value)


def test_a_run_that_failed_for_another_reason_is_not_the_coachs(trained):
    run = trained(NARROW, epochs=1)
    history = read_history(run)
    history.add(Failed(time=1.0, elapsed=1.0, error="the disk is full"))
    assert advise(run, history) is None


def test_a_huge_rate_kills_most_units(trained):
    run = trained(WIDE, epochs=6, learning_rate=0.1, schedule="constant")
    advice = said(run)
    assert advice.kind == "dead units"
    assert "% of the hidden units output 0 for all 180 validation images" in advice.evidence
    assert advice.next_step == "Try a learning rate of 0.001."


def test_without_a_measurement_nothing_is_said_of_dead_units(trained):
    run = trained(WIDE, epochs=6, learning_rate=0.1, schedule="constant")
    history = read_history(run)
    history.epochs = [replace(epoch, dead_units=None) for epoch in history.epochs]
    assert "dead units" not in [advice.kind for advice in all_advice(run, history)]


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("schedule", ["constant", "one-cycle"])
def test_with_next_to_no_rate_nothing_is_learned(trained, optimizer, schedule):
    run = trained(NARROW, epochs=2, learning_rate=1e-6, optimizer=optimizer, schedule=schedule)
    advice = said(run)
    assert advice.kind == "nothing learned"
    assert "no better than guessing (10 %)" in advice.evidence
    assert advice.next_step in ("Try a learning rate of 0.001.", "Try a learning rate of 0.004.",
                                "Try a learning rate of 0.02.", "Try a learning rate of 0.1.")  # fmt: skip


def test_while_the_rate_is_warming_up_nobody_says_that_nothing_is_learned(trained):
    run = trained(NARROW, epochs=10, learning_rate=1e-6, optimizer="sgd")
    kinds = kinds_while_training(run)
    assert kinds[:2] == [None, None]
    assert kinds[-1] == "nothing learned"


def test_too_few_epochs_at_a_constant_rate_are_not_the_end(trained):
    run = trained(NARROW, many_to_validate_on(), epochs=3, learning_rate=0.0005, schedule="constant", batch_size=32)
    assert kinds_while_training(run)[:-1] == [None] * 3
    advice = said(run)
    assert advice.kind == "not finished"
    assert "the validation accuracy was still rising, from" in advice.evidence
    assert "±" in advice.evidence
    assert advice.next_step == "Try 6 epochs."


@pytest.mark.parametrize("schedule", ["constant", "one-cycle"])
@pytest.mark.parametrize("epochs", [1, 4])
def test_a_small_rate_does_not_come_to_its_end(trained, schedule, epochs):
    run = trained(NARROW, epochs=epochs, learning_rate=0.0001, schedule=schedule)
    advice = said(run)
    assert advice.kind == "not finished"
    assert advice.next_step == f"Try a learning rate of {0.001 if schedule == 'constant' else 0.004}."


@pytest.mark.long
@pytest.mark.parametrize(
    ("model", "config"),
    [
        *[(WIDE, {"seed": seed}) for seed in range(4)],
        *[(ModelConfig("cnn"), {"seed": seed}) for seed in range(2)],
        *[(NARROW, {"epochs": 15, "seed": seed}) for seed in range(2)],
        (WIDE, {"epochs": 8, "optimizer": "sgd", "learning_rate": 0.1, "weight_decay": 0.0005}),
        (ModelConfig(hidden=(16,)), {"epochs": 10, "seed": 1}),
        (ModelConfig(hidden=(128, 64), dropout=0.5), {"epochs": 6, "augment": "strong"}),
        (NARROW, {"epochs": 12, "learning_rate": 0.001, "schedule": "constant"}),
    ],
    ids=str,
)
def test_of_a_healthy_run_nothing_is_ever_said(trained, model, config):
    assert set(kinds_while_training(trained(model, **config))) == {None}


@pytest.mark.parametrize("run_id", sorted(json.loads((paths.APP_FOLDER / "checkpoints/shipped.json").read_text())))
def test_of_the_shipped_runs_nothing_is_ever_said(run_id):
    run = load_run(paths.APP_FOLDER / "checkpoints" / run_id)
    assert set(kinds_while_training(run)) == {None}


def test_a_run_that_is_taught_a_hand_is_left_in_peace(trained):
    run = trained(NARROW, epochs=1, learning_rate=1e-6)
    assert said(run)
    assert said(replace(run, base="another")) is None


def test_before_the_first_epoch_there_is_nothing_to_say(trained):
    run = trained(NARROW, epochs=1)
    assert advise(run, History()) is None


def plateau(rng: np.random.Generator, run: Run, epochs: int) -> Iterator[History]:
    """A run that has learned what it can, as noise alone moves it: the history at each epoch's end."""
    history, n = History(steps_per_epoch=10, planned_epochs=epochs), run.split_sizes["validation"]
    for epoch in range(1, epochs + 1):
        losses = rng.gamma(20, 0.2 / epoch / 20, 10)  # memorising: the training loss keeps falling
        for number, loss in enumerate(losses, 10 * epoch - 9):
            history.add(Step(time=0, elapsed=0, step=number, loss=loss, accuracy=1, learning_rate=0.1, images=8))
        right, loss = rng.binomial(n, 0.95) / n, float(rng.normal(0.16, 0.03))
        history.epochs.append(EpochEnd(epoch, 10 * epoch, float(losses.mean()), 1.0, loss, right, 0.2))
        yield history


@pytest.mark.parametrize("schedule", ["constant", "one-cycle"])
def test_noise_alone_hardly_ever_makes_it_speak_however_often_it_looks(trained, schedule):
    run = trained(NARROW, epochs=1, schedule=schedule)
    spoke = 0
    for seed in range(50):
        for history in plateau(np.random.default_rng(seed), run, 30):
            history.last_event = "finished" if len(history.epochs) == 30 else "epoch"
            if advise(run, history):
                spoke += 1
                break
    assert spoke <= 3  # of 50 runs, looked at 30 times each


def test_an_accuracy_that_keeps_falling_back_is_a_rate_too_high(trained):
    run = replace(trained(NARROW, epochs=1), split_sizes={"validation": 5000})
    history = History(steps_per_epoch=1, planned_epochs=6)
    for epoch, right in enumerate([0.90, 0.95, 0.91, 0.95, 0.90, 0.94], 1):
        history.epochs.append(EpochEnd(epoch, epoch, 0.2, 0.95, 0.2, right))
    assert "dropped 2 times by more than noise" in advise(run, history).evidence
    history.epochs = [replace(epoch, validation_accuracy=0.94 + epoch.epoch % 2 / 500) for epoch in history.epochs]
    assert advise(run, history) is None


def test_a_layer_with_fewer_units_than_there_are_digits_is_to_be_wider(trained):
    run = trained(ModelConfig(hidden=(1,)), epochs=6)
    assert said(run).next_step == "Try a wider layer: 1 unit can hardly tell ten digits apart."
    model, train = said(run).applied_to(run)
    assert (model.hidden, train) == ((64,), run.train)
