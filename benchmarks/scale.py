"""What grows with the data and with the runs: `python -m benchmarks.scale [--json] [--most 100] [--runs 10000]`.

Trains on 1, 10 and 100 times MNIST, mapped from disk, each in a process of its own: images per second, seconds of an
epoch, memory. Then lists and opens runs among 10, 100, 1,000 and 10,000. Whatever needs more room than the disk has is
refused with a sentence.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.copies import write_copies
from benchmarks.many_runs import write_runs
from benchmarks.medians import load
from benchmarks.speed import machine_line
from mnist_core.datasets import registry
from mnist_core.errors import DatasetError
from mnist_core.machine import worker_environment

TIMES = (1, 10, 100)
RUNS = (10, 100, 1_000, 10_000)
SECONDS = 60.0  # of one training: three epochs, or as many steps as are made by then
LIMIT_SECONDS = 3600.0
IMAGE_BYTES = 28 * 28


def measure(options: argparse.Namespace) -> dict[str, Any]:
    result: dict[str, Any] = {"machine": machine_line("cpu"), "trainings": [], "lists": []}
    for times in [times for times in TIMES if times <= options.most]:
        result["trainings"].append({"times": times, **train_on(times, options.seconds, options.repeats)})
        print(f"{times}x MNIST done", file=sys.stderr)
    for count in [count for count in RUNS if count <= options.runs]:
        result["lists"].append(list_among(count))
        print(f"{count:,} runs done", file=sys.stderr)
    return result


def train_on(times: int, seconds: float, repeats: int) -> dict[str, Any]:
    """The quickest of a few trainings: other programs can only make one longer. Memory is the most of all."""
    with tempfile.TemporaryDirectory() as name:
        write_copies(registry.load("mnist").train, times, Path(name))
        before = load()
        done = [_child("benchmarks.scale_training", name, "--seconds", str(seconds)) for _ in range(repeats)]
    best = min(done, key=lambda training: training["epoch_seconds"])
    rates = [training["images_per_second"] for training in done]
    peak = max(training["peak_megabytes"] for training in done)
    return {**best, "peak_megabytes": peak, "all_images_per_second": rates, "load_before": before}


def list_among(count: int) -> dict[str, Any]:
    """Runs as a small training leaves them, and what lists of them take."""
    from tests.small_runs import train_small_run

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_runs(train_small_run(folder / "like"), count, folder / "checkpoints")
        return {"load_before": load(), **_child("benchmarks.many_runs", str(folder / "checkpoints"))}


def _child(module: str, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=worker_environment(), timeout=LIMIT_SECONDS
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def text_of(result: dict[str, Any]) -> str:
    """The result as Markdown."""
    return "\n".join([result["machine"], "", *_trainings(result["trainings"]), "", *_lists(result["lists"])])


def _trainings(rows: list[dict[str, Any]]) -> Iterator[str]:
    titles = (
        "MNIST",
        "images",
        "on disk",
        "seconds of an epoch",
        "images/s (each)",
        "own memory",
        "peak, mapped pages too",
    )
    yield f"| {' | '.join(titles)} | load |"
    yield "|---" * (len(titles) + 1) + "|"
    for row in rows:
        seconds = f"{row['epoch_seconds']:.2f}"
        if not row["whole_epochs"]:
            seconds += f", from {row['steps']:,} of {row['steps_per_epoch']:,} steps"
        rates = " ".join(f"{rate:,.0f}" for rate in row["all_images_per_second"])
        cells = (
            f"{row['times']}x",
            f"{row['images']:,}",
            f"{row['images'] * IMAGE_BYTES / 1e9:.2f} GB",
            seconds,
            f"{row['images_per_second']:,.0f} ({rates})",
            f"{row['after_megabytes']['own']:,.0f} MB",
            f"{row['peak_megabytes']:,.0f} MB",
            str(row["load_before"]),
        )
        yield f"| {' | '.join(cells)} |"


def _lists(rows: list[dict[str, Any]]) -> Iterator[str]:
    if not rows:
        return
    names = list(rows[0]["first_seconds"])
    yield "Milliseconds on the server, the first time / again:\n"
    yield f"| runs | {' | '.join(names)} | peak memory | load |"
    yield "|---" * (len(names) + 3) + "|"
    for row in rows:
        cells = [
            f"{1000 * row['first_seconds'][name]:,.1f} / {1000 * row['again_seconds'][name]:,.1f}" for name in names
        ]
        yield f"| {row['runs']:,} | {' | '.join(cells)} | {row['peak_megabytes']:,.0f} MB | {row['load_before']} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--most", type=int, default=TIMES[-1], help="times MNIST at most; 0 trains nothing")
    parser.add_argument("--runs", type=int, default=RUNS[-1], help="at most among which is listed; 0 lists nothing")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of one training at most")
    parser.add_argument("--repeats", type=int, default=3, help="trainings of each size")
    options = parser.parse_args()
    try:
        result = measure(options)
    except DatasetError as error:
        sys.exit(str(error))
    print(json.dumps(result) if options.json else text_of(result))


if __name__ == "__main__":
    main()
