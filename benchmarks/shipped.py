"""How well the shipped models read MNIST as a person would bring it: `python -m benchmarks.shipped [--json]`.

The 10,000 test digits are written as PNG files, once as they are and once inverted (dark ink on light ground), and read
back through `python -m mnist_core predict`: the whole way that a person's picture takes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mnist_core.datasets import registry
from mnist_core.runs.run import shipped_ids
from mnist_core.statistics.wilson import wilson_interval


def read_folder(folder: Path, run_id: str) -> tuple[np.ndarray, float]:
    """The digits read in a folder of pictures, sorted by name, and the seconds it took, start of Python included."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "mnist_core", "predict", str(folder), "--run", run_id, "--json"]
    answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    digits = [-1 if row["digit"] is None else row["digit"] for row in answer["predictions"]]
    return np.array(digits), time.perf_counter() - begin


def measure() -> list[dict[str, Any]]:
    test = registry.load("mnist").test
    rows = []
    with tempfile.TemporaryDirectory() as parent:
        for kind, images in (("as they are", test.images), ("inverted", 255 - test.images)):
            folder = Path(parent) / kind
            folder.mkdir()
            for index, image in enumerate(images):
                Image.fromarray(image).save(folder / f"{index:05d}.png")
            for run_id in shipped_ids():
                digits, seconds = read_folder(folder, run_id)
                right = int(np.sum(digits == test.labels))
                interval = wilson_interval(right, len(test))
                rows.append(
                    {
                        "run_id": run_id,
                        "pictures": kind,
                        "accuracy": right / len(test),
                        "accuracy_interval": [interval.low, interval.high],
                        "seconds": seconds,
                    }
                )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args()
    rows = measure()
    if options.json:
        print(json.dumps(rows))
        return
    for row in rows:
        low, high = row["accuracy_interval"]
        print(
            f"{row['run_id']}  {row['pictures']:<12} {row['accuracy']:.2%} "
            f"({low:.2%} to {high:.2%}), {row['seconds']:.0f} s"
        )


if __name__ == "__main__":
    main()
