import copy

import numpy as np
import pytest
import torch

from mnist_core.errors import CheckpointError
from mnist_core.networks.config import ModelConfig
from mnist_core.training.config import TrainConfig
from mnist_core.training.loop import DivergedError, Training, train
from mnist_core.training.synchronisation import STEPS_AT_ONCE
from mnist_core.types import EpochEnd, Split, StepEnd


def splits(n: int = 70) -> tuple[Split, Split]:
    """Ten easy classes: a bright row at another height for each, in noise."""
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 10
    images = rng.integers(0, 60, (n, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 + 2 * label : 4 + 2 * label] = 255
    return Split("train", images, labels), Split("validation", images[:20], labels[:20])


def fresh(kind: str = "mlp", **config: object) -> Training:
    settings = {"epochs": 3, "batch_size": 16, "augment": "strong", "seed": 5, **config}
    return Training.begin(ModelConfig(kind, (16,), dropout=0.3), TrainConfig(**settings))


def weights(training: Training) -> bytes:
    return b"".join(tensor.numpy().tobytes() for tensor in training.model.state_dict().values())


def test_events_come_in_order_and_count_from_1():
    events = list(train(fresh(), *splits()))
    steps = [event for event in events if isinstance(event, StepEnd)]
    assert [step.step for step in steps] == list(range(1, 16))  # 70 images in batches of 16: 5 steps an epoch
    assert [step.images for step in steps[:5]] == [16, 16, 16, 16, 6]
    assert [(e.epoch, e.step) for e in events if isinstance(e, EpochEnd)] == [(1, 5), (2, 10), (3, 15)]
    assert isinstance(events[5], EpochEnd)


@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_easy_digits_are_learned(kind):
    training = fresh(kind, epochs=30, augment="none", learning_rate=0.01)
    last = [event for event in train(training, *splits()) if isinstance(event, EpochEnd)][-1]
    assert last.validation_accuracy == 1.0
    assert last.train_loss < 0.7


@pytest.mark.parametrize("patience", [1, 3])
def test_with_patience_it_ends_once_the_validation_accuracy_has_not_risen_for_so_many_epochs(patience):
    def accuracies(**config: object) -> list[float]:
        training = fresh(epochs=30, augment="none", learning_rate=0.01, schedule="constant", **config)
        ends = [event for event in train(training, *splits()) if isinstance(event, EpochEnd)]
        assert training.has_stopped_early is (len(ends) < 30)
        return [end.validation_accuracy for end in ends]

    whole, early = accuracies(), accuracies(patience=patience)
    ended = next(n for n in range(patience + 1, 31) if max(whole[n - patience : n]) <= max(whole[: n - patience]))
    assert early == whole[:ended]
    assert ended < 30


def test_the_epochs_training_loss_is_the_mean_over_its_images():
    events = list(train(fresh(epochs=1), *splits()))
    steps, epoch = events[:-1], events[-1]
    assert epoch.train_loss == pytest.approx(sum(s.loss * s.images for s in steps) / 70)
    assert epoch.train_accuracy == pytest.approx(sum(s.accuracy * s.images for s in steps) / 70)


def test_with_smoothed_labels_the_loss_that_is_told_is_still_the_plain_one():
    plain, smoothed = (next(train(fresh(label_smoothing=share), *splits())) for share in (0.0, 0.2))
    assert smoothed == plain  # the first step is taken by equal networks
    later = [list(train(fresh(label_smoothing=share), *splits()))[1] for share in (0.0, 0.2)]
    assert later[0] != later[1]


def test_a_step_draws_the_chance_that_torchs_own_seed_would_give():
    from mnist_core.training.loop import _seed_step

    _seed_step(7, 3, torch.device("cpu"))
    drawn = torch.rand(5)
    torch.manual_seed(int(np.random.SeedSequence((7, 3)).generate_state(1)[0]))
    assert torch.equal(drawn, torch.rand(5))


def test_the_same_seed_gives_the_same_events_and_another_seed_others():
    assert list(train(fresh(), *splits())) == list(train(fresh(), *splits()))
    assert list(train(fresh(seed=5), *splits())) != list(train(fresh(seed=6), *splits()))


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_a_training_stopped_anywhere_goes_on_to_bit_identical_weights(kind, optimizer):
    whole = fresh(kind, optimizer=optimizer)
    events = list(train(whole, *splits()))
    for stop_after in (1, 4, 5, 6, 11, 17):  # amid an epoch, at its last step, at its end
        first = fresh(kind, optimizer=optimizer)
        run = train(first, *splits())
        before = [next(run) for _ in range(stop_after)]
        state = copy.deepcopy(first.state())
        torch.manual_seed(99)  # another process has another random state
        second = fresh(kind, optimizer=optimizer)
        second.load_state(state)
        assert before + list(train(second, *splits())) == events
        assert weights(second) == weights(whole)
        assert (second.best_accuracy, second.best_epoch) == (whole.best_accuracy, whole.best_epoch)


def test_a_finished_training_has_nothing_more_to_do():
    training = fresh()
    list(train(training, *splits()))
    assert list(train(training, *splits())) == []


def test_the_state_of_another_network_is_refused():
    with pytest.raises(CheckpointError, match="does not fit"):
        fresh("mlp").load_state(fresh("cnn").state())
    with pytest.raises(CheckpointError, match="does not fit"):
        fresh("mlp").load_state({"model": {}})


def test_a_rate_that_is_too_high_ends_in_a_sentence():
    training = fresh(optimizer="sgd", learning_rate=10.0, schedule="constant", epochs=200, weight_decay=1.0)
    with pytest.raises(DivergedError, match="learning rate 10 is too high"):
        list(train(training, *splits()))


def test_images_mapped_from_disk_give_the_same_events(tmp_path):
    """And no warning: it would be an error here."""
    split, validation = splits()
    np.save(tmp_path / "images.npy", split.images)
    mapped = Split("train", np.load(tmp_path / "images.npy", mmap_mode="c"), split.labels)
    assert list(train(fresh(), mapped, validation)) == list(train(fresh(), split, validation))


@pytest.mark.parametrize("steps", [2, 3, 100])
def test_a_device_that_is_asked_seldom_tells_the_same(monkeypatch, steps):
    """As a GPU is: losses are asked for some steps at a time. What is saved or stopped at is no step ahead."""
    whole = fresh()
    events = list(train(whole, *splits()))
    monkeypatch.setitem(STEPS_AT_ONCE, "cpu", steps)
    seldom = fresh()
    told = []
    for event in train(seldom, *splits()):
        told.append(event)
        if seldom.step == event.step:
            made = [e.images for e in told if isinstance(e, StepEnd) and e.epoch == event.epoch]
            assert seldom.seen == (sum(made) if isinstance(event, StepEnd) else 0)
    assert told == events
    assert weights(seldom) == weights(whole)


def test_a_loss_that_is_asked_for_late_names_the_step_at_which_it_went_wrong(monkeypatch):
    monkeypatch.setitem(STEPS_AT_ONCE, "cpu", 100)
    training = fresh(optimizer="sgd", learning_rate=10.0, schedule="constant", weight_decay=1.0, epochs=300)
    with pytest.raises(DivergedError, match="at step") as late:
        list(train(training, *splits()))
    monkeypatch.setitem(STEPS_AT_ONCE, "cpu", 1)
    training = fresh(optimizer="sgd", learning_rate=10.0, schedule="constant", weight_decay=1.0, epochs=300)
    with pytest.raises(DivergedError, match="at step") as at_once:
        list(train(training, *splits()))
    assert str(late.value) == str(at_once.value)
