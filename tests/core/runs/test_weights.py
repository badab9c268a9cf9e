"""What a file of weights says to other programs."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import safe_open

from mnist_core import paths
from mnist_core.datasets import registry
from mnist_core.images.preprocess import PIXEL_MEAN, PIXEL_STD
from mnist_core.networks.config import ModelConfig
from mnist_core.runs import evaluations, store
from mnist_core.runs.run import Run
from mnist_core.runs.weights import load_model
from mnist_core.training.config import TrainConfig
from mnist_core.workers import trainer


def metadata(run: Run) -> dict[str, Any]:
    with safe_open(run.folder / "weights.safetensors", "pt") as file:
        assert list(file.metadata()) == ["mnist"]
        said: dict[str, Any] = json.loads(file.metadata()["mnist"])
        return said


def test_weights_say_of_what_network_they_are_and_what_goes_in_and_comes_out(trained_run: Callable[..., Run]) -> None:
    run = trained_run()
    said = metadata(run)
    assert said["network"] == {"kind": "mlp", "hidden": [16], "dropout": run.model.dropout}
    assert said["input"] == {"shape": [1, 28, 28], "ink": 1.0, "ground": 0.0, "mean": 0.1307, "std": 0.3081}
    assert said["classes"] == [str(digit) for digit in range(10)]
    with safe_open(run.folder / "weights.safetensors", "pt") as file:
        assert said["temperature"] == float(file.get_tensor("temperature"))


def test_the_lines_for_plain_pytorch_in_the_docs_read_what_the_run_reads(checkpoints: Path, monkeypatch: Any) -> None:
    config = TrainConfig(epochs=1, batch_size=32)
    run = store.create_run(registry.load("digits"), ModelConfig("cnn"), config)
    trainer.train_run(run.folder)
    [lines] = re.findall(
        r"```python\n(.*?)```", (paths.APP_FOLDER / "docs" / "run-folder.md").read_text("utf-8"), re.DOTALL
    )
    monkeypatch.chdir(run.folder)
    known: dict[str, Any] = {}
    exec(lines, known)
    test = registry.load("digits").test
    probabilities = known["read"](torch.from_numpy(test.images))
    assert np.array_equal(probabilities.argmax(1), evaluations.evaluate_run(run, "test").predictions)
    model = load_model(run)
    images = (torch.from_numpy(test.images)[:, None] / 255 - PIXEL_MEAN) / PIXEL_STD
    with torch.no_grad():
        assert torch.allclose(probabilities, torch.softmax(model(images) / model.temperature, dim=1), atol=1e-5)
