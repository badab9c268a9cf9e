"""A warm process that has imported torch and forks one worker per run: the first metric in 0.2 s instead of 2 s.

The app's process starts it and talks to it over its standard input, one folder a line. It ends when that closes;
the workers it forked have sessions of their own and go on. Where there is no safe fork (anything but Linux),
`launch` returns False and `control` starts an ordinary process.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

COMMAND = (sys.executable, "-m", "mnist_core.workers.launcher")
_process: subprocess.Popen[str] | None = None
_lock = threading.Lock()


def start() -> None:
    """Start the launcher, unless it runs or this system has no safe fork. Returns at once."""
    global _process
    from mnist_core import machine, paths

    with _lock:
        if sys.platform != "linux" or (_process and _process.poll() is None):
            return
        _close_input()
        _process = subprocess.Popen(
            COMMAND,
            cwd=paths.APP_FOLDER,
            env=machine.worker_environment(),
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C in the terminal is for the server
        )


def process_id() -> int | None:
    """The launcher's, while it lives."""
    with _lock:
        return _process.pid if _process and _process.poll() is None else None


def launch(folder: Path) -> bool:
    """Have a run trained. False if there is no launcher to ask; then start a process instead."""
    with _lock:
        if _process is None or _process.poll() is not None or _process.stdin is None:
            return False
        try:
            os.kill(_process.pid, signal.SIGCONT)  # if it was suspended: nobody else would wake it
            _process.stdin.write(json.dumps(str(folder)) + "\n")
            _process.stdin.flush()
        except BrokenPipeError:
            return False
        return True


def _close_input() -> None:
    """Of the launcher there is, dead or alive: an open end would be a leak, a closed one ends it."""
    if _process and _process.stdin:
        with contextlib.suppress(BrokenPipeError):
            _process.stdin.close()


def stop() -> None:
    """End the launcher. Runs that are being trained go on."""
    global _process
    with _lock:
        if _process is None:
            return
        _close_input()
        try:
            _process.wait(timeout=1)
        except subprocess.TimeoutExpired:  # it is still importing
            _process.kill()
            _process.wait()
        _process = None


def serve() -> None:
    """The launcher process: import torch, then fork a worker for every line."""
    import torch._dynamo  # noqa: F401 -- the first optimiser would pay a second for it

    from mnist_core.datasets import registry
    from mnist_core.errors import DatasetError
    from mnist_core.workers import trainer

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the workers
    name = registry.default_dataset()
    with contextlib.suppress(DatasetError):  # a worker that needs it says what is wrong with it
        registry.load(name)  # forked workers find it in memory; no tensors yet, so no threads that a fork would lose
    for line in sys.stdin:
        folder = Path(json.loads(line))
        if os.fork() == 0:
            try:
                _become_worker(folder)
            except OSError:  # the run was deleted just now; there is nobody to be told
                os._exit(2)
            os._exit(trainer.main(folder))


def _become_worker(folder: Path) -> None:
    """Leave the launcher's session and its channels; write to the run's log from here on."""
    from mnist_core.runs.run import LOG_FILE

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.stdin.close()
    log = os.open(folder / LOG_FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)


if __name__ == "__main__":
    serve()
