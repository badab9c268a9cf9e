"""How to train: the hyperparameters of a training, and the bounds of all of them."""

from dataclasses import dataclass
from typing import Literal, assert_never

from mnist_core.config import Bound, bounds_of, check, setting
from mnist_core.machine import Device, Precision
from mnist_core.networks.config import ModelConfig
from mnist_core.registry import Named, Registry
from mnist_core.training.augmentations import AUGMENTATIONS
from mnist_core.training.optimizers import OPTIMIZERS

Schedule = Literal["one-cycle", "constant"]

SCHEDULES = Registry("schedule", {"one-cycle": Named("One cycle"), "constant": Named("Constant")})
PRECISIONS = Registry("precision", {"auto": Named("Auto"), "float32": Named("float32"), "bfloat16": Named("bfloat16")})
DEVICES = Registry("device", {"auto": Named("Auto"), "cpu": Named("CPU"), "cuda": Named("GPU")})
LEARNING_RATES = (
    0.00001, 0.00002, 0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.004,
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0,
)  # fmt: skip


@dataclass(frozen=True)
class TrainConfig:
    """How to train. `learning_rate` is the peak of a one-cycle schedule, or the constant rate.

    `label_smoothing` is the probability that the training's target leaves to the other classes (Szegedy et al. 2016,
    section 7). `train_share` is the fraction of the training images that is used: those are drawn by the seed.
    """

    epochs: int = setting(
        4, label="Epochs", control="scale", bound=Bound(1, 1000), highest=50, prominent=True,
        help="How many times the network sees every training image.",
        summary="passes over the training images",
    )  # fmt: skip
    batch_size: int = setting(
        128, label="Batch size", control="steps", bound=Bound(1, 10_000), prominent=True,
        steps=(16, 32, 64, 128, 256, 384, 512, 768, 1024, 2048),
        help="How many images each update of the weights is based on. Larger batches make an epoch quicker and need a "
        "higher learning rate.",
        summary="images per step",
    )  # fmt: skip
    learning_rate: float = setting(
        OPTIMIZERS["adamw"].learning_rate, label="Learning rate", control="steps", bound=Bound(1e-6, 10.0),
        steps=LEARNING_RATES, format="{:g}", prominent=True, by_optimizer=True,
        help="How far each update moves the weights. Too low, and the network learns slowly; too high, and it does not "
        "learn at all. Good starting points: "
        + ", ".join(f"{kind.learning_rate:g} for {kind.label}" for kind in OPTIMIZERS.values()) + ".",
        summary="peak step size",
    )  # fmt: skip
    optimizer: str = setting(
        "adamw", label="Optimizer", control="names", choices=OPTIMIZERS,
        help="How gradients become updates. Choosing one sets its usual learning rate and weight decay.",
        summary="how gradients become updates",
    )  # fmt: skip
    schedule: Schedule = setting(
        "one-cycle", label="Learning rate schedule", control="names", choices=SCHEDULES,
        help="**One cycle** rises to the rate above, then falls to zero: best for few epochs. **Constant** stays.",
        summary="how the learning rate changes over time",
    )  # fmt: skip
    weight_decay: float = setting(
        OPTIMIZERS["adamw"].weight_decay, label="Weight decay", control="steps", bound=Bound(0.0, 1.0),
        steps=(0.0, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5), format="{:g}", by_optimizer=True,
        help="Pulls the weights towards zero, to reduce overfitting.",
        summary="how strongly the weights are pulled towards zero",
    )  # fmt: skip
    augment: str = setting(
        "none", label="Augmentation", control="names", choices=AUGMENTATIONS,
        help="Varies every training image a little, each time differently: slower to learn, better on other people's "
        "digits. "
        + "; ".join(f"**{each.label}**: {each.description}" for each in AUGMENTATIONS.values()) + ".",
        summary="how far training images are varied",
    )  # fmt: skip
    precision: Precision = setting(
        "auto", label="Precision", control="names", choices=PRECISIONS,
        help="**Auto** picks bfloat16 where the processor is faster with it, else float32.",
        summary="number format of the matrix products",
    )  # fmt: skip
    device: Device = setting(
        "auto", label="Device", control="names", choices=DEVICES,
        help="**Auto** uses a GPU if there is one.",
        summary="where to train",
    )  # fmt: skip
    seed: int = setting(
        0, label="Seed", control="number", bound=Bound(0, 2**31 - 1),
        help="Controls all randomness: the same seed and settings give the same network, bit for bit.",
        summary="controls all randomness",
    )  # fmt: skip
    patience: int = setting(
        0, label="Early stopping", control="scale", bound=Bound(0, 1000), highest=20, first=False,
        help="End the training once the validation accuracy has not risen for this many epochs; 0: train them all. "
        "Meant for a constant learning rate: one cycle is at its best at its end.",
        summary="epochs without a better validation accuracy after which to end; 0: never",
    )  # fmt: skip
    # changes nothing in the training
    keep_epochs: bool = setting(
        False, label="Keep every epoch's weights", control="switch", first=False,
        help="Lets you go back to any epoch in the Time machine. Each epoch takes two bytes per parameter on disk; "
        "the training itself is not affected.",
        summary="keep every epoch's weights, for the Time machine",
    )  # fmt: skip
    label_smoothing: float = setting(
        0.0, label="Label smoothing", control="scale", bound=Bound(0.0, 0.5), step=0.05, format="{:g}", first=False,
        help="How much of the target's probability goes to the other digits: with a little, the network learns in "
        "fewer epochs.",
        summary="how much of the target's probability goes to the other classes",
    )  # fmt: skip
    train_share: float = setting(
        1.0, label="Training images", control="steps", bound=Bound(0.01, 1.0), format="{:.0%}", first=False,
        steps=(0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0),
        help="The fraction to train on, drawn at random by the seed, with every digit in proportion: how many images "
        "does the network need?",
        summary="fraction of the training images to use",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check(self)


BOUNDS = bounds_of(ModelConfig) | bounds_of(TrainConfig)


def usual_learning_rate(config: TrainConfig) -> float:
    """A rate that works for most networks with this optimiser and schedule."""
    kind = OPTIMIZERS[config.optimizer]
    match config.schedule:
        case "one-cycle":
            return kind.learning_rate
        case "constant":
            return kind.constant_learning_rate
        case _:
            assert_never(config.schedule)


def gentler_learning_rate(config: TrainConfig) -> float:
    """What to try where the rate was too high: the usual one, or a quarter where it was hardly above that."""
    usual = usual_learning_rate(config)
    return usual if config.learning_rate >= 2 * usual else max(config.learning_rate / 4, BOUNDS["learning_rate"].low)
