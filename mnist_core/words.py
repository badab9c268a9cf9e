"""What a person reads where the program has a short name: one word for one thing, on every page and card."""

from mnist_core.config import Augment, DatasetName, ModelKind, Optimizer, Precision, Schedule, Size
from mnist_core.runs import Run

DATASETS: dict[DatasetName, str] = {
    "mnist": "MNIST",
    "people": "Many hands",
    "digits": "Small digits",
    "handwriting": "My handwriting",
}
SIZES: dict[Size, str] = {"small": "Small", "large": "Large"}
MODELS: dict[ModelKind, str] = {"mlp": "MLP", "cnn": "CNN"}
OPTIMIZERS: dict[Optimizer, str] = {"adamw": "AdamW", "sgd": "SGD"}
SCHEDULES: dict[Schedule, str] = {"one-cycle": "One cycle", "constant": "Constant"}
AUGMENTS: dict[Augment, str] = {"none": "None", "light": "Light", "strong": "Strong"}
PRECISIONS: dict[Precision, str] = {"auto": "Auto", "float32": "float32", "bfloat16": "bfloat16"}


def run_title(run: Run) -> str:
    """How a run is called: its name if it has one, else its network and the random part of its id."""
    return run.name or f"{MODELS[run.model.kind]} {run.run_id[-4:]}"
