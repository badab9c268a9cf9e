"""The hyperparameters of a new run. What there is to choose, its bounds and its words are the configs' own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.config import Config, Setting, defaults_of, settings_of
from mnist_core.datasets.registry import DATASETS, default_dataset, load
from mnist_core.datasets.remarks import remarks
from mnist_core.errors import ConfigError, DatasetError
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.epochs import size_on_disk
from mnist_core.training.config import TrainConfig
from mnist_core.training.optimizers import OPTIMIZERS
from pages.components.shared import format as fmt
from pages.components.shared import widgets
from pages.components.shared.labels import plain
from pages.components.train.preset_choice import keep_preset, preset_choice

NOT_ON_THE_FORM = {"device"}  # the machine decides
MOST_NAMED = 3  # files that cannot be read


@dataclass(frozen=True)
class Wanted:
    """What the form says."""

    dataset: str
    model: ModelConfig
    train: TrainConfig
    name: str


def dataset_choice() -> str:
    """The data set to train on: those that are here, and those that the page can get."""
    names = [name for name, source in DATASETS.items() if source.one_press_away or source.is_available()]
    return st.segmented_control(
        "Data set", names, default=default_dataset(), required=True, wrap=True, format_func=DATASETS.label,
        key="train_dataset", persist_state="session",
        help=" ".join(f"**{DATASETS.label(name)}**: {DATASETS[name].description}" for name in names),
    )  # fmt: skip


def warn_of(dataset: str) -> None:
    """Say what is amiss with a person's own pictures, while they can still add some."""
    if DATASETS[dataset].way != "write":
        return
    try:
        with st.spinner("Reading your pictures …"):
            loaded = load(dataset)
    except DatasetError as error:
        st.warning(plain(str(error)))
        return
    sentences = remarks(loaded)
    if names := list(loaded.left_out):
        named = ", ".join(names[:MOST_NAMED])
        more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
        sentences.insert(0, f"left out, being no pictures of digits: {named}{more}")
    if sentences:
        st.warning("\n\n".join(f"{plain(sentence[0].upper() + sentence[1:])}." for sentence in sentences))


def hyperparameters(dataset: str) -> tuple[DeltaGenerator, Wanted | None]:
    """Draw the form.

    Returns:
        the place for the button that starts: above the settings that most people leave alone, and so in reach when
        they are open; and what the form says, None, with the reason on screen, where it cannot be trained.
    """
    defaults = defaults_of(ModelConfig) | defaults_of(TrainConfig)
    kind = _control("kind", settings_of(ModelConfig)["kind"], defaults["kind"])
    preset_choice(kind)
    offered = _offered(kind)
    values = {"kind": kind, "refuses": DATASETS[dataset].shows_non_digits}
    for name, setting in offered.items():
        if setting.prominent:
            values[name] = _control(name, setting, defaults[name])
    place = st.container()
    with st.expander("More settings"):
        for name, setting in offered.items():
            if not setting.prominent:
                values[name] = _control(name, setting, defaults[name])
        title = st.text_input(
            "Name", max_chars=80, placeholder="optional", key="train_name", persist_state="session",
            help="What to call this run on the Runs page.",
        )  # fmt: skip
    if None in values.values():
        return place, None
    try:
        model, train = ModelConfig(**_of(ModelConfig, values)), TrainConfig(**_of(TrainConfig, values))
    except ConfigError as error:
        st.error(plain(str(error)))
        return place, None
    if train.keep_epochs:
        kept = fmt.size(size_on_disk(model, train.epochs))
        st.caption(f"The weights of {fmt.count(train.epochs, 'epoch')} will be kept: {kept} on disk.")
    return place, Wanted(dataset, model, train, title)


def _of(config: type[Config], values: dict[str, Any]) -> dict[str, Any]:
    """Those values that a config takes."""
    return {name: value for name, value in values.items() if name in settings_of(config)}


def _offered(kind: str) -> dict[str, Setting]:
    """What can be set for a network: how to train it, and of its own settings those that it reads."""
    own = {name: each for name, each in settings_of(ModelConfig).items() if name in NETWORKS[kind].reads}
    train = {name: each for name, each in settings_of(TrainConfig).items() if name not in NOT_ON_THE_FORM}
    return train | own


def _control(name: str, setting: Setting, default: Any) -> Any:
    """Draw one setting. Returns its value; None, with the reason on screen, if there is none yet."""
    about: dict[str, Any] = {"key": f"train_{setting.option or name}", "persist_state": "session", "help": setting.help}
    match setting.control:
        case "names":
            assert setting.choices
            return st.segmented_control(
                setting.label, list(setting.choices), default=default, required=True, wrap=True,
                format_func=setting.choices.label, on_change=_ON_CHANGE.get(name, "rerun"), **about,
            )  # fmt: skip
        case "steps":
            return st.select_slider(setting.label, setting.steps, default, format_func=setting.format.format, **about)
        case "scale":
            assert setting.bound
            kind = type(default)
            low, high = (kind(value) for value in (setting.bound.low, setting.highest or setting.bound.high))
            return st.slider(setting.label, low, high, default, kind(setting.step), **about)
        case "number":
            assert setting.bound
            return st.number_input(setting.label, int(setting.bound.low), int(setting.bound.high), default, **about)
        case "switch":
            return st.toggle(setting.label, default, **about)
        case "widths":
            return _widths(st.text_input(setting.label, ",".join(map(str, default)), **about), setting.label)
        case "none":
            raise AssertionError(f"{name} is not for anybody to choose")


def _widths(text: str, label: str) -> tuple[int, ...] | None:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        st.error(f"{label}: expected whole numbers separated by commas, such as 512,256, got “{text}”.")
        return None


def _set_usual_values() -> None:
    """Another optimiser was chosen: set what depends on it to its usual values; a callback."""
    optimizer = OPTIMIZERS[widgets.widget_value("train_optimizer")]
    for name, setting in settings_of(TrainConfig).items():
        if setting.by_optimizer:
            widgets.set_widget(f"train_{name}", getattr(optimizer, name))


_ON_CHANGE: dict[str, Callable[[], None]] = {"kind": keep_preset, "optimizer": _set_usual_values}
