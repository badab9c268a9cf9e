"""Trains one run in this process: what a worker does, and what the command line does in the foreground.

It writes the run's folder; everybody else only reads it.
"""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import torch
from filelock import Timeout

from mnist_core.datasets import registry
from mnist_core.datasets.splits import fraction_of
from mnist_core.errors import CheckpointError, MnistError, WorkerError
from mnist_core.files import clear_leftovers
from mnist_core.finetuning.before_after import FineTuning, begin_fine_tuning
from mnist_core.machine import keep_freed_memory
from mnist_core.runs import epochs
from mnist_core.runs.checkpoint import Progress, load_state, save_state, save_weights, weights_of
from mnist_core.runs.history import FILE as HISTORY_FILE
from mnist_core.runs.history import HistoryWriter
from mnist_core.runs.lock import hold
from mnist_core.runs.run import ASKED_FILE, LOCK_FILE, Run, load_run
from mnist_core.runs.status import read_history
from mnist_core.statistics.confusion_matrix import confusion_matrix
from mnist_core.training.features import Features
from mnist_core.training.loop import Training, steps_per_epoch, train
from mnist_core.types import Dataset, EpochEnd, Split, StepEnd
from mnist_core.workers.queue import wait_in_line

SAVE_SECONDS = 10.0  # the saved state is never older than this

Event = StepEnd | EpochEnd
OnEvent = Callable[[Event], None]
End = Literal["finished", "stopped"]


def train_run(folder: Path, *, should_stop: Callable[[], bool] = lambda: False, on_event: OnEvent | None = None) -> End:
    """Train the run of `folder` until it is done or told to stop, from its saved state if there is one.

    Args:
        should_stop: asked after every event, and while waiting in the queue.
        on_event: is shown every event once it is recorded.
    Raises:
        WorkerError: if another worker is training it (then nothing is written), or the disk cannot be written.
        MnistError: whatever else keeps it from training; the history says so too.
    """
    run = load_run(folder)
    try:
        with hold(folder / LOCK_FILE):
            run = load_run(folder)  # it may have been deleted or extended before the lock was ours
            return _train_locked(run, should_stop, on_event)
    except Timeout as error:
        raise WorkerError(f"{run.run_id} is already being trained") from error
    except OSError as error:
        raise WorkerError(
            f"cannot write {error.filename or run.folder}: {error.strerror}; "
            "what was saved before is safe: free some disk space, then resume"
        ) from error


def _train_locked(run: Run, should_stop: Callable[[], bool], on_event: OnEvent | None) -> End:
    writer = HistoryWriter(run.folder / HISTORY_FILE, elapsed=read_history(run).elapsed_seconds)
    try:
        writer.write("queued", pid=os.getpid(), host=socket.gethostname())
        (run.folder / ASKED_FILE).unlink(missing_ok=True)
        turn = wait_in_line(run.folder, run.device, give_up=should_stop)
        if turn is None:
            writer.write("stopped")
            return "stopped"
        with turn:
            return _train_in_turn(run, writer, should_stop, on_event)
    except Exception as error:  # told to whoever watches, and raised again
        why = str(error) if isinstance(error, MnistError) else f"{type(error).__name__}: {error}"
        writer.write("failed", error=why)
        raise
    finally:
        writer.close()


def _train_in_turn(run: Run, writer: HistoryWriter, should_stop: Callable[[], bool], on_event: OnEvent | None) -> End:
    torch.set_num_threads(run.threads)
    keep_freed_memory()
    dataset = registry.load(run.dataset)
    if dataset.checksum != run.dataset_checksum:
        raise CheckpointError(f"the data set {run.dataset} is not the one this run started with; start a new run")
    training, fine_tuning, progress = _begin(run, dataset)
    known = read_history(run).epochs  # a damaged history lacks some of those that the saved state remembers
    if known and not training.step:
        progress.lost = "it had no saved state left, so it started again from the beginning"
    train_split, validation = fine_tuning.splits if fine_tuning else _splits(run, dataset)
    if fine_tuning:  # steps so small that two threads only wait for each other, beside anything else for seconds
        torch.set_num_threads(1)
    writer.restart_clock(progress.elapsed)
    writer.write(
        "resumed" if training.step else "started",
        pid=os.getpid(),
        host=socket.gethostname(),
        step=training.step,
        epochs_done=training.epochs_done,
        epochs=run.epochs,
        steps_per_epoch=steps_per_epoch(len(train_split), run.train.batch_size),
        lost=progress.lost,
    )
    for epoch, elapsed in progress.epochs:
        if epoch not in known:
            writer.record(epoch, elapsed=elapsed)
    for event in record(train(training, train_split, validation), training, run, writer, progress):
        if fine_tuning:
            fine_tuning.note(event.step)
        if on_event:
            on_event(event)
        if _is_at_rest(training, event) and should_stop():
            break
    done = training.epochs_done == run.epochs or training.has_stopped_early
    if done and (fine_tuning is None or fine_tuning.evaluate(should_stop)):
        writer.write("finished", early=training.has_stopped_early)
        return "finished"
    progress.elapsed = writer.elapsed
    save_state(training, run, progress)
    writer.write("stopped")
    return "stopped"


def _splits(run: Run, dataset: Dataset) -> tuple[Split | Features, Split]:
    """What it is trained and validated on."""
    splits = [dataset.train, dataset.validation]
    train_split, validation = splits if run.model.refuses else [split.digits_only() for split in splits]
    return fraction_of(train_split, run.train.train_share, run.train.seed), validation


def _begin(run: Run, dataset: Dataset) -> tuple[Training, FineTuning | None, Progress]:
    """The training before its first step, or as it was last saved."""
    training = Training.begin(
        run.model, run.train, extended_by=run.extended_by, device=run.device, precision=run.precision
    )
    fine_tuning = begin_fine_tuning(run, dataset, training) if run.base else None
    clear_leftovers(run.folder / epochs.FOLDER, "*")  # of epochs that a kill kept from being written
    return training, fine_tuning, load_state(training, run)


def record(
    events: Iterator[Event], training: Training, run: Run, writer: HistoryWriter, progress: Progress
) -> Iterator[Event]:
    """Pass events on, each already in the history, with weights and state saved as they fall due."""
    saved = time.monotonic()
    for event in events:
        writer.record(event)
        if isinstance(event, EpochEnd):
            progress.epochs.append((event, writer.elapsed))
            if training.best_epoch == event.epoch:
                progress.best = weights_of(training)
                save_weights(progress.best, run.folder, run.model)
            if run.train.keep_epochs:  # before the state: an epoch not kept yet is trained again
                _keep_epoch(training, run.folder)
        is_due = isinstance(event, EpochEnd) or time.monotonic() - saved > SAVE_SECONDS
        if is_due and _is_at_rest(training, event):
            progress.elapsed = writer.elapsed
            save_state(training, run, progress)
            saved = time.monotonic()
        yield event


def _is_at_rest(training: Training, event: Event) -> bool:
    """Whether there is no step whose event is still to come, so that nothing is lost if it is saved or stopped now."""
    return training.step == event.step


def _keep_epoch(training: Training, folder: Path) -> None:
    """What the epoch just done left, for the Time machine."""
    assert training.validation is not None
    epochs.keep(training.model, confusion_matrix(training.validation), folder, training.epochs_done)


def stop_on_signals(*signals: signal.Signals) -> threading.Event:
    """An event that the first of `signals` sets, instead of ending the process."""
    asked = threading.Event()
    for number in signals:
        signal.signal(number, lambda *_: asked.set())
    return asked


def main(folder: Path) -> int:
    """The worker process; returns its exit status. What went wrong is in the history and in the log."""
    asked = stop_on_signals(signal.SIGTERM)
    try:
        train_run(folder, should_stop=asked.is_set)
    except MnistError as error:
        print(error, file=sys.stderr)  # noqa: T201 -- standard error is the run's log
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
