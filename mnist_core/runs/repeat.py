"""The same training again, or with other seeds."""

import os
from dataclasses import replace
from pathlib import Path

from mnist_core.datasets import registry
from mnist_core.errors import CheckpointError, ConfigError
from mnist_core.runs import store
from mnist_core.runs.run import RUN_FILE, Run, read_run
from mnist_core.runs.seeds import MAX_SEEDS, MIN_SEEDS, free_seeds

PREFIX = "Repeat of "


def find_original(reference: str) -> Run:
    """The run meant by an id, a unique beginning of one, `latest`, or a path to a `run.json` or to its folder.

    A `run.json` may lie anywhere: what was kept of the run is then looked for beside it.

    Raises:
        CheckpointError: if there is none, or it is damaged.
    """
    path = Path(reference)
    if (path / RUN_FILE).is_file():
        return read_run(path.resolve() / RUN_FILE)
    if path.is_file() or path.suffix == ".json":
        return read_run(path.resolve())
    if os.sep in reference:
        raise CheckpointError(f"{path} is neither a run.json nor a folder that contains one")
    return store.find_run(reference)


def create_repeat(run: Run, *, seed: int | None = None, name: str = "") -> Run:
    """A new run with all the settings of `run`, yet to be trained.

    Its device, precision and threads are those that `run` had, whatever `auto` would choose here.

    Args:
        seed: another one; by default the same, which on the same machine and versions gives the same weights.
    Raises:
        CheckpointError: if the run was fine-tuned on a person's pictures, its data set has changed, or the folder
            cannot be written.
        ConfigError: if it was trained on a GPU and there is none here.
        DatasetError: if its data set is not here.
    """
    if run.base:
        raise CheckpointError(
            f"{run.run_id} was fine-tuned on pictures that only its own folder holds, so it cannot be repeated; "
            f"`resume {run.run_id}` continues it, `teach {run.base}` fine-tunes its base on the digits kept by now"
        )
    dataset = registry.load(run.dataset)
    if dataset.checksum != run.dataset_checksum:
        raise CheckpointError(f"the data set {run.dataset} is no longer the one {run.run_id} was trained on")
    train = run.train if seed is None else replace(run.train, seed=seed)
    try:
        return store.create_run(dataset, run.model, train, name=name or run.name, extended_by=run.extended_by, like=run)
    except ConfigError as error:
        raise ConfigError(
            f"{run.run_id} was trained on a GPU, but torch finds none here: repeat it on a machine that has one"
        ) from error


def with_seeds(run: Run, k: int) -> list[Run]:
    """`k` new runs with all the settings of `run` and other seeds: the next that none of the same settings has.

    None of them is trained yet: `control.start_in_order` queues them.

    Raises:
        ConfigError: if `k` is out of bounds.
        CheckpointError: as `create_repeat`; what was created by then stays.
    """
    if not MIN_SEEDS <= k <= MAX_SEEDS:
        raise ConfigError(f"the number of seeds must be between {MIN_SEEDS} and {MAX_SEEDS}, got {k}")
    return [create_repeat(run, seed=seed) for seed in free_seeds(run, store.healthy_runs(), k)]


def name_of_repeat(run: Run) -> str:
    """What to call a run that only checks another; the repeat of a repeat is called like the first."""
    return PREFIX + run.title.removeprefix(PREFIX)
