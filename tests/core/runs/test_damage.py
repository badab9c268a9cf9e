"""Every file of a run's folder damaged in turn, a full disk, a folder that cannot be written, a clock set back.

The worst that may come of it is the loss of what came after a saved state, said plainly.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from mnist_core import paths
from mnist_core.errors import CheckpointError, WorkerError
from mnist_core.runs import evaluations, store
from mnist_core.runs.checkpoint import restore_run
from mnist_core.runs.run import (
    ASKED_FILE,
    EARLIER_STATE_FILE,
    RUN_FILE,
    STATE_FILE,
    WEIGHTS_FILE,
    DamagedRun,
    Run,
    load_run,
)
from mnist_core.runs.status import read_history, status_of
from mnist_core.runs.weights import load_model
from mnist_core.workers import control, trainer
from mnist_core.workers.queue import waiting

Spoil = Callable[[Path], None]


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def overwrite(path: Path) -> None:
    path.write_bytes(os.urandom(path.stat().st_size))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x80
    path.write_bytes(data)


def delete(path: Path) -> None:
    path.unlink()


SPOILS = (truncate, overwrite, empty, delete)


@pytest.fixture
def whole(trained_run: Callable[..., Run]) -> Run:
    """The training of `run`, finished without a pause."""
    return trained_run()


@pytest.fixture
def stopped(trained_run: Callable[..., Run]) -> Run:
    """The same training, stopped in its third epoch: two are done."""
    stopped = trained_run(stopped_after=14)
    assert (status_of(stopped), read_history(stopped).last_epoch) == ("stopped", 2)
    return stopped


def weights(run: Run) -> bytes:
    return (run.folder / WEIGHTS_FILE).read_bytes()


def finishes_as(run: Run, whole: Run) -> bool:
    assert trainer.train_run(run.folder) == "finished"
    return weights(run) == weights(whole) and read_history(run).epochs == read_history(whole).epochs


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_damaged_run_file_is_listed_with_its_reason_and_restored_from_the_saved_state(stopped, whole, spoil):
    before = (stopped.folder / RUN_FILE).read_text()
    spoil(stopped.folder / RUN_FILE)
    listed = {found.run_id: found for found in store.list_runs()}
    damaged = listed[stopped.run_id]
    assert isinstance(damaged, DamagedRun)
    assert "run.json" in damaged.reason
    assert listed[whole.run_id] == whole
    with pytest.raises(CheckpointError, match=r"run\.json"):
        trainer.train_run(stopped.folder)
    assert restore_run(damaged) == ["run.json"]
    assert (stopped.folder / RUN_FILE).read_text() == before
    assert finishes_as(stopped, whole)


@pytest.mark.parametrize("spoil", [*SPOILS, flip_a_bit])
def test_a_damaged_history_loses_curves_and_no_epochs(stopped, whole, spoil):
    spoil(stopped.folder / "history.jsonl")
    status_of(stopped)
    assert finishes_as(stopped, whole)
    assert status_of(stopped) == "finished"


def test_epochs_missing_from_the_middle_of_a_history_are_put_back_in_order(stopped, whole):
    path = stopped.folder / "history.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if '"epoch","' not in line or '"epoch":1' not in line))
    assert [epoch.epoch for epoch in read_history(stopped).epochs] == [2]
    assert finishes_as(stopped, whole)


@pytest.mark.parametrize("spoil", SPOILS)
def test_damaged_weights_are_written_anew_when_the_run_is_resumed(stopped, whole, spoil):
    spoil(stopped.folder / WEIGHTS_FILE)
    with pytest.raises(CheckpointError, match=r"restore 2|no weights"):
        load_model(stopped)
    trainer.train_run(stopped.folder, should_stop=lambda: True)  # it leaves the line at once: nothing is trained
    assert finishes_as(stopped, whole)


@pytest.mark.parametrize("spoil", SPOILS)
def test_damaged_weights_of_a_finished_run_are_restored_from_its_saved_state(run, whole, spoil):
    trainer.train_run(run.folder)
    spoil(run.folder / WEIGHTS_FILE)
    assert restore_run(run) == ["weights.safetensors"]
    assert weights(run) == weights(whole)
    assert restore_run(run) == []


@pytest.mark.parametrize("spoil", [*SPOILS, flip_a_bit])
def test_a_damaged_state_goes_on_from_the_one_before_it_and_says_so(stopped, whole, spoil):
    spoil(stopped.folder / STATE_FILE)
    assert finishes_as(stopped, whole)
    assert "continued from the state saved before it" in read_history(stopped).lost


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_damaged_state_before_the_last_changes_nothing(stopped, whole, spoil):
    spoil(stopped.folder / EARLIER_STATE_FILE)
    assert finishes_as(stopped, whole)
    assert read_history(stopped).lost == ""


def test_with_both_states_damaged_nothing_is_overwritten_and_the_way_out_is_named(stopped):
    kept = weights(stopped)
    for name in (STATE_FILE, EARLIER_STATE_FILE):
        truncate(stopped.folder / name)
    with pytest.raises(CheckpointError, match=rf"state\.pt is damaged.*repeat {stopped.run_id}"):
        trainer.train_run(stopped.folder)
    assert weights(stopped) == kept
    assert status_of(stopped) == "failed"
    assert "is damaged" in read_history(stopped).error


def test_with_both_states_deleted_it_begins_at_its_start_and_says_so(stopped, whole):
    for name in (STATE_FILE, EARLIER_STATE_FILE):
        (stopped.folder / name).unlink()
    assert finishes_as(stopped, whole)
    assert "started again from the beginning" in read_history(stopped).lost


def test_a_state_with_code_in_it_is_not_run(stopped):
    for name in (STATE_FILE, EARLIER_STATE_FILE):
        torch.save({"training": os.system, "elapsed": 0.0}, stopped.folder / name)
    with pytest.raises(CheckpointError, match=r"state\.pt is damaged"):
        trainer.train_run(stopped.folder)


@pytest.mark.parametrize("name", ["evaluation.json", "evaluation-test.npz"])
@pytest.mark.parametrize("spoil", SPOILS)
def test_a_damaged_evaluation_is_named_and_taken_again(whole, spoil, name):
    before = evaluations.evaluate_run(whole, "test")
    spoil(whole.folder / name)
    if spoil is delete:
        assert evaluations.load_evaluation(whole, "test") is None
    else:
        with pytest.raises(CheckpointError, match=rf"{name} is damaged .* evaluate again"):
            evaluations.load_evaluation(whole, "test")
        evaluations.discard(whole, "test")  # what the page's button does
    again = evaluations.evaluate_run(whole, "test")
    assert again.predictions.tolist() == before.predictions.tolist()


def test_what_killed_workers_left_beside_the_files_is_cleared_away(stopped, whole):
    for name in (".state.pt.123-4", ".weights.safetensors.99-1", ".state-before.pt.7-7"):
        (stopped.folder / name).write_bytes(b"half")
    assert finishes_as(stopped, whole)
    assert not list(stopped.folder.glob(".*"))


def test_an_odd_lock_or_place_in_line_keeps_nobody_from_training(stopped, whole, checkpoints):
    (stopped.folder / "lock").write_bytes(b"nonsense")
    (checkpoints / ".line-cpu").mkdir()
    (checkpoints / ".line-cpu" / "no-place-at-all").touch()
    assert waiting(checkpoints, "cpu") == []
    assert finishes_as(stopped, whole)


def test_a_clock_set_back_a_day_neither_hides_nor_changes_a_run(stopped, whole, monkeypatch):
    (stopped.folder / ASKED_FILE).touch()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 86_400)
    assert status_of(stopped) == "stopped"  # what was asked for "tomorrow" is not about to start
    control.check_can_start(stopped)
    assert finishes_as(stopped, whole)
    assert status_of(stopped) == "finished"
    assert read_history(stopped).elapsed_seconds >= read_history(stopped).epoch_seconds[1]


def test_a_clock_set_back_lets_nobody_jump_the_line(run, dataset, checkpoints, monkeypatch):
    from mnist_core.runs.lock import hold

    other = store.create_run(dataset, run.model, run.train)
    line = checkpoints / ".line-cpu"
    line.mkdir()
    (line / f"{time.time_ns() + 10**15:020d}-{other.run_id}").touch()  # it came "in eleven days"
    seen: list[list[str]] = []

    def look() -> bool:
        seen.append(waiting(checkpoints, "cpu"))
        return len(seen) > 1

    with hold(other.folder / "lock"):
        assert trainer.train_run(run.folder, should_stop=look) == "stopped"
    assert seen[0] == [other.run_id, run.run_id]


# Real processes, on scikit-learn's digits.

FULL_DISK = """
import resource, sys
from pathlib import Path
from mnist_core.workers import trainer
for folder, largest in zip(sys.argv[1::2], sys.argv[2::2]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), resource.RLIM_INFINITY))
    print(trainer.main(Path(folder)))
"""


def new_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    from mnist_core.datasets import registry as data
    from mnist_core.networks.config import ModelConfig
    from mnist_core.training.config import TrainConfig

    monkeypatch.undo()
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(folder))
    config = TrainConfig(epochs=2, batch_size=64)
    return store.create_run(data.load("digits"), ModelConfig("mlp", (32,), dropout=0.2), config)


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A folder that other users may look into; pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="limits on file sizes are Unix")
def test_a_disk_that_fills_ends_the_worker_and_costs_no_more_than_what_was_not_saved(elsewhere, monkeypatch):
    """The system refuses to let any file grow further: first the history, then the weights, then the state."""
    whole = new_run(elsewhere / "whole", monkeypatch)
    full = [(new_run(elsewhere / str(most), monkeypatch), most) for most in (1_000, 20_000, 150_000)]
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    arguments = [str(part) for run, most in full for part in (run.folder, most)]
    ended = subprocess.run(
        [sys.executable, "-c", FULL_DISK, *arguments],
        cwd=paths.APP_FOLDER, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ended.stdout.split() == ["2", "2", "2"], ended.stderr
    assert ended.stderr.count("free some disk space, then resume") == 3
    trainer.train_run(whole.folder)
    for run, _ in full:
        assert status_of(run) in ("interrupted", "failed")
        assert load_run(run.folder) == run
        assert finishes_as(run, whole)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root alone can become another user")
def test_a_folder_that_cannot_be_written_is_named_and_nothing_changes(elsewhere, monkeypatch):
    run = new_run(elsewhere / "a", monkeypatch)
    before = {path.name: path.read_bytes() for path in run.folder.iterdir()}
    pid = os.fork()
    if pid == 0:  # somebody who may only look
        os.setuid(65534)
        for attempt in (
            lambda: trainer.train_run(run.folder),
            lambda: control.start(run),
            lambda: store.rename_run(run, "x"),
        ):
            try:
                attempt()
            except (WorkerError, CheckpointError) as error:
                if "cannot write" in str(error):
                    continue
            os._exit(1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert {path.name: path.read_bytes() for path in run.folder.iterdir()} == before
    assert status_of(run) == "interrupted"


def test_a_copy_of_a_run_in_another_place_goes_on_there(stopped, whole, tmp_path, monkeypatch):
    elsewhere = tmp_path / "usb stick" / "runs"
    shutil.copytree(stopped.folder, elsewhere / stopped.run_id)
    monkeypatch.setenv("MNIST_CHECKPOINTS", str(elsewhere))
    copy = store.find_run(stopped.run_id)
    assert json.loads((copy.folder / RUN_FILE).read_text())["run_id"] == stopped.run_id
    assert finishes_as(copy, whole)
