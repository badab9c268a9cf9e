"""Presets on the Train form: one press moves all sliders, and a tick tells which preset they stand at.

They are buttons and no control with a state: that would have to follow the sliders, and a browser that reports the
state it had before a slider moved would move the slider back.
"""

from typing import Any, get_args

import streamlit as st

from mnist_core.config import ModelConfig, ModelKind, TrainConfig
from mnist_core.training import presets
from mnist_core.training.presets import Preset
from pages.components.shared import widgets

_MODEL = "train_model"
_USUAL = "usual"


def preset_choice(kind: ModelKind) -> None:
    """Draw the buttons. None is ticked where the sliders stand elsewhere."""
    chosen, target = _stood_at(kind), f"{100 * presets.preset('fastest', kind).target:.0f} %"
    labels = {_USUAL: "Usual", "fastest": f"Fastest to {target}"}
    st.caption(
        "Preset",
        help=f"Moves all sliders at once. **Fastest**: the shortest training found that gets MNIST to {target} on "
        "validation images, whatever the seed (nine of ten).",
    )
    with st.container(horizontal=True, gap="small"):
        for name, label in labels.items():
            icon = ":material/check:" if name == chosen else None
            st.button(label, icon=icon, key=f"preset_{name}", on_click=_use, args=(name, kind))


def keep_preset() -> None:
    """Another network was chosen: if the sliders stood at a preset, move them to the same for this one; a callback."""
    kind = widgets.widget_value(_MODEL)
    [other] = [other for other in get_args(ModelKind) if other != kind]
    if name := _stood_at(other):
        _use(name, kind)


def _use(name: str, kind: ModelKind) -> None:
    for setting, value in _values(_offered(kind)[name]).items():
        widgets.set_widget(f"train_{setting}", value)


def _stood_at(kind: ModelKind) -> str | None:
    offered = _offered(kind)
    now = {name: widgets.widget_value(f"train_{name}") for name in _values(offered[_USUAL])}
    at = [name for name, preset in offered.items() if _stands_at(now, _values(preset), _values(offered[_USUAL]))]
    return at[0] if at else None


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
