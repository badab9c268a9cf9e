"""The same training once more, or with other seeds."""

from dataclasses import replace

from mnist_core import data, runs
from mnist_core.errors import CheckpointError
from mnist_core.runs import Run


def create_repeat(run: Run, *, seed: int | None = None, name: str = "") -> Run:
    """A new run with all the settings of `run`, yet to be trained.

    Args:
        seed: another one; by default the same, which on the same machine, threads and versions gives the same weights.
    Raises:
        CheckpointError: if the run was taught from a person's pictures, its data set is another by now, or the folder
            cannot be written.
    """
    if run.base:
        raise CheckpointError(f"{run.run_id} was taught from pictures that it alone holds; it cannot be repeated")
    dataset = data.load(run.dataset)
    if dataset.checksum != run.dataset_checksum:
        raise CheckpointError(f"the data set {run.dataset} is not the one {run.run_id} was trained on any more")
    train = run.train if seed is None else replace(run.train, seed=seed)
    return runs.create_run(dataset, run.model, train, name=name or run.name)
