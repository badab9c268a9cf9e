"""Settings that somebody has tried out: a name and a network give a whole `ModelConfig` and `TrainConfig`.

`fastest` is the shortest training found on two cores that brings nine of ten seeds to 98 % (MLP) or 99 % (CNN) of
validation images. What makes it short: few updates under a one-cycle schedule with a high peak, label smoothing,
without which an epoch more is needed for the same, and no more images than that takes.
"""

from dataclasses import dataclass, fields
from typing import Literal, get_args

from mnist_core.config import ModelConfig, ModelKind, TrainConfig
from mnist_core.errors import ConfigError

PresetName = Literal["fastest"]
YOURS = frozenset({"precision", "device", "seed", "keep_epochs"})  # a preset leaves these to whoever uses it


@dataclass(frozen=True)
class Preset:
    """Settings that belong together, and the accuracy that they are for."""

    model: ModelConfig
    train: TrainConfig
    target: float  # of MNIST's validation images


_PRESETS: dict[tuple[str, str], Preset] = {
    ("fastest", "mlp"): Preset(
        ModelConfig("mlp"),
        TrainConfig(epochs=2, batch_size=384, learning_rate=0.01, label_smoothing=0.2),
        target=0.98,
    ),
    ("fastest", "cnn"): Preset(
        ModelConfig("cnn"),
        TrainConfig(epochs=1, batch_size=128, learning_rate=0.01, label_smoothing=0.1, train_share=0.8),
        target=0.99,
    ),
}


def preset(name: PresetName, kind: ModelKind) -> Preset:
    """The settings of a preset for a network.

    Raises:
        ConfigError: if there is none of that name.
    """
    try:
        return _PRESETS[name, kind]
    except KeyError:
        raise ConfigError(f"there is no preset {name!r}; choose one of {', '.join(get_args(PresetName))}") from None


def settings_of(chosen: Preset) -> dict[str, object]:
    """What it sets, by the names of the configs' fields."""
    both = [(config, field.name) for config in (chosen.model, chosen.train) for field in fields(config)]
    return {name: getattr(config, name) for config, name in both if name not in YOURS | {"kind", "refuses"}}


def find_preset(model: ModelConfig, train: TrainConfig) -> Preset | None:
    """The preset of exactly these settings; None where there is none."""
    settings = settings_of(Preset(model, train, target=0.0))
    found = (preset for (_, kind), preset in _PRESETS.items() if kind == model.kind)
    return next((preset for preset in found if settings_of(preset) == settings), None)
