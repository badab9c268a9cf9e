"""Places in the queue for processes that do nothing."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def sleeper() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that lives and does nothing."""
    code = "import time; print(flush=True); time.sleep(1000)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()  # a suspended one, too


def stand_last(checkpoints: Path, run_id: str, pid: int, *, host: str | None = None) -> None:
    """Have a process stand last in the queue for the CPU, for this run."""
    line = checkpoints / ".line-cpu"
    line.mkdir(exist_ok=True)
    number = len(list(line.glob("*-*-*")))
    (line / f"{number:020d}-{run_id}").write_text(f"{pid} {host or socket.gethostname()}", encoding="utf-8")
