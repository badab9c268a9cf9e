"""How a model reads the digits of people whom it has not met: `python -m benchmarks.handwriting FOLDER [--run RUN]`.

FOLDER holds pictures and `labels.csv` (see `benchmarks.labelled`). Every picture takes the way that it takes on the
Predict page. Beside it stands what the same model makes of the naive way: the whole picture resized to 28 x 28. A sheet
of the errors of each kind is written, and the time an answer takes is measured.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from benchmarks import reading_speed
from benchmarks.contact_sheet import NUMBER_HEIGHT, NUMBER_WIDTH, SIDE, shrunk, write_sheet
from benchmarks.labelled import Collection, Labelled, Task, in_order, read_labels
from benchmarks.measures import Answer, Score, calibration_error, score
from benchmarks.report import text_of
from mnist_core.errors import DatasetError, ImageError, MnistError
from mnist_core.images.decode import read_picture
from mnist_core.networks.network import Network
from mnist_core.reading.predict import predict, probabilities_of, read_digit, read_number
from mnist_core.runs import store
from mnist_core.runs.run import Run
from mnist_core.runs.weights import load_model
from mnist_core.types import Box, Prediction, Preprocessed

CHUNK = 512  # images put through a network at a time


@dataclass(frozen=True, eq=False)
class Readings:
    """What was read in a collection's pictures."""

    answers: tuple[Answer, ...]
    naive: tuple[Answer, ...]
    unread: tuple[str, ...]  # a sentence for each file that is no picture


def read_all(model: Network, pictures: Sequence[Labelled]) -> Readings:
    """Read every picture both ways; numbers have no naive way."""
    answers, naive, unread = [], [], []
    for of in tqdm(pictures, unit="picture", disable=not sys.stderr.isatty()):
        try:
            picture = read_picture(of.path)
        except ImageError as error:
            unread.append(f"{of.file}: {error}")
            continue
        answers.append(_read(model, of, picture))
        if of.task != "number":
            image = naively_resized(picture)
            whole = Preprocessed(image, Box(0, 0, picture.shape[1], picture.shape[0]), inverted=False)
            naive.append(_answer(of, predict(model, [whole])))
    return Readings(tuple(answers), tuple(naive), tuple(unread))


def naively_resized(picture: np.ndarray) -> np.ndarray:
    """What most demonstrations do: the whole picture, in grey, inverted if its border is light, as 28 x 28 pixels.

    Args: picture: (H, W) or (H, W, 3) uint8.  Returns: (28, 28) uint8.
    """
    grey = np.asarray(Image.fromarray(picture).convert("L"))
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    light_on_dark = 255 - grey if np.median(border) > 127 else grey
    return np.asarray(Image.fromarray(light_on_dark).resize((28, 28), Image.Resampling.BILINEAR))


def _read(model: Network, of: Labelled, picture: np.ndarray) -> Answer:
    is_number = of.task == "number"
    answer = _answer(of, read_number(model, picture) if is_number else [read_digit(model, picture)])
    if answer.is_right:
        return answer
    thumbnail, scale = shrunk(picture, *((NUMBER_WIDTH, NUMBER_HEIGHT) if is_number else (SIDE, SIDE)))
    return replace(answer, thumbnail=thumbnail, scale=scale)


def _answer(of: Labelled, read: Sequence[Prediction]) -> Answer:
    known = [p for p in read if p.digit is not None]
    return Answer(
        of,
        text="".join(str(p.digit) for p in known if p.is_digit),
        guess="".join(str(p.digit) for p in known),
        confidence=min((p.confidence for p in known if p.is_digit or len(known) == 1), default=0.0),
        seen=tuple(p.preprocessed.image for p in read if p.preprocessed is not None),
        boxes=tuple(p.box for p in read if p.box is not None),
    )


def uncalibrated_confidences(run: Run, images: np.ndarray) -> np.ndarray:
    """How sure the run's network would be at temperature 1.

    Args: images: (N, 28, 28) uint8.  Returns: (N,) float64.
    """
    model = load_model(run)  # another copy: its temperature is changed
    if (temperature := dict(model.named_buffers()).get("temperature")) is not None:
        temperature.fill_(1.0)
    chunks = [images[at : at + CHUNK] for at in range(0, len(images), CHUNK)]
    return np.concatenate([probabilities_of(model, chunk).max(1) for chunk in chunks] or [np.empty(0)])


def calibration(run: Run, answers: Sequence[Answer]) -> dict[str, dict[str, float]]:
    """Expected calibration error before and after, of each kind of single digits and of all together.

    Every picture with ink counts: where it was refused, the guess and its confidence.
    """
    digits = [a for a in answers if a.of.task == "digit" and a.seen]
    if not digits:
        return {}
    before = uncalibrated_confidences(run, np.stack([a.seen[0] for a in digits]))
    after = np.array([a.confidence for a in digits])
    right = np.array([a.guessed_right for a in digits])
    kind_of = np.array([a.of.kind for a in digits])
    chosen = {"all": np.ones(len(digits), bool)} | {kind: kind_of == kind for kind in in_order(kind_of.tolist())}
    return {
        kind: {
            "n": int(mask.sum()),
            "before": calibration_error(before[mask], right[mask]),
            "after": calibration_error(after[mask], right[mask]),
        }
        for kind, mask in chosen.items()
    }


def measure(
    run: Run, collection: Collection, sheets: Path, *, with_timings: bool, progress: Callable[[str], None]
) -> dict[str, Any]:
    """Everything the benchmark tells, as plain values."""
    model = load_model(run)
    timings = reading_speed.measure(model, progress) if with_timings else None
    readings = read_all(model, collection.pictures)
    if not readings.answers:
        raise DatasetError(f"none of {len(collection.pictures)} pictures can be read, as {readings.unread[0]}")
    return {
        "run_id": run.run_id,
        "temperature": float(getattr(model, "temperature", 1.0)),
        "kinds": list(_rows(readings, sheets)),
        "calibration_error": calibration(run, readings.answers),
        "unread": list(readings.unread),
        "odd_rows": list(collection.odd),
        "sheets": str(sheets),
        "timings": timings,
    }


def _rows(readings: Readings, sheets: Path) -> Iterator[dict[str, Any]]:
    """A row for each kind, and for each task if a kind asks for more than one."""
    for kind in in_order(answer.of.kind for answer in readings.answers):
        for task in sorted({answer.of.task for answer in readings.answers if answer.of.kind == kind}):
            ours = _of(readings.answers, kind, task)
            naive = _of(readings.naive, kind, task)
            path = sheets / f"{''.join(c if c.isalnum() else '_' for c in kind)}-{task}.png"
            errors = write_sheet(path, ours)
            yield {
                "kind": kind,
                "task": task,
                "read": _plain(score(ours)),
                "naive": _plain(score(naive)) if naive else None,
                "sheet": str(path) if errors else None,
            }


def _of(answers: Sequence[Answer], kind: str, task: Task) -> list[Answer]:
    return [answer for answer in answers if answer.of.kind == kind and answer.of.task == task]


def _plain(of: Score) -> dict[str, Any]:
    return {"accuracy": of.accuracy, "wrong_and_sure_share": of.sure_share, **asdict(of)}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.handwriting", description=__doc__)
    parser.add_argument("folder", type=Path, help="pictures and their labels.csv")
    parser.add_argument("--run", help="a run id, a unique beginning of one, or latest; default: the shipped model")
    parser.add_argument("--kinds", help="only these, separated by commas")
    parser.add_argument("--sheets", type=Path, help="where the sheets of errors go; default: a new temporary folder")
    parser.add_argument("--no-timings", action="store_true", help="leave out how long an answer takes")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    return parser.parse_args()


def _chosen(collection: Collection, kinds: str | None) -> Collection:
    if kinds is None:
        return collection
    wanted = kinds.split(",")
    there = in_order(picture.kind for picture in collection.pictures)
    if unknown := [kind for kind in wanted if kind not in there]:
        raise DatasetError(f"there is no kind {', '.join(unknown)} here; there are {', '.join(there)}")
    return Collection(tuple(p for p in collection.pictures if p.kind in wanted), collection.odd)


def main() -> int:
    options = _options()
    try:
        run = store.find_run(options.run) if options.run else store.default_run()
        collection = _chosen(read_labels(options.folder), options.kinds)
        sheets = options.sheets or Path(tempfile.mkdtemp(prefix="handwriting-errors-"))
        sheets.mkdir(parents=True, exist_ok=True)
        result = measure(
            run,
            collection,
            sheets,
            with_timings=not options.no_timings,
            progress=lambda text: print(text, file=sys.stderr),
        )
    except MnistError as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(result) if options.json else text_of(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
