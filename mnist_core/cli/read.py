"""Verbs that read images: predict and evaluate."""

import argparse
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mnist_core.cli.arguments import add_run, add_verb
from mnist_core.cli.output import print_result
from mnist_core.errors import ImageError
from mnist_core.runs import store
from mnist_core.runs.weights import load_model
from mnist_core.types import Prediction

BATCH = 256  # pictures read at a time


def add_verbs(verbs: Any) -> None:
    examine = add_verb(verbs, "evaluate", evaluate, "evaluate a run on a split")
    add_run(examine)
    examine.add_argument("--split", choices=("test", "validation"), default="test")
    verb = add_verb(verbs, "predict", predict, "read the digits in pictures")
    verb.add_argument("paths", nargs="+", metavar="PATH", help="pictures, or folders to search for pictures")
    verb.add_argument("--run", help="default: the shipped model")
    verb.add_argument(
        "--invert", choices=("auto", "yes", "no"), default="auto", help="whether the ink is dark on a light background"
    )
    verb.add_argument(
        "--threshold",
        type=_threshold,
        default="auto",
        help="auto, off, or a level from 0 to 255 below which nothing counts as ink",
    )
    verb.add_argument(
        "--digits",
        choices=("auto", "one", "many"),
        default="auto",
        help="how many there are in each picture; default: found out",
    )
    verb.add_argument("--number", action="store_const", dest="digits", const="many", help="the same as --digits many")


def evaluate(options: Namespace) -> None:
    from mnist_core.runs import evaluations

    evaluation = evaluations.evaluate_run(store.find_run(options.run), options.split)
    summary = evaluations.summary_of(evaluation)
    print_result(options, summary, _evaluation_text(summary))


def predict(options: Namespace) -> None:
    run = store.find_run(options.run) if options.run else store.default_run()
    model = load_model(run)
    files = list(_files(options.paths))
    bar = tqdm(files, unit="picture", disable=len(files) < BATCH or not sys.stderr.isatty())
    rows = list(_read_files(model, bar, options))
    lines = [f"{row['file']}: {_said(row)}" for row in rows]
    print_result(options, {"run_id": run.run_id, "predictions": rows}, "\n".join(lines))


def _evaluation_text(summary: dict[str, Any]) -> str:
    low, high = summary["accuracy_interval"]
    lines = [
        f"{summary['run_id']} on {summary['n']:,} {summary['split']} images",
        f"accuracy {summary['accuracy']:.2%} (95 % interval {low:.2%} to {high:.2%}), loss {summary['loss']:.4f} nats",
        "",
        "true \\ predicted" + "".join(f"{digit:>6}" for digit in range(10)),
    ]
    lines += [
        f"{row:>16}" + "".join(f"{n:>6}" for n in counts) for row, counts in enumerate(summary["confusion_matrix"])
    ]
    lines += ["", "digit  precision  recall      f1  images"]
    lines += [
        "{label:>5}  {precision:>9.2%}  {recall:>6.2%}  {f1:>6.4f}  {support:>6}".format(**score)
        for score in summary["per_class"]
    ]
    return "\n".join(lines)


def _files(paths: list[str]) -> Iterator[Path]:
    """The pictures given, and those in the folders given, sorted; hidden files are skipped."""
    for path in map(Path, paths):
        if os.path.isdir(path):  # noqa: PTH112 -- of an impossible path `Path.is_dir` raises
            yield from sorted(f for f in path.rglob("*") if f.is_file() and not f.name.startswith("."))
        else:
            yield path


def _read_files(model: Any, files: Any, options: Namespace) -> Iterator[dict[str, Any]]:
    from mnist_core.images.decode import read_with_scale
    from mnist_core.reading.one_or_several import read_ink

    for file in files:
        try:
            picture, scale = read_with_scale(file)
            read = read_ink(model, picture, how_many=options.digits, invert=options.invert, threshold=options.threshold)
        except ImageError as error:
            yield _row(file, [], str(error))
        else:
            yield _row(file, [_in_file(p, scale) for p in read.digits], None, left_out=read.left_out)


def _in_file(prediction: Prediction, scale: float) -> Prediction:
    """With its box in pixels of the file, since large files are read at a reduced size."""
    box = prediction.box
    return replace(prediction, box=box.scaled(scale)) if box and scale != 1 else prediction


def _row(file: Path, read: list[Prediction], error: str | None, *, left_out: int = 0) -> dict[str, Any]:
    one = read[0] if len(read) == 1 else None
    digits = [p for p in read if p.is_digit]
    return {
        "file": str(file),
        "is_digit": one.is_digit if one else False,
        "digit": one.digit if one else None,
        "confidence": one.confidence if one else min((p.confidence for p in digits), default=0.0),
        "probabilities": one.probabilities.tolist() if one else [0.0] * 10,
        "digit_probability": one.digit_probability if one else min((p.digit_probability for p in digits), default=0.0),
        "text": "".join(str(p.digit) for p in digits),
        "digits": [_digit_row(p) for p in read if p.digit is not None and p.box is not None],
        "left_out": left_out,
        "error": error,
    }


def _digit_row(prediction: Prediction) -> dict[str, Any]:
    return {
        "box": vars(prediction.box),
        "digit": prediction.digit,
        "confidence": prediction.confidence,
        "is_digit": prediction.is_digit,
        "digit_probability": prediction.digit_probability,
    }


def _said(row: dict[str, Any]) -> str:
    """What was read in a file, for people."""
    if row["error"]:
        return str(row["error"])
    rejected = [digit for digit in row["digits"] if not digit["is_digit"]]
    if not row["text"]:
        nearest = ", ".join(str(digit["digit"]) for digit in rejected)
        return f"not a digit (nearest: {nearest})" if rejected else "no digit found"
    said = [f"{row['confidence']:.0%} confident"]
    said += [f"{len(rejected)} rejected as not a digit"] if rejected else []
    if row["left_out"]:
        said.append(f"{row['left_out']} more as large as a digit left out: --digits many reads all")
    return f"{row['text']} ({', '.join(said)})"


def _threshold(text: str) -> str | int:
    if text in ("auto", "off"):
        return text
    if text.isascii() and text.isdigit() and int(text) <= 255:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected auto, off or a grey level 0 to 255, got {text!r}")
