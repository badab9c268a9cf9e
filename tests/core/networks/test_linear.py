"""Softmax regression: ten templates, and nothing between them and the answer."""

import math

import pytest
import torch

from mnist_core.insight import coach
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.model import build_model, count_parameters
from mnist_core.runs.epochs import load_epoch
from mnist_core.runs.status import read_history
from mnist_core.runs.store import create_run
from mnist_core.runs.weights import load_model
from mnist_core.training.config import TrainConfig
from mnist_core.workers.trainer import train_run


def test_it_has_ten_templates_and_ten_biases():
    assert count_parameters(build_model(ModelConfig("linear"))) == 10 * 28 * 28 + 10


def test_before_it_has_learned_every_digit_is_as_likely_as_the_others():
    logits = build_model(ModelConfig("linear"))(torch.rand(5, 1, 28, 28))
    assert torch.equal(logits.softmax(1), torch.full((5, 10), 0.1))


def test_the_digit_whose_template_fits_best_is_the_answer():
    model = build_model(ModelConfig("linear"))
    templates = torch.rand(10, 28, 28)
    with torch.no_grad():
        model.output.weight.copy_(templates.flatten(1))
    images = torch.rand(4, 1, 28, 28)
    assert torch.allclose(model(images), (images * templates).sum((2, 3)), atol=1e-4)


def test_it_learns_and_what_it_learned_is_kept_epoch_by_epoch(dataset):
    run = create_run(dataset, ModelConfig("linear"), TrainConfig(epochs=4, batch_size=10, keep_epochs=True))
    train_run(run.folder)
    history = read_history(run)
    assert history.step_loss[0] == pytest.approx(math.log(10), abs=1e-4)
    assert history.best.validation_accuracy > 0.9  # bars at ten heights
    assert all(epoch.dead_units == 0 for epoch in history.epochs)
    assert coach.advise(run, history) is None or coach.advise(run, history).kind != "dead units"
    first, last = (load_epoch(run, epoch, most=36).first_layer for epoch in (1, 4))
    assert first.shape == last.shape == (10, 28, 28)
    assert not (first == last).all()
    assert load_model(run)(torch.zeros(1, 1, 28, 28)).shape == (1, 10)
