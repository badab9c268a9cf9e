import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mnist_core.datasets import registry
from mnist_core.networks.network import Network
from mnist_core.reading import evaluate
from mnist_core.reading.evaluate import logits_of, measure
from mnist_core.runs.run import SHIPPED_FILE, load_run
from mnist_core.runs.weights import load_model
from mnist_core.statistics.wilson import accuracy_interval
from mnist_core.types import Split

SHIPPED = Path(__file__).resolve().parents[3] / "checkpoints"


class Constant(Network):
    """Always sure of a 3 by the same margin."""

    def __init__(self) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(10))

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.bias + torch.nn.functional.one_hot(torch.full((len(images),), 3), 10)


def test_loss_and_accuracy_are_means_over_images_and_not_over_batches():
    n = 1001  # one more than a batch
    labels = np.full(n, 3)
    labels[-1] = 4
    result = measure(Constant(), Split("test", np.zeros((n, 28, 28), np.uint8), labels))
    log_sum = math.log(9 + math.e)
    assert result.accuracy == pytest.approx(1000 / 1001)
    assert result.loss == pytest.approx((1000 * (log_sum - 1) + log_sum) / n, rel=1e-5)
    assert result.probabilities.sum(1) == pytest.approx(np.ones(n), abs=1e-5)
    assert accuracy_interval(result).low < result.accuracy < accuracy_interval(result).high


class Narrow(Network):
    """Its answers are 1.001 times the first pixel for a 7 and the first pixel for a 3: one number in bfloat16."""

    def __init__(self) -> None:
        super().__init__()
        self.output = nn.Linear(28 * 28, 10, bias=False)
        nn.init.zeros_(self.output.weight)
        self.output.weight.data[3, 0], self.output.weight.data[7, 0] = 1.0, 1.001

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.output(images.flatten(1))


def white(n: int) -> np.ndarray:
    return np.full((n, 28, 28), 255, np.uint8)


def test_a_close_call_is_read_in_full_precision(monkeypatch):
    monkeypatch.setattr(evaluate, "choose_precision", lambda wanted, device: "bfloat16")
    logits = logits_of(Narrow(), white(700))
    assert (logits.argmax(1) == 7).all()
    monkeypatch.setattr(evaluate, "choose_precision", lambda wanted, device: "float32")
    assert logits_of(Narrow(), white(700)).equal(logits)


def test_what_is_no_number_stays_so_and_stops_nothing(monkeypatch):
    monkeypatch.setattr(evaluate, "choose_precision", lambda wanted, device: "bfloat16")
    model = Narrow()
    model.output.weight.data[:] = math.nan
    assert logits_of(model, white(3)).isnan().all()


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_the_faster_precision_reads_the_same_digits(kind, monkeypatch):
    shipped = [load_run(SHIPPED / run_id) for run_id in json.loads((SHIPPED / SHIPPED_FILE).read_text())]
    run = next(run for run in shipped if run.model.kind == kind)
    model, images = load_model(run), registry.load("digits").train.images
    logits = {}
    for precision in ("float32", "bfloat16"):
        monkeypatch.setattr(evaluate, "choose_precision", lambda wanted, device, chosen=precision: chosen)
        logits[precision] = logits_of(model, images)
    moved = (logits["bfloat16"] - logits["float32"]).abs().max()
    assert 0 < moved < evaluate.CLOSE / 4 * logits["float32"].abs().max()
    for answers in (slice(None), slice(10)):
        assert logits["bfloat16"][:, answers].argmax(1).equal(logits["float32"][:, answers].argmax(1))
