"""A finished run trained for more epochs: what its schedule does, and that nothing depends on pauses."""

import math
from dataclasses import replace

import pytest

from mnist_core.errors import CheckpointError
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import lock, store
from mnist_core.runs.lock import hold
from mnist_core.runs.reproducibility import compare, original_of, sentence
from mnist_core.runs.run import EARLIER_STATE_FILE, RUN_FILE, STATE_FILE, WEIGHTS_FILE, Run, load_run
from mnist_core.runs.status import read_history, status_of
from mnist_core.training.config import TrainConfig
from mnist_core.workers import control, trainer


def trained(dataset: object, *, epochs: int = 2, schedule: str = "one-cycle", extended_by: tuple[int, ...] = ()) -> Run:
    config = TrainConfig(epochs=epochs, batch_size=16, augment="strong", schedule=schedule, learning_rate=0.01)
    run = store.create_run(dataset, ModelConfig("mlp", (16,), dropout=0.3), config, extended_by=extended_by)
    assert trainer.train_run(run.folder) == "finished"
    return run


def extend(run: Run, epochs: int) -> Run:
    run = store.extend_run(run, epochs)
    assert status_of(run) == "stopped"
    control.check_can_start(run)
    assert trainer.train_run(run.folder) == "finished"
    return run


def outcome(run: Run) -> tuple[bytes, list, list]:
    history = read_history(run)
    return (run.folder / WEIGHTS_FILE).read_bytes(), history.epochs, history.step_loss


def test_with_a_constant_rate_two_epochs_and_two_more_are_four(dataset):
    run = extend(trained(dataset, epochs=2, schedule="constant"), 2)
    assert run.epochs == 4
    assert outcome(run) == outcome(trained(dataset, epochs=4, schedule="constant"))


def test_with_one_cycle_the_added_epochs_are_a_cycle_of_their_own(dataset):
    run = extend(extend(trained(dataset), 3), 1)
    assert run.extended_by == (3, 1)
    rates = read_history(run).learning_rate
    first, second, third = rates[:10], rates[10:25], rates[25:]
    assert len(third) == 5
    for cycle in (first, second):
        assert math.isclose(max(cycle), 0.01, rel_tol=0.05)
        assert cycle[-1] < 1e-5
    assert second == read_history(trained(dataset, epochs=3)).learning_rate


def test_a_run_extended_is_the_run_that_was_meant_to_be_from_the_start(dataset):
    extended = extend(extend(trained(dataset), 3), 1)
    assert outcome(extended) == outcome(trained(dataset, extended_by=(3, 1)))


@pytest.mark.parametrize("events", [1, 7, 12])
def test_an_extension_stopped_anywhere_goes_on_to_the_same_bits(dataset, events):
    whole = extend(trained(dataset), 3)
    run = store.extend_run(trained(dataset), 3)
    asked = iter(range(1000))
    assert trainer.train_run(run.folder, should_stop=lambda: next(asked) > events) == "stopped"
    assert trainer.train_run(run.folder) == "finished"
    assert outcome(run) == outcome(whole)


def test_an_extension_outlives_a_reload_of_the_run(dataset):
    run = store.extend_run(trained(dataset), 5)
    assert load_run(run.folder) == run
    assert run.epochs == 7
    with pytest.raises(CheckpointError, match="has epochs left to train"):
        store.extend_run(run, 1)


def test_a_run_that_stopped_early_is_done_whatever_was_planned_and_repeats_as_far(dataset):
    config = TrainConfig(epochs=30, batch_size=16, learning_rate=0.01, schedule="constant", patience=2)
    run = store.create_run(dataset, ModelConfig("mlp", (16,)), config)
    assert trainer.train_run(run.folder) == "finished"
    history = read_history(run)
    assert history.last_epoch == history.best.epoch + 2 < 30
    assert status_of(run) == "finished"
    with pytest.raises(CheckpointError, match=rf"stopped early, after {history.last_epoch} of 30 epochs"):
        store.extend_run(run, 1)
    again = store.create_run(dataset, run.model, config)
    assert trainer.train_run(again.folder) == "finished"
    likeness = compare(original_of(run), again)
    assert likeness.identical
    assert "as far as the training got" not in sentence(likeness)


def test_a_run_that_ended_in_time_with_its_patience_used_up_is_extended_all_the_same(dataset):
    config = TrainConfig(epochs=3, batch_size=16, learning_rate=1e-6, schedule="constant", patience=2)
    run = store.create_run(dataset, ModelConfig("mlp", (16,)), config)
    assert trainer.train_run(run.folder) == "finished"
    history = read_history(run)
    assert (history.last_epoch, history.best.epoch, history.stopped_early) == (3, 1, False)
    history = read_history(extend(run, 1))
    assert (history.last_epoch, history.stopped_early) == (4, False)


@pytest.mark.parametrize("epochs", [0, -1, 999])
def test_epochs_out_of_bounds_are_refused(dataset, epochs):
    with pytest.raises(CheckpointError, match=r"already has 2 epochs; 1 to 998 can be added"):
        store.extend_run(trained(dataset), epochs)


def test_what_cannot_go_on_is_not_extended(dataset, run, tmp_path, monkeypatch):
    with pytest.raises(CheckpointError, match="has epochs left to train"):
        store.extend_run(run, 1)
    done = trained(dataset)
    monkeypatch.setattr(lock, "PATIENCE_SECONDS", 0.0)
    with hold(done.folder / "lock"), pytest.raises(CheckpointError, match="is being trained"):
        store.extend_run(done, 1)
    with pytest.raises(CheckpointError, match="fine-tune a new run"):
        store.extend_run(replace(done, base=done.run_id), 1)
    for name in (STATE_FILE, EARLIER_STATE_FILE):
        (done.folder / name).unlink()
    with pytest.raises(CheckpointError, match=r"state\.pt is missing"):
        store.extend_run(done, 1)
    monkeypatch.setattr(store, "shipped_ids", lambda: (done.run_id,))
    with pytest.raises(CheckpointError, match="ships with the app"):
        store.extend_run(done, 1)


@pytest.mark.parametrize("value", ["2", [0], [True], [-1], [1.5], [600, 600], None, {}])
def test_extensions_that_are_none_make_a_damaged_run(dataset, value):
    import json

    run = trained(dataset, epochs=1)
    path = run.folder / RUN_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "extended_by": value}))
    with pytest.raises(CheckpointError, match=r"run\.json is damaged: extended_by"):
        load_run(run.folder)
