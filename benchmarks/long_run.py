"""A run with a long history, written as a worker would write it, without the training."""

import math
import os
import socket

from mnist_core.datasets import registry
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.history import FILE, HistoryWriter
from mnist_core.runs.run import Run
from mnist_core.training.config import TrainConfig
from mnist_core.types import EpochEnd, StepEnd

STEPS_PER_EPOCH = 1000


def write_long_run(steps: int, *, planned: int | None = None, end: str | None = "finished") -> Run:
    """Make the folder of a run of so many steps, on scikit-learn's digits.

    Args:
        planned: steps it was to make; by default those it made.
        end: its last event; None leaves it as a killed worker would.
    """
    epochs = max(1, -(-(planned or steps) // STEPS_PER_EPOCH))
    config = TrainConfig(epochs=min(epochs, 200), batch_size=64)
    run = store.create_run(registry.load("digits"), ModelConfig("mlp"), config, name=f"{steps:,} steps")
    writer = HistoryWriter(run.folder / FILE, elapsed=0.0)
    begin = {"pid": os.getpid(), "host": socket.gethostname(), "step": 0, "epochs_done": 0}
    writer.write("started", **begin, epochs=epochs, steps_per_epoch=STEPS_PER_EPOCH)
    append_steps(writer, 1, steps)
    if end == "finished":
        writer.write("finished")
    writer.close()
    return run


def append_steps(writer: HistoryWriter, first: int, last: int) -> None:
    """Go on with the steps from `first` to `last`, and the epochs that they end."""
    for step in range(first, last + 1):
        epoch = (step - 1) // STEPS_PER_EPOCH + 1
        loss = 2.3 / (1 + step / 500) + 0.02 * (1 + math.sin(step))
        accuracy = 1 - 0.9 / (1 + step / 500)
        writer.record(StepEnd(epoch, step, loss, accuracy, 0.001, 64))
        if step % STEPS_PER_EPOCH == 0:
            writer.record(EpochEnd(epoch, step, loss, accuracy, loss, accuracy))
