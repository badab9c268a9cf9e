"""Errors a person can act on.

Each message is one sentence that says what was expected, what was found and what to do. Pages show it, the command
line prints it and exits with 2. Any other exception is a bug and comes through with its traceback.
"""


class MnistError(Exception):
    """Something outside our code is wrong, and the user can put it right."""


class ConfigError(MnistError, ValueError):
    """A hyperparameter or an option is out of its bounds."""


class DatasetError(MnistError):
    """A data set is missing, damaged, or could not be downloaded."""


class ImageError(MnistError):
    """A picture cannot be read, or holds nothing to read."""


class CheckpointError(MnistError):
    """A run's folder is missing, damaged, or does not fit what is asked of it."""


class WorkerError(MnistError):
    """A training cannot be started, stopped or resumed as things stand."""


class NoInkError(ImageError):
    """A picture can be read, but there is nothing on it: a blank canvas, an empty sheet."""


class DivergedError(MnistError):
    """The loss of a training is no longer a finite number."""

    BEGINS = "the loss became"  # its sentence, by which a reader of the history knows it
