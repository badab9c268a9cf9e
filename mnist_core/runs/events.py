"""What a line of a history may say."""

from typing import Annotated

from msgspec import Meta, Struct

from mnist_core.decode import Count, Fraction, Loss, Name, Seconds, Text, Time
from mnist_core.types import EpochEnd

EpochNumber = Annotated[int, Meta(ge=0, le=10_000)]


class _Event(Struct, tag_field="event", gc=False):
    time: Time
    elapsed: Seconds  # of training; pauses do not count


class Queued(_Event, tag="queued"):
    pid: Count
    host: Name


class Started(_Event, tag="started"):
    pid: Count
    host: Name
    step: Count
    epochs_done: EpochNumber
    epochs: EpochNumber
    steps_per_epoch: Count
    lost: Text = ""  # what could not be read of the saved state


class Resumed(Started, tag="resumed"):
    pass


class Step(_Event, tag="step"):
    step: Count
    loss: Loss
    accuracy: Fraction
    learning_rate: Annotated[float, Meta(ge=0, le=1e6)]
    images: Count


class Epoch(_Event, tag="epoch"):
    epoch: EpochNumber
    step: Count
    train_loss: Loss
    train_accuracy: Fraction
    validation_loss: Loss
    validation_accuracy: Fraction
    dead_units: Fraction | None = None

    @property
    def end(self) -> EpochEnd:
        return EpochEnd(**{name: getattr(self, name) for name in EpochEnd.__dataclass_fields__})


class Stopped(_Event, tag="stopped"):
    pass


class Finished(_Event, tag="finished"):
    early: bool = False  # before all its epochs, for want of progress


class Failed(_Event, tag="failed"):
    error: Text


Event = Queued | Started | Resumed | Step | Epoch | Stopped | Finished | Failed
