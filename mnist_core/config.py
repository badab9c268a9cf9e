"""What a hyperparameter is: a field of a frozen dataclass with its bounds, its texts and how it is chosen.

`networks.config.ModelConfig` and `training.config.TrainConfig` are made of such fields. Their checks, the form on the
Train page, the options of the command line, and the names on run cards and in tables all come from here.
"""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal, Protocol

from mnist_core.errors import ConfigError
from mnist_core.registry import Registry

FAR_BEYOND = 1e300  # whole numbers can be larger than any float

# How a person chooses a value: among names, on a scale of chosen values, on an even scale, as a number, on or off, as
# a list of whole numbers; or not at all, because it follows from something else.
Control = Literal["names", "steps", "scale", "number", "switch", "widths", "none"]


@dataclass(frozen=True)
class Bound:
    """The smallest and the largest value allowed."""

    low: float
    high: float


@dataclass(frozen=True)
class Setting:
    """Everything about a hyperparameter except its default.

    `format` shows a value, as in `str.format`. A field that is not `first` was not in the `run.json` of version 0.1.0:
    where it is missing, its default is what applied then.
    """

    label: str  # on the form
    help: str  # a sentence or two of Markdown, on the form
    summary: str  # a few words, on the command line
    control: Control
    bound: Bound | None = None
    choices: Registry[Any] | None = None
    steps: tuple[float, ...] = ()  # the values offered, of "steps"
    step: float = 1  # of "scale"
    highest: float | None = None  # on the scale, where that ends before the bound
    format: str = "{}"
    prominent: bool = False  # above the settings that most people leave alone
    first: bool = True
    option: str = ""  # of the command line, where it is not the field's name
    by_optimizer: bool = False  # the usual value is the optimiser's


class Config(Protocol):
    """A frozen dataclass whose fields were made by `setting`."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


def setting(default: Any, **about: Any) -> Any:
    """A field of a config; the keywords are those of `Setting`."""
    return field(default=default, metadata={"setting": Setting(**about)})


def settings_of(config: Config | type[Config]) -> dict[str, Setting]:
    """The settings of a config by the names of its fields, in their order."""
    return {each.name: each.metadata["setting"] for each in fields(config)}


def defaults_of(config: type[Config]) -> dict[str, Any]:
    return {each.name: each.default for each in fields(config) if each.default is not MISSING}


def bounds_of(config: type[Config]) -> dict[str, Bound]:
    return {name: each.bound for name, each in settings_of(config).items() if each.bound}


def check(config: Config) -> None:
    """Raises: ConfigError: naming the first field whose value is of the wrong kind or out of bounds, and the bounds."""
    for name, each in settings_of(config).items():
        value = getattr(config, name)
        match each.control:
            case "names":
                assert each.choices
                each.choices.check(value)
            case "switch" | "none":
                if not isinstance(value, bool):
                    raise ConfigError(f"{name} must be True or False, got {value!r}")
            case "widths":
                for width in value:
                    check_number(name, width, each, whole=True)
            case "steps" | "scale" | "number":
                whole = isinstance(defaults_of(type(config))[name], int)
                check_number(name, value, each, whole=whole)


def check_number(name: str, value: object, setting: Setting, *, whole: bool = False) -> None:
    """Raises: ConfigError: if it is no number, no whole one where one is wanted, or out of bounds; NaN is."""
    kinds = int if whole else int | float
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise ConfigError(f"{name} must be a {'whole ' if whole else ''}number, got {value!r}")
    bound = setting.bound
    assert bound
    if not bound.low <= value <= bound.high:
        got = "one of hundreds of digits" if abs(value) >= FAR_BEYOND else f"{value:g}"  # NaN too
        raise ConfigError(f"{name} must be between {bound.low:.10g} and {bound.high:.10g}, got {got}")


def shown(value: Any, setting: Setting) -> str:
    """A value as a person reads it."""
    if setting.choices:
        return setting.choices.label(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return setting.format.format(value)


def config_from_json(kind: type[Any], values: object, source: str) -> Any:
    """Rebuild a config from what `dataclasses.asdict` gave, now or in an earlier version with fewer fields.

    Raises:
        ConfigError: for an unknown key, one missing from the first version, or a value out of bounds; the sentence
            names `source`.
    """
    if not isinstance(values, Mapping):
        raise ConfigError(f"{source}: expected an object for {kind.__name__}, found {type(values).__name__}")
    later = {name for name, each in settings_of(kind).items() if not each.first}
    if odd := set(asdict(kind())).symmetric_difference(values) - (later - set(values)):
        raise ConfigError(f"{source}: {kind.__name__} has unknown or missing keys: {', '.join(sorted(odd))}")
    try:
        return kind(**values)
    except (ConfigError, TypeError) as error:
        raise ConfigError(f"{source}: {error}") from error
