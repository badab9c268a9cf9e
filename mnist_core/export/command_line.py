"""The command that trains a run's network once more, written out with all its settings."""

import shlex
from dataclasses import asdict
from typing import Any

from mnist_core.runs.run import Run

PROGRAM = "python -m mnist_core"
UNREAD = {"mlp": "size", "cnn": "hidden"}  # settings that the other kind of network has


def settings_shown(run: Run) -> dict[str, Any]:
    """The fields of both configs that this run's network and training read, in their order."""
    settings = {**asdict(run.model), **asdict(run.train)}
    del settings[UNREAD[run.model.kind]]
    return settings


def train_command(run: Run) -> str:
    """For a POSIX shell. Device, precision and threads are what the run had, not what `auto` would come to."""
    settings: dict[str, Any] = {"data": run.dataset, "model": run.model.kind, **settings_shown(run)}
    settings |= {"precision": run.precision, "device": run.device, "name": run.name or None}
    for name in ("kind", "refuses"):  # `--model` says the one; the other follows from the data set
        del settings[name]
    words = filter(None, (_option(name, value) for name, value in settings.items()))
    return f"OMP_NUM_THREADS={run.threads} {PROGRAM} train {shlex.join(words)}"


def repeat_command(run: Run) -> str:
    return f"{PROGRAM} repeat {run.run_id}"


def _option(name: str, value: Any) -> str:
    """As `--name=value`, so that no value is taken for an option; a switch that is off is left out."""
    option = "--" + name.replace("_", "-")
    if value is None or value is False:
        return ""
    if value is True:
        return option
    return f"{option}={','.join(map(str, value)) if isinstance(value, list | tuple) else value}"
