"""Real processes: a worker started, stopped, killed and resumed on scikit-learn's digits, which need no files."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from waiting import HANG_SECONDS, wait_for

from mnist_core import paths
from mnist_core.datasets import registry
from mnist_core.errors import WorkerError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import store
from mnist_core.runs.history import HistoryWriter
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history, status_of
from mnist_core.training.config import TrainConfig
from mnist_core.workers import control, launcher, queue, trainer

pytestmark = pytest.mark.long


def new_run(epochs: int) -> Run:
    config = TrainConfig(epochs=epochs, batch_size=32, augment="strong")
    return store.create_run(registry.load("digits"), ModelConfig("mlp", (32,), dropout=0.2), config)


def steps(run: Run) -> int:
    return len(read_history(run).step)


@pytest.fixture(autouse=True)
def no_child_left() -> Iterator[None]:
    yield
    for child in control._children:
        child.wait(HANG_SECONDS)


@pytest.fixture(scope="module")
def launcher_ends() -> Iterator[None]:
    yield
    launcher.stop()


@pytest.fixture
def warm_launcher(launcher_ends: None, tmp_path_factory: pytest.TempPathFactory) -> None:
    """There is a launcher, the one of the test before if it lives: a process of its own imports torch for seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_DATA", str(tmp_path_factory.getbasetemp() / "no data"))  # it has the small digits ready
        launcher.start()


def weights(run: Run) -> bytes:
    return (run.folder / "weights.safetensors").read_bytes()


def test_a_worker_trains_stops_when_asked_and_resumes_to_its_end(warm_launcher: None) -> None:
    run = new_run(epochs=1000)
    control.start_process(run.folder)
    wait_for(lambda: steps(run) > 50, "training")
    assert status_of(run) == "running"
    with pytest.raises(WorkerError, match="already being trained"):
        control.start(run)
    control.stop(run, wait_seconds=HANG_SECONDS)
    assert status_of(run) == "stopped"
    made = steps(run)
    assert 50 < made < read_history(run).total_steps
    control.start(run)
    wait_for(lambda: steps(run) > made, "going on")
    control.stop(run, wait_seconds=HANG_SECONDS)
    assert read_history(run).step == list(range(1, steps(run) + 1))


@pytest.mark.skipif(sys.platform == "win32", reason="no process is suspended by a signal there")
def test_a_suspended_worker_stops_when_asked(warm_launcher: None) -> None:
    run = new_run(epochs=1000)
    control.start(run)
    wait_for(lambda: steps(run) > 0, "training")
    os.kill(read_history(run).pid, signal.SIGSTOP)
    control.stop(run, wait_seconds=HANG_SECONDS)
    assert status_of(run) == "stopped"


@pytest.mark.skipif(sys.platform != "linux", reason="the launcher forks, which is safe on Linux only")
def test_a_suspended_launcher_is_woken_by_the_next_start(warm_launcher: None) -> None:
    pid = launcher.process_id()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    run = new_run(epochs=1)
    control.start(run)
    wait_for(lambda: status_of(run) == "finished", "the training")


def test_a_worker_whose_history_is_lost_is_found_and_stopped(warm_launcher: None) -> None:
    run = new_run(epochs=1000)
    control.start(run)
    wait_for(lambda: steps(run) > 0, "training")
    os.truncate(run.folder / "history.jsonl", 0)
    control.stop(run, wait_seconds=HANG_SECONDS)
    assert status_of(run) != "running"


def test_a_worker_that_does_not_end_is_said_to_be_stuck():
    run = new_run(epochs=1)
    with subprocess.Popen([sys.executable, "-c", DEAF, str(run.folder / "lock")], stdout=subprocess.PIPE) as deaf:
        assert deaf.stdout.readline()
        writer = HistoryWriter(run.folder / "history.jsonl", elapsed=0.0)
        writer.write("queued", pid=deaf.pid, host=socket.gethostname())
        writer.close()
        with pytest.raises(WorkerError, match=f"still at work.*kill -9 {deaf.pid}"):
            control.stop(run, wait_seconds=0.1)
        deaf.kill()


# Holds a lock and does not listen to being asked to end.
DEAF = """
import fcntl, os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT), fcntl.LOCK_EX)
print("held", flush=True)
while True:
    signal.pause()
"""


def test_a_killed_worker_leaves_an_interrupted_run_that_resumes_to_the_same_weights(warm_launcher: None) -> None:
    run, whole = new_run(epochs=8), new_run(epochs=8)
    control.start(run)
    wait_for(lambda: len(read_history(run).epochs) >= 2, "two epochs")
    os.kill(read_history(run).pid, signal.SIGKILL)
    wait_for(lambda: status_of(run) in ("interrupted", "finished"), "the lock's release")
    assert trainer.train_run(run.folder) == "finished" if status_of(run) == "interrupted" else True
    trainer.train_run(whole.folder)
    assert weights(run) == weights(whole)
    assert read_history(run).epochs == read_history(whole).epochs


def test_a_run_that_nobody_trains_cannot_be_stopped_and_a_finished_one_not_resumed():
    run = new_run(epochs=1)
    with pytest.raises(WorkerError, match="is not being trained"):
        control.stop(run)
    trainer.train_run(run.folder)
    with pytest.raises(WorkerError, match="has finished all its epochs"):
        control.start(run)


def test_a_full_queue_takes_no_more(checkpoints: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "waiting", lambda *_: ["a run"] * control.MAX_AT_WORK)
    with pytest.raises(WorkerError, match=f"the queue is full: {control.MAX_AT_WORK} runs wait for the CPU or train"):
        control.start(new_run(epochs=1))


def test_a_run_on_another_machine_is_not_killed_here(warm_launcher: None, monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run(epochs=1000)
    control.start(run)
    wait_for(lambda: steps(run) > 0, "training")
    with monkeypatch.context() as patch:
        patch.setattr("socket.gethostname", lambda: "elsewhere")
        with pytest.raises(WorkerError, match="stop it there"):
            control.stop(run)
    control.stop(run, wait_seconds=HANG_SECONDS)
    assert status_of(run) == "stopped"


@pytest.mark.skipif(sys.platform != "linux", reason="the launcher forks, which is safe on Linux only")
def test_the_launcher_forks_workers_that_outlive_it(warm_launcher):
    first, second = new_run(epochs=1000), new_run(epochs=2)
    control.start(first)
    wait_for(lambda: steps(first) > 0, "the first worker")
    control.start(second)
    wait_for(lambda: status_of(second) == "queued", "the second in line")
    launcher.stop()
    assert status_of(first) == "running"
    control.stop(first, wait_seconds=HANG_SECONDS)
    wait_for(lambda: status_of(second) == "finished", "the second's turn")
    assert (first.folder / "worker.log").read_text() == ""
    assert (second.folder / "worker.log").read_text() == ""


@pytest.mark.skipif(sys.platform != "linux", reason="the launcher forks, which is safe on Linux only")
def test_the_launcher_ends_with_the_process_that_started_it(tmp_path):
    code = "from mnist_core.workers import launcher as it; it.start(); print(it._process.pid, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=paths.APP_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as owner:
        pid = int(owner.stdout.readline())
        owner.kill()
    wait_for(lambda: not Path(f"/proc/{pid}").exists() or "Z" in state(pid), "the launcher's end")


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return "Z"


def test_a_worker_that_fails_says_why_in_history_and_log(warm_launcher: None) -> None:
    run = new_run(epochs=1)
    (run.folder / "state.pt").write_bytes(b"not a state")
    control.start(run)
    wait_for(lambda: status_of(run) == "failed", "the failure")
    assert "state.pt is damaged" in read_history(run).error
    wait_for(lambda: "state.pt is damaged" in (run.folder / "worker.log").read_text(), "the log")


def test_several_take_their_places_in_the_order_they_were_asked_for(
    warm_launcher: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "IN_LINE_SECONDS", HANG_SECONDS)  # on a busy machine
    first = new_run(epochs=1000)
    control.start(first)
    wait_for(lambda: steps(first) > 0, "training")
    others = [new_run(epochs=1) for _ in range(3)]
    refused = control.start_in_order([others[2], first, others[0], others[1]])
    assert refused == [f"{first.run_id} is already being trained"]
    in_line = queue.waiting(paths.checkpoints_folder(), first.device)
    assert in_line == [run.run_id for run in (first, others[2], others[0], others[1])]
    for run in (others[2], others[0], others[1], first):
        control.stop(run, wait_seconds=HANG_SECONDS)


def test_without_a_launcher_a_plain_process_trains() -> None:
    launcher.stop()
    run = new_run(epochs=1)
    assert launcher.launch(run.folder) is False
    control.start(run)
    wait_for(lambda: status_of(run) == "finished", "the training")
