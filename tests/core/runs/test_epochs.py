import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from mnist_core import paths
from mnist_core.errors import CheckpointError
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.model import build_model
from mnist_core.networks.registry import NETWORKS
from mnist_core.reading.evaluate import logits_of, measure
from mnist_core.runs import epochs, store
from mnist_core.runs.epochs import keep, kept_epochs, load_epoch, load_model_at, path_of
from mnist_core.runs.run import STATE_FILE, WEIGHTS_FILE
from mnist_core.runs.status import read_history
from mnist_core.runs.weights import load_model
from mnist_core.statistics.confusion_matrix import confusion_matrix
from mnist_core.training.config import TrainConfig
from mnist_core.workers import trainer

MODELS = [ModelConfig("mlp", (16,)), ModelConfig("cnn"), ModelConfig("cnn", size="large")]


@pytest.fixture
def keeping(run, dataset):
    """As `run`, yet to be trained, with its epochs kept."""
    return store.create_run(dataset, run.model, replace(run.train, keep_epochs=True))


def kept_bytes(run):
    return {epoch: path_of(run.folder, epoch).read_bytes() for epoch in kept_epochs(run)}


def test_a_run_that_was_not_asked_keeps_no_epoch(run):
    trainer.train_run(run.folder)
    assert kept_epochs(run) == []
    assert not (run.folder / epochs.FOLDER).exists()


def test_keeping_epochs_changes_nothing_in_the_training(run, keeping):
    trainer.train_run(run.folder)
    trainer.train_run(keeping.folder)
    assert kept_epochs(keeping) == [1, 2, 3]
    first, second = read_history(run), read_history(keeping)
    assert (first.step_loss, first.epochs) == (second.step_loss, second.epochs)
    plain, kept = ((one.folder / WEIGHTS_FILE).read_bytes() for one in (run, keeping))
    assert plain == kept


def test_each_epoch_has_the_matrix_of_its_unrounded_weights(keeping):
    trainer.train_run(keeping.folder)
    for event in read_history(keeping).epochs:
        kept = load_epoch(keeping, event.epoch, most=4)
        assert (kept.epoch, kept.n) == (event.epoch, 20)
        assert kept.right / kept.n == event.validation_accuracy
        assert kept.matrix.sum(axis=1).tolist() == [2] * 10


def test_the_best_epochs_network_is_the_runs_but_for_rounding(keeping, dataset):
    trainer.train_run(keeping.folder)
    best = read_history(keeping).best
    kept, whole = load_model_at(keeping, best.epoch), load_model(keeping)
    assert not kept.training
    assert kept.temperature == whole.temperature
    images = dataset.validation.images
    assert torch.allclose(logits_of(kept, images), logits_of(whole, images), atol=0.02)
    matrix = confusion_matrix(measure(kept, dataset.validation))
    assert np.abs(matrix - load_epoch(keeping, best.epoch, most=1).matrix).sum() <= 2


@pytest.mark.parametrize("n", [1, 5, 6, 12])
def test_stopped_and_resumed_it_keeps_the_same_bytes_of_every_epoch(run, keeping, dataset, n):
    whole = store.create_run(dataset, keeping.model, keeping.train)
    trainer.train_run(whole.folder)
    asked = iter(range(n + 1))
    assert trainer.train_run(keeping.folder, should_stop=lambda: next(asked, None) is None) == "stopped"
    assert trainer.train_run(keeping.folder) == "finished"
    assert kept_bytes(keeping) == kept_bytes(whole)


def test_an_epoch_trained_again_is_overwritten_with_the_same_bytes(keeping):
    """The worker was killed after it kept epoch 3, before it saved the state of it."""
    states = []

    def after_each(event):
        states.append((keeping.folder / STATE_FILE).read_bytes() if event.step == 10 else None)

    trainer.train_run(keeping.folder, on_event=after_each)
    before = kept_bytes(keeping)
    (keeping.folder / STATE_FILE).write_bytes(next(filter(None, reversed(states))))
    path_of(keeping.folder, 3).with_name(".0003.safetensors.1").write_bytes(b"half")
    trainer.train_run(keeping.folder)
    assert kept_bytes(keeping) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from mnist_core.workers import trainer
trainer.train_run(Path(sys.argv[1]), on_event=lambda event: event.step == 12 and os.kill(os.getpid(), signal.SIGKILL))
"""


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no kill -9 here")
def test_killed_and_resumed_it_has_every_epoch(checkpoints):
    from mnist_core.datasets import registry

    config = TrainConfig(epochs=4, batch_size=256, keep_epochs=True)
    killed, whole = (store.create_run(registry.load("digits"), ModelConfig("mlp", (64,)), config) for _ in range(2))
    ended = subprocess.run([sys.executable, "-c", KILLED, str(killed.folder)], cwd=paths.APP_FOLDER, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert kept_epochs(killed) == [1, 2]  # of 5 steps each
    trainer.train_run(killed.folder)
    trainer.train_run(whole.folder)
    assert kept_epochs(killed) == [1, 2, 3, 4]
    assert kept_bytes(killed) == kept_bytes(whole)


def test_half_of_an_epoch_that_a_kill_left_is_cleared_away(keeping):
    half = path_of(keeping.folder, 1).with_name(".0001.safetensors.4711-1")
    half.parent.mkdir()
    half.write_bytes(b"half")
    trainer.train_run(keeping.folder)
    assert not half.exists()
    assert kept_epochs(keeping) == [1, 2, 3]


@pytest.mark.parametrize("model", MODELS, ids=["mlp", "cnn", "large cnn"])
def test_a_kept_network_takes_two_bytes_a_parameter_and_what_is_not_a_matrix_is_exact(model, run, tmp_path):
    network = build_model(model)
    keep(network, np.eye(10, dtype=int), tmp_path, 12)
    size = path_of(tmp_path, 12).stat().st_size
    assert size == pytest.approx(epochs.size_on_disk(model, 1), rel=0.15 if model.kind == "mlp" else 0.03)
    loaded = load_model_at(replace(run, folder=tmp_path, model=model), 12)
    for name, tensor in network.state_dict().items():
        expected = tensor.half().float() if tensor.ndim > 1 else tensor
        assert torch.equal(loaded.state_dict()[name], expected), name
    shown = load_epoch(replace(run, folder=tmp_path, model=model), 12, most=24).first_layer
    assert shown.shape == ((16, 28, 28) if model.kind == "mlp" else (24, 5, 5))
    first = next(tensor for name, tensor in network.state_dict().items() if name in NETWORKS[model.kind].first_layer)
    assert np.array_equal(shown[3].ravel(), first[3].half().float().numpy().ravel())


def test_weights_too_large_for_float16_are_kept_whole(run, tmp_path):
    network = build_model(run.model)
    with torch.no_grad():
        network.output.weight[0, 0] = 1e6
    keep(network, np.eye(10, dtype=int), tmp_path, 1)
    assert load_model_at(replace(run, folder=tmp_path), 1).output.weight[0, 0] == 1e6


def test_an_epoch_that_is_not_kept_is_named(keeping):
    trainer.train_run(keeping.folder)
    path_of(keeping.folder, 2).unlink()
    assert kept_epochs(keeping) == [1, 3]
    for load in (load_model_at, lambda run, epoch: load_epoch(run, epoch, most=4)):
        with pytest.raises(CheckpointError, match="epoch 2 are not in"):
            load(keeping, 2)


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "directory"])
def test_a_damaged_epoch_is_named_and_the_others_stand(keeping, damage):
    trainer.train_run(keeping.folder)
    path = path_of(keeping.folder, 2)
    content = {"cut": path.read_bytes()[:-500], "empty": b"", "text": b"not tensors" * 9}.get(damage)
    path.unlink()
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    for load in (load_model_at, lambda run, epoch: load_epoch(run, epoch, most=4)):
        with pytest.raises(CheckpointError, match=r"0002\.safetensors is damaged"):
            load(keeping, 2)
        load(keeping, 3)


def test_an_epoch_of_another_network_or_without_its_matrix_is_refused(keeping):
    trainer.train_run(keeping.folder)
    path = path_of(keeping.folder, 1)
    keep(build_model(ModelConfig("cnn")), np.eye(10, dtype=int), keeping.folder, 1)
    with pytest.raises(CheckpointError, match="damaged or from another network"):
        load_model_at(keeping, 1)
    tensors = load_file(path_of(keeping.folder, 2))
    save_file({name: tensor for name, tensor in tensors.items() if name != epochs.MATRIX}, path)
    for load in (load_model_at, lambda run, epoch: load_epoch(run, epoch, most=4)):
        with pytest.raises(CheckpointError, match="damaged or from another network"):
            load(keeping, 1)
