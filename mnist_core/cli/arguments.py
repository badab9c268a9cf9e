"""Arguments that several verbs have in common: a run, the settings of a training."""

import argparse
from typing import Any

from mnist_core.config import Config, Setting, defaults_of, settings_of
from mnist_core.networks.config import ModelConfig
from mnist_core.training.config import TrainConfig
from mnist_core.training.optimizers import OPTIMIZERS


def add_verb(verbs: Any, name: str, command: Any, help_text: str) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=help_text, description=help_text)
    verb.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    verb.set_defaults(command=command)
    return verb


def add_run(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("run", metavar="RUN", help="a run ID, a unique prefix of one, or latest")


def add_settings(verb: argparse.ArgumentParser) -> None:
    """An option for every hyperparameter, by its field's name; one that was not given is None."""
    for config in (ModelConfig, TrainConfig):
        for name, setting in settings_of(config).items():
            if setting.control != "none":
                _add_setting(verb, config, name, setting)


def given_settings(options: argparse.Namespace, config: type[Config]) -> dict[str, Any]:
    """The settings of a config that were given, by their fields' names."""
    values = {name: getattr(options, name) for name, each in settings_of(config).items() if each.control != "none"}
    return {name: value for name, value in values.items() if value is not None}


def option_of(name: str, setting: Setting) -> str:
    """`--batch-size`."""
    return "--" + (setting.option or name).replace("_", "-")


def _add_setting(verb: argparse.ArgumentParser, config: type[Config], name: str, setting: Setting) -> None:
    option, default = option_of(name, setting), defaults_of(config)[name]
    match setting.control:
        case "names":
            assert setting.choices
            about = f"{setting.summary}; default {default}"
            verb.add_argument(option, dest=name, choices=tuple(setting.choices), help=about)
        case "switch":
            verb.add_argument(option, dest=name, action="store_const", const=True, help=setting.summary)
        case "widths":
            verb.add_argument(option, dest=name, type=_widths, help=setting.summary)
        case "steps" | "scale" | "number":
            kind = type(default)
            metavar = "N" if kind is int else "X"
            verb.add_argument(option, dest=name, type=kind, metavar=metavar, help=_number_help(name, setting, default))
        case "none":
            raise AssertionError(f"{name} cannot be chosen")


def _number_help(name: str, setting: Setting, default: float) -> str:
    assert setting.bound
    usual = f"default {default:g}"
    if setting.by_optimizer:
        usual = "default " + ", ".join(f"{getattr(kind, name):g} for {of}" for of, kind in OPTIMIZERS.items())
    return f"{setting.summary}; {setting.bound.low:.10g} to {setting.bound.high:.10g}, {usual}"


def _widths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected whole numbers separated by commas, such as 512,256, got {text!r}"
        ) from None
