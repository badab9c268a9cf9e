"""Starts and stops the process that trains a run. `trainer` is what that process does.

Stopping and pausing are the same: the worker gets SIGTERM, finishes its step, saves its state and ends. To resume is to
start a worker on the same folder.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mnist_core import machine, paths
from mnist_core.errors import WorkerError
from mnist_core.runs.lock import is_locked
from mnist_core.runs.run import ASKED_FILE, LOCK_FILE, LOG_FILE, Run
from mnist_core.runs.status import AT_WORK, read_history, status_of
from mnist_core.workers import launcher, queue
from mnist_core.workers.standstill import process_of

MAX_AT_WORK = 50  # runs: each is a process that waits for its turn
IN_LINE_SECONDS = 8.0  # in which several workers may take their places one by one

_children: list[subprocess.Popen[bytes]] = []  # kept, so that a child that ended is noticed and reaped


def start(run: Run) -> None:
    """Have a run trained, from the start or from where it stopped, in a process that outlives this one.

    Raises:
        WorkerError: if it is already being trained or is done, or its folder is gone or cannot be written.
    """
    check_can_start(run)
    try:
        (run.folder / ASKED_FILE).touch()
        if not launcher.launch(run.folder):
            start_process(run.folder)
    except OSError as error:
        with suppress(OSError):
            (run.folder / ASKED_FILE).unlink(missing_ok=True)
        raise WorkerError(
            f"cannot write to {run.folder}: {error.strerror}; check its owner and the free disk space"
        ) from error


def start_in_order(wanted: Sequence[Run]) -> list[str]:
    """Queue runs for training in this order: each is in the queue before the next is started, as long as that is quick.

    Returns: why each of the others could not be started.
    """
    not_started = []
    deadline = time.monotonic() + IN_LINE_SECONDS
    for run in wanted:
        try:
            start(run)
        except WorkerError as error:
            not_started.append(str(error))
            continue
        while _is_on_its_way(run) and time.monotonic() < deadline:
            time.sleep(0.01)
    return not_started


def _is_on_its_way(run: Run) -> bool:
    """Started, and not in the queue yet."""
    if run.run_id in queue.waiting(run.folder.parent, run.device):
        return False
    return status_of(run) in ("starting", "queued")


def check_can_start(run: Run) -> None:
    status = status_of(run)
    if status in AT_WORK:
        raise WorkerError(f"{run.run_id} is already being trained")
    if status == "finished":
        raise WorkerError(f"{run.run_id} has finished all its epochs; extend it, or start a new run")
    if len(queue.waiting(run.folder.parent, run.device)) >= MAX_AT_WORK:
        raise WorkerError(
            f"the queue is full: {MAX_AT_WORK} runs wait for the {run.device.upper()} or train; withdraw one, or wait "
            "until one has ended"
        )


def start_process(folder: Path) -> None:
    """Train in a new Python process: two seconds of imports that the launcher saves, but it needs nothing else."""
    _children[:] = [child for child in _children if child.poll() is None]
    with (folder / LOG_FILE).open("ab") as log:
        _children.append(
            subprocess.Popen(
                [sys.executable, "-m", "mnist_core.workers.trainer", str(folder)],
                cwd=paths.APP_FOLDER,
                env=machine.worker_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # it outlives the server, and Ctrl-C in its terminal
            )
        )


def stop(run: Run, *, wait_seconds: float = 0.0) -> None:
    """Ask a run's worker to save and end.

    Raises:
        WorkerError: if none is at work, it is on another machine, or it has not ended after `wait_seconds`.
    """
    pid, host = _worker(run)
    if host != socket.gethostname():
        raise WorkerError(f"{run.run_id} is being trained on {host}; stop it there")
    try:
        os.kill(pid, signal.SIGTERM)
        if sys.platform != "win32":
            os.kill(pid, signal.SIGCONT)  # a suspended process hears nothing until it goes on
    except ProcessLookupError:
        return  # it ended just now
    except PermissionError as error:
        raise WorkerError(f"{run.run_id} is being trained by another user's process ({pid})") from error
    deadline = time.monotonic() + wait_seconds
    while is_locked(run.folder / LOCK_FILE) and time.monotonic() < deadline:
        time.sleep(0.02)
    if wait_seconds and is_locked(run.folder / LOCK_FILE):
        raise WorkerError(
            f"{run.run_id} was asked to stop {wait_seconds:.0f} s ago and is still at work; if it is stuck, end it "
            f"with `kill -9 {pid}`: what it saved is safe, and it can be resumed"
        )


def _worker(run: Run) -> tuple[int, str]:
    """Process and host of whoever trains a run."""
    if not is_locked(run.folder / LOCK_FILE):
        raise WorkerError(f"{run.run_id} is not being trained")
    if worker := process_of(run, read_history(run)):
        return worker
    raise WorkerError(f"{run.run_id} is being trained, but nothing in its folder says by which process; see `ps`")
