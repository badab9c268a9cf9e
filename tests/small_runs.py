"""A run trained in a second on scikit-learn's digits, and copies of it for tests that need one or many."""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from mnist_core.config import ModelConfig, TrainConfig
from mnist_core.datasets import registry
from mnist_core.runs import evaluations, store
from mnist_core.runs.run import RUN_FILE, WEIGHTS_FILE, Run, load_run
from mnist_core.workers import trainer

EPOCHS = 2


def train_small_run(folder: Path) -> Run:
    """A finished run of an mlp in `folder`, judged on both splits; right on most images, and wrong on some."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_CHECKPOINTS", str(folder))
        run = store.create_run(
            registry.load("digits"), ModelConfig("mlp", (32,)), TrainConfig(epochs=EPOCHS, batch_size=64)
        )
    trainer.train_run(run.folder)
    evaluations.evaluate_run(run, "test")
    evaluations.evaluate_run(run, "validation")
    return run


def train_kept_run(folder: Path) -> Run:
    """A finished run of three epochs in `folder`, all kept; never judged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_CHECKPOINTS", str(folder))
        config = TrainConfig(epochs=3, batch_size=64, keep_epochs=True)
        run = store.create_run(registry.load("digits"), ModelConfig("mlp", (32,)), config)
    trainer.train_run(run.folder)
    return run


def copy_run(run: Run, checkpoints: Path, run_id: str = "", *, judged: bool = False, **changed: Any) -> Run:
    """The run once more, in `checkpoints`.

    Args:
        run_id: of the copy; by default that of the original.
        judged: keep its evaluations.
        changed: what its `run.json` says instead, e.g. `name="wide"`.
    """
    folder = checkpoints / (run_id or run.run_id)
    left_out = () if judged else (evaluations.FILE, "evaluation-*.npz")
    shutil.copytree(run.folder, folder, ignore=shutil.ignore_patterns(*left_out))
    path = folder / RUN_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "run_id": folder.name, **changed}))
    return load_run(folder)


def copy_refusing_run(run: Run, checkpoints: Path) -> Run:
    """The run with an eleventh output that says of every picture that it is no digit; the guess is the run's own."""
    import torch
    from safetensors.torch import load_file, save_file

    copy = copy_run(run, checkpoints, model={**asdict(run.model), "refuses": True})
    path = copy.folder / WEIGHTS_FILE
    weights = load_file(path)
    not_a_digit = {"output.weight": torch.zeros(1, run.model.hidden[-1]), "output.bias": torch.full((1,), 1000.0)}
    changed = {name: torch.cat([weights[name], rest]) for name, rest in not_a_digit.items()}
    save_file({**weights, **changed, "refuse_above": torch.tensor(0.5)}, path)
    return copy
