"""What a person reads where the program has a short name: one word for one thing, on every page and card."""

from mnist_core.config import Augment, DatasetName, ModelKind, Optimizer, Precision, Schedule, Size

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
