"""The command line: `python -m mnist_core VERB`; `--help` lists the verbs.

The same functions as the pages call. With `--json`, standard output holds exactly one JSON document. The exit status
is 0, or 2 with one sentence on standard error for whatever the user can put right; `repeat` has 1 for a run that did
not come out identical.
"""

import argparse
import os
import sys
from typing import Any, get_args

from mnist_core import config, machine
from mnist_core.cli import commands
from mnist_core.config import BOUNDS, ModelConfig, TrainConfig
from mnist_core.errors import MnistError
from mnist_core.training import presets


def main(arguments: list[str] | None = None) -> int:
    machine.set_openmp_wait_policy(os.environ)  # no verb has imported torch yet
    options = _parser().parse_args(arguments)
    try:
        return options.command(options) or 0
    except MnistError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `... | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mnist_core", description="Handwritten digits: train, evaluate, predict."
    )
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_train(_verb(verbs, "train", commands.train, "train a network on a data set"))

    resume = _verb(verbs, "resume", commands.resume, "go on with a run that was stopped or interrupted")
    _add_run(resume)
    repeat = _verb(
        verbs, "repeat", commands.repeat,
        "train a run once more and say whether it came out identical (exit 0) or not (exit 1)",
    )  # fmt: skip
    repeat.add_argument(
        "run", metavar="RUN", help="a run id, a unique beginning of one, latest, or a path to a run.json or its folder"
    )
    teach = _verb(verbs, "teach", commands.teach, "teach a copy of a run the handwriting kept on the Predict page")
    teach.add_argument("run", nargs="?", metavar="RUN", help="default: the model that comes with the product")
    extend = _verb(verbs, "extend", commands.extend, "train a finished run for more epochs")
    _add_run(extend)
    extend.add_argument("epochs", type=int, metavar="N", help="epochs to add; with one-cycle, a cycle of their own")
    stop = _verb(verbs, "stop", commands.stop, "have a run save its state and end")
    _add_run(stop)
    restore = _verb(verbs, "restore", commands.restore, "put back a damaged run.json or weights from the saved state")
    restore.add_argument("run", metavar="RUN", help="a run id, or a unique beginning of one; it may be damaged")

    evaluate = _verb(verbs, "evaluate", commands.evaluate, "judge a run on a split")
    _add_run(evaluate)
    evaluate.add_argument("--split", choices=("test", "validation"), default="test")

    card = _verb(verbs, "card", commands.card, "write a run as one HTML page, to read, print and pass on")
    _add_run(card)
    card.add_argument("--output", metavar="FILE", help="default: RUN.html in this folder; - for standard output")

    _add_predict(_verb(verbs, "predict", commands.predict, "read pictures of digits"))
    _verb(verbs, "runs", commands.list_runs, "list the runs")
    _add_note(_verb(verbs, "note", commands.note, "write down something about a run, or read what was written"))

    data = _verb(verbs, "data", commands.data, "say which data sets are here; download MNIST; draw `people`")
    data.add_argument(
        "action", nargs="?", choices=("download", "people"), help="fetch MNIST, or draw what `people` adds to it"
    )
    return parser


def _verb(verbs: Any, name: str, command: Any, help_text: str) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=help_text, description=help_text)
    verb.add_argument("--json", action="store_true", help="print one JSON document and nothing else")
    verb.set_defaults(command=command)
    return verb


def _add_run(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("run", metavar="RUN", help="a run id, a unique beginning of one, or latest")


def _add_train(verb: argparse.ArgumentParser) -> None:
    model, train = ModelConfig(), TrainConfig()
    verb.add_argument(
        "--data", choices=get_args(config.DatasetName), help="default: mnist, or digits where it is missing"
    )
    verb.add_argument("--model", choices=get_args(config.ModelKind), default=model.kind)
    verb.add_argument(
        "--preset", choices=get_args(presets.PresetName), help="settings tried out for that model, instead of your own"
    )
    verb.add_argument("--size", choices=get_args(config.Size), default=model.size, help="of the cnn")
    _add_number(verb, "epochs", int, train.epochs, "passes over the training images")
    _add_number(verb, "batch_size", int, train.batch_size, "images a step")
    _add_number(verb, "learning_rate", float, None, "peak step size (adamw 0.004, sgd 0.1)")
    verb.add_argument("--hidden", type=_widths, default=model.hidden, help="hidden units of the mlp (512,256)")
    _add_number(verb, "dropout", float, model.dropout, "share of units left out at each step")
    verb.add_argument("--optimizer", choices=get_args(config.Optimizer), default=train.optimizer)
    verb.add_argument("--schedule", choices=get_args(config.Schedule), default=train.schedule)
    _add_number(verb, "weight_decay", float, None, "pull of the weights to zero (adamw 0.01, sgd 0.0005)")
    _add_number(verb, "label_smoothing", float, train.label_smoothing, "share of certainty left to the other classes")
    _add_number(verb, "train_share", float, train.train_share, "share of the training images that is used")
    verb.add_argument("--augment", choices=get_args(config.Augment), default=train.augment)
    verb.add_argument("--precision", choices=get_args(config.Precision), default=train.precision)
    verb.add_argument("--device", choices=get_args(config.Device), default=train.device)
    _add_number(verb, "seed", int, train.seed, "where all chance comes from")
    verb.add_argument("--keep-epochs", action="store_true", help="keep every epoch's weights, for the Time machine")
    verb.add_argument("--name", default="", metavar="TEXT", help="what to call the run")


def _add_predict(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("paths", nargs="+", metavar="PATH", help="pictures, or folders of them (walked, sorted)")
    verb.add_argument("--run", help="default: the model that comes with the product")
    verb.add_argument(
        "--invert", choices=("auto", "yes", "no"), default="auto", help="is the ink dark on light ground?"
    )
    verb.add_argument("--threshold", type=_threshold, default="auto", help="auto, off, or the grey level 0..255 of ink")
    verb.add_argument("--number", action="store_true", help="read several digits a picture")


def _add_note(verb: argparse.ArgumentParser) -> None:
    _add_run(verb)
    verb.add_argument("text", nargs="?", metavar="TEXT", help="the note, in the place of the one before; '' for none")
    verb.add_argument("--tag", action="append", default=[], metavar="T", help="add a tag; may be given several times")
    verb.add_argument("--untag", action="append", default=[], metavar="T", help="take a tag away")


def _add_number(verb: argparse.ArgumentParser, name: str, kind: type, default: float | None, text: str) -> None:
    bound = BOUNDS[name]
    says = f"{text}; {bound.low:g} to {bound.high:g}" + ("" if default is None else f", default {default:g}")
    verb.add_argument(
        f"--{name.replace('_', '-')}", type=kind, default=default, metavar="N" if kind is int else "X", help=says
    )


def _widths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected whole numbers with commas, such as 512,256, got {text!r}") from None


def _threshold(text: str) -> str | int:
    if text in ("auto", "off"):
        return text
    if text.isascii() and text.isdigit() and int(text) <= 255:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected auto, off or a grey level 0 to 255, got {text!r}")


if __name__ == "__main__":
    sys.exit(main())
