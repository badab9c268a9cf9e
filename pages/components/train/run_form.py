"""The hyperparameters of a new run, chosen with sliders. Bounds and defaults are `config`'s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.config import (
    BOUNDS,
    DEFAULT_LEARNING_RATES,
    DEFAULT_WEIGHT_DECAYS,
    WITH_NON_DIGITS,
    Augment,
    DatasetName,
    ModelConfig,
    ModelKind,
    Optimizer,
    Precision,
    Schedule,
    Size,
    TrainConfig,
)
from mnist_core.datasets import registry
from mnist_core.errors import ConfigError
from mnist_core.runs.epochs import size_on_disk
from pages.components.shared import format as fmt
from pages.components.shared import widgets
from pages.components.shared.words import AUGMENTS, DATASETS, MODELS, OPTIMIZERS, PRECISIONS, SCHEDULES, SIZES
from pages.components.train.preset_choice import keep_preset, preset_choice

BATCH_SIZES = [16, 32, 64, 128, 256, 384, 512, 768, 1024, 2048]
LEARNING_RATES = [
    0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.004,
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
]  # fmt: skip
WEIGHT_DECAYS = [0.0, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5]
TRAIN_SHARES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0]
FETCHED = ("mnist", "people")  # offered before they are here: the page can get them
MAX_EPOCHS = 50  # on the slider; the command line takes up to BOUNDS["epochs"]


@dataclass(frozen=True)
class Wanted:
    """What the form says."""

    dataset: DatasetName
    model: ModelConfig
    train: TrainConfig
    name: str


def dataset_choice() -> DatasetName:
    """The data set to train on: those that are here, and MNIST, which can be fetched."""
    names: list[DatasetName] = [name for name in DATASETS if name in FETCHED or registry.is_available(name)]
    return st.segmented_control(
        "Data set",
        names,
        default=registry.default_dataset(),
        required=True,
        wrap=True,
        format_func=DATASETS.__getitem__,
        key="train_dataset",
        persist_state="session",
        help="**MNIST**: 70,000 digits of 28 × 28 pixels. **Small digits**: 1,797 digits of 8 × 8 pixels that come "
        "with scikit-learn, enlarged: they need no download and train in seconds. **Many hands**: MNIST, "
        "the small digits and 48,000 digits drawn in other countries' ways, and 22,500 letters and scribbles to "
        "refuse. **My handwriting**: what you kept on the Predict page.",
    )


def hyperparameters(dataset: DatasetName) -> tuple[DeltaGenerator, Wanted | None]:
    """Draw the form.

    Returns:
        the place for the button that starts: above the settings that most people leave alone, and so in reach when
        they are open; and what the form says, None, with the reason on screen, where it cannot be trained.
    """
    defaults = TrainConfig()
    kind: ModelKind = _choice(
        "Model",
        MODELS,
        "mlp",
        "train_model",
        "**MLP**: fully connected layers; quick, about 98 % on MNIST. **CNN**: looks for strokes wherever they are; "
        "slower, about 99 %.",
        on_change=keep_preset,
    )
    preset_choice(kind)
    epochs = st.slider(
        "Epochs", 1, MAX_EPOCHS, defaults.epochs, key="train_epochs", persist_state="session",
        help="How many times the network sees every training image.",
    )  # fmt: skip
    batch_size = st.select_slider(
        "Batch size", BATCH_SIZES, defaults.batch_size, key="train_batch_size", persist_state="session",
        help="How many images one update of the weights looks at. Larger is quicker by the epoch, and needs a higher "
        "learning rate.",
    )  # fmt: skip
    learning_rate = st.select_slider(
        "Learning rate", LEARNING_RATES, defaults.learning_rate, format_func="{:g}".format, key="train_learning_rate",
        persist_state="session",
        help="How far one update moves the weights. Too low learns slowly, too high not at all. "
        f"A good start: {DEFAULT_LEARNING_RATES['adamw']:g} for AdamW, {DEFAULT_LEARNING_RATES['sgd']:g} for SGD.",
    )  # fmt: skip
    place = st.container()
    with st.expander("More settings"):
        optimizer: Optimizer = _choice(
            "Optimizer", OPTIMIZERS, defaults.optimizer, "train_optimizer",
            "How gradients become updates. Choosing one sets its usual learning rate and weight decay.",
            on_change=_set_usual_rates,
        )  # fmt: skip
        schedule: Schedule = _choice(
            "Learning rate over time", SCHEDULES, defaults.schedule, "train_schedule",
            "**One cycle** rises to the rate above and falls to nothing: best for few epochs. **Constant** stays.",
        )  # fmt: skip
        augment: Augment = _choice(
            "Augmentation", AUGMENTS, defaults.augment, "train_augment",
            "Bend every training image a little, anew each time: slower to learn, better on other people's digits.",
        )  # fmt: skip
        size: Size = "small"
        if kind == "cnn":
            size = _choice(
                "Size", SIZES, size, "train_size",
                "**Small**: two convolutions. **Large**: four, each normalised over the batch; slower, "
                "and better with hands it has not seen.",
            )  # fmt: skip
        hidden = _hidden_layers() if kind == "mlp" else ModelConfig().hidden
        bound = BOUNDS["dropout"]
        dropout = st.slider(
            "Dropout", bound.low, bound.high, 0.0, 0.05, key="train_dropout", persist_state="session",
            help="The share of units left out at each step, so that none is relied on too much.",
        )  # fmt: skip
        weight_decay = st.select_slider(
            "Weight decay", WEIGHT_DECAYS, defaults.weight_decay, format_func="{:g}".format, key="train_weight_decay",
            persist_state="session", help="Pulls the weights towards zero, against learning by heart.",
        )  # fmt: skip
        bound = BOUNDS["label_smoothing"]
        label_smoothing = st.slider(
            "Label smoothing", bound.low, bound.high, 0.0, 0.05, key="train_label_smoothing", persist_state="session",
            help="How much certainty the training leaves to the other digits: with a little it learns in fewer epochs.",
        )  # fmt: skip
        train_share = st.select_slider(
            "Training images", TRAIN_SHARES, 1.0, format_func="{:.0%}".format, key="train_train_share",
            persist_state="session",
            help="The share that is used, drawn by the seed, each digit as often as among all: how much does it need?",
        )  # fmt: skip
        precision: Precision = _choice(
            "Precision", PRECISIONS, defaults.precision, "train_precision",
            "**Auto** asks the processor: bfloat16 where it is faster, float32 elsewhere.",
        )  # fmt: skip
        seed = st.number_input(
            "Seed", int(BOUNDS["seed"].low), int(BOUNDS["seed"].high), 0, key="train_seed", persist_state="session",
            help="Where all chance comes from: the same seed and settings give the same network, to the bit.",
        )  # fmt: skip
        keep_epochs = st.toggle(
            "Keep every epoch's weights", key="train_keep_epochs", persist_state="session",
            help="So that you can go back to any epoch in the Time machine. Each takes two bytes a parameter on disk, "
            "and the network trains as it would without.",
        )  # fmt: skip
        name = st.text_input(
            "Name", max_chars=80, placeholder="optional", key="train_name", persist_state="session",
            help="What to call this run on the Runs page.",
        )  # fmt: skip
    if hidden is None:
        return place, None
    try:
        model = ModelConfig(kind, hidden, dropout, size, dataset in WITH_NON_DIGITS)
        train = TrainConfig(
            epochs, batch_size, learning_rate, optimizer, schedule, weight_decay, augment, precision, "auto", seed,
            keep_epochs, label_smoothing, train_share,
        )  # fmt: skip
    except ConfigError as error:
        st.error(str(error))
        return place, None
    if keep_epochs:
        st.caption(f"{fmt.count(epochs, 'epoch')} will be kept: {fmt.size(size_on_disk(model, epochs))} on disk.")
    return place, Wanted(dataset, model, train, name)


def _hidden_layers() -> tuple[int, ...] | None:
    text = st.text_input(
        "Hidden layers", ",".join(map(str, ModelConfig().hidden)), key="train_hidden", persist_state="session",
        help="Units of each hidden layer, with commas between: 512,256 is the classic.",
    )  # fmt: skip
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        st.error(f"Hidden layers: expected whole numbers with commas, such as 512,256, found “{text}”.")
        return None


def _choice(
    label: str,
    names: Mapping[Any, str],
    default: str,
    key: str,
    help_text: str,
    on_change: Callable[[], None] | str = "rerun",
) -> Any:
    return st.segmented_control(
        label, list(names), default=default, required=True, wrap=True, format_func=names.__getitem__, key=key,
        persist_state="session", help=help_text, on_change=on_change,
    )  # fmt: skip


def _set_usual_rates() -> None:
    optimizer = widgets.widget_value("train_optimizer")
    widgets.set_widget("train_learning_rate", DEFAULT_LEARNING_RATES[optimizer])
    widgets.set_widget("train_weight_decay", DEFAULT_WEIGHT_DECAYS[optimizer])
