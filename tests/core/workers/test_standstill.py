"""Workers that hold the queue and do nothing, told by what the system says of their processes."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from standing import sleeper, stand_last
from waiting import wait_for

from mnist_core.runs.lock import hold
from mnist_core.workers import standstill
from mnist_core.workers.standstill import standing_still

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")

IDS = [f"20260101-00000{n}-mlp-aaaa" for n in range(2)]


@pytest.fixture
def worker() -> Iterator["subprocess.Popen[bytes]"]:
    with sleeper() as process:
        yield process


@pytest.fixture(autouse=True)
def at_work(checkpoints: Path) -> Iterator[None]:
    with ExitStack() as held:
        for run_id in IDS:
            (checkpoints / run_id).mkdir(parents=True)
            held.enter_context(hold(checkpoints / run_id / "lock"))
        yield


def test_a_suspended_process_is_told_at_once_wherever_it_stands_in_the_queue(checkpoints: Path, worker) -> None:
    stand_last(checkpoints, IDS[0], os.getpid())
    stand_last(checkpoints, IDS[1], worker.pid)
    assert standing_still(checkpoints) == {}
    os.kill(worker.pid, signal.SIGSTOP)
    wait_for(lambda: standing_still(checkpoints) == {IDS[1]: "suspended"}, "being seen as suspended")
    os.kill(worker.pid, signal.SIGCONT)
    wait_for(lambda: standing_still(checkpoints) == {}, "going on")


def test_one_that_uses_no_processor_time_is_stuck_if_it_is_its_turn(checkpoints: Path, worker, monkeypatch) -> None:
    monkeypatch.setattr(standstill, "IDLE_SECONDS", 0.2)
    stand_last(checkpoints, IDS[0], worker.pid)
    stand_last(checkpoints, IDS[1], worker.pid)  # this one waits for its turn, which takes no time either
    wait_for(lambda: standing_still(checkpoints) == {IDS[0]: "idle"}, "being seen as stuck")


def test_one_that_computes_is_not_stuck_however_long_nothing_is_heard_of_it(checkpoints: Path, monkeypatch) -> None:
    monkeypatch.setattr(standstill, "IDLE_SECONDS", 0.2)
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        stand_last(checkpoints, IDS[0], busy.pid)
        looks = standstill._looks
        wait_for(lambda: standing_still(checkpoints) == {} and looks.get(busy.pid, (0, 0))[0] > 100, "a second of work")
        busy.kill()


def test_of_another_machine_or_a_process_that_is_gone_nothing_is_told(checkpoints: Path, worker) -> None:
    os.kill(worker.pid, signal.SIGSTOP)
    stand_last(checkpoints, IDS[0], worker.pid, host=f"not-{socket.gethostname()}")
    stand_last(checkpoints, IDS[1], 2**22 - 1)
    assert standing_still(checkpoints) == {}
