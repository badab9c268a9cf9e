import pytest

from mnist_core.errors import ConfigError
from mnist_core.training import presets
from mnist_core.training.config import BOUNDS, TrainConfig


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_the_fastest_preset_is_for_the_network_asked_and_says_what_it_reaches(kind):
    chosen = presets.preset("fastest", kind)
    assert chosen.model.kind == kind
    assert chosen.target == {"mlp": 0.98, "cnn": 0.99}[kind]
    assert chosen.train.epochs < TrainConfig().epochs


def test_an_unknown_preset_is_named_with_those_there_are():
    with pytest.raises(ConfigError, match="preset must be one of fastest, got 'slowest'"):
        presets.preset("slowest", "mlp")


def test_a_network_that_a_preset_is_not_for_is_named_with_those_it_is_for():
    with pytest.raises(ConfigError, match="the preset fastest is for mlp and cnn, not for linear"):
        presets.preset("fastest", "linear")
    assert presets.presets_for("linear") == {}


def test_seed_device_and_precision_are_left_to_whoever_uses_a_preset():
    settings = presets.settings_of(presets.preset("fastest", "mlp"))
    assert not presets.YOURS & set(settings)
    assert {name for name in BOUNDS if name != "seed"} <= set(settings)


def test_a_preset_sets_what_its_network_reads_and_nothing_of_others():
    assert "size" not in presets.settings_of(presets.preset("fastest", "mlp"))
    assert "hidden" not in presets.settings_of(presets.preset("fastest", "cnn"))
