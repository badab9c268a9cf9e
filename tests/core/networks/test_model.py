import math

import pytest
import torch
from torch.nn import functional as F

from mnist_core.networks.config import ModelConfig
from mnist_core.networks.model import build_model, count_parameters, count_parameters_of


@pytest.mark.parametrize(("kind", "parameters"), [("mlp", 535_818), ("cnn", 215_194)])
def test_the_networks_have_the_published_number_of_parameters(kind, parameters):
    config = ModelConfig(kind)
    assert count_parameters(build_model(config)) == parameters
    assert count_parameters_of(config) == parameters


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_images_in_logits_out_and_the_first_loss_is_close_to_ln_10(kind):
    torch.manual_seed(0)
    model = build_model(ModelConfig(kind))
    logits = model(torch.randn(64, 1, 28, 28))
    assert logits.shape == (64, 10)
    loss = F.cross_entropy(logits, torch.arange(64) % 10).item()
    assert loss == pytest.approx(math.log(10), abs=0.15)


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_one_batch_can_be_learned_by_heart(kind):
    torch.manual_seed(0)
    model = build_model(ModelConfig(kind))
    images, labels = torch.randn(20, 1, 28, 28), torch.arange(20) % 10
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
    for _ in range(60):
        optimizer.zero_grad()
        F.cross_entropy(model(images), labels).backward()
        optimizer.step()
    assert torch.equal(model(images).argmax(1), labels)


def test_dropout_acts_in_training_and_not_in_evaluation():
    model = build_model(ModelConfig("mlp", dropout=0.5))
    images = torch.randn(4, 1, 28, 28)
    assert not torch.equal(model(images), model(images))
    model.eval()
    assert torch.equal(model(images), model(images))
