"""How fast training is, beside what people would use instead: `python -m benchmarks.speed [--json] [--quick]`.

Rivals and ours in turn, each in a process of its own, seed after seed; then the floor that this machine sets, where an
epoch goes, and each network in both precisions. The table goes to docs/speed.md, and is written anew after every
training, so that whatever was measured before an interruption is there. A part of it (`--only`, `--quick`) is printed
only, unless `--output` names a file.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.speed_report import report
from mnist_core import machine, paths
from mnist_core.datasets import mnist_checksums
from mnist_core.datasets.mnist_checksums import FILES, TORCHVISION_FOLDER
from mnist_core.machine import worker_environment

TABLE = Path(__file__).parent.parent / "docs" / "speed.md"
LIMIT_SECONDS = 3600.0  # of one training


@dataclass(frozen=True)
class Contestant:
    """Who runs, how far, and how often if nobody says otherwise."""

    name: str
    title: str
    target: float  # test accuracy
    most_epochs: int  # a rival gives up after so many
    seeds: int


CONTESTANTS = (
    Contestant("ours_mlp", "ours, MLP, preset fastest", 0.98, 0, 10),
    Contestant("seed_project", "seed project: DataLoader, MLP, Adam, batch 64", 0.98, 10, 3),
    Contestant("scikit_learn", "scikit-learn MLPClassifier", 0.98, 10, 3),
    Contestant("ours_cnn", "ours, CNN, preset fastest", 0.99, 0, 10),
    Contestant("pytorch_examples", "pytorch/examples mnist/main.py", 0.99, 6, 1),
)
FIRST = {"seed_project": "ours_mlp", "scikit_learn": "ours_mlp", "pytorch_examples": "ours_cnn"}  # who is beside whom


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--seeds", type=int, help="of ours; by default 10")
    parser.add_argument("--rival-seeds", type=int, help="of every rival; by default 3, of pytorch/examples 1")
    parser.add_argument("--quick", action="store_true", help="one seed each, and rivals for one epoch only")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="that ours trains on")
    parts = [contestant.name for contestant in CONTESTANTS] + ["floor"]
    parser.add_argument("--only", nargs="+", choices=parts, default=parts, help="leave out the rest")
    parser.add_argument("--output", type=Path, help="where the table goes")
    options = parser.parse_args()
    if options.output is None and not options.quick and options.only == parts:
        options.output = TABLE
    result: dict[str, Any] = {"machine": machine_line(options.device), "begun": _now(), "trainings": {}}
    try:
        measure(options, result)
    except KeyboardInterrupt:
        result["interrupted"] = True
    print(json.dumps(result) if options.json else text_of(result))


def measure(options: argparse.Namespace, result: dict[str, Any]) -> None:
    """Fill `result` piece by piece."""
    if "floor" in options.only:
        from benchmarks.floor import measure_floor

        result["floor"] = measure_floor(options.device)
        _keep(result, options.output)
    with tempfile.TemporaryDirectory() as folder:
        unpack_mnist(Path(folder))
        for contestant, seed in turns(options):
            done = result["trainings"].setdefault(contestant.name, [])
            done.append(train_once(contestant, Path(folder), seed, options))
            print(f"{contestant.name} seed {seed}: {_said(done[-1])}", file=sys.stderr)
            _keep(result, options.output)


def turns(options: argparse.Namespace) -> Iterator[tuple[Contestant, int]]:
    """Everybody's first seed, then everybody's second, so that a slow hour of the machine is shared."""
    chosen = [contestant for contestant in CONTESTANTS if contestant.name in options.only]
    wanted = {c.name: options.rival_seeds if c.name in FIRST else options.seeds for c in chosen}
    seeds = {c.name: 1 if options.quick else wanted[c.name] or c.seeds for c in chosen}
    for seed in range(max(seeds.values(), default=0)):
        yield from ((contestant, seed) for contestant in chosen if seed < seeds[contestant.name])


def train_once(contestant: Contestant, folder: Path, seed: int, options: argparse.Namespace) -> dict[str, Any]:
    """One training in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.contestant", contestant.name, str(folder), "--seed", str(seed)]
    command += ["--target", str(contestant.target), "--device", options.device]
    command += ["--epochs", str(1 if options.quick else contestant.most_epochs)]
    checkpoints = folder / "checkpoints"
    # ours as the product starts it; rivals as anybody does
    environment = {
        **(os.environ if contestant.name in FIRST else worker_environment()),
        "MNIST_CHECKPOINTS": str(checkpoints),
    }
    load = os.getloadavg()[0]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True, env=environment, timeout=LIMIT_SECONDS
    )
    shutil.rmtree(checkpoints, ignore_errors=True)
    return {"seed": seed, "load_before": round(load, 1), **json.loads(done.stdout)}


def unpack_mnist(folder: Path) -> None:
    """The four official files as everybody finds them: unpacked, where torchvision keeps them.

    Raises:
        DatasetError: if they are not here.
    """
    raw = folder / TORCHVISION_FOLDER
    raw.mkdir(parents=True)
    for file in FILES:
        (raw / file.name).write_bytes(mnist_checksums.read_official(paths.data_folder(), file))


def machine_line(device: str) -> str:
    import torch

    gpu = f", {torch.cuda.get_device_name()}" if device == "cuda" else ""
    python = f"Python {sys.version.split()[0]}, torch {torch.__version__}"
    return f"{machine.describe()}{gpu}, {machine.choose_threads()} threads, {python}"


def _now() -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())


def _said(training: dict[str, Any]) -> str:
    return "{seconds:.1f} s, {epochs} epochs, {accuracy:.2%} test, {peak_megabytes:.0f} MB".format(**training)


def _keep(result: dict[str, Any], path: Path | None) -> None:
    """Write what is known by now."""
    if path:
        path.write_text(text_of(result), encoding="utf8")


def text_of(result: dict[str, Any]) -> str:
    """The result for people: Markdown."""
    return report(result, CONTESTANTS, FIRST)


if __name__ == "__main__":
    main()
