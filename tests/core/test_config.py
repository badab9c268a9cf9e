from dataclasses import asdict

import pytest

from mnist_core.config import config_from_json
from mnist_core.errors import ConfigError
from mnist_core.networks.config import ModelConfig
from mnist_core.training.config import TrainConfig


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"batch_size": 0}, "batch_size must be between 1 and 10000, got 0"),
        ({"epochs": 2.5}, "epochs must be a whole number, got 2.5"),
        ({"epochs": True}, "epochs must be a whole number, got True"),
        ({"learning_rate": float("nan")}, "learning_rate must be between 1e-06 and 10, got nan"),
        ({"learning_rate": "fast"}, "learning_rate must be a number, got 'fast'"),
        ({"optimizer": "adam"}, "optimizer must be one of adamw, sgd, got 'adam'"),
        ({"label_smoothing": 0.9}, "label_smoothing must be between 0 and 0.5, got 0.9"),
        ({"seed": -1}, "seed must be between 0 and 2147483647, got -1"),
    ],
)
def test_a_hyperparameter_out_of_bounds_is_named_with_its_value_and_bound(values, sentence):
    with pytest.raises(ConfigError) as error:
        TrainConfig(**values)
    assert str(error.value) == sentence


@pytest.mark.parametrize("hidden", [(), (0,), (5000,), (8,) * 9, ("8",)])
def test_impossible_layers_are_refused(hidden):
    with pytest.raises(ConfigError, match="hidden"):
        ModelConfig(hidden=hidden)


def test_configs_survive_a_round_trip_through_json_values():
    model = ModelConfig("mlp", (300, 100), 0.2)
    values = {**asdict(model), "hidden": list(model.hidden)}
    assert config_from_json(ModelConfig, values, "run.json") == model


@pytest.mark.parametrize(
    "values", [{}, {**asdict(TrainConfig()), "momentum": 1}, [], None, {**asdict(TrainConfig()), "epochs": "4"}]
)
def test_a_config_with_odd_keys_or_values_names_its_file(values):
    with pytest.raises(ConfigError, match=r"^run\.json: "):
        config_from_json(TrainConfig, values, "run.json")
