"""The training loop, as a generator of events.

`train` draws nothing, saves nothing and prints nothing: whoever consumes the events does. Between two events the
training is at rest, so it can safely be saved there, or stopped by asking for no more.

All randomness in a step (order, augmentation, dropout) is a function of the run's seed and the step's number alone.
So a training resumed from a saved state takes exactly the steps it would have taken without the pause.
"""

import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mnist_core.errors import CheckpointError, DivergedError
from mnist_core.images.preprocess import normalise
from mnist_core.networks.config import ModelConfig
from mnist_core.networks.dead_units import watching
from mnist_core.networks.model import build_model, to_channels_last
from mnist_core.networks.network import Network
from mnist_core.reading.calibration import apply, calibrate
from mnist_core.reading.evaluate import evaluation_of, logits_of
from mnist_core.training.augment import augment
from mnist_core.training.augmentations import AUGMENTATIONS
from mnist_core.training.config import TrainConfig, gentler_learning_rate
from mnist_core.training.cuda_graph import Update, replayed
from mnist_core.training.features import Features
from mnist_core.training.optimizers import OPTIMIZERS
from mnist_core.training.schedule import cycle_of, learning_rate
from mnist_core.training.synchronisation import StepOnDevice, fetch
from mnist_core.types import NOT_A_DIGIT, EpochEnd, Evaluation, Split, StepEnd


@dataclass
class Training:
    """A training between two steps: all that is needed to continue, or to save it and resume later."""

    config: TrainConfig
    model: Network
    optimizer: torch.optim.Optimizer
    device: torch.device
    autocast: torch.dtype | None  # bfloat16, or None for plain float32
    extended_by: tuple[int, ...] = ()  # epochs added to the config's, each number a cycle of its own
    epochs_done: int = 0
    step: int = 0
    loss_sum: float = 0.0  # over the images of the unfinished epoch
    correct: int = 0
    seen: int = 0
    best_accuracy: float = -1.0  # on validation; -1 before the first epoch is done
    best_epoch: int = 0
    validation: Evaluation | None = None  # of the epoch that was done last, if it was done by this process

    @classmethod
    def begin(
        cls,
        model_config: ModelConfig,
        config: TrainConfig,
        *,
        extended_by: tuple[int, ...] = (),
        device: str = "cpu",
        precision: str = "float32",
    ) -> "Training":
        """A training before its first step, its weights drawn from the config's seed."""
        torch.manual_seed(config.seed)
        model = to_channels_last(build_model(model_config), device)
        autocast = torch.bfloat16 if precision == "bfloat16" else None
        optimizer = _optimizer(model, config, torch.device(device))
        return cls(config, model, optimizer, torch.device(device), autocast, extended_by)

    @property
    def cycles(self) -> tuple[int, ...]:
        """Epochs of each turn of the schedule."""
        return (self.config.epochs, *self.extended_by)

    @property
    def has_stopped_early(self) -> bool:
        """Whether the validation accuracy has not risen for as many epochs as the config has patience for.

        Those before an extension do not count: somebody asked for more all the same.
        """
        if not self.config.patience or self.epochs_done >= sum(self.cycles):
            return False
        begun, _ = cycle_of(self.epochs_done + 1, self.cycles)
        return self.epochs_done - max(self.best_epoch, begun) >= self.config.patience

    def count(self, step: StepEnd) -> None:
        """Count a step in for the epoch's mean.

        Raises:
            DivergedError: if its loss is no finite number.
        """
        _ensure_finite(step.loss, self.config, step.step)
        self.loss_sum += step.loss * step.images
        self.correct += round(step.accuracy * step.images)
        self.seen += step.images

    def state(self) -> dict[str, Any]:
        """Tensors and plain values only, so that it can be read back with `weights_only=True`."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            **{name: getattr(self, name) for name in _COUNTERS},
        }

    def load_state(self, state: dict[str, Any]) -> None:
        """Go on from what `state` gave.

        Raises:
            CheckpointError: if it is the state of another network or incomplete.
        """
        try:
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
            for name in _COUNTERS:
                most = sys.float_info.max if isinstance(getattr(self, name), float) else MAX_COUNT
                if type(state[name]) is not type(getattr(self, name)) or not -1 <= state[name] <= most:
                    raise TypeError(f"{name} is {state[name]!r:.50}")
                setattr(self, name, state[name])
            if not 0 <= self.epochs_done <= sum(self.cycles):
                raise ValueError(f"{self.epochs_done} epochs are more than it was to train")
        except (AttributeError, LookupError, RuntimeError, ValueError, TypeError) as error:
            raise CheckpointError(f"the saved state does not fit this run's network: {error}") from error


MAX_COUNT = 10**12
_COUNTERS = ("epochs_done", "step", "loss_sum", "correct", "seen", "best_accuracy", "best_epoch")


def train(training: Training, train_split: Split | Features, validation_split: Split) -> Iterator[StepEnd | EpochEnd]:
    """Train until all epochs are done or it `has_stopped_early`, from wherever `training` stands.

    Args:
        training: changed in place. A GPU works ahead: there `training.step` may be some steps past that of an event,
            and the events of those follow at once. At the last of them it is at rest: it can be saved or stopped at.
        train_split: fits the weights. Its images may be a memory map of a file larger than memory, one that could be
            written to (`np.load(path, mmap_mode="c")`): a step then reads from disk what it needs.
            Of features, what decides on them is trained and the network's own `features` stay as they are.
        validation_split: is evaluated after each epoch. There is no parameter for the test split.
    Raises:
        DivergedError: if the loss stops being a finite number.
    """
    shown = train_split.values if isinstance(train_split, Features) else train_split.images
    images = torch.from_numpy(shown).to(training.device)  # (N, 28, 28) uint8 or (N, features): all of it, once
    labels = torch.from_numpy(train_split.labels).to(training.device)  # (N,)

    def update_on(batch: Tensor) -> tuple[Tensor, Tensor]:
        return _update(training, images.index_select(0, batch), labels.index_select(0, batch))

    update = replayed(update_on, training.config.batch_size, training.device)
    for epoch in range(training.epochs_done + 1, sum(training.cycles) + 1):
        if training.has_stopped_early:
            return
        for step in fetch(_steps(training, epoch, len(labels), update), training.device):
            training.count(step)
            yield step
        yield _finish_epoch(training, validation_split)


def _steps(training: Training, epoch: int, images: int, update: Update) -> Iterator[StepOnDevice]:
    """Make the steps of an epoch that are not made yet, one each time that one is asked for."""
    config = training.config
    training.model.train()
    batches = _order(config.seed, epoch, images).to(training.device).split(config.batch_size)
    epochs_before, epochs = cycle_of(epoch, training.cycles)
    for batch in batches[training.step - (epoch - 1) * len(batches) :]:
        training.step += 1
        rate = learning_rate(config, training.step - epochs_before * len(batches), epochs * len(batches))
        _set_rate(training.optimizer, rate)
        _seed_step(config.seed, training.step, training.device)
        loss, correct = update(batch)
        yield StepOnDevice(epoch, training.step, loss, correct, rate, len(batch))


def steps_per_epoch(images: int, batch_size: int) -> int:
    return -(-images // batch_size)


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        if isinstance(group["lr"], Tensor):  # on a GPU: where a replayed step looks for it
            group["lr"].fill_(rate)
        else:
            group["lr"] = rate


def _update(training: Training, images: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """One optimiser update; returns the batch's loss and how many it had right, both before the update.

    They stay on the device: to ask a GPU for a number is to wait until it has done all it was told.
    """
    are_features = images.ndim == 2
    if training.config.augment != "none" and not are_features:  # features were augmented when they were made
        images = augment(images.float().unsqueeze(1), AUGMENTATIONS[training.config.augment])  # (B, 1, 28, 28)
    with torch.autocast(training.device.type, training.autocast, enabled=training.autocast is not None):
        model = training.model
        logits = model.decide(images) if are_features else model(normalise(images))  # (B, 10)
    log_shares = F.log_softmax(logits.float(), dim=1)  # (B, 10)
    loss = plain = F.nll_loss(log_shares, labels)
    if smoothing := training.config.label_smoothing:  # steers the update; what is told is the plain loss, as anywhere
        loss = (1 - smoothing) * plain - smoothing * log_shares.mean()
    training.optimizer.zero_grad()
    loss.backward()
    training.optimizer.step()
    return plain.detach(), (logits.argmax(1) == labels).sum()


def _ensure_finite(loss: float, config: TrainConfig, step: int) -> None:
    if not math.isfinite(loss):
        raise DivergedError(
            f"{DivergedError.BEGINS} {loss} at step {step}: the learning rate {config.learning_rate:g} "
            f"is too high for these settings; try {gentler_learning_rate(config):g}"
        )


def _finish_epoch(training: Training, validation_split: Split) -> EpochEnd:
    with watching(training.model) as peaks:
        logits = logits_of(training.model, validation_split.images)  # (N, 10 or 11), letters and scribbles included
    labels = torch.from_numpy(validation_split.labels)
    is_digit = labels != NOT_A_DIGIT
    validation = evaluation_of(training.model, logits[is_digit], validation_split.digits_only())
    _ensure_finite(validation.loss, training.config, training.step)
    training.epochs_done += 1
    training.validation = validation
    is_best = validation.accuracy > training.best_accuracy
    if is_best:
        training.best_accuracy, training.best_epoch = validation.accuracy, training.epochs_done
    if is_best or training.config.keep_epochs:
        apply(calibrate(logits, labels), training.model)
    event = EpochEnd(
        epoch=training.epochs_done,
        step=training.step,
        train_loss=training.loss_sum / training.seen,
        train_accuracy=training.correct / training.seen,
        validation_loss=validation.loss,
        validation_accuracy=validation.accuracy,
        dead_units=peaks.dead_fraction,
    )
    training.loss_sum, training.correct, training.seen = 0.0, 0, 0
    return event


def _optimizer(model: nn.Module, config: TrainConfig, device: torch.device) -> torch.optim.Optimizer:
    on_gpu = device.type == "cuda"
    rate = torch.tensor(config.learning_rate, device=device) if on_gpu else config.learning_rate
    return OPTIMIZERS[config.optimizer].make(model.parameters(), rate, config.weight_decay, on_gpu)


def _order(seed: int, epoch: int, images: int) -> Tensor:
    """The order in which an epoch sees its images, (N,) int64."""
    return torch.from_numpy(np.random.default_rng((seed, epoch)).permutation(images))


def _seed_step(seed: int, step: int, device: torch.device) -> None:
    # the Mersenne Twister takes 32 bits, so seed and step are mixed first
    mixed = int(np.random.SeedSequence((seed, step)).generate_state(1)[0])
    torch.default_generator.manual_seed(mixed)  # torch.manual_seed does the same, and takes a tenth of a millisecond
    if device.type == "cuda":
        torch.cuda.manual_seed(mixed)
