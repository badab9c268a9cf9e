"""How fast the shipped models read: `python -m benchmarks.prediction [--json]`.

A batch of MNIST's test images beside scikit-learn's `MLPClassifier.predict` of the same size and beside the matrix
products alone, in turns; one picture from file to answer and a folder of them, with the share of each part; and how
long a model takes to load once torch is there.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import reduce
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from torch import nn

from benchmarks.medians import in_turns, load, said, summary
from benchmarks.quiet import without_a_browser
from benchmarks.speed import machine_line
from mnist_core.datasets import registry
from mnist_core.images.decode import read_picture
from mnist_core.images.preprocess import preprocess
from mnist_core.networks.network import Network
from mnist_core.reading.evaluate import BATCH, logits_of
from mnist_core.reading.predict import predict, read_digit, read_images
from mnist_core.runs import store
from mnist_core.runs.run import Run, shipped_ids
from mnist_core.runs.weights import load_model
from mnist_core.types import Split

IMAGES, FILES, REPEATS, LOADS = 10_000, 300, 9, 15
HIDDEN = (512, 256)
RIVALS = ("scikit-learn, float64", "scikit-learn, float32")
OURS = "logits_of, one look"  # what Evaluate asks; `MLPClassifier.predict` looks once, too
PICTURE_SIDE = 280  # of a drawing on the Predict page
LOADING = """
import sys, time
import torch
from mnist_core.runs import store, weights
run = store.find_run(sys.argv[1])
begin = time.perf_counter()
weights.load_model(run)
print(time.perf_counter() - begin)
"""


def measure(images: int, files: int, repeats: int) -> dict[str, Any]:
    shipped = {run.model.kind: run for run in map(store.find_run, shipped_ids())}
    test = registry.load("mnist").test
    test = Split(test.name, test.images[:images], test.labels[:images])
    result: dict[str, Any] = {"machine": machine_line("cpu"), "load_before": load()}
    result["loading"] = {kind: loading(run) for kind, run in shipped.items()}
    result["loaded_once"] = is_loaded_once(shipped["mlp"])
    models = {kind: load_model(run) for kind, run in shipped.items()}
    result["batch"] = batch(models["mlp"], test, repeats)
    result["pictures"] = {kind: pictures(model, test, files, repeats) for kind, model in models.items()}
    return result


def batch(model: Network, test: Split, repeats: int) -> dict[str, Any]:
    """Seconds for all images, and how many times as fast ours is. Rivals get their pixels scaled already, ours not."""
    assert tuple(layer.out_features for layer in model.hidden_layers() if isinstance(layer, nn.Linear)) == HIDDEN
    pixels = test.images.reshape(len(test), -1) / 255.0  # float64, as in scikit-learn's own example for MNIST
    wide, narrow = (_rival(pixels.astype(dtype), test.labels) for dtype in (np.float64, np.float32))
    seconds = in_turns(
        {
            RIVALS[0]: wide,
            RIVALS[1]: narrow,
            OURS: lambda: logits_of(model, test.images),
            "judge, one look": lambda: read_images(model, test.images, views=1),
            "judge, five looks": lambda: read_images(model, test.images),
            "matrix products, float32": _products(len(test), torch.float32),
            "matrix products, bfloat16": _products(len(test), torch.bfloat16),
        },
        repeats,
    )
    summed = {name: summary(values) for name, values in seconds.items()}
    ratios, quickest = (
        {rival: summed[rival][figure] / summed[OURS][figure] for rival in RIVALS} for figure in ("median", "least")
    )
    return {"images": len(test), "seconds": summed, "times_as_fast_as": ratios, "quickest_times_as_fast_as": quickest}


def _rival(pixels: np.ndarray, labels: np.ndarray) -> Callable[[], object]:
    """A scikit-learn network of the same size, trained a little: reading takes as long whatever it has learned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        rival = MLPClassifier(HIDDEN, max_iter=1, random_state=0).fit(pixels[:2000], labels[:2000])
    return lambda: rival.predict(pixels)


def _products(images: int, dtype: torch.dtype) -> Callable[[], object]:
    """The floor: what no network of this size can do without, a batch as large as ours at a time."""
    widths = (28 * 28, *HIDDEN, 10)
    x = torch.rand(images, widths[0]).to(dtype)
    weights = [torch.rand(inputs, outputs).to(dtype) for inputs, outputs in pairwise(widths)]

    def multiply() -> None:
        with torch.inference_mode():
            for part in x.split(BATCH):
                reduce(torch.matmul, weights, part)

    return multiply


def pictures(model: Network, test: Split, files: int, repeats: int) -> dict[str, Any]:
    """One PNG file as a person draws it, again and again; then a folder of such files, one by one as `predict` does."""
    with tempfile.TemporaryDirectory() as name:
        paths = write_pictures(test, files, Path(name))
        one = in_turns({"file to answer": lambda: read_digit(model, read_picture(paths[0]))}, 5 * repeats)
        parts: dict[str, list[float]] = {"decode": [], "preprocess": [], "network, five looks": []}
        begin = time.perf_counter()
        for path in paths:
            _read(model, path, parts)
        seconds = time.perf_counter() - begin
    spent = {part: sum(values) for part, values in parts.items()}
    return {
        "one_seconds": summary(one["file to answer"]),
        "files": files,
        "seconds_per_file": seconds / files,
        "shares": {part: value / sum(spent.values()) for part, value in spent.items()},
    }


def _read(model: Network, path: Path, parts: dict[str, list[float]]) -> None:
    marks = [time.perf_counter()]
    picture = read_picture(path)
    marks.append(time.perf_counter())
    preprocessed = preprocess(picture, with_steps=False)
    marks.append(time.perf_counter())
    predict(model, [preprocessed])
    marks.append(time.perf_counter())
    for values, (before, after) in zip(parts.values(), pairwise(marks), strict=True):
        values.append(after - before)


def write_pictures(test: Split, files: int, folder: Path) -> list[Path]:
    """Test digits as drawings of 280 x 280 pixels: dark ink on white."""
    paths = [folder / f"{number:05d}.png" for number in range(files)]
    for path, image in zip(paths, test.images, strict=False):
        drawing = Image.fromarray(255 - image).resize((PICTURE_SIDE, PICTURE_SIDE), Image.Resampling.BICUBIC)
        file = BytesIO()
        drawing.save(file, "PNG")
        path.write_bytes(file.getvalue())
    return paths


def loading(run: Run) -> dict[str, Any]:
    """Seconds to load a model: the first of a process that has imported torch, and later ones."""
    command = [sys.executable, "-c", LOADING, run.run_id]
    first = [float(subprocess.run(command, check=True, capture_output=True, text=True).stdout) for _ in range(3)]
    later = in_turns({"load": lambda: load_model(run)}, LOADS)["load"]
    return {"first_seconds": summary(first), "later_seconds": summary(later)}


def is_loaded_once(run: Run) -> bool:
    """Whether pages that ask for a run's network get the one that is there."""
    without_a_browser()
    from pages.components.shared.cached import model_of

    return model_of(run) is model_of(store.find_run(run.run_id))


def text_of(result: dict[str, Any]) -> str:
    lines = [f"{result['machine']}, load {result['load_before']}", ""]
    lines += [f"{result['batch']['images']:,} images at once, MLP {'-'.join(map(str, HIDDEN))}"]
    lines += [f"  {name:<26} {said(seconds, 'ms', 0)}" for name, seconds in result["batch"]["seconds"].items()]
    quickest = result["batch"]["quickest_times_as_fast_as"]
    for rival, ratio in result["batch"]["times_as_fast_as"].items():
        lines += [f"  ours ({OURS}) is {ratio:.1f} times as fast as {rival} (quickest: {quickest[rival]:.1f})"]
    for kind, read in result["pictures"].items():
        shares = ", ".join(f"{part} {share:.0%}" for part, share in read["shares"].items())
        lines += ["", f"shipped {kind.upper()}, PNG files of {PICTURE_SIDE} x {PICTURE_SIDE} pixels"]
        lines += [f"  one, from file to answer   {said(read['one_seconds'], 'ms', 1)}"]
        lines += [f"  {read['files']} in a folder, each     {1000 * read['seconds_per_file']:.1f} ms: {shares}"]
        load_times = result["loading"][kind]
        lines += [f"  load the model, first      {said(load_times['first_seconds'], 'ms', 1)}"]
        lines += [f"  load the model, later      {said(load_times['later_seconds'], 'ms', 1)}"]
    lines += ["", f"pages share one loaded model: {'yes' if result['loaded_once'] else 'NO'}"]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prediction", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--images", type=int, default=IMAGES, help="in the batch")
    parser.add_argument("--files", type=int, default=FILES, help="in the folder")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    options = parser.parse_args()
    result = measure(options.images, options.files, options.repeats)
    print(json.dumps(result) if options.json else text_of(result))


if __name__ == "__main__":
    main()
