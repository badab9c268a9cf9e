"""Presets on the Train form: one press moves all sliders, and the control always tells which preset they stand at."""

from typing import Any

import streamlit as st

from mnist_core import presets
from mnist_core.config import ModelConfig, ModelKind, TrainConfig
from mnist_core.presets import Preset
from pages.components import state

_KEY, _MODEL = "train_preset", "train_model"
_USUAL = "usual"


def preset_choice(kind: ModelKind) -> None:
    """Draw the control. Nothing is chosen in it where the sliders stand elsewhere."""
    offered = _offered(kind)
    now = {name: state.widget_value(f"train_{name}") for name in _values(offered[_USUAL])}
    shown = [name for name, preset in offered.items() if _stands_at(now, _values(preset), _values(offered[_USUAL]))]
    state.set_widget(_KEY, shown[0] if shown else None)
    target = f"{100 * offered['fastest'].target:.0f} %"
    st.segmented_control(
        "Preset",
        list(offered),
        key=_KEY,
        format_func={_USUAL: "Usual", "fastest": f"Fastest to {target}"}.__getitem__,
        on_change=use_preset,
        help=f"Moves all sliders at once. **Fastest**: the shortest training found that gets MNIST to {target} on "
        "validation images, whatever the seed (nine of ten).",
    )


def use_preset() -> None:
    """Move the sliders to the preset that is chosen, for the network that is chosen; a callback."""
    name = state.widget_value(_KEY)
    if name is not None:
        for setting, value in _values(_offered(state.widget_value(_MODEL))[name]).items():
            state.set_widget(f"train_{setting}", value)


def _offered(kind: ModelKind) -> dict[str, Preset]:
    usual = Preset(ModelConfig(kind), TrainConfig(), target=0.0)
    return {_USUAL: usual, "fastest": presets.preset("fastest", kind)}


def _values(preset: Preset) -> dict[str, Any]:
    """What the sliders stand at, by the setting's name; of the two kinds of network each has settings of its own."""
    values = presets.settings_of(preset)
    values["hidden"] = ",".join(map(str, preset.model.hidden))
    del values["size" if preset.model.kind == "mlp" else "hidden"]
    return values


def _stands_at(now: dict[str, Any], values: dict[str, Any], defaults: dict[str, Any]) -> bool:
    """Whether the sliders stand at `values`; one that was not drawn yet stands at its default."""
    return all((defaults if now[name] is None else now)[name] == value for name, value in values.items())
