"""Presets on the Train form: one press moves all sliders, and a tick tells which preset they stand at.

They are buttons and no control with a state: that would have to follow the sliders, and a browser that reports the
state it had before a slider moved would move the slider back.
"""

from typing import Any

import streamlit as st

from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.training.config import TrainConfig
from mnist_core.training.presets import PRESETS, Preset, presets_for, settings_of
from pages.components.shared import widgets

_KIND = "train_model"
_USUAL = "usual"


def preset_choice(kind: str) -> None:
    """Draw the buttons. None is ticked where the sliders stand elsewhere; nothing is drawn where there is no preset."""
    named = presets_for(kind)
    if not named:
        return
    targets = {name: f"{100 * preset.target:g} %" for name, preset in named.items()}
    about = [f"**{PRESETS.label(n)}**: {PRESETS[n].description.format(target=targets[n])}" for n in named]
    st.caption("Preset", help=" ".join(["Sets all settings at once.", *about]))
    labels = {_USUAL: "Default", **{name: f"{PRESETS.label(name)} to {targets[name]}" for name in named}}
    chosen = _stood_at(kind)
    with st.container(horizontal=True, gap="xsmall", key="presets"):
        for name, label in labels.items():
            icon = ":material/check:" if name == chosen else None
            st.button(label, icon=icon, key=f"preset_{name}", on_click=_use, args=(name, kind))


def keep_preset() -> None:
    """Another network was chosen: if the sliders stood at a preset, move them to the same for this one; a callback.

    Where this one has no such preset, they are moved to its usual settings. Which network was chosen before is not
    known here, so all others are asked; a network that nobody has looked at stands nowhere.
    """
    kind = widgets.widget_value(_KIND)
    stood = {name for other in NETWORKS if other != kind for name in [_stood_at(other)] if name}
    named = stood - {_USUAL}
    if stood:
        name = next(iter(named), _USUAL)
        _use(name if name in _offered(kind) else _USUAL, kind)


def _use(name: str, kind: str) -> None:
    for setting, value in _values(_offered(kind)[name]).items():
        widgets.set_widget(f"train_{setting}", value)


def _stood_at(kind: str) -> str | None:
    offered = _offered(kind)
    usual = _values(offered[_USUAL])
    now = {name: widgets.widget_value(f"train_{name}") for name in usual}
    at = [name for name, preset in offered.items() if _stands_at(now, _values(preset), usual)]
    return at[0] if at else None


def _offered(kind: str) -> dict[str, Preset]:
    usual = Preset(ModelConfig(kind), TrainConfig(), target=0.0)
    return {_USUAL: usual, **presets_for(kind)}


def _values(preset: Preset) -> dict[str, Any]:
    """What the sliders stand at, by the setting's name: those that the preset's network reads."""
    values = settings_of(preset)
    return {name: ",".join(map(str, value)) if isinstance(value, tuple) else value for name, value in values.items()}


def _stands_at(now: dict[str, Any], values: dict[str, Any], defaults: dict[str, Any]) -> bool:
    """Whether the sliders stand at `values`; one that was not drawn yet stands at its default."""
    return all((defaults if now[name] is None else now)[name] == value for name, value in values.items())
