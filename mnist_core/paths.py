"""Where things are stored on disk. Each place has a default beside the app and an environment variable to move it."""

import os
from pathlib import Path

APP_FOLDER = Path(__file__).resolve().parent.parent


def data_folder() -> Path:
    """Data sets (`MNIST_DATA`); may be read-only once the files are there."""
    return _place("MNIST_DATA", APP_FOLDER / "data")


def handwriting_folder() -> Path:
    """A person's own corrected digits (`MNIST_HANDWRITING`)."""
    return _place("MNIST_HANDWRITING", APP_FOLDER / "data" / "handwriting")


def others_folder() -> Path:
    """Pictures drawn for training beyond MNIST (`MNIST_OTHERS`); can be drawn again at any time."""
    return _place("MNIST_OTHERS", APP_FOLDER / "data" / "others")


def checkpoints_folder() -> Path:
    """Runs, one folder each (`MNIST_CHECKPOINTS`)."""
    return _place("MNIST_CHECKPOINTS", shipped_folder())


def shipped_folder() -> Path:
    """The shipped runs; the same as `checkpoints_folder` unless that was moved."""
    return APP_FOLDER / "checkpoints"


def mirror() -> str | None:
    """A base URL tried before torchvision's own mirrors (`MNIST_MIRROR`), ending in a slash."""
    url = os.environ.get("MNIST_MIRROR", "").strip()
    return url.rstrip("/") + "/" if url else None


def _place(variable: str, default: Path) -> Path:
    value = os.environ.get(variable, "").strip()
    return Path(value).expanduser().resolve() if value else default
