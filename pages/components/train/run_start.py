"""A new run, handed to a worker."""

from mnist_core.datasets import registry
from mnist_core.errors import WorkerError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.training.config import TrainConfig
from mnist_core.workers import control


def start_run(dataset: str, model: ModelConfig, train: TrainConfig, *, name: str) -> Run:
    """Create a run and have it trained.

    Raises:
        MnistError: if the data set is not there, the run's folder cannot be written, or the queue is full.
    """
    run = store.create_run(registry.load(dataset), model, train, name=name)
    try:
        control.start(run)
    except WorkerError:
        store.delete_run(run)  # nobody has seen it
        raise
    return run
