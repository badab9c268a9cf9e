import os
import signal
import threading
from dataclasses import replace

import numpy as np
import pytest
import torch

from mnist_core.datasets import registry
from mnist_core.errors import CheckpointError, WorkerError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import lock, store
from mnist_core.runs.lock import hold, is_locked
from mnist_core.runs.run import Run
from mnist_core.runs.status import read_history, status_of
from mnist_core.runs.weights import load_model
from mnist_core.training.config import TrainConfig
from mnist_core.types import NOT_A_DIGIT, Dataset, EpochEnd, Split
from mnist_core.workers import trainer
from mnist_core.workers.queue import at_work, waiting


def weights(run: Run) -> bytes:
    return (run.folder / "weights.safetensors").read_bytes()


def stop_after(n: int):
    """A `should_stop` that says yes from the n-th event on."""
    asked = [0]

    def should_stop() -> bool:
        asked[0] += 1
        return asked[0] > n + 1  # it is asked once before the first event, in line

    return should_stop


def test_a_run_trained_to_its_end_leaves_history_weights_and_state(run):
    events = []
    assert trainer.train_run(run.folder, on_event=events.append) == "finished"
    history = read_history(run)
    assert history.step == list(range(1, 16))
    assert history.epochs == [event for event in events if isinstance(event, EpochEnd)]
    assert history.last_event == "finished"
    assert not is_locked(run.folder / "lock")
    assert sorted(path.name for path in run.folder.iterdir()) == [
        "history.jsonl",
        "lock",
        "run.json",
        "state-before.pt",
        "state.pt",
        "weights.safetensors",
    ]


def test_the_weights_kept_are_those_of_the_best_epoch(run, dataset):
    from mnist_core.reading.evaluate import measure

    trainer.train_run(run.folder)
    best = read_history(run).best
    assert measure(load_model(run), dataset.validation).accuracy == best.validation_accuracy


@pytest.mark.parametrize("n", [1, 5, 6, 12])
def test_stopped_and_resumed_it_ends_with_the_same_bytes_and_history(run, dataset, n):
    whole = store.create_run(dataset, run.model, run.train)
    trainer.train_run(whole.folder)
    assert trainer.train_run(run.folder, should_stop=stop_after(n)) == "stopped"
    assert status_of(run) == "stopped"
    torch.manual_seed(1)
    assert trainer.train_run(run.folder) == "finished"
    assert weights(run) == weights(whole)
    first, second = read_history(run), read_history(whole)
    assert (first.step, first.step_loss, first.epochs) == (second.step, second.step_loss, second.epochs)


def test_a_second_worker_on_the_same_run_is_refused_and_writes_nothing(run, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.0)
    with hold(run.folder / "lock"), pytest.raises(WorkerError, match="already being trained"):
        trainer.train_run(run.folder)
    assert not (run.folder / "history.jsonl").exists()


def test_another_data_set_than_the_runs_own_is_refused(run, dataset, monkeypatch):
    other = Dataset(dataset.name, dataset.train, dataset.validation, dataset.test, checksum="other")
    monkeypatch.setattr(registry, "load", lambda name: other)
    with pytest.raises(CheckpointError, match="not the one this run started with"):
        trainer.train_run(run.folder)
    assert status_of(run) == "failed"


def test_a_training_that_diverges_says_what_to_do_in_its_history(dataset):
    config = TrainConfig(epochs=300, optimizer="sgd", learning_rate=10.0, schedule="constant", weight_decay=1.0)
    run = store.create_run(dataset, ModelConfig("mlp", (16,)), config)
    assert trainer.main(run.folder) == 2
    assert status_of(run) == "failed"
    assert "learning rate 10 is too high" in read_history(run).error


def test_runs_wait_in_line_and_train_in_the_order_they_came(dataset, checkpoints):
    """The first is held at its first event until the others stand in line."""
    trained, begun, in_line, ends = [], threading.Event(), threading.Event(), []
    three = [store.create_run(dataset, ModelConfig("mlp", (4,)), TrainConfig(epochs=1)) for _ in range(3)]

    def train(run: Run) -> None:
        def on_event(event: object) -> None:
            begun.set()
            in_line.wait(30)
            trained.append(run.run_id)

        ends.append(trainer.train_run(run.folder, on_event=on_event))

    threads = []
    for n, run in enumerate(three, start=1):
        threads.append(threading.Thread(target=train, args=(run,)))
        threads[-1].start()
        while len(waiting(checkpoints, "cpu")) < n:
            assert threads[-1].is_alive()
    assert begun.wait(30)
    assert waiting(checkpoints, "cpu") == [run.run_id for run in three]
    assert at_work(checkpoints) == waiting(checkpoints, "cpu")
    assert at_work(checkpoints.parent) == []
    assert [status_of(run) for run in three] == ["running", "queued", "queued"]
    in_line.set()
    for thread in threads:
        thread.join(30)
    assert ends == ["finished"] * 3
    assert list(dict.fromkeys(trained)) == [run.run_id for run in three]
    assert waiting(checkpoints, "cpu") == []


def test_a_run_that_is_told_to_stop_in_line_leaves_it(run, dataset, checkpoints):
    other = store.create_run(dataset, run.model, run.train)
    ahead = checkpoints / ".line-cpu"
    ahead.mkdir()
    (ahead / f"{0:020d}-{other.run_id}").touch()
    with hold(other.folder / "lock"):
        assert trainer.train_run(run.folder, should_stop=lambda: True) == "stopped"
    assert waiting(checkpoints, "cpu") == []
    assert trainer.train_run(run.folder) == "finished"  # the place of the one that died does not count


def test_a_place_in_line_cannot_be_lost_to_a_run_id_that_tries_to_climb(checkpoints):
    line = checkpoints / ".line-cpu"
    line.mkdir(parents=True)
    (line / "00000000000000000001-..-..").touch()
    assert waiting(checkpoints, "cpu") == []


def test_the_first_signal_asks_and_does_not_kill():
    before = signal.getsignal(signal.SIGTERM)
    try:
        asked = trainer.stop_on_signals(signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGTERM)
        assert asked.wait(5)
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("refuses", [False, True])
def test_letters_are_shown_to_a_network_that_can_refuse_and_to_no_other(dataset, monkeypatch, refuses):
    def with_letters(split: Split) -> Split:
        labels = np.concatenate([split.labels, [NOT_A_DIGIT] * 10])
        return Split(split.name, np.concatenate([split.images, split.images[:10]]), labels)

    mixed = replace(dataset, train=with_letters(dataset.train), validation=with_letters(dataset.validation))
    monkeypatch.setattr(registry, "load", lambda name: mixed)
    run = store.create_run(mixed, ModelConfig("mlp", (16,), refuses=refuses), TrainConfig(epochs=1, batch_size=16))
    assert trainer.train_run(run.folder) == "finished"
    assert sum(read_history(run).step_images) == run.split_sizes["train"] == (80 if refuses else 70)
    assert run.split_sizes["validation"] == 20


def test_a_run_on_a_share_of_the_images_says_so_and_stops_and_resumes_to_the_same_bytes(run, dataset):
    train = replace(run.train, train_share=0.5)
    whole, pieces = (store.create_run(dataset, run.model, train) for _ in range(2))
    assert whole.split_sizes["train"] == len(dataset.train) // 2
    trainer.train_run(whole.folder)
    assert sum(read_history(whole).step_images) == train.epochs * whole.split_sizes["train"]
    trainer.train_run(pieces.folder, should_stop=stop_after(4))
    trainer.train_run(pieces.folder)
    assert weights(pieces) == weights(whole)
