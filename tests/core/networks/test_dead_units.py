import pytest
import torch

from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.dead_units import watching
from mnist_core.networks.model import build_model
from mnist_core.reading import evaluate
from mnist_core.reading.evaluate import logits_of

NETWORKS = [ModelConfig(hidden=(8, 6)), ModelConfig("cnn"), ModelConfig("cnn", size="large")]


@pytest.mark.parametrize("config", NETWORKS, ids=str)
def test_the_share_of_dead_units_is_counted_over_all_layers_pictures_and_places(config):
    model = build_model(config).to(memory_format=torch.channels_last).eval()
    batches = torch.randn(2, 5, 1, 28, 28)
    values: dict[int, list[torch.Tensor]] = {}
    for place, layer in enumerate(model.hidden_layers()):
        layer.register_forward_hook(lambda _layer, _inputs, out, place=place: values.setdefault(place, []).append(out))
    with torch.inference_mode(), watching(model) as peaks:
        for batch in batches:
            model(batch)
    alive = [(torch.cat(outputs) > 0).transpose(0, 1).flatten(1).any(1) for outputs in values.values()]
    assert peaks.dead_fraction == pytest.approx(1 - torch.cat(alive).float().mean().item())


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("config", NETWORKS, ids=str)
def test_every_picture_of_a_split_counts_in_whatever_precision_it_is_read(config, precision, monkeypatch):
    monkeypatch.setattr(evaluate, "choose_precision", lambda wanted, device: precision)
    monkeypatch.setattr(evaluate, "_are_close", lambda logits: torch.zeros(len(logits), dtype=torch.bool))
    model, images = build_model(config), registry.load("digits").train.images[:300]
    pictures: dict[torch.nn.Module, int] = dict.fromkeys(model.hidden_layers(), 0)
    for layer in pictures:
        layer.register_forward_hook(lambda layer, _inputs, out: pictures.update({layer: pictures[layer] + len(out)}))
    with watching(model) as peaks:
        logits_of(model, images)
    assert set(pictures.values()) == {300}
    assert set(peaks.of_layer) == set(pictures)


def test_units_with_a_large_negative_bias_are_dead():
    model = build_model(ModelConfig(hidden=(8, 8)))
    with torch.no_grad():
        for layer in model.hidden_layers():
            layer.weight.zero_()
            layer.bias[:] = torch.tensor([-1.0] * 6 + [1.0] * 2)
    with watching(model) as peaks:
        model(torch.randn(3, 1, 28, 28))
    assert peaks.dead_fraction == 0.75


@pytest.mark.parametrize("config", NETWORKS, ids=str)
def test_watching_changes_nothing_and_leaves_nothing_behind(config):
    model, images = build_model(config).train(), torch.randn(4, 1, 28, 28)
    before = model.eval()(images)
    model.train()
    random = torch.get_rng_state()
    with watching(model):
        assert model.training
        assert torch.equal(model.eval()(images), before)
    assert torch.equal(torch.get_rng_state(), random)
    assert not any(layer._forward_hooks for layer in model.hidden_layers())
