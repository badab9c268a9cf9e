"""Hyperparameters: frozen, checked, with defaults. Forms and the command line are built from the same bounds."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from mnist_core.errors import ConfigError

DatasetName = Literal["mnist", "people", "digits", "handwriting"]
ModelKind = Literal["mlp", "cnn"]
Size = Literal["small", "large"]
Optimizer = Literal["adamw", "sgd"]
Schedule = Literal["one-cycle", "constant"]
Augment = Literal["none", "light", "strong"]
Precision = Literal["auto", "float32", "bfloat16"]
Device = Literal["auto", "cpu", "cuda"]


# Whose training images show letters and scribbles too: networks trained on them get an output for those.
WITH_NON_DIGITS: frozenset[DatasetName] = frozenset({"people"})


@dataclass(frozen=True)
class Bound:
    """The least and the greatest value a number may have, both allowed."""

    low: float
    high: float


BOUNDS = {
    "epochs": Bound(1, 1000),
    "batch_size": Bound(1, 10_000),
    "learning_rate": Bound(1e-6, 10.0),
    "weight_decay": Bound(0.0, 1.0),
    "dropout": Bound(0.0, 0.9),
    "label_smoothing": Bound(0.0, 0.5),
    "train_share": Bound(0.01, 1.0),
    "hidden": Bound(1, 4096),
    "seed": Bound(0, 2**31 - 1),
}
MAX_HIDDEN_LAYERS = 8
# Not in the run.json of the first version: their defaults say what was then.
LATER_FIELDS = {"size", "refuses", "keep_epochs", "label_smoothing", "train_share"}

# What a one-cycle schedule peaks at to learn MNIST in few epochs, found by trying (benchmarks/learning_rates.py).
DEFAULT_LEARNING_RATES: dict[Optimizer, float] = {"adamw": 0.004, "sgd": 0.1}
# Without a peak to rest from, the rate has to be gentler: Kingma and Ba 2015 for Adam, a fifth of the peak for sgd.
CONSTANT_LEARNING_RATES: dict[Optimizer, float] = {"adamw": 0.001, "sgd": 0.02}
# adamw's decay is decoupled from the gradient, sgd's is not: the same number would mean another strength
DEFAULT_WEIGHT_DECAYS: dict[Optimizer, float] = {"adamw": 0.01, "sgd": 0.0005}


@dataclass(frozen=True)
class ModelConfig:
    """Which network. `hidden` (units of each hidden layer) is read by the mlp only, `size` by the cnn only."""

    kind: ModelKind = "mlp"
    hidden: tuple[int, ...] = (512, 256)
    dropout: float = 0.0
    size: Size = "small"
    refuses: bool = False  # has an eleventh output, for what is not a digit; needs a data set that shows such

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", tuple(self.hidden))  # JSON has lists only
        _check_choice("model", self.kind, ModelKind)
        _check_choice("size", self.size, Size)
        _check_choice("refuses", self.refuses, Literal[True, False])
        if not 1 <= len(self.hidden) <= MAX_HIDDEN_LAYERS:
            raise ConfigError(f"hidden must name 1 to {MAX_HIDDEN_LAYERS} layers, got {len(self.hidden)}")
        for units in self.hidden:
            _check_whole("hidden", units)
        _check_bound("dropout", self.dropout)


@dataclass(frozen=True)
class TrainConfig:
    """How to train. `learning_rate` is the peak of a one-cycle schedule, or the constant rate.

    `label_smoothing` is the share of certainty that the training's target leaves to the other classes (Szegedy et al.
    2016, section 7). `train_share` is the share of the training images that is used: those are drawn by the seed.
    """

    epochs: int = 4
    batch_size: int = 128
    learning_rate: float = DEFAULT_LEARNING_RATES["adamw"]
    optimizer: Optimizer = "adamw"
    schedule: Schedule = "one-cycle"
    weight_decay: float = DEFAULT_WEIGHT_DECAYS["adamw"]
    augment: Augment = "none"
    precision: Precision = "auto"
    device: Device = "auto"
    seed: int = 0
    keep_epochs: bool = False  # the weights of every epoch, to look back at; changes nothing in the training
    label_smoothing: float = 0.0
    train_share: float = 1.0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "seed"):
            _check_whole(name, getattr(self, name))
        for name in ("learning_rate", "weight_decay", "label_smoothing", "train_share"):
            _check_bound(name, getattr(self, name))
        _check_choice("optimizer", self.optimizer, Optimizer)
        _check_choice("schedule", self.schedule, Schedule)
        _check_choice("augment", self.augment, Augment)
        _check_choice("precision", self.precision, Precision)
        _check_choice("device", self.device, Device)
        _check_choice("keep_epochs", self.keep_epochs, Literal[True, False])


def usual_learning_rate(config: TrainConfig) -> float:
    """A rate that works for most networks with this optimizer and schedule."""
    rates = DEFAULT_LEARNING_RATES if config.schedule == "one-cycle" else CONSTANT_LEARNING_RATES
    return rates[config.optimizer]


def gentler_learning_rate(config: TrainConfig) -> float:
    """What to try where the rate was too high: the usual one, or a quarter where it was hardly above that."""
    usual = usual_learning_rate(config)
    return usual if config.learning_rate >= 2 * usual else max(config.learning_rate / 4, BOUNDS["learning_rate"].low)


def config_from_json(kind: type[Any], values: object, source: str) -> Any:
    """Rebuild a config from what `dataclasses.asdict` gave, now or in an earlier version with fewer fields.

    Raises:
        ConfigError: for an unknown key, one missing from the first version, or a value out of bounds; the sentence
            names `source`.
    """
    if not isinstance(values, dict):
        raise ConfigError(f"{source}: expected an object for {kind.__name__}, found {type(values).__name__}")
    expected = set(asdict(kind()))
    if odd := expected.symmetric_difference(values) - (LATER_FIELDS - set(values)):
        raise ConfigError(f"{source}: {kind.__name__} has unknown or missing keys: {', '.join(sorted(odd))}")
    try:
        return kind(**values)
    except (ConfigError, TypeError) as error:
        raise ConfigError(f"{source}: {error}") from error


def _check_whole(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{name} must be a whole number, got {value!r}")
    _check_bound(name, value)


def _check_bound(name: str, value: object) -> None:
    bound = BOUNDS[name]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{name} must be a number, got {value!r}")
    if not bound.low <= value <= bound.high:  # also refuses NaN
        raise ConfigError(f"{name} must be {bound.low:g} to {bound.high:g}, got {value:g}")


def _check_choice(name: str, value: object, choices: Any) -> None:
    allowed = get_args(choices)
    if value not in allowed:
        raise ConfigError(f"{name} must be one of {', '.join(allowed)}, got {value!r}")
