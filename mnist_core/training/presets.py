"""Tested settings: a name and a network give a whole `ModelConfig` and `TrainConfig`."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from mnist_core.errors import ConfigError
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.registry import Registry
from mnist_core.training.config import TrainConfig

YOURS = frozenset({"precision", "device", "seed", "keep_epochs"})  # a preset leaves these to whoever uses it
_NOT_SET = YOURS | {"kind", "refuses"}


@dataclass(frozen=True)
class Preset:
    """Settings that belong together, and the accuracy that they are for."""

    model: ModelConfig
    train: TrainConfig
    target: float  # of MNIST's validation images


@dataclass(frozen=True)
class PresetKind:
    """A preset by its name: settings for each network that it is for."""

    label: str
    description: str  # a sentence on the form; `{target}` stands for the accuracy it is for
    of_network: Mapping[str, Preset]


# What makes `fastest` short: few updates under a one-cycle schedule with a high peak, label smoothing, without which an
# epoch more is needed for the same, and no more images than that takes.
PRESETS = Registry(
    "preset",
    {
        "fastest": PresetKind(
            "Fastest",
            "the shortest training found that reaches {target} on MNIST's validation images, with at least nine of "
            "ten seeds.",
            {
                "mlp": Preset(
                    ModelConfig("mlp"),
                    TrainConfig(epochs=2, batch_size=384, learning_rate=0.01, label_smoothing=0.2),
                    target=0.98,
                ),
                "cnn": Preset(
                    ModelConfig("cnn"),
                    TrainConfig(epochs=1, batch_size=128, learning_rate=0.01, label_smoothing=0.1, train_share=0.8),
                    target=0.99,
                ),
            },
        )
    },
)


def preset(name: str, network: str) -> Preset:
    """The settings of a preset for a network.

    Raises:
        ConfigError: if there is none of that name, or it is not for that network.
    """
    of_network = PRESETS[name].of_network
    if network not in of_network:
        raise ConfigError(f"the preset {name} is for {' and '.join(of_network)}, not for {network}")
    return of_network[network]


def presets_for(network: str) -> dict[str, Preset]:
    """The presets there are for a network, by name."""
    return {name: kind.of_network[network] for name, kind in PRESETS.items() if network in kind.of_network}


def settings_of(chosen: Preset) -> dict[str, object]:
    """What it sets, by the names of the configs' fields: those that its network reads."""
    unread = {each.name for each in fields(ModelConfig)} - NETWORKS[chosen.model.kind].reads
    both = [(config, each.name) for config in (chosen.model, chosen.train) for each in fields(config)]
    return {
        name: getattr(config, name)
        for config, name in both
        if name not in _NOT_SET and not (config is chosen.model and name in unread)
    }


def find_preset(model: ModelConfig, train: TrainConfig) -> Preset | None:
    """The preset of exactly these settings; None where there is none."""
    settings = settings_of(Preset(model, train, target=0.0))
    return next((each for each in presets_for(model.kind).values() if settings_of(each) == settings), None)
