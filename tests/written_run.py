"""A run whose worker is the test: it is at work for as long as the test says, and makes steps when the test says so.

What a page shows of a run it knows from the run's folder alone. So where no training is tested, none needs to be waited
for, and no machine is too busy to keep up with one.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mnist_core.config import ModelConfig, TrainConfig
from mnist_core.datasets import registry
from mnist_core.runs import store
from mnist_core.runs.history import FILE, HistoryWriter
from mnist_core.runs.lock import hold
from mnist_core.runs.run import LOCK_FILE, Run
from mnist_core.runs.status import read_history
from mnist_core.types import EpochEnd, StepEnd
from mnist_core.workers.queue import wait_in_line

STEPS_PER_EPOCH = 64


def new_run(checkpoints: Path, *, name: str, epochs: int = 200) -> Run:
    """A run on `digits` that has yet to be trained."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_CHECKPOINTS", str(checkpoints))
        config = TrainConfig(epochs=epochs, batch_size=16)
        return store.create_run(registry.load("digits"), ModelConfig("mlp", (16,)), config, name=name)


class Writer:
    """What stands in for the worker of a run."""

    def __init__(self, run: Run, history: HistoryWriter, step: int) -> None:
        self.step, self.planned = step, STEPS_PER_EPOCH * run.epochs  # made, and to be made in all
        self._history = history

    def train(self, steps: int) -> int:
        """Make so many steps, with an epoch's end wherever one falls. Returns the number of the last step."""
        for _ in range(steps):
            self.step += 1
            loss, epoch = 2.3 / (1 + self.step / 50), -(-self.step // STEPS_PER_EPOCH)
            self._history.record(StepEnd(epoch, self.step, loss, 1 - loss / 2.6, 0.001, 16))
            if self.step % STEPS_PER_EPOCH == 0:
                self._history.record(EpochEnd(epoch, self.step, loss, 1 - loss / 2.6, loss, 1 - loss / 2.5))
        return self.step

    def finish(self) -> None:
        """Make all steps that are left."""
        self.train(self.planned - self.step)
        self._history.write("finished")


@contextmanager
def at_work(run: Run) -> Iterator[Writer]:
    """Be the run's worker, from where it stands; leaving stops it, unless it has finished."""
    history = read_history(run)
    step = history.step[-1] if history.step else 0
    with hold(run.folder / LOCK_FILE):
        file = HistoryWriter(run.folder / FILE, elapsed=history.elapsed_seconds)
        worker = {"pid": os.getpid(), "host": "elsewhere"}
        file.write("queued", **worker)
        turn = wait_in_line(run.folder, run.device, give_up=lambda: False)
        assert turn is not None
        with turn:
            file.write(
                "resumed" if step else "started",
                **worker, step=step, epochs_done=len(history.epochs), epochs=run.epochs,
                steps_per_epoch=STEPS_PER_EPOCH, lost="",
            )  # fmt: skip
            yield Writer(run, file, step)
            if read_history(run).last_event != "finished":
                file.write("stopped")
        file.close()
