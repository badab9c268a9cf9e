"""What was chosen for a run, in the words of the form: the settings that its network reads, and nothing else."""

from collections.abc import Iterator
from typing import Any

from mnist_core.config import Setting, settings_of, shown
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.registry import NETWORKS
from mnist_core.runs.run import Run
from mnist_core.training.config import TrainConfig


def chosen_settings(run: Run) -> Iterator[tuple[str, Setting, Any]]:
    """The name of each setting's field, what is to be known of it, and its value."""
    reads = NETWORKS[run.model.kind].reads | {"kind", "refuses"}
    for name, setting in settings_of(ModelConfig).items():
        if name in reads:
            yield name, setting, getattr(run.model, name)
    for name, setting in settings_of(TrainConfig).items():
        yield name, setting, getattr(run.train, name)


def settings_shown(run: Run) -> dict[str, str]:
    """Each setting's label and its value, as a person reads them; what `auto` chose is included."""
    values = {setting.label: shown(value, setting) for _, setting, value in chosen_settings(run)}
    known = settings_of(TrainConfig)
    values[known["epochs"].label] = " + ".join(map(str, (run.train.epochs, *run.extended_by)))
    for name, got in (("precision", run.precision), ("device", run.device)):
        setting, wanted = known[name], getattr(run.train, name)
        values[setting.label] = shown(got, setting) + (f" ({shown(wanted, setting)})" if wanted != got else "")
    return values


def network_name(run: Run) -> str:
    """`MLP 512-256`, `CNN large`, `Linear`."""
    kind = NETWORKS[run.model.kind]
    return f"{kind.label} {kind.variant(run.model)}".rstrip()
