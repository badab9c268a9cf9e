"""The command that trains a run's network again, with all its settings written out."""

import shlex
from typing import Any

from mnist_core.runs.run import Run
from mnist_core.runs.settings import chosen_settings

PROGRAM = "python -m mnist_core"


def train_command(run: Run) -> str:
    """For a POSIX shell. Device, precision and threads are those of the run, not what `auto` would choose here."""
    settings: dict[str, Any] = {"data": run.dataset}
    for name, setting, value in chosen_settings(run):
        if setting.control != "none":  # whether it rejects non-digits follows from the data set
            settings[setting.option or name] = value
    settings |= {"precision": run.precision, "device": run.device, "name": run.name or None}
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
