"""Steps recorded and replayed. Without a GPU: a graph that does again what was recorded, on the same memory."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from mnist_core.networks.config import ModelConfig
from mnist_core.training import cuda_graph as replay
from mnist_core.training.config import TrainConfig
from mnist_core.training.cuda_graph import WARM_STEPS, CudaGraphUpdate
from mnist_core.training.loop import Training, train
from mnist_core.types import Split


class Again:
    """In place of a CUDA graph."""

    recorded = 0

    def __init__(self, make: Callable[[], None]) -> None:
        Again.recorded += 1
        self._make = make

    def replay(self) -> None:
        self._make()


@pytest.fixture
def replaying(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps on the CPU are recorded too."""
    monkeypatch.setattr(replay, "REPLAYED", {"cpu"})
    monkeypatch.setattr(replay, "leave_default_stream", lambda: None)
    monkeypatch.setattr(replay, "record_graph", Again)
    monkeypatch.setattr(Again, "recorded", 0)


def split(name: str, n: int) -> Split:
    rng = np.random.default_rng(n)
    return Split(name, rng.integers(0, 256, (n, 28, 28)).astype(np.uint8), np.arange(n) % 10)  # type: ignore[arg-type]


def trained(config: TrainConfig, model: ModelConfig) -> tuple[list[object], dict[str, torch.Tensor]]:
    training = Training.begin(model, config)
    events = list(train(training, split("train", 70), split("validation", 20)))
    return events, training.model.state_dict()


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("size", ["small", "large"])
def test_replayed_steps_are_the_same_steps(replaying: None, monkeypatch: pytest.MonkeyPatch, optimizer, size) -> None:
    config = TrainConfig(epochs=3, batch_size=16, augment="strong", optimizer=optimizer, label_smoothing=0.1)
    model = ModelConfig("cnn", dropout=0.2, size=size)
    events, weights = trained(config, model)
    assert Again.recorded == 1  # though every fifth batch is not whole
    monkeypatch.setattr(replay, "REPLAYED", set())
    plain_events, plain_weights = trained(config, model)
    assert events == plain_events
    assert all(torch.equal(weights[name], plain_weights[name]) for name in weights)


def test_the_first_steps_and_batches_that_are_not_whole_are_made_as_they_come(replaying: None) -> None:
    seen: list[list[int]] = []

    def update(batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen.append(batch.tolist())
        return batch.float().sum(), batch.max()

    step = CudaGraphUpdate(update, batch_size=2)
    kept = [step(torch.tensor([n, n])) for n in range(WARM_STEPS)]
    assert Again.recorded == 0
    step(torch.tensor([7]))
    assert Again.recorded == 0
    kept += [step(torch.tensor([n, n])) for n in range(WARM_STEPS, WARM_STEPS + 3)]
    assert Again.recorded == 1
    assert [int(loss) for loss, _ in kept] == [2 * n for n in range(WARM_STEPS + 3)]  # later steps left them alone
    assert seen[-1] == [WARM_STEPS + 2] * 2


def test_where_nothing_can_be_recorded_the_training_goes_on_and_says_so(
    replaying: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(make: Callable[[], None]) -> Again:
        raise RuntimeError("operation not permitted when stream is capturing\nand a page of advice")

    monkeypatch.setattr(replay, "record_graph", refuse)
    config = TrainConfig(epochs=2, batch_size=16)
    events, _ = trained(config, ModelConfig("mlp", (8,)))
    said = capsys.readouterr().err
    assert said.count("no CUDA graph (operation not permitted when stream is capturing)") == 1
    monkeypatch.setattr(replay, "REPLAYED", set())
    assert events == trained(config, ModelConfig("mlp", (8,)))[0]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_on_a_gpu_a_replayed_training_is_the_plain_one(monkeypatch: pytest.MonkeyPatch) -> None:
    config = TrainConfig(epochs=2, batch_size=16, augment="strong")

    def on_gpu() -> list[object]:
        training = Training.begin(ModelConfig("mlp", (64,), dropout=0.2), config, device="cuda", precision="bfloat16")
        return list(train(training, split("train", 200), split("validation", 20)))

    replayed = on_gpu()
    monkeypatch.setattr(replay, "REPLAYED", set())
    assert replayed == on_gpu()
