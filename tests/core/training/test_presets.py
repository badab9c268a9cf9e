import pytest

from mnist_core.config import BOUNDS, TrainConfig
from mnist_core.errors import ConfigError
from mnist_core.training import presets


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_the_fastest_preset_is_for_the_network_asked_and_says_what_it_reaches(kind):
    chosen = presets.preset("fastest", kind)
    assert chosen.model.kind == kind
    assert chosen.target == {"mlp": 0.98, "cnn": 0.99}[kind]
    assert chosen.train.epochs < TrainConfig().epochs


def test_an_unknown_preset_is_named_with_those_there_are():
    with pytest.raises(ConfigError, match="no preset 'slowest'; choose one of fastest"):
        presets.preset("slowest", "mlp")  # type: ignore[arg-type]


def test_seed_device_and_precision_are_left_to_whoever_uses_a_preset():
    settings = presets.settings_of(presets.preset("fastest", "mlp"))
    assert not presets.YOURS & set(settings)
    assert {name for name in BOUNDS if name != "seed"} <= set(settings)
